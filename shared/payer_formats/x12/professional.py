"""Reads 837P claims (X12 005010X222A1) into the model, with what is wrong with them.

Values that do not fit their place are findings; the rules of a claim as a whole are the scrubber's.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from payer_formats.claim import (
    Accident,
    Claim,
    Diagnosis,
    Frequency,
    Payer,
    Person,
    Provider,
    ServiceLine,
    Subscriber,
)
from payer_formats.findings import Finding, quoted
from payer_formats.x12.professional_codes import (
    ACCIDENTS,
    FREQUENCIES,
    GUIDE,
    VERSION,
)
from payer_formats.x12.professional_elements import BLANK, Elements, cut, first
from payer_formats.x12.professional_lines import PaidLine, line_of
from payer_formats.x12.professional_parties import (
    RELATED,
    Parties,
    parties_of,
    payer_of,
    person_of,
    provider_of,
    subscriber_of,
)
from payer_formats.x12.professional_prior import priors_of
from payer_formats.x12.syntax import File, Segment, TransactionSet

_FREQUENT: dict[str, Frequency] = {code: name for name, code in FREQUENCIES.items()}
_CAUSES: dict[str, Literal["auto", "work", "other"]] = {
    code: kind for kind, code in ACCIDENTS.items()
}
_SYSTEMS: dict[str, Literal["ICD10", "ICD9"]] = {
    "ABK": "ICD10",
    "ABF": "ICD10",
    "BK": "ICD9",
    "BF": "ICD9",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfessionalFile:
    """The claims of a file, where each stands (its CLM's position), and what is wrong.

    A claim with an error among the findings is not to be used: what could not be read of it is
    empty or 0.
    """

    claims: tuple[Claim, ...]
    positions: tuple[int, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Level:
    """What the HL segments before a claim say of it."""

    billing: Provider | None = None
    currency: str = "USD"
    subscriber: Subscriber | None = None
    payer: Payer | None = None
    number: str = ""
    """The billing provider's, as the payer gave it."""
    patient: Person | None = None
    accident_number: str = ""


def read_professional(file: File) -> ProfessionalFile:
    """Return the claims of all 837P sets of a file; findings include those of its envelopes.

    Another guide's 837 (institutional, dental, 4010) is refused by its name, as its segments
    mean other things; another addendum of the professional one is warned of.
    """
    claims: list[Claim] = []
    positions: list[int] = []
    findings = list(file.findings)
    for interchange, group, one in file.sets:
        elements = Elements(interchange.separators.component)
        named = one.version or group.version
        read = one.code == "837" and named.startswith(GUIDE)
        if one.code != "837":
            text = f"a set of kind {quoted(one.code)} holds no claims"
            elements.find("UNEXPECTED_SET", text, one.segments[0], "ST01", "warning")
        elif not read:
            text = f"an 837 of {quoted(named)} is no professional claim; send it as {VERSION}"
            elements.find("VERSION", text, one.segments[0], "ST03" if one.version else "GS08")
        elif group.version != VERSION:
            text = f"GS08 is {quoted(group.version)}, not {VERSION}, which HIPAA adopted"
            elements.find("VERSION", text, one.segments[0], "GS08", "warning")
        for position, claim in _claims(one, elements) if read else ():
            claims.append(claim)
            positions.append(position)
        findings += elements.findings
    return ProfessionalFile(
        claims=tuple(claims), positions=tuple(positions), findings=tuple(findings)
    )


def _claims(one: TransactionSet, elements: Elements) -> Iterator[tuple[int, Claim]]:
    level = _Level()
    for segments in cut(one.segments, "HL"):
        head, *claims = cut(segments, "CLM")
        elements.reference, elements.line = "", 0
        if head[0].id == "HL":
            level = _next_level(level, head, elements)
        for each in claims:
            yield each[0].position, _claim(each, level, elements)


def _next_level(level: _Level, head: Sequence[Segment], elements: Elements) -> _Level:
    parties = parties_of(head)
    before = parties[""]
    match head[0].at(3):
        case "20":
            provider = provider_of(parties.get("85", ()), first(before, "PRV", "BI"))
            return _Level(billing=provider, currency=first(before, "CUR").at(2) or "USD")
        case "22":
            payer = parties.get("PR", ())
            return _Level(
                billing=level.billing,
                currency=level.currency,
                subscriber=subscriber_of(first(before, "SBR"), parties, elements),
                payer=payer_of(payer),
                number=first(payer, "REF", "G2").at(2),
                accident_number=first(parties.get("IL", ()), "REF", "Y4").at(2),
            )
        case "23" if level.subscriber is not None:
            patient = parties.get("QC", ())
            related = RELATED.get(first(before, "PAT").at(1), "other")
            return replace(
                level,
                patient=person_of(patient, elements),
                subscriber=replace(level.subscriber, relationship=related),
                accident_number=first(patient, "REF", "Y4").at(2),
            )
        case _:
            text = f"HL03 is {quoted(head[0].at(3))}, which cannot stand here"
            elements.find("LEVEL", text, head[0], "HL03")
            return level


def _claim(segments: Sequence[Segment], level: _Level, elements: Elements) -> Claim:
    head, *lines = cut(segments, "LX")
    own, *others = cut(head, "SBR")
    clm, parties = own[0], parties_of(own)
    elements.reference, elements.line = clm.at(1), 0
    if level.billing is None or level.subscriber is None or level.payer is None:
        text = "a claim stands under a billing provider (HL*20) and a subscriber (HL*22)"
        elements.find("MISSING_LOOP", text, clm, "HL")
    before = parties[""]
    place, _, frequency = elements.parts(clm, 5, 3)[:3]
    read_lines, paid = _lines(lines, elements)
    elements.line = 0
    return Claim(
        id=clm.at(1),
        charge_minor=elements.amount(clm, 2),
        currency=level.currency,
        payer=level.payer or Payer(id="", name=""),
        billing=replace(level.billing or Provider(name=""), number=level.number),
        subscriber=level.subscriber or subscriber_of(BLANK, {}, elements),
        lines=read_lines,
        frequency=_frequency(clm, frequency, elements),
        payer_reference=first(before, "REF", "F8").at(2),
        patient=level.patient,
        rendering=_provider(parties, "82"),
        referring=_provider(parties, "DN"),
        facility=_provider(parties, "77"),
        onset=elements.dated(first(before, "DTP", "431")),
        diagnoses=_diagnoses(before, elements),
        place_of_service=place,
        accident=_accident(clm, before, level, elements),
        authorization=first(before, "REF", "G1").at(2),
        prior=priors_of(others, paid, elements),
        note=first(before, "NTE").at(2),
    )


def _provider(parties: Parties, code: str) -> Provider | None:
    return provider_of(parties[code]) if code in parties else None


def _lines(
    loops: Sequence[Sequence[Segment]], elements: Elements
) -> tuple[tuple[ServiceLine, ...], list[PaidLine]]:
    lines: list[ServiceLine] = []
    paid: list[PaidLine] = []
    for number, loop in enumerate(loops, 1):
        elements.line = number
        line, decided = line_of(loop, elements)
        lines.append(line)
        paid += decided
    return tuple(lines), paid


def _frequency(clm: Segment, told: str, elements: Elements) -> Frequency:
    if told not in _FREQUENT and elements.component in clm.at(5):
        text = f"CLM05-3 is {quoted(told)}, not one of {', '.join(_FREQUENT)}"
        elements.find("CODE", text, clm, "CLM05")
    return _FREQUENT.get(told, "original")


def _diagnoses(segments: Sequence[Segment], elements: Elements) -> tuple[Diagnosis, ...]:
    found: list[Diagnosis] = []
    for segment in segments:
        if segment.id != "HI":
            continue
        for number in range(1, len(segment.elements)):
            qualifier, code, *_ = elements.parts(segment, number, 2)
            if code and qualifier in _SYSTEMS:
                found.append(Diagnosis(code=code, system=_SYSTEMS[qualifier]))
    return tuple(found)


def _accident(
    clm: Segment, segments: Sequence[Segment], level: _Level, elements: Elements
) -> Accident | None:
    """Return CLM11's accident; one without its day (DTP*439) is told, and left out."""
    causes = clm.at(11).split(elements.component)
    kind = next((_CAUSES[cause] for cause in causes[:3] if cause in _CAUSES), None)
    if kind is None:
        return None
    day = elements.dated(first(segments, "DTP", "439"))
    if day is None:
        text = "an accident is told without its day (DTP*439)"
        elements.find("ACCIDENT_DATE", text, clm, "CLM11", "warning")
        return None
    region = "".join(causes[3:4])
    return Accident(kind=kind, day=day, claim_number=level.accident_number, region=region)
