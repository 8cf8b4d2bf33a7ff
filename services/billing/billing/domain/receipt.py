"""The receipt of a payment: what it states, and when it may not be given."""

from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from clinic_contracts.billing.payments import RefundView
from clinic_contracts.billing.requests import (
    InvoiceParties,
    InvoiceView,
    PaymentView,
    ReceiptView,
)
from clinic_contracts.booking.events import PractitionerChanged
from clinic_contracts.errors import IllegalTransition, RegistrationLapsed


def check_registration(practitioner: PractitionerChanged, day: date) -> None:
    """Refuse a receipt for a day on which the therapist was not registered."""
    until = practitioner.registration_valid_to
    if until is not None and until < day:
        raise RegistrationLapsed(
            f"{practitioner.name}'s registration ended on {until.isoformat()}",
            valid_to=until.isoformat(),
        )


def local_day(invoice: InvoiceView, at: datetime) -> date:
    """Return the day at the invoice's location."""
    return at.astimezone(ZoneInfo(invoice.parties.timezone)).date()


def receipt(
    *, id_: str, number: int, payment: PaymentView, invoice: InvoiceView, now: datetime
) -> ReceiptView:
    """Return the receipt of a payment; ``invoice`` is as the payment left it.

    Names are those the invoice keeps, so that receipts of one invoice never differ.
    """
    parties, line = invoice.parties, invoice.lines[0]
    return ReceiptView(
        id=id_,
        number=number,
        invoice_id=invoice.id,
        payment_id=payment.id,
        location_id=invoice.location_id,
        location_name=parties.location_name,
        location_address=parties.location_address,
        client_id=invoice.client_id,
        client_name=parties.client_name,
        service_date=invoice.service_date,
        treatment=line.description,
        minutes=line.minutes,
        fee=invoice.subtotal,
        taxes=invoice.taxes,
        tax_number=parties.tax_number,
        practitioner_name=parties.practitioner_name,
        college=parties.college,
        registration_number=parties.registration_number,
        method=payment.method,
        amount_paid=payment.amount,
        balance=invoice.balance,
        issued_at=now,
        invoice_number=invoice.number,
        paid_on=local_day(invoice, now),
        payer_portion=invoice.payer_portion,
    )


def of_refund(  # noqa: PLR0913 (a receipt is made of this many facts)
    *,
    id_: str,
    number: int,
    refund: RefundView,
    of: ReceiptView,
    invoice: InvoiceView,
    now: datetime,
) -> ReceiptView:
    """Return the receipt of a refund of a payment, whose receipt ``of`` is.

    ``invoice`` is as the refund left it.
    """
    return replace(
        of,
        id=id_,
        number=number,
        kind="refund",
        corrects_id=of.id,
        corrects_number=of.number,
        refund_id=refund.id,
        reason=refund.reason,
        method=refund.method,
        amount_paid=refund.amount,
        balance=invoice.balance,
        issued_at=now,
        paid_on=local_day(invoice, now),
    )


def check_correctable(receipt: ReceiptView, payment: PaymentView) -> None:
    """Refuse to reverse what is a reversal itself, or reversed already."""
    if receipt.kind != "payment":
        raise IllegalTransition("receipt", f"a {receipt.kind}", "reversed")
    if payment.receipt_id != receipt.id:
        raise IllegalTransition("receipt", "reversed", "reversed")


def reversal(
    receipt: ReceiptView, *, id_: str, number: int, reason: str, now: datetime
) -> ReceiptView:
    """Return the receipt that reverses another, which itself stays as it was given."""
    return replace(
        receipt,
        id=id_,
        number=number,
        kind="reversal",
        corrects_id=receipt.id,
        corrects_number=receipt.number,
        reason=reason,
        issued_at=now,
    )


def replacement(
    receipt: ReceiptView, parties: InvoiceParties, *, id_: str, number: int, now: datetime
) -> ReceiptView:
    """Return the receipt that stands for a reversed one, with the names as they are now."""
    return replace(
        receipt,
        id=id_,
        number=number,
        corrects_id=receipt.id,
        corrects_number=receipt.number,
        issued_at=now,
        location_name=parties.location_name,
        location_address=parties.location_address,
        client_name=parties.client_name,
        practitioner_name=parties.practitioner_name,
        college=parties.college,
        registration_number=parties.registration_number,
        tax_number=parties.tax_number,
    )
