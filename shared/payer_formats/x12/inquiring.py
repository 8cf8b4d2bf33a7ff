"""Asking about eligibility: a 270 (ASC X12 005010X279A1) is written, and read as a payer does."""

from collections.abc import Sequence

from payer_formats.claim import Payer, Person, Provider, Relationship, Sex, Subscriber
from payer_formats.findings import Finding, quoted
from payer_formats.inquiry import EligibilityInquiry
from payer_formats.x12 import syntax
from payer_formats.x12.elements import Reading, date_of, first, parts
from payer_formats.x12.syntax import Segment, Separators, TransactionSet
from payer_formats.x12.writing import Envelope, Repeated, SetWriter, written

VERSION = "005010X279A1"
RELATIONSHIPS: dict[Relationship, str] = {"spouse": "01", "child": "19", "other": "34"}
"""INS02 of a dependent."""
SEXES: dict[str, Sex] = {"F": "F", "M": "M"}


def write_270(envelope: Envelope, inquiries: Sequence[EligibilityInquiry]) -> bytes:
    """Return an interchange with a set for each question."""
    sets = (_set(envelope, n, each) for n, each in enumerate(inquiries, start=1))
    return written(envelope, "HS", VERSION, sets)


def read_270(raw: bytes) -> tuple[tuple[EligibilityInquiry, ...], tuple[Finding, ...]]:
    """Return the questions of a file, and what is wrong with it; a payer answers only good ones."""
    file = syntax.read(raw)
    findings = file.findings
    inquiries: list[EligibilityInquiry] = []
    for interchange, _, one in file.sets:
        reading = Reading(interchange.separators)
        if one.code == "270":
            inquiries += _inquiries(reading, interchange.separators, one)
        else:
            reading.error("UNEXPECTED_SET", "it is no question of eligibility", one.segments[0], 1)
        findings += reading.findings
    return tuple(inquiries), tuple(findings)


def _set(envelope: Envelope, number: int, inquiry: EligibilityInquiry) -> SetWriter:
    out = SetWriter("270", number, VERSION)
    provider, subscriber = inquiry.provider, inquiry.subscriber
    at = f"{envelope.at:%Y%m%d}", f"{envelope.at:%H%M}"
    out.add("BHT", "0022", "13", inquiry.trace, *at)
    out.add("HL", 1, "", "20", 1)
    out.add("NM1", "PR", "2", inquiry.payer.name, "", "", "", "", "PI", inquiry.payer.id)
    out.add("HL", 2, 1, "21", 1)
    kind, identified = "1" if provider.is_person else "2", ("XX", provider.npi)
    if not provider.npi:
        identified = ("SV", provider.number)
    out.add("NM1", "1P", kind, provider.name, provider.first_name, "", "", "", *identified)
    out.add("HL", 3, 2, "22", 1 if inquiry.patient else 0)
    if inquiry.patient is None:
        _trace(out, inquiry)
    _person(out, "IL", subscriber.person, "MI", subscriber.member_id)
    if subscriber.group_number:
        out.add("REF", "6P", subscriber.group_number)
    _birth(out, subscriber.person)
    if inquiry.patient is not None:
        out.add("HL", 4, 3, "23", 0)
        _trace(out, inquiry)
        _person(out, "03", inquiry.patient, "", "")
        _birth(out, inquiry.patient)
        out.add("INS", "N", RELATIONSHIPS.get(subscriber.relationship, "34"))
    out.add("DTP", "291", "D8", f"{inquiry.day:%Y%m%d}")
    out.add("EQ", Repeated(inquiry.services))
    return out


def _trace(out: SetWriter, inquiry: EligibilityInquiry) -> None:
    """Add our number; TRN03 is who gave it, ten characters of which 9 says that they are ours."""
    ours = inquiry.provider.tax_id or inquiry.provider.npi or inquiry.provider.number
    out.add("TRN", "1", inquiry.trace, f"9{ours:0>9.9}")


def _person(out: SetWriter, role: str, who: Person, qualifier: str, number: str) -> None:
    out.add(
        "NM1", role, "1", who.last_name, who.first_name, who.middle_name, "", "", qualifier, number
    )


def _birth(out: SetWriter, who: Person) -> None:
    if who.birth_date:
        out.add("DMG", "D8", f"{who.birth_date:%Y%m%d}", who.sex)


def _inquiries(
    reading: Reading, separators: Separators, one: TransactionSet
) -> list[EligibilityInquiry]:
    payer, provider = first(one.segments, "NM1", "PR"), first(one.segments, "NM1", "1P")
    levels = parts(one.segments, "HL")[1]
    insured: list[Segment] = []
    found: list[EligibilityInquiry] = []
    for level in levels:
        kind = level[0].at(3)
        insured = level if kind == "22" else insured
        eq = first(level, "EQ")
        if not eq.position:
            continue
        dtp = reading.only(level, "DTP", "291")
        day = date_of(dtp.at(3))
        if day is None:
            reading.error("DATE", f"{quoted(dtp.at(3))} is not a date", dtp, 3)
            continue
        told = eq.at(1)
        services = told.split(separators.repetition) if separators.repetition else [told]
        found.append(
            EligibilityInquiry(
                trace=reading.required(reading.only(level, "TRN", "1"), 2),
                payer=Payer(id=payer.at(9), name=payer.at(3)),
                provider=_provider(provider),
                subscriber=_subscriber(reading, insured, level),
                day=day,
                patient=_who(reading, level, "03") if kind == "23" else None,
                services=tuple(filter(None, services)),
            )
        )
    if not any(segment.id == "EQ" for segment in one.segments):
        reading.error("NOTHING_ASKED", "it asks about no service", one.segments[0])
    return found


def _provider(nm1: Segment) -> Provider:
    national = nm1.at(8) == "XX"
    return Provider(
        name=nm1.at(3),
        first_name=nm1.at(4),
        npi=nm1.at(9) if national else "",
        number="" if national else nm1.at(9),
    )


def _subscriber(reading: Reading, insured: list[Segment], level: list[Segment]) -> Subscriber:
    told = first(level, "INS").at(2)
    codes: dict[str, Relationship] = {code: each for each, code in RELATIONSHIPS.items()}
    return Subscriber(
        person=_who(reading, insured, "IL"),
        member_id=first(insured, "NM1", "IL").at(9),
        group_number=first(insured, "REF", "6P").at(2),
        relationship=codes.get(told, "other") if told else "self",
    )


def _who(reading: Reading, level: list[Segment], role: str) -> Person:
    name, birth = first(level, "NM1", role), first(level, "DMG")
    return Person(
        last_name=name.at(3),
        first_name=name.at(4),
        middle_name=name.at(5),
        birth_date=reading.day(birth, 2) if birth.position else None,
        sex=SEXES.get(birth.at(3), "U"),
    )
