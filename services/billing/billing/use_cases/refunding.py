"""Refunds: cash in one transaction, a card in three steps, as payments are taken.

1. One transaction checks what is left of the payment and keeps the refund's amount of it.
2. The processor is asked, outside any transaction, by the refund's id: it gives back an id once.
3. One transaction records what it said: succeeded, with receipt, ledger and event, or failed.
"""

from billing.domain import ledger
from billing.domain import receipt as receipts
from billing.domain import refund as refunds
from billing.ports import Books, Desk
from clinic_contracts.billing import requests as r
from clinic_contracts.billing.payments import RefundPayment, RefundView
from clinic_contracts.errors import NotFound, PaymentRefused

CARD = "card"


def refund_payment(request: RefundPayment, desk: Desk) -> RefundView:
    """Give back a payment or part of it; a repeated operation answers as the first did.

    Raises NotFound, IllegalTransition, Invalid, PaymentRefused, and ServiceUnavailable when the
    outcome is not known yet: the same operation may be repeated.
    """
    id_ = desk.derived_id("rfd", desk.context.operation_id)

    def begin(books: Books) -> RefundView:
        begun = books.refund(id_)
        if begun is not None:
            return begun
        payment = books.payment(request.payment_id)
        invoice = None if payment is None else books.invoice(payment.invoice_id)
        if payment is None or invoice is None or not desk.context.sees(invoice.location_id):
            raise NotFound(f"there is no payment {request.payment_id}")
        kept, refund = refunds.begin(id_, request, payment, invoice, desk.now)
        if refund.method != CARD:
            return _succeed(books, kept, refund, invoice, desk)
        books.save_payment(kept)
        books.begin_refund(refund)
        return refund

    refund: RefundView = desk.transact(begin)
    if refund.status == "processing":
        refund = resume_refund(refund, desk)
    if refund.status == "failed":
        raise PaymentRefused("the refund was refused", reason=refund.failed_because)
    return refund


def resume_refund(refund: RefundView, desk: Desk) -> RefundView:
    """Ask for a recorded refund of a card and record the outcome; safe to repeat.

    Raises ServiceUnavailable, or whatever the processor raised, when the outcome is not known.
    """
    reason = _ask(refund, desk)

    def finish(books: Books) -> RefundView:
        found = books.refund(refund.id)
        payment = books.payment(refund.payment_id)
        invoice = books.invoice(refund.invoice_id)
        if found is None or payment is None or invoice is None:
            raise NotFound(f"there is no refund {refund.id}")
        if found.status != "processing":
            return found
        if reason is None:
            return _succeed(books, payment, found, invoice, desk)
        freed, failed = refunds.fail(payment, found, reason)
        books.save_payment(freed)
        books.end_refund(failed)
        return failed

    finished: RefundView = desk.transact(finish)
    return finished


def get_refund(id_: str, desk: Desk) -> RefundView:
    """Return a refund the caller may see; raises NotFound."""
    found = desk.records.refund(id_)
    if found is None or not desk.context.sees(found.location_id):
        raise NotFound(f"there is no refund {id_}")
    return found


def _ask(refund: RefundView, desk: Desk) -> str | None:
    """Return None when the money was given back, else why not."""
    amount = refund.amount
    try:
        desk.cards.refund(refund.id, refund.payment_id, amount.amount_minor, amount.currency)
    except PaymentRefused as refusal:
        return str(refusal.extra.get("reason", "refund_refused"))
    return None


def _succeed(
    books: Books, payment: r.PaymentView, refund: RefundView, invoice: r.InvoiceView, desk: Desk
) -> RefundView:
    """Record a refund that was given back, its amount still kept of ``payment``."""
    owing = refunds.owed_again(invoice, refund.amount)
    given = books.receipt(payment.receipt_id or "")
    if given is None:
        raise NotFound(f"there is no receipt of payment {payment.id}")
    receipt = receipts.of_refund(
        id_=desk.derived_id("rcp", refund.id),
        number=books.next_number("receipt", invoice.location_id),
        refund=refund,
        of=given,
        invoice=owing,
        now=desk.now,
    )
    succeeded, event = refunds.receipted(refund, owing, receipt)
    books.save_payment(refunds.succeed(payment, refund))
    books.end_refund(succeeded)
    books.add_receipt(receipt)
    books.post([ledger.of_refund(succeeded, receipts.local_day(invoice, desk.now))])
    books.save_invoice(owing, event)
    return succeeded
