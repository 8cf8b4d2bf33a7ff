"""A refund of a payment: ``processing``, then ``succeeded`` or, where the card refused, ``failed``.

What is given back is owed again: the invoice's balance grows by it, until it is paid another way.
"""

from dataclasses import replace
from datetime import datetime

from clinic_contracts.billing.events import PaymentRefunded
from clinic_contracts.billing.payments import RefundPayment, RefundView
from clinic_contracts.billing.requests import InvoiceView, PaymentView, ReceiptView
from clinic_contracts.errors import IllegalTransition, Invalid, PaymentRefused
from clinic_contracts.money import Money


def refundable(payment: PaymentView, asked: Money | None) -> Money:
    """Return what a refund of ``asked`` (None: all that is left) gives back.

    Raises IllegalTransition, Invalid, PaymentRefused when it is not there to be given back.
    """
    if payment.status != "succeeded":
        raise IllegalTransition("payment", payment.status, "refunded")
    currency = payment.amount.currency
    left = (
        payment.amount.amount_minor - payment.refunded.amount_minor - payment.refunding.amount_minor
    )
    if asked is not None and asked.currency != currency:
        detail = f"the payment is in {currency}"
        raise Invalid(detail, errors={"amount": [detail]})
    if asked is not None and asked.amount_minor <= 0:
        detail = "must be more than nothing"
        raise Invalid(detail, errors={"amount": [detail]})
    minor = left if asked is None else asked.amount_minor
    if not 0 < minor <= left:
        raise PaymentRefused("more than is left of the payment", reason="over_payment", left=left)
    return Money(amount_minor=minor, currency=currency)


def check_not_sale(invoice: InvoiceView) -> None:
    """Refuse to give back a sale's price, of which some may be used: what is left is."""
    if invoice.kind == "sale":
        raise PaymentRefused("give back what is left of what was sold", reason="sale")


def begin(
    id_: str,
    request: RefundPayment,
    payment: PaymentView,
    invoice: InvoiceView,
    now: datetime,
) -> tuple[PaymentView, RefundView]:
    """Return the payment with the refund's amount kept for it, and the refund; see refundable."""
    amount = refundable(payment, request.amount)
    refund = RefundView(
        id=id_,
        payment_id=payment.id,
        invoice_id=invoice.id,
        location_id=invoice.location_id,
        client_id=invoice.client_id,
        status="processing",
        method=payment.method,
        amount=amount,
        reason=request.reason,
        reference=payment.reference,
        created_at=now,
    )
    return replace(payment, refunding=_changed(payment.refunding, amount, 1)), refund


def succeed(payment: PaymentView, refund: RefundView) -> PaymentView:
    """Return the payment of which a refund was given back."""
    return replace(
        payment,
        refunding=_changed(payment.refunding, refund.amount, -1),
        refunded=_changed(payment.refunded, refund.amount, 1),
    )


def fail(payment: PaymentView, refund: RefundView, reason: str) -> tuple[PaymentView, RefundView]:
    """Return both as they are when the card's processor refused the refund for a reason."""
    freed = replace(payment, refunding=_changed(payment.refunding, refund.amount, -1))
    return freed, replace(refund, status="failed", failed_because=reason)


def owed_again(invoice: InvoiceView, amount: Money) -> InvoiceView:
    """Return the invoice of which a payment was given back, in part or whole."""
    return replace(
        invoice, paid=invoice.paid - amount, balance=invoice.balance + amount, status="open"
    )


def receipted(
    refund: RefundView, invoice: InvoiceView, receipt: ReceiptView
) -> tuple[RefundView, PaymentRefunded]:
    """Return the refund with its receipt, and the event that tells of it."""
    event = PaymentRefunded(
        refund_id=refund.id,
        payment_id=refund.payment_id,
        invoice_id=refund.invoice_id,
        receipt_id=receipt.id,
        method=refund.method,
        amount=refund.amount,
        balance=invoice.balance,
    )
    return replace(refund, status="succeeded", receipt_id=receipt.id), event


def _changed(before: Money, amount: Money, sign: int) -> Money:
    # Payments of before there were refunds say nothing of them, so not their currency either.
    return Money(
        amount_minor=before.amount_minor + sign * amount.amount_minor, currency=amount.currency
    )
