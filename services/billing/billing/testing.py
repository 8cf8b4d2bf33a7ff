"""For tests: a claim and a receipt as they might be."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from clinic_contracts.billing.requests import ClaimView, InvoiceTax, ReceiptView
from clinic_contracts.money import Money

AT = datetime(2026, 12, 9, tzinfo=UTC)
FEE, EXPECTED = Money(amount_minor=11500), Money(amount_minor=9200)
CLAIM = ClaimView(
    id="clm_1",
    version=3,
    state="draft",
    carrier="Carrier",
    coverage_id="pol_1",
    member_id="1",
    group_number="",
    invoice_id="inv_1",
    location_id="loc_1",
    client_id="cli_1",
    practitioner_id="prac_1",
    service_date=date(2026, 12, 1),
    charge=FEE,
    amount=EXPECTED,
    created_at=AT,
    number="N1",
)
"""A fee of $115.00, of which the payer is expected to pay $92.00."""
RECEIPT = ReceiptView(
    id="rcp_1",
    number=42,
    invoice_id="inv_1",
    payment_id="pay_1",
    location_id="loc_1",
    location_name="Fernwood Massage",
    location_address="1 Main Street",
    client_id="cli_1",
    client_name="Óscar Sample",
    service_date=date(2026, 11, 30),
    treatment="Massage",
    minutes=60,
    fee=FEE,
    taxes=(
        InvoiceTax(
            name="GST",
            rate_bp=500,
            base=FEE,
            amount=Money(amount_minor=575),
            rule="ca-gst-services-2008",
        ),
    ),
    tax_number="123456782 RT0001",
    practitioner_name="Robin Ames",
    college="CCHPBC",
    registration_number="RMT-1",
    method="card",
    amount_paid=Money(amount_minor=2875),
    balance=Money(amount_minor=25),
    issued_at=datetime(2026, 12, 2, 1, tzinfo=UTC),
    invoice_number="INV-000042",
    paid_on=date(2026, 12, 1),
    payer_portion=EXPECTED,
)


def claim(state: str = "draft", **more: Any) -> ClaimView:  # noqa: ANN401 (fields of a claim)
    """Return a claim in a state, otherwise as ``CLAIM`` or as ``more`` says."""
    return replace(CLAIM, state=state, **more)
