"""Fees of visits that were not kept: invoiced once, and called off where staff let one go."""

from dataclasses import dataclass

from billing.domain import fee as fees
from billing.domain import ledger, prepaid, voiding
from billing.domain.receipt import local_day
from billing.ports import Books, Desk, Issued
from clinic_contracts.billing.events import InvoiceIssued
from clinic_contracts.billing.invoices import VoidInvoice
from clinic_contracts.billing.requests import InvoiceView
from clinic_contracts.booking.events import Visit
from clinic_contracts.booking.policy import FeeReason
from clinic_contracts.errors import NotFound, RetryLater
from clinic_contracts.money import Money


@dataclass(frozen=True, slots=True)
class Owed:
    """What a client owes for a visit that was not kept."""

    visit: Visit
    fee: Money
    reason: FeeReason


def invoice_fee(owed: Owed, desk: Desk) -> None:
    """Invoice a fee, once; raises RetryLater while what it needs to know has not arrived."""
    visit = owed.visit
    id_ = desk.derived_id("inv", visit.appointment_id, "fee")

    def work(books: Books) -> None:
        (facts,) = books.facts([visit])
        if books.invoiced([id_]):
            return
        if isinstance(facts, RetryLater):
            raise facts
        invoice = fees.issue(
            id_=id_,
            number=books.next_number("invoice", visit.location_id),
            visit=visit,
            fee=owed.fee,
            reason=owed.reason,
            facts=facts,
            rules=desk.rules.taxes,
            now=desk.now,
        )
        event = InvoiceIssued(
            invoice_id=id_,
            appointment_id=visit.appointment_id,
            client_id=visit.client_id,
            total=invoice.total,
            client_portion=invoice.client_portion,
            payer_portion=invoice.payer_portion,
        )
        books.add_invoices([Issued(invoice, event, (), desk.context)])
        books.post([ledger.of_invoice(invoice)])

    desk.transact(work)


def void_invoice(request: VoidInvoice, desk: Desk) -> InvoiceView:
    """Call an invoice off; repeated with the same reason, it answers as the first time.

    Raises NotFound, and IllegalTransition once anything was paid or claimed on it.
    """

    def work(books: Books) -> InvoiceView:
        invoice = books.invoice(request.invoice_id)
        if invoice is None or not desk.context.sees(invoice.location_id):
            raise NotFound(f"there is no invoice {request.invoice_id}")
        if invoice.status == "void" and invoice.void_reason == request.reason:
            return invoice
        off, event = voiding.void(invoice, request.reason)
        posted = books.entry(f"invoice:{invoice.id}")
        if posted is None:
            raise NotFound(f"there is no ledger entry of invoice {invoice.id}")
        day = local_day(invoice, desk.now)
        books.post([ledger.contra(posted, f"void:{invoice.id}", day)])
        books.save_invoice(off, event)
        if off.kind == "sale" and (sold := books.prepaid_of_invoice(off.id)) is not None:
            unsold = prepaid.void(sold)
            books.save_prepaid(unsold, prepaid.changed(unsold))
        return off

    voided: InvoiceView = desk.transact(work)
    return voided
