"""Coverages, as their payers say that they are."""

from billing import mailing
from billing.entrypoints.claims import Claims
from billing.use_cases import eligibility
from clinic_contracts.billing import eligibility as e
from clinic_contracts.billing import operations as op
from clinic_contracts.context import CallContext
from clinic_runtime.rpc import command
from clinic_runtime.timers import every

ASK_SECONDS = 5.0


class Eligibilities(Claims):
    """What payers are asked before a visit, by the way that claims go."""

    @every(ASK_SECONDS)
    def ask_payers_again(self) -> None:
        """Ask again what nobody is known to have heard."""
        mailing.ask_again(self._desk, self.carrier)

    @command(op.ASK_ELIGIBILITY)
    def ask_eligibility(self, request: e.AskEligibility, context: CallContext) -> e.EligibilityView:
        """Ask a coverage's payer whether it is in force, and what it gives."""
        return eligibility.ask(request, self._desk(context), self.carrier)

    @command(op.GET_ELIGIBILITY)
    def get_eligibility(self, request: e.GetEligibility, context: CallContext) -> e.EligibilityView:
        """Return an eligibility check."""
        return eligibility.get(request.eligibility_id, self._desk(context))

    @command(op.LIST_ELIGIBILITY)
    def list_eligibility(
        self, request: e.ListEligibility, context: CallContext
    ) -> e.EligibilityPage:
        """Return a page of what was asked of a coverage's payer."""
        return eligibility.page(request, self._desk(context))
