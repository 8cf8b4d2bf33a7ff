"""An invoice of a visit, and what may be paid on it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from billing.domain.split import Split, applies, benefit_year, split
from billing.domain.tax import TaxRule, taxes
from clinic_contracts.billing.requests import InvoiceLine, InvoiceView, ReceiptView
from clinic_contracts.booking.events import (
    LocationChanged,
    PractitionerChanged,
    TreatmentChanged,
    Visit,
)
from clinic_contracts.client_profile.events import ClientChanged, CoverageChanged
from clinic_contracts.errors import IllegalTransition, Invalid, PaymentRefused, RegistrationLapsed
from clinic_contracts.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What billing knows of a visit's surroundings, from events."""

    location: LocationChanged
    practitioner: PractitionerChanged
    treatment: TreatmentChanged
    client: ClientChanged
    coverages: tuple[CoverageChanged, ...]

    def in_force(self, day: date) -> tuple[CoverageChanged, ...]:
        """Return the policies that cover the treatment on a day."""
        return tuple(c for c in self.coverages if applies(c, self.treatment.discipline, day))


def usage_key(coverage: CoverageChanged, day: date) -> str:
    """Return the key of a policy's benefit year."""
    return f"{coverage.coverage_id}|{benefit_year(coverage, day).isoformat()}"


def issue(  # noqa: PLR0913 (an invoice is made of this many facts)
    *,
    id_: str,
    visit: Visit,
    facts: Facts,
    rules: Iterable[TaxRule],
    used: Mapping[str, int],
    at: datetime,
) -> tuple[InvoiceView, Split]:
    """Return the invoice of a visit and how it is divided; ``used`` is by coverage id."""
    day, fee = visit.local_start.date(), visit.price
    due = taxes(
        rules,
        facts.location.tax_region,
        facts.treatment.discipline,
        day,
        fee,
        registered=facts.practitioner.gst_registered,
    )
    nothing = Money(amount_minor=0, currency=fee.currency)
    tax = sum((each.amount for each in due), start=nothing)
    divided = split(fee, tax, facts.in_force(day), used)
    payers = sum((part.amount for part in divided.payers), start=nothing)
    invoice = InvoiceView(
        id=id_,
        version=1,
        number=id_.removeprefix("inv_")[:10],
        status="open" if divided.client.amount.amount_minor else "paid",
        location_id=visit.location_id,
        client_id=visit.client_id,
        practitioner_id=visit.practitioner_id,
        appointment_id=visit.appointment_id,
        service_date=day,
        issued_at=at,
        lines=(
            InvoiceLine(
                description=facts.treatment.name,
                treatment_id=visit.treatment_id,
                quantity=1,
                unit_price=fee,
                amount=fee,
            ),
        ),
        taxes=due,
        split=divided.parts,
        subtotal=fee,
        tax_total=tax,
        total=fee + tax,
        client_portion=divided.client.amount,
        payer_portion=payers,
        paid=nothing,
        balance=divided.client.amount,
        claim_ids=(),
    )
    return invoice, divided


def payable(invoice: InvoiceView, asked: Money | None) -> Money:
    """Return what a payment of ``asked`` (None: all) takes; refuses what is not owed."""
    if invoice.status != "open":
        raise IllegalTransition("invoice", invoice.status, "paid")
    amount = asked or invoice.balance
    if amount.currency != invoice.balance.currency:
        detail = f"the invoice is in {invoice.balance.currency}"
        raise Invalid(detail, errors={"amount": [detail]})
    if amount.amount_minor <= 0:
        detail = "must be more than nothing"
        raise Invalid(detail, errors={"amount": [detail]})
    if amount.amount_minor > invoice.balance.amount_minor:
        raise PaymentRefused(
            "more than the balance", reason="over_balance", balance=invoice.balance.amount_minor
        )
    return amount


def paid(invoice: InvoiceView, amount: Money) -> InvoiceView:
    """Return the invoice with a payment taken."""
    balance = invoice.balance - amount
    status = "open" if balance.amount_minor else "paid"
    return replace(invoice, paid=invoice.paid + amount, balance=balance, status=status)


def check_registration(practitioner: PractitionerChanged, day: date) -> None:
    """Refuse a receipt for a day on which the therapist was not registered."""
    until = practitioner.registration_valid_to
    if until is not None and until < day:
        raise RegistrationLapsed(
            f"{practitioner.name}'s registration ended on {until.isoformat()}",
            valid_to=until.isoformat(),
        )


def receipt(  # noqa: PLR0913 (a receipt states this many facts)
    *,
    id_: str,
    number: int,
    payment_id: str,
    method: str,
    amount: Money,
    invoice: InvoiceView,
    facts: Facts,
    at: datetime,
) -> ReceiptView:
    """Return the receipt of a payment; ``invoice`` is as the payment left it."""
    return ReceiptView(
        id=id_,
        number=number,
        invoice_id=invoice.id,
        payment_id=payment_id,
        location_id=invoice.location_id,
        location_name=facts.location.name,
        location_address=facts.location.address,
        client_id=invoice.client_id,
        client_name=facts.client.name,
        service_date=invoice.service_date,
        treatment=facts.treatment.name,
        minutes=facts.treatment.duration,
        fee=invoice.subtotal,
        taxes=invoice.taxes,
        tax_number="",
        practitioner_name=facts.practitioner.name,
        college=facts.practitioner.college,
        registration_number=facts.practitioner.registration_number,
        method=method,
        amount_paid=amount,
        balance=invoice.balance,
        issued_at=at,
    )
