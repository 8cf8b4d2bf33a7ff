"""Payers' rules: which are in force, and what others would change before they are."""

from collections.abc import Mapping, Sequence

from billing.domain import preview as previews
from billing.domain.coverage import Usage
from billing.domain.invoice import Facts
from billing.domain.payer_rules import check_rules, in_force
from billing.domain.preview import Past, where
from billing.ports import Books, Desk
from clinic_contracts.billing import payer_rules as p
from clinic_contracts.billing.requests import InvoiceView, ListInvoices


def list_payer_rules(request: p.ListPayerRules, desk: Desk) -> p.PayerRuleList:
    """Return the rules in force on a day, or all, in order of payment."""
    rules = [rule for rule in desk.rules.payers if request.on is None or in_force(rule, request.on)]
    return p.PayerRuleList(
        items=tuple(sorted(rules, key=lambda rule: (rule.rank, rule.rule, rule.valid_from)))
    )


def preview_payer_rules(request: p.PreviewPayerRules, desk: Desk) -> p.PayerRulesPreview:
    """Return what other rules would change of the last invoices; nothing is changed.

    Visits count at all locations, and what is told is of those the caller sees. Raises Invalid for
    rules that contradict themselves or each other.
    """
    check_rules(request.rules)
    found, _ = desk.records.invoices(ListInvoices(limit=request.last), None)
    invoices = [one for one in reversed(found) if one.kind == "visit" and one.status != "void"]

    def work(books: Books) -> tuple[list[Past], Mapping[str, Usage]]:
        pasts = _pasts(invoices, books.facts([where(each) for each in invoices]))
        keys = {
            key
            for rules in (desk.rules.payers, request.rules)
            for key in previews.keys(pasts, rules)
        }
        return pasts, books.used(keys)

    pasts, used = desk.transact(work)
    before = previews.before(pasts, desk.rules.payers, used)
    differences = previews.preview(pasts, desk.rules.payers, request.rules, before)
    return _seen(differences, len(pasts), desk)


def _pasts(invoices: Sequence[InvoiceView], facts: Sequence[Facts | Exception]) -> list[Past]:
    """Return the invoices of visits of which everything is known."""
    return [
        Past(invoice, known)
        for invoice, known in zip(invoices, facts, strict=True)
        if isinstance(known, Facts)
    ]


def _seen(
    differences: Sequence[p.SplitDifference], examined: int, desk: Desk
) -> p.PayerRulesPreview:
    seen = tuple(each for each in differences if desk.context.sees(each.location_id))
    client = sum(
        each.after[-1].amount.amount_minor - each.before[-1].amount.amount_minor for each in seen
    )
    return p.PayerRulesPreview(
        examined=examined, client_minor=client, payer_minor=-client, differences=seen
    )
