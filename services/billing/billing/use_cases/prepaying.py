"""Payments by what was paid in advance, and what they do to it."""

from dataclasses import replace

from billing.domain import invoice as invoices
from billing.domain import payment as payments
from billing.domain import prepaid as rules
from billing.domain.receipt import local_day
from billing.ports import Books, Desk
from billing.use_cases.selling import is_usable
from clinic_contracts.billing import requests as r
from clinic_contracts.billing.payments import RefundView
from clinic_contracts.errors import Invalid, NotFound

KINDS = frozenset({"gift_card", "package", "deposit"})


def redeem(
    id_: str, request: r.PayInvoice, invoice: r.InvoiceView, books: Books, desk: Desk
) -> r.PaymentView:
    """Take a payment of what was paid in advance; raises NotFound, Invalid, PaymentRefused."""
    if request.prepaid_id is None:
        detail = f"a payment by {request.method} says which"
        raise Invalid(detail, errors={"prepaid_id": [detail]})
    found = books.prepaid(request.prepaid_id)
    if found is None or found.kind != request.method or not is_usable(found, desk):
        raise NotFound(f"there is no {request.method} {request.prepaid_id}")
    # What is payable at all is asked first, then how much of it this can pay.
    free = invoices.payable(invoice, None)
    asked = None if request.amount is None else invoices.payable(invoice, request.amount)
    day = local_day(invoice, desk.now)
    taken = rules.redemption(found, invoice, free, asked, day)
    left = rules.redeem(found, taken, id_, desk.now)
    books.save_prepaid(left, rules.changed(left))
    payment = payments.begin(id_, request, taken.amount, desk.now)
    return replace(payment, prepaid_id=found.id, value=taken.value)


def activate(payment: r.PaymentView, books: Books) -> None:
    """Make what a sale sold usable, now that it is paid for."""
    found = books.prepaid_of_invoice(payment.invoice_id)
    if found is None:
        raise NotFound(f"nothing was sold by invoice {payment.invoice_id}")
    active = rules.activate(found, payment)
    books.save_prepaid(active, rules.changed(active))


def put_back(payment: r.PaymentView, refund: RefundView, books: Books, desk: Desk) -> None:
    """Put back what a payment had taken, as far as it is refunded."""
    found = books.prepaid(payment.prepaid_id or "")
    if found is None:
        raise NotFound(f"there is no {payment.prepaid_id}")
    back = rules.put_back(found, payment, refund.amount, refund.id, desk.now)
    books.save_prepaid(back, rules.changed(back))
