"""Payments: cash in one transaction; a card in three steps, so that no transaction charges it.

1. One transaction checks the payment and records it as ``processing``, its amount reserved.
2. The processor is asked, outside any transaction, by the payment's id: it charges an id once.
3. One transaction records what the processor said: succeeded, with receipt, ledger and event, or
   canceled for a reason. Either ends the reservation.

Where a process ends in between, the payment stays ``processing``; a retry of the operation, or
the sweep, goes on from the second step.
"""

from dataclasses import dataclass, replace

from billing.domain import invoice as invoices
from billing.domain import ledger, prepaid
from billing.domain import payment as payments
from billing.domain import receipt as receipts
from billing.domain.day_close import open_day
from billing.ports import Books, Desk
from billing.use_cases import prepaying
from clinic_contracts.billing import requests as r
from clinic_contracts.errors import NotFound, PaymentRefused, ServiceUnavailable

RETRY_AFTER = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Charge:
    """What the processor said: its id of the charge, or why it was refused."""

    reference: str | None = None
    refused: str | None = None


def pay_invoice(request: r.PayInvoice, desk: Desk) -> r.PaymentView:
    """Take a payment and issue its receipt; a repeated operation answers as the first did.

    Raises NotFound, IllegalTransition, Invalid, PaymentRefused, RegistrationLapsed, and
    ServiceUnavailable when the outcome is not known yet: the same operation may be repeated.
    """
    id_ = desk.derived_id("pay", desk.context.operation_id)
    token = payments.card_token(request)

    def begin(books: Books) -> r.PaymentView:
        begun = books.payment(id_)
        if begun is not None:
            return begun
        invoice = books.invoice(request.invoice_id)
        if invoice is None or not desk.context.sees(invoice.location_id):
            raise NotFound(f"there is no invoice {request.invoice_id}")
        _check_registration(books, invoice)
        if request.method in prepaying.KINDS:
            payment = prepaying.redeem(id_, request, invoice, books, desk)
            return _succeed(books, invoice, payment, desk)
        amount = invoices.payable(invoice, request.amount)
        prepaid.check_whole(invoice, amount)
        payment = payments.begin(id_, request, amount, desk.now)
        if token is None:
            return _succeed(books, invoice, payment, desk)
        books.add_payment(payment, token)
        books.save_invoice(invoices.reserve(invoice, amount), None)
        return payment

    payment: r.PaymentView = desk.transact(begin)
    if payment.status == "processing" and token is not None:
        payment = resume_payment(payment, token, desk)
    if payment.status == "canceled":
        raise PaymentRefused("the card was declined", reason=payment.reason)
    return payment


def resume_payment(payment: r.PaymentView, token: str, desk: Desk) -> r.PaymentView:
    """Charge the card of a recorded payment and record the outcome; safe to repeat.

    Raises ServiceUnavailable, or whatever the processor raised, when the outcome is not known.
    """
    charge = _charge(payment, token, desk)

    def finish(books: Books) -> r.PaymentView:
        found = books.payment(payment.id)
        invoice = books.invoice(payment.invoice_id)
        if found is None or invoice is None:
            raise NotFound(f"there is no payment {payment.id}")
        if found.status != "processing":
            return found
        released = invoices.release(invoice, found.amount)
        if charge.refused is None:
            charged = replace(found, reference=charge.reference)
            return _succeed(books, released, charged, desk)
        canceled = payments.cancel(found, charge.refused)
        books.end_payment(canceled)
        books.save_invoice(released, None)
        return canceled

    finished: r.PaymentView = desk.transact(finish)
    return finished


def _check_registration(books: Books, invoice: r.InvoiceView) -> None:
    """Refuse by what is known today: a renewal told late makes the receipt possible."""
    if invoice.kind != "visit":
        return
    practitioner = books.practitioner(invoice.practitioner_id)
    if practitioner is None:
        raise ServiceUnavailable(
            "the therapist's registration is not known here yet; try again",
            retry_after=RETRY_AFTER,
        )
    receipts.check_registration(practitioner, invoice.service_date)


def _charge(payment: r.PaymentView, token: str, desk: Desk) -> _Charge:
    amount = payment.amount
    try:
        reference = desk.cards.charge(payment.id, token, amount.amount_minor, amount.currency)
    except PaymentRefused as refusal:
        return _Charge(refused=str(refusal.extra.get("reason", "card_declined")))
    return _Charge(reference=reference)


def _succeed(
    books: Books, invoice: r.InvoiceView, payment: r.PaymentView, desk: Desk
) -> r.PaymentView:
    """Record a payment that succeeded; of ``invoice`` nothing is reserved for it any more."""
    left = invoices.paid(invoice, payment.amount)
    receipt = receipts.receipt(
        id_=desk.derived_id("rcp", payment.id),
        number=books.next_number("receipt", invoice.location_id),
        payment=payment,
        invoice=left,
        now=desk.now,
    )
    succeeded, event = payments.succeed(payment, receipt)
    books.end_payment(succeeded)
    books.add_receipt(receipt)
    day = receipts.local_day(left, desk.now)
    day = open_day(day, books.closed_days(left.location_id, day))
    books.post([ledger.of_payment(succeeded, left, day)])
    books.save_invoice(left, event)
    if left.kind == "sale":
        prepaying.activate(succeeded, books)
    return succeeded
