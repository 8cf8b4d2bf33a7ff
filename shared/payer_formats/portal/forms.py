"""A claim as a packet: headed sections of labels and values, the lines, the totals."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from payer_formats.claim import Address, Claim, Person, PriorPayment, Provider

_FREQUENCIES = {"original": "New claim", "corrected": "Corrected claim", "void": "Void of a claim"}
_ACCIDENTS = {"auto": "Motor vehicle", "work": "Work", "other": "Other"}


@dataclass(frozen=True, slots=True)
class Row:
    """A label and what stands beside it."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Section:
    """What belongs together, under a heading."""

    heading: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PacketLine:
    """A service as a form asks for it; amounts are written out, ``115.00``."""

    day: str
    procedure: str
    description: str
    minutes: str
    units: str
    charge: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet:
    """A claim as somebody keys it into a portal, or sends it on paper."""

    title: str
    reference: str
    currency: str
    sections: tuple[Section, ...]
    lines: tuple[PacketLine, ...]
    totals: tuple[Row, ...]
    note: str = ""


def packet(claim: Claim) -> Packet:
    """Return a claim as a packet; a field that says nothing is left out, and so is its section."""
    sections = (
        Section("Payer", _rows(_payer(claim))),
        Section("Clinic", _rows(_provider(claim.billing))),
        Section("Therapist", _rows(_provider(claim.rendering))),
        Section("Referred by", _rows(_provider(claim.referring))),
        Section("Policy holder", _rows(_holder(claim))),
        Section("Patient", _rows(_person(claim.treated))),
        Section("Injury", _rows(_injury(claim))),
        Section("Diagnoses", _rows(_diagnoses(claim))),
        *(Section("Paid before", _rows(_prior(each))) for each in claim.prior),
    )
    before = sum(each.paid_minor for each in claim.prior)
    totals = [
        ("Charged", money(claim.charge_minor)),
        ("Paid before", money(before) if before else ""),
        ("Left to pay", money(claim.charge_minor - before) if before else ""),
    ]
    return Packet(
        title=_FREQUENCIES[claim.frequency],
        reference=claim.id,
        currency=claim.currency,
        sections=tuple(each for each in sections if each.rows),
        lines=tuple(_lines(claim)),
        totals=_rows(totals),
        note=claim.note,
    )


def money(minor: int) -> str:
    """Return an amount as a form has it: ``1150`` cents are ``11.50``."""
    units, cents = divmod(abs(minor), 100)
    return f"{'-' if minor < 0 else ''}{units}.{cents:02}"


def _rows(told: Iterable[tuple[str, str]]) -> tuple[Row, ...]:
    return tuple(Row(label, value) for label, value in told if value)


def _payer(claim: Claim) -> Iterator[tuple[str, str]]:
    yield "Name", claim.payer.name
    yield "Claim replaced", claim.payer_reference if claim.frequency != "original" else ""
    yield "Authorization", claim.authorization


def _provider(provider: Provider | None) -> Iterator[tuple[str, str]]:
    if provider is None:
        return
    yield "Name", f"{provider.first_name} {provider.name}".strip()
    yield "Number with the payer", provider.number
    yield "NPI", provider.npi
    yield "Tax number", provider.tax_id
    yield "Address", _address(provider.address)


def _holder(claim: Claim) -> Iterator[tuple[str, str]]:
    subscriber = claim.subscriber
    yield "Member number", subscriber.member_id
    yield "Group or plan", subscriber.group_number
    if claim.patient is not None:
        yield from _person(subscriber.person)
        yield "Patient is", subscriber.relationship
    yield "Order of payers", str(subscriber.rank) if subscriber.rank > 1 else ""


def _person(person: Person) -> Iterator[tuple[str, str]]:
    names = (person.first_name, person.middle_name, person.last_name)
    yield "Name", " ".join(name for name in names if name)
    yield "Born", "" if person.birth_date is None else person.birth_date.isoformat()
    yield "Sex", "" if person.sex == "U" else person.sex
    yield "Health number", person.health_number
    yield "Address", _address(person.address)


def _injury(claim: Claim) -> Iterator[tuple[str, str]]:
    accident = claim.accident
    if accident is None:
        return
    yield "Kind", _ACCIDENTS[accident.kind]
    yield "Day", accident.day.isoformat()
    yield "Claim number", accident.claim_number
    yield "Where", accident.region
    yield "Body part", f"{accident.body_part} {accident.side}".strip()
    yield "Nature", accident.nature


def _diagnoses(claim: Claim) -> Iterator[tuple[str, str]]:
    for number, each in enumerate(claim.diagnoses, start=1):
        yield f"{number} ({each.system})", each.code


def _prior(prior: PriorPayment) -> Iterator[tuple[str, str]]:
    yield "Payer", prior.payer.name
    yield "Member number", prior.subscriber.member_id
    yield "Their claim", prior.payer_reference
    yield "Paid on", "" if prior.paid_on is None else prior.paid_on.isoformat()
    yield "Paid", money(prior.paid_minor)


def _lines(claim: Claim) -> Iterator[PacketLine]:
    for line in claim.lines:
        yield PacketLine(
            day=line.day.isoformat(),
            procedure=" ".join((line.procedure, *line.modifiers)).strip(),
            description=line.description,
            minutes=str(line.minutes) if line.minutes else "",
            units=str(line.units),
            charge=money(line.charge_minor),
        )


def _address(address: Address | None) -> str:
    if address is None:
        return ""
    parts = (address.line, address.line2, address.city, f"{address.region} {address.postal_code}")
    return ", ".join(part for part in map(str.strip, parts) if part)
