"""Coverage, CoverageEligibilityRequest and Invoice, written; an Invoice, read (FHIR R4B)."""

from dataclasses import dataclass
from datetime import date

from payer_formats.claim import Payer, Person, Provider, Subscriber
from payer_formats.fhir.building import (
    Json,
    concept,
    coverage,
    identifier,
    iso,
    money,
    patient,
    payer,
    provider,
    reference,
)
from payer_formats.fhir.element import Element, Notes, decimal_of
from payer_formats.fhir.syntax import parse, written
from payer_formats.findings import Finding

INVOICE_STATUSES = ("draft", "issued", "balanced", "cancelled", "entered-in-error")


@dataclass(frozen=True, slots=True, kw_only=True)
class EligibilityAsked:
    """What a payer is asked: whether a policy is in force on a day, and what it gives.

    ``patient`` is None when the subscriber is the patient; ``services`` are the payer's service
    types, all of them when there are none.
    """

    id: str
    payer: Payer
    provider: Provider
    subscriber: Subscriber
    day: date
    patient: Person | None = None
    services: tuple[str, ...] = ()


def coverage_bytes(subscriber: Subscriber, insurer: Payer, insured: Person | None = None) -> bytes:
    """Return the Coverage of a policy; ``insured`` is None when its holder is."""
    beneficiary = "insured" if insured else "subscriber"
    policy = coverage(subscriber, "coverage", ("subscriber", beneficiary, "payer"))
    contained = [patient(subscriber.person, "subscriber"), payer(insurer, "payer")]
    if insured:
        contained.append(patient(insured, "insured"))
    return written(policy | {"contained": contained})


def eligibility_bytes(asked: EligibilityAsked, *, created: date) -> bytes:
    """Return a CoverageEligibilityRequest for validation and benefits."""
    treated = "patient" if asked.patient else "subscriber"
    contained = [
        patient(asked.subscriber.person, "subscriber"),
        payer(asked.payer, "payer"),
        provider(asked.provider, "provider"),
        coverage(asked.subscriber, "coverage", ("subscriber", treated, "payer")),
    ]
    if asked.patient:
        contained.append(patient(asked.patient, "patient"))
    return written(
        {
            "resourceType": "CoverageEligibilityRequest",
            "contained": contained,
            "identifier": [identifier(asked.id)],
            "status": "active",
            "purpose": ["validation", "benefits"],
            "patient": reference(treated),
            "servicedDate": iso(asked.day),
            "created": iso(created),
            "provider": reference("provider"),
            "insurer": reference("payer"),
            "insurance": [{"focal": True, "coverage": reference("coverage")}],
            "item": [{"category": concept(each)} for each in asked.services],
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceCharge:
    """A line of an invoice: what is asked before tax."""

    description: str
    net_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceTotals:
    """What an Invoice comes to, in minor units; gross is net and tax."""

    number: str
    status: str
    net_minor: int
    gross_minor: int
    currency: str

    @property
    def tax_minor(self) -> int:
        """The taxes."""
        return self.gross_minor - self.net_minor


def invoice_bytes(
    totals: InvoiceTotals, charges: tuple[InvoiceCharge, ...], *, issued: date, issuer: str
) -> bytes:
    """Return an Invoice; the caller's charges come to its net."""
    lines: list[Json] = [
        {
            "sequence": at,
            "chargeItemCodeableConcept": {"text": each.description},
            "priceComponent": [{"type": "base", "amount": money(each.net_minor, totals.currency)}],
        }
        for at, each in enumerate(charges, start=1)
    ]
    tax = {"type": "tax", "amount": money(totals.tax_minor, totals.currency)}
    return written(
        {
            "resourceType": "Invoice",
            "identifier": [identifier(totals.number)],
            "status": totals.status,
            "date": iso(issued),
            "issuer": {"display": issuer},
            "lineItem": lines,
            "totalPriceComponent": [tax] if totals.tax_minor else [],
            "totalNet": money(totals.net_minor, totals.currency),
            "totalGross": money(totals.gross_minor, totals.currency),
        }
    )


def read_invoice(raw: bytes) -> tuple[InvoiceTotals | None, tuple[Finding, ...]]:
    """Read what an Invoice comes to, None when an error keeps that from being known."""
    notes = Notes()
    root = parse(raw, notes)
    if root and root.path != "Invoice":
        notes.add("RESOURCE_TYPE", "the file holds no Invoice", f"{root.path}.resourceType")
    totals = _totals(root) if not notes.failed else None
    return (None if notes.failed else totals), tuple(notes.findings)


def _totals(invoice: Element) -> InvoiceTotals:
    notes = invoice.notes
    notes.reference = invoice.identifier() or invoice.text("id")
    net = invoice.money("totalNet", required=True) or 0
    gross = invoice.money("totalGross", required=True) or 0
    bases = [
        part.money("amount") or 0
        for line in invoice.many("lineItem")
        for part in line.many("priceComponent")
        if part.text("type") in {"base", "surcharge", "deduction", "discount"}
    ]
    if bases and sum(bases) != net:
        text = f"the lines come to {decimal_of(sum(bases))}, the net is {decimal_of(net)}"
        notes.add("CHARGE_SUM", text, invoice.where("totalNet"))
    if 0 <= gross < net:
        text = f"gross {decimal_of(gross)} is less than net {decimal_of(net)}"
        notes.add("AMOUNT", text, invoice.where("totalGross"))
    return InvoiceTotals(
        number=notes.reference,
        status=invoice.code("status", INVOICE_STATUSES, required=True),
        net_minor=net,
        gross_minor=gross,
        currency=notes.currency(invoice.where("totalNet")),
    )
