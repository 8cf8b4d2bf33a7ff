"""The receipt of a payment: what it states, and when it may not be given."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from clinic_contracts.billing.requests import InvoiceView, PaymentView, ReceiptView
from clinic_contracts.booking.events import PractitionerChanged
from clinic_contracts.errors import RegistrationLapsed


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
