"""What of a visit counts towards a payer's limits once its claim has ended.

What the payer did not pay does not count towards the policy's maximum; a visit of which it paid
nothing does not count as a visit either.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from billing.domain.coverage import Usage, uncounted
from billing.domain.preview import Past
from billing.domain.split import Payer
from clinic_contracts.billing.payer_rules import PayerRule
from clinic_contracts.billing.requests import ClaimView, InvoiceView, SplitPart, Uncounted
from clinic_contracts.money import Money


@dataclass(frozen=True, slots=True)
class Recount:
    """An invoice that counts otherwise, and the payer's period as it stands then."""

    invoice: InvoiceView
    payer: Payer
    usage: Usage


def paying(past: Past, coverage_id: str, rules: Iterable[PayerRule]) -> Payer | None:
    """Return the payer by whose limits a policy's part counts, or None when none goes for it."""
    payers = past.payers(tuple(rules))
    return next((each for each in payers if each.coverage.coverage_id == coverage_id), None)


def recounted(
    past: Past, payer: Payer, usage: Usage, claims: Iterable[ClaimView]
) -> Recount | None:
    """Return what changes now that a claim to a payer has ended; None when nothing does.

    ``claims`` are all of the invoice's.
    """
    invoice, coverage_id = past.invoice, payer.coverage.coverage_id
    part = next((each for each in invoice.split if each.coverage_id == coverage_id), None)
    if part is None or payer.rule is None or not part.amount.amount_minor:
        return None
    nothing = Money(amount_minor=0, currency=part.amount.currency)
    paid = sum((c.paid for c in claims if c.coverage_id == coverage_id), start=nothing)
    before, after = uncounted(invoice, coverage_id), _uncounted(part, coverage_id, paid)
    if before == after:
        return None
    if before is not None:
        usage = usage.taken_again(before, payer.rule, past.bill.day)
    if after is not None:
        usage = usage.given_back(after, past.bill.day)
    others = tuple(each for each in invoice.uncounted if each.coverage_id != coverage_id)
    kept = others if after is None else (*others, after)
    return Recount(replace(invoice, uncounted=kept), payer, usage)


def _uncounted(part: SplitPart, coverage_id: str, paid: Money) -> Uncounted | None:
    fee, short = part.amount - part.tax, part.amount - paid
    if short.amount_minor <= 0:
        return None
    amount = short if short.amount_minor < fee.amount_minor else fee
    return Uncounted(coverage_id=coverage_id, amount=amount, visit=not paid.amount_minor)
