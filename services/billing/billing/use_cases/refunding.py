"""Refunds: cash in one transaction, a card in three steps, as payments are taken.

1. One transaction checks what is left of the payment and keeps the refund's amount of it.
2. The processor is asked, outside any transaction, by the refund's id: it gives back an id once.
3. One transaction records what it said: succeeded, with receipt, ledger and event, or failed.
"""

from dataclasses import replace

from billing.domain import ledger, prepaid
from billing.domain import receipt as receipts
from billing.domain import refund as refunds
from billing.domain.day_close import open_day
from billing.ports import Books, Desk
from billing.use_cases import prepaying
from clinic_contracts.billing import requests as r
from clinic_contracts.billing.payments import RefundPayment, RefundView
from clinic_contracts.billing.prepaid import PrepaidView, RefundPrepaid
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
        refunds.check_not_sale(invoice)
        kept, refund = refunds.begin(id_, request, payment, invoice, desk.now)
        return _begin(books, kept, refund, invoice, desk)

    return _finish(desk.transact(begin), desk)


def refund_prepaid(request: RefundPrepaid, desk: Desk) -> RefundView:
    """Give back what is left of a gift card, package or deposit, as ``refund_payment`` does."""
    id_ = desk.derived_id("rfd", desk.context.operation_id)

    def begin(books: Books) -> RefundView:
        begun = books.refund(id_)
        if begun is not None:
            return begun
        sold = books.prepaid(request.prepaid_id)
        if sold is None or not desk.context.sees(sold.location_id):
            raise NotFound(f"there is no {request.prepaid_id}")
        ending = prepaid.begin_refund(sold)
        payment, invoice = books.payment(sold.payment_id or ""), books.invoice(sold.invoice_id)
        if payment is None or invoice is None:
            raise NotFound(f"there is no payment of {sold.id}")
        asked = RefundPayment(payment_id=payment.id, reason=request.reason, amount=sold.balance)
        kept, refund = refunds.begin(id_, asked, payment, invoice, desk.now)
        books.save_prepaid(ending, prepaid.changed(ending))
        return _begin(books, kept, replace(refund, prepaid_id=sold.id), invoice, desk)

    return _finish(desk.transact(begin), desk)


def _begin(
    books: Books, kept: r.PaymentView, refund: RefundView, invoice: r.InvoiceView, desk: Desk
) -> RefundView:
    if refund.method != CARD:
        return _succeed(books, kept, refund, invoice, desk)
    books.save_payment(kept)
    books.begin_refund(refund)
    return refund


def _finish(refund: RefundView, desk: Desk) -> RefundView:
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
        if found.prepaid_id is not None:
            usable = prepaid.fail_refund(_sold(found, books))
            books.save_prepaid(usable, prepaid.changed(usable))
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
        reference = refund.reference or refund.payment_id
        desk.cards.refund(refund.id, reference, amount.amount_minor, amount.currency)
    except PaymentRefused as refusal:
        return str(refusal.extra.get("reason", "refund_refused"))
    return None


def _sold(refund: RefundView, books: Books) -> PrepaidView:
    found = books.prepaid(refund.prepaid_id or "")
    if found is None:
        raise NotFound(f"there is no {refund.prepaid_id}")
    return found


def _succeed(
    books: Books, payment: r.PaymentView, refund: RefundView, invoice: r.InvoiceView, desk: Desk
) -> RefundView:
    """Record a refund that was given back, its amount still kept of ``payment``."""
    day = receipts.local_day(invoice, desk.now)
    day = open_day(day, books.closed_days(invoice.location_id, day))
    if refund.prepaid_id is None:
        owing = refunds.owed_again(invoice, refund.amount)
        entry = ledger.of_refund(refund, payment, invoice, day)
        if payment.prepaid_id is not None:
            prepaying.put_back(payment, refund, books, desk)
    else:  # what was sold and is not used any more was paid, and is not owed again
        owing, sold = invoice, _sold(refund, books)
        entry = ledger.of_prepaid_refund(refund, sold, day)
        ended = prepaid.end(sold, "refunded", refund.id, desk.now)
        books.save_prepaid(ended, prepaid.changed(ended))
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
    books.post([entry])
    books.save_invoice(owing, event)
    return succeeded
