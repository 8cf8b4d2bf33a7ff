"""Payments of an invoice, refunds of them, and receipts that correct others."""

from dataclasses import dataclass
from typing import Literal

from clinic_contracts.billing.requests import PaymentView
from clinic_contracts.constraints import Instant, Note, PathId
from clinic_contracts.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class GetPayment:
    """One payment."""

    payment_id: PathId


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundPayment:
    """Give back some or (``amount`` left out) all that is left of a payment, the way it came."""

    payment_id: PathId
    reason: Note
    amount: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GetRefund:
    """One refund."""

    refund_id: PathId


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundView:
    """A refund of a payment: ``processing``, then ``succeeded`` or ``failed``.

    ``failed_because`` is the card processor's word; ``receipt_id`` the receipt of the refund;
    ``prepaid_id`` what was sold, when what was left of that is given back; ``reference`` the card
    processor's id of the charge.
    """

    id: str
    payment_id: str
    invoice_id: str
    location_id: str
    client_id: str
    status: Literal["processing", "succeeded", "failed"]
    method: str
    amount: Money
    reason: str
    created_at: Instant
    receipt_id: str | None = None
    failed_because: str | None = None
    reference: str | None = None
    prepaid_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPayments:
    """What was paid on an invoice and given back of it, the oldest first, at most 200 of each."""

    invoice_id: PathId


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentList:
    """Payments and refunds of one invoice."""

    items: tuple[PaymentView, ...]
    refunds: tuple[RefundView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectReceipt:
    """Reverse a receipt and issue another in its place, with the names as they are now."""

    receipt_id: PathId
    reason: Note


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintReceipt:
    """A receipt as a file."""

    receipt_id: PathId
    form: Literal["pdf", "html"] = "pdf"
