"""A payment: ``processing``, then ``succeeded`` or, when the card was refused, ``canceled``."""

from dataclasses import replace
from datetime import datetime

from clinic_contracts.billing.events import PaymentReceived
from clinic_contracts.billing.requests import PayInvoice, PaymentView, ReceiptView
from clinic_contracts.errors import Invalid
from clinic_contracts.money import Money


def card_token(request: PayInvoice) -> str | None:
    """Return the token of the card to charge, None where none is; Invalid when it is missing."""
    if request.method != "card":
        return None
    if request.card_token is None:
        detail = "a card payment needs the card's token"
        raise Invalid(detail, errors={"card_token": [detail]})
    return request.card_token


def begin(id_: str, request: PayInvoice, amount: Money, now: datetime) -> PaymentView:
    """Return the payment of an amount that the invoice allows."""
    return PaymentView(
        id=id_,
        invoice_id=request.invoice_id,
        status="processing",
        method=request.method,
        amount=amount,
        receipt_id=None,
        created_at=now,
    )


def succeed(payment: PaymentView, receipt: ReceiptView) -> tuple[PaymentView, PaymentReceived]:
    """Return the payment with its receipt, and the event that tells of it."""
    event = PaymentReceived(
        payment_id=payment.id,
        invoice_id=payment.invoice_id,
        receipt_id=receipt.id,
        method=payment.method,
        amount=payment.amount,
        balance=receipt.balance,
    )
    return replace(payment, status="succeeded", receipt_id=receipt.id), event


def cancel(payment: PaymentView, reason: str) -> PaymentView:
    """Return the payment that the card's processor refused for a reason."""
    return replace(payment, status="canceled", reason=reason)
