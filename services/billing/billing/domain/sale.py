"""The invoice of a gift card, package or deposit: untaxed, the client's, a liability until used."""

from datetime import datetime
from zoneinfo import ZoneInfo

from clinic_contracts.billing.prepaid import PrepaidView
from clinic_contracts.billing.requests import (
    InvoiceLine,
    InvoiceParties,
    InvoiceView,
    SplitPart,
    SplitStep,
)
from clinic_contracts.booking.events import LocationChanged
from clinic_contracts.client_profile.events import ClientChanged
from clinic_contracts.money import Money

VERSION = "1"


def issue(  # noqa: PLR0913 (an invoice is made of this many facts)
    prepaid: PrepaidView,
    description: str,
    *,
    number: int,
    location: LocationChanged,
    client: ClientChanged,
    now: datetime,
) -> InvoiceView:
    """Return the invoice of a sale."""
    price = prepaid.price
    nothing = Money(amount_minor=0, currency=price.currency)
    step = SplitStep(
        rule=f"sale.{prepaid.kind}", version=VERSION, text="paid in advance", amount=price
    )
    return InvoiceView(
        id=prepaid.invoice_id,
        version=1,
        kind="sale",
        number=f"INV-{number:06d}",
        status="open",
        location_id=prepaid.location_id,
        client_id=prepaid.client_id,
        practitioner_id="",
        appointment_id=prepaid.appointment_id or "",
        service_date=now.astimezone(ZoneInfo(location.timezone)).date(),
        issued_at=now,
        lines=(
            InvoiceLine(
                description=description,
                treatment_id=prepaid.treatment_id or "",
                quantity=1,
                unit_price=price,
                amount=price,
            ),
        ),
        taxes=(),
        split=(SplitPart(payer="client", coverage_id=None, amount=price, explanation=(step,)),),
        subtotal=price,
        tax_total=nothing,
        total=price,
        client_portion=price,
        payer_portion=nothing,
        paid=nothing,
        balance=price,
        claim_ids=(),
        reserved=nothing,
        parties=InvoiceParties(
            location_name=location.name,
            location_address=location.address,
            timezone=location.timezone,
            client_name=client.name,
        ),
    )
