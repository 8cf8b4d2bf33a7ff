"""Payers' rules."""

from billing.entrypoints.base import Entrypoints
from billing.use_cases import payer_rules
from clinic_contracts.billing import operations as op
from clinic_contracts.billing import payer_rules as p
from clinic_contracts.context import CallContext
from clinic_runtime.rpc import command


class PayerRules(Entrypoints):
    """What payers pay, by rules in force or others."""

    @command(op.LIST_PAYER_RULES)
    def list_payer_rules(self, request: p.ListPayerRules, context: CallContext) -> p.PayerRuleList:
        """Return the rules in force on a day, or all."""
        return payer_rules.list_payer_rules(request, self._desk(context))

    @command(op.PREVIEW_PAYER_RULES)
    def preview_payer_rules(
        self, request: p.PreviewPayerRules, context: CallContext
    ) -> p.PayerRulesPreview:
        """Return what other rules would change of the last invoices."""
        return payer_rules.preview_payer_rules(request, self._desk(context))
