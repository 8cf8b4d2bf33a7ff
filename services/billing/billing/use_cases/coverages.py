"""Coverages heard of: what is left of them, and visits that were invoiced without them."""

from dataclasses import replace
from datetime import datetime

from billing.domain.claim import OVER
from billing.domain.coverage import UNUSED, used_event
from billing.domain.payer_rules import limits_on
from billing.ports import Books, Desk, Used
from billing.use_cases.rebilling import rebill_invoice
from clinic_contracts.billing.invoices import RebillInvoice
from clinic_contracts.billing.requests import InvoiceView, ListInvoices
from clinic_contracts.client_profile.events import CoverageChanged
from clinic_contracts.errors import AlreadyExists, PaymentRefused
from clinic_contracts.money import Money

NOTHING = Money(amount_minor=0)


def tell_left(coverage: CoverageChanged, seq: int, desk: Desk) -> None:
    """Tell what is left of each limit of a coverage on the desk's day, once for each change.

    ``seq`` is the number of the change; one heard after a later one is not told any more.
    """
    currency = (coverage.annual_maximum or NOTHING).currency
    limits = {
        period.key: (rule, period)
        for rule, period in limits_on(desk.rules.payers, coverage, desk.now.date())
    }

    def work(books: Books) -> None:
        used = books.used(limits.keys())
        told = []
        for key, (rule, period) in limits.items():
            usage = used.get(key, UNUSED)
            if usage.coverage_seq < seq:
                event = used_event(coverage, rule, period, usage, currency)
                told.append(Used(key, replace(usage, coverage_seq=seq), event, desk.context))
        books.use(told)

    if limits:
        desk.transact(work)


def bill_late(coverage: CoverageChanged, since: datetime, desk: Desk) -> tuple[str, ...]:
    """Divide visits again that were invoiced after a coverage was made, and before it was heard of.

    Returns the invoices left as they are: what the payer is to pay was paid or claimed meanwhile.
    """
    invoices, _ = desk.records.invoices(ListInvoices(client_id=coverage.client_id), None)
    return tuple(
        each.id
        for each in invoices
        if each.issued_at >= since
        and each.kind == "visit"
        and each.status != "void"
        and not _knows(each, coverage)
        and not _billed(each, desk)
    )


def _knows(invoice: InvoiceView, coverage: CoverageChanged) -> bool:
    return any(part.coverage_id == coverage.coverage_id for part in invoice.split)


def _billed(invoice: InvoiceView, desk: Desk) -> bool:
    """Divide an invoice again, unless a claim on it was taken back: that would be made anew."""
    if any(claim.state in OVER for claim in desk.claims.of_invoice(invoice.id)):
        return False
    try:
        rebill_invoice(RebillInvoice(invoice_id=invoice.id), desk)
    except (AlreadyExists, PaymentRefused):
        return False
    return True
