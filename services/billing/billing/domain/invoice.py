"""The invoice of a visit, and what payments do to it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from billing.domain.coverage import Usage
from billing.domain.payer_rules import Bill
from billing.domain.split import Payer, Split, payers_of, split
from billing.domain.tax import Place, Supply, TaxRule, taxes
from clinic_contracts.billing.events import InvoiceIssued
from clinic_contracts.billing.payer_rules import PayerRule
from clinic_contracts.billing.requests import (
    ClaimView,
    InvoiceLine,
    InvoiceParties,
    InvoiceTax,
    InvoiceView,
)
from clinic_contracts.booking.events import (
    LocationChanged,
    PractitionerChanged,
    TreatmentChanged,
    Visit,
)
from clinic_contracts.client_profile.events import ClientChanged, CoverageChanged
from clinic_contracts.errors import IllegalTransition, Invalid, PaymentRefused
from clinic_contracts.money import Money

SECONDS_A_MINUTE = 60


@dataclass(frozen=True, slots=True)
class Rules:
    """The dated rules by which visits are invoiced."""

    taxes: Sequence[TaxRule]
    payers: Sequence[PayerRule]


class Surrounded(Protocol):
    """What says where a visit was, who gave which treatment, and to whom."""

    @property
    def location_id(self) -> str:
        """The location's id."""

    @property
    def practitioner_id(self) -> str:
        """The therapist's id."""

    @property
    def treatment_id(self) -> str:
        """The treatment's id."""

    @property
    def client_id(self) -> str:
        """The client's id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What billing knows of a visit's surroundings, from events."""

    location: LocationChanged
    practitioner: PractitionerChanged
    treatment: TreatmentChanged
    client: ClientChanged
    coverages: tuple[CoverageChanged, ...]


@dataclass(frozen=True, slots=True)
class Charged:
    """What a visit costs, tax by tax, and the payers to divide it among."""

    bill: Bill
    taxes: tuple[InvoiceTax, ...]
    payers: tuple[Payer, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the periods in which the payers' limits count."""
        return tuple(each.period.key for each in self.payers if each.period is not None)


def charge(visit: Visit, facts: Facts, rules: Rules) -> Charged:
    """Return what a visit costs: the price agreed at booking, and the taxes of its day."""
    day, fee, discipline = visit.local_start.date(), visit.price, facts.treatment.discipline
    due = taxes(
        rules.taxes,
        Place(facts.location.tax_region, visit.location_id),
        day,
        [Supply(discipline, fee)],
        registered=facts.practitioner.gst_registered,
    )
    nothing = Money(amount_minor=0, currency=fee.currency)
    bill = Bill(
        fee=fee,
        tax=sum((each.amount for each in due), start=nothing),
        day=day,
        discipline=discipline,
        region=facts.location.tax_region,
        opted_out=facts.practitioner.msp_opted_out,
    )
    return Charged(bill, due, payers_of(bill, facts.coverages, rules.payers))


def issue(  # noqa: PLR0913 (an invoice is made of this many facts)
    *,
    id_: str,
    number: int,
    visit: Visit,
    facts: Facts,
    charged: Charged,
    used: Mapping[str, Usage],
    now: datetime,
) -> tuple[InvoiceView, Split]:
    """Return the invoice of a visit and how it is divided; ``used`` is by key of period."""
    fee, tax = charged.bill.fee, charged.bill.tax
    nothing = Money(amount_minor=0, currency=fee.currency)
    divided = split(charged.bill, charged.payers, used)
    payers = sum((part.amount for part in divided.payers), start=nothing)
    invoice = InvoiceView(
        id=id_,
        version=1,
        number=f"INV-{number:06d}",
        status="open" if divided.client.amount.amount_minor else "paid",
        location_id=visit.location_id,
        client_id=visit.client_id,
        practitioner_id=visit.practitioner_id,
        appointment_id=visit.appointment_id,
        service_date=charged.bill.day,
        issued_at=now,
        lines=(
            InvoiceLine(
                description=facts.treatment.name,
                treatment_id=visit.treatment_id,
                quantity=1,
                unit_price=fee,
                amount=fee,
                minutes=int((visit.end - visit.start).total_seconds()) // SECONDS_A_MINUTE,
                kind=charged.bill.discipline,
            ),
        ),
        taxes=charged.taxes,
        split=divided.parts,
        subtotal=fee,
        tax_total=tax,
        total=fee + tax,
        client_portion=divided.client.amount,
        payer_portion=payers,
        paid=nothing,
        balance=divided.client.amount,
        claim_ids=(),
        reserved=nothing,
        parties=parties(facts, charged.taxes),
    )
    return invoice, divided


def with_claims(
    invoice: InvoiceView, claims: Iterable[ClaimView]
) -> tuple[InvoiceView, InvoiceIssued]:
    """Return the invoice that names its claims, and the event that tells of it."""
    issued = replace(invoice, claim_ids=tuple(claim.id for claim in claims))
    event = InvoiceIssued(
        invoice_id=issued.id,
        appointment_id=issued.appointment_id,
        client_id=issued.client_id,
        total=issued.total,
        client_portion=issued.client_portion,
        payer_portion=issued.payer_portion,
    )
    return issued, event


def payable(invoice: InvoiceView, asked: Money | None) -> Money:
    """Return what a payment of ``asked`` (None: all) takes; refuses what is not owed."""
    if invoice.status != "open":
        raise IllegalTransition("invoice", invoice.status, "paid")
    free = invoice.balance - invoice.reserved
    amount = asked or free
    if amount.currency != free.currency:
        detail = f"the invoice is in {free.currency}"
        raise Invalid(detail, errors={"amount": [detail]})
    if asked is not None and asked.amount_minor <= 0:
        detail = "must be more than nothing"
        raise Invalid(detail, errors={"amount": [detail]})
    if amount.amount_minor > invoice.balance.amount_minor:
        raise PaymentRefused(
            "more than the balance", reason="over_balance", balance=invoice.balance.amount_minor
        )
    if not 0 < amount.amount_minor <= free.amount_minor:
        raise PaymentRefused(
            "a card payment that is under way takes the balance, or too much of it",
            reason="payment_under_way",
            balance=free.amount_minor,
        )
    return amount


def reserve(invoice: InvoiceView, amount: Money) -> InvoiceView:
    """Return the invoice with an amount kept for a card payment under way."""
    return replace(invoice, reserved=invoice.reserved + amount)


def release(invoice: InvoiceView, amount: Money) -> InvoiceView:
    """Return the invoice without what was kept for a card payment that has ended."""
    return replace(invoice, reserved=invoice.reserved - amount)


def paid(invoice: InvoiceView, amount: Money) -> InvoiceView:
    """Return the invoice with a payment taken."""
    balance = invoice.balance - amount
    status = "open" if balance.amount_minor else "paid"
    return replace(invoice, paid=invoice.paid + amount, balance=balance, status=status)


def parties(facts: Facts, due: tuple[InvoiceTax, ...]) -> InvoiceParties:
    """Return who treats whom and where, as it is known now."""
    location, practitioner = facts.location, facts.practitioner
    return InvoiceParties(
        location_name=location.name,
        location_address=location.address,
        timezone=location.timezone,
        client_name=facts.client.name,
        practitioner_name=practitioner.name,
        college=practitioner.college,
        registration_number=practitioner.registration_number,
        tax_number=(practitioner.gst_number or "") if due else "",
    )
