"""The invoice of a late cancellation or a missed visit: the client's alone, no insurer's.

The amount agreed for it has its tax in it: what is paid because an agreement for a taxable service
was not kept counts as its price with tax included (Excise Tax Act, s. 182(1)).
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from billing.domain.invoice import Facts, parties
from billing.domain.tax import BASIS_POINTS, Place, Supply, TaxRule, half_up, taxes
from clinic_contracts.billing.requests import (
    InvoiceLine,
    InvoiceTax,
    InvoiceView,
    SplitPart,
    SplitStep,
)
from clinic_contracts.booking.events import Visit
from clinic_contracts.booking.policy import FeeReason
from clinic_contracts.money import Money

NAMES = {"late_cancellation": "Late cancellation", "no_show": "Missed visit"}
VERSION = "1"


def issue(  # noqa: PLR0913 (an invoice is made of this many facts)
    *,
    id_: str,
    number: int,
    visit: Visit,
    fee: Money,
    reason: FeeReason,
    facts: Facts,
    rules: Iterable[TaxRule],
    now: datetime,
) -> InvoiceView:
    """Return the invoice of a fee."""
    day = visit.local_start.date()
    due = within(
        fee,
        taxes(
            rules,
            Place(facts.location.tax_region, visit.location_id),
            day,
            [Supply(facts.treatment.discipline, fee)],
            registered=facts.practitioner.gst_registered,
        ),
    )
    nothing = Money(amount_minor=0, currency=fee.currency)
    tax = sum((each.amount for each in due), start=nothing)
    step = SplitStep(
        rule=f"fee.{reason}", version=VERSION, text="such a fee is the client's alone", amount=fee
    )
    return InvoiceView(
        id=id_,
        version=1,
        kind="fee",
        number=f"INV-{number:06d}",
        status="open" if fee.amount_minor else "paid",
        location_id=visit.location_id,
        client_id=visit.client_id,
        practitioner_id=visit.practitioner_id,
        appointment_id=visit.appointment_id,
        service_date=day,
        issued_at=now,
        lines=(
            InvoiceLine(
                description=f"{NAMES[reason]}: {facts.treatment.name}",
                treatment_id=visit.treatment_id,
                quantity=1,
                unit_price=fee - tax,
                amount=fee - tax,
            ),
        ),
        taxes=due,
        split=(SplitPart(payer="client", coverage_id=None, amount=fee, explanation=(step,)),),
        subtotal=fee - tax,
        tax_total=tax,
        total=fee,
        client_portion=fee,
        payer_portion=nothing,
        paid=nothing,
        balance=fee,
        claim_ids=(),
        reserved=nothing,
        parties=parties(facts, due),
    )


def within(amount: Money, due: Sequence[InvoiceTax]) -> tuple[InvoiceTax, ...]:
    """Return taxes as they are contained in an amount: of 105.00 with 5 %, 5.00 on 100.00."""
    rate = sum(tax.rate_bp for tax in due)
    base = half_up(amount.amount_minor * BASIS_POINTS, BASIS_POINTS + rate)
    unassigned = amount.amount_minor - base
    found = []
    for left, tax in zip(range(len(due), 0, -1), due, strict=True):
        # The last takes what rounding leaves, so that base and taxes are the amount.
        minor = unassigned if left == 1 else half_up(base * tax.rate_bp, BASIS_POINTS)
        unassigned -= minor
        found.append(
            replace(
                tax,
                base=Money(amount_minor=base, currency=amount.currency),
                amount=Money(amount_minor=minor, currency=amount.currency),
            )
        )
    return tuple(found)
