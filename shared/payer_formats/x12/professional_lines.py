"""The service lines of an 837P claim, and what earlier payers paid for them (2400, 2430)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from payer_formats.claim import Adjustment, PriorLine, ServiceLine
from payer_formats.x12.professional_elements import BLANK, Elements, cut, first
from payer_formats.x12.syntax import Segment

UNREAD_DAY = date.min
"""The day of a line whose day cannot be read; a finding says so."""
_UNITS = {"UN": "", "MJ": ""}
_MODIFIER = re.compile(r"[A-Z0-9]{2}", re.ASCII)
_POINTER = re.compile(r"[0-9]{1,2}", re.ASCII)
_MODIFIERS_BEGIN, _MODIFIERS_END = 2, 6
_CAS_BEGINS, _CAS_WIDTH = 2, 3


@dataclass(frozen=True, slots=True)
class PaidLine:
    """A line as one earlier payer decided it (2430)."""

    payer_id: str
    line: PriorLine
    day: date | None
    segment: Segment


def line_of(segments: Sequence[Segment], elements: Elements) -> tuple[ServiceLine, list[PaidLine]]:
    """Return a line and who paid what for it; ``elements.line`` is its place among the lines."""
    own, *decided = cut(segments, "SVD")
    head, service, days = segments[0], first(own, "SV1"), first(own, "DTP", "472")
    number = elements.line = elements.whole(head, 1, "LINE_NUMBER") or elements.line
    if service is BLANK:
        elements.find("MISSING_SEGMENT", "a service line has an SV1 segment", head, "SV1")
    procedure, modifiers, description = _procedure(service, elements)
    counted = elements.whole(service, 4) if service is not BLANK else 0
    day, through = _days(days, head, elements)
    line = ServiceLine(
        number=number,
        procedure=procedure,
        modifiers=modifiers,
        description=description,
        charge_minor=0 if service is BLANK else elements.amount(service, 2),
        units=counted,
        minutes=counted if service.at(3) == "MJ" else 0,
        pointers=_pointers(service, elements),
        day=day,
        through=through,
        reference=first(own, "REF", "6R").at(2),
    )
    if service is not BLANK:
        elements.coded(service, 3, _UNITS, "")
    return line, [_paid(each, number, elements) for each in decided]


def adjustments_of(segments: Sequence[Segment], elements: Elements) -> tuple[Adjustment, ...]:
    """Return what CAS segments say: a group, then reason, amount and quantity up to six times."""
    return tuple(
        Adjustment(
            group=segment.at(1),
            reason=segment.at(at),
            minor=elements.amount(segment, at + 1),
            quantity=elements.whole(segment, at + 2) if segment.at(at + 2) else 0,
        )
        for segment in segments
        if segment.id == "CAS"
        for at in range(_CAS_BEGINS, len(segment.elements), _CAS_WIDTH)
        if any(segment.elements[at : at + _CAS_WIDTH])
    )


def _paid(segments: Sequence[Segment], number: int, elements: Elements) -> PaidLine:
    head = segments[0]
    line = PriorLine(
        number=number,
        paid_minor=elements.amount(head, 2),
        adjustments=adjustments_of(segments, elements),
        procedure=elements.parts(head, 3, 2)[1],
        units=elements.whole(head, 5) if head.at(5) else 0,
    )
    return PaidLine(head.at(1), line, elements.dated(first(segments, "DTP", "573")), head)


def _procedure(service: Segment, elements: Elements) -> tuple[str, tuple[str, ...], str]:
    """Return SV101's procedure, modifiers and description.

    A fifth modifier stands where the description does; it is kept as one, for the scrubber to find.
    """
    if service is BLANK:
        return "", (), ""
    _, procedure, *rest = elements.parts(service, 1, 2)
    room = _MODIFIERS_END - _MODIFIERS_BEGIN
    modifiers, others = rest[:room], rest[room:]
    if all(modifiers) and len(modifiers) == room:
        modifiers += [each for each in others if _MODIFIER.fullmatch(each)]
        others = [each for each in others if not _MODIFIER.fullmatch(each)]
    return procedure, tuple(filter(None, modifiers)), " ".join(filter(None, others))


def _pointers(service: Segment, elements: Elements) -> tuple[int, ...]:
    told = service.at(7)
    if not told:
        return ()
    parts = told.split(elements.component)
    if not all(map(_POINTER.fullmatch, parts)):
        code = "DX_POINTER" if told.isalnum() else "BAD_COMPOSITE"
        wanted = f"numbers separated by {elements.component!r}"
        elements.wrong(code, wanted, service, 7)
        return ()
    return tuple(map(int, parts))


def _days(days: Segment, head: Segment, elements: Elements) -> tuple[date, date | None]:
    """Return the day of service, and the last one where DTP*472 tells a span (RD8)."""
    if days is BLANK:
        elements.find("DATE", "a service line has its day, in DTP*472", head, "DTP03")
        return UNREAD_DAY, None
    if days.at(2) != "RD8":
        return elements.day(days, 3) or UNREAD_DAY, None
    begin, _, end = days.at(3).partition("-")
    day = elements.day(days, 3, begin)
    return (UNREAD_DAY, None) if day is None else (day, elements.day(days, 3, end))
