"""What is used of payers' limits, counted again when a claim ends without what was expected."""

from collections.abc import Iterable

from billing.domain import preview
from billing.domain.counting import paying, recounted
from billing.domain.coverage import UNUSED, uncounted, used_event
from billing.domain.preview import Past
from billing.domain.settlement import Settled
from billing.domain.succession import GIVEN_UP
from billing.ports import Books, Desk, Used
from clinic_contracts.billing.requests import InvoiceView
from clinic_contracts.errors import RetryLater, ServiceUnavailable


def past_of(invoice: InvoiceView, books: Books) -> Past:
    """Return an invoice with what is known now of its visit; raises ServiceUnavailable."""
    (facts,) = books.facts([preview.where(invoice)])
    if isinstance(facts, RetryLater):
        raise ServiceUnavailable(str(facts), retry_after=1)
    return Past(invoice, facts)


def recount(invoice: InvoiceView, coverage_id: str, books: Books, desk: Desk) -> InvoiceView:
    """Give a policy's limits back what its payer did not pay; its claims are saved before.

    Returns the invoice, to be saved, with what of it does not count. Raises ServiceUnavailable.
    """
    past = past_of(invoice, books)
    payer = paying(past, coverage_id, desk.rules.payers)
    if payer is None or payer.rule is None or payer.period is None:
        return invoice
    key = payer.period.key
    usage = books.used([key]).get(key, UNUSED)
    again = recounted(past, payer, usage, books.claims_of_invoices([invoice.id]))
    if again is None:
        return invoice
    currency = invoice.subtotal.currency
    event = used_event(payer.coverage, payer.rule, payer.period, again.usage, currency)
    books.use([Used(key, again.usage, event, desk.context)])
    return again.invoice


def recount_decided(
    made: Iterable[Settled], invoice: InvoiceView, books: Books, desk: Desk
) -> InvoiceView:
    """Do so where decisions ended a claim, or are of one that had ended before them."""
    for one in made:
        ended, id_ = one.claim.state in GIVEN_UP, one.claim.coverage_id
        if one.settlement is not None and (ended or uncounted(invoice, id_) is not None):
            invoice = recount(invoice, id_, books, desk)
    return invoice
