"""Elements of an 837P as values; what does not fit its place keeps its claim from being used.

A reader of answers (``elements``) overlooks what moves no money; of a claim all is looked at.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TypeVar

from payer_formats.amounts import minor_of
from payer_formats.findings import Finding, Severity, quoted
from payer_formats.x12.elements import date_of, whole_of
from payer_formats.x12.mending import fix_of
from payer_formats.x12.syntax import Segment

MOST_FINDINGS = 1_000
BLANK = Segment([""], 0)
Value = TypeVar("Value")


def cut(segments: Sequence[Segment], name: str) -> Iterator[Sequence[Segment]]:
    """Cut before every segment of that name; the first piece is what stands before them all."""
    start = 0
    for index, segment in enumerate(segments):
        if segment.id == name:
            yield segments[start:index]
            start = index
    yield segments[start:]


def first(segments: Sequence[Segment], name: str, qualifier: str = "") -> Segment:
    """Return the first segment of a name whose first element is the qualifier, or ``BLANK``."""
    for segment in segments:
        if segment.id == name and (not qualifier or segment.at(1) == qualifier):
            return segment
    return BLANK


class Elements:
    """Reads elements, and keeps what it finds wrong with where it was: claim, line, segment."""

    def __init__(self, component: str) -> None:
        """``component`` is the separator that the file declares."""
        self.component = component
        self.findings: list[Finding] = []
        self.reference = ""
        self.line = 0

    def find(
        self, code: str, text: str, segment: Segment, where: str, severity: Severity = "error"
    ) -> None:
        """Keep a finding; of very many only the first, and that there are more."""
        if len(self.findings) > MOST_FINDINGS:
            return
        if len(self.findings) == MOST_FINDINGS:
            code, text, severity = "TOO_MANY_FINDINGS", "there are more than are told", "error"
        self.findings.append(
            Finding(
                code=code,
                text=text,
                where=where,
                position=segment.position,
                line=self.line,
                reference=self.reference,
                fix=fix_of(code),
                severity=severity,
            )
        )

    def amount(self, segment: Segment, number: int) -> int:
        """Return an amount in minor units; AMOUNT and 0 where it is none."""
        told = segment.at(number)
        minor = minor_of(told)
        if minor is None:
            self.wrong("AMOUNT", "an amount of at most two decimals", segment, number)
            return 0
        return minor

    def whole(self, segment: Segment, number: int, code: str = "UNITS") -> int:
        """Return a whole number, of which ``3.00`` is one; a finding and 0 where it is none."""
        count = whole_of(segment.at(number))
        if count is None:
            self.wrong(code, "a whole number", segment, number)
        return count or 0

    def day(self, segment: Segment, number: int, told: str | None = None) -> date | None:
        """Return a day (CCYYMMDD), or that of a part of an element; DATE and None otherwise."""
        day = date_of(segment.at(number) if told is None else told)
        if day is None:
            self.wrong("DATE", "a day (CCYYMMDD)", segment, number)
        return day

    def dated(self, segment: Segment) -> date | None:
        """Return the day of a DTP segment; None, and no finding, where there is no segment."""
        return None if segment is BLANK else self.day(segment, 3)

    def parts(self, segment: Segment, number: int, least: int) -> list[str]:
        """Return a composite's components, ``least`` or more; BAD_COMPOSITE where there are fewer.

        Fewer than the format demands is how a separator that is not the declared one shows.
        """
        parts = segment.at(number).split(self.component)
        if len(parts) < least:
            wanted = f"{least} parts or more, separated by {self.component!r}"
            self.wrong("BAD_COMPOSITE", wanted, segment, number)
        return parts + [""] * (least - len(parts))

    def coded(
        self, segment: Segment, number: int, values: Mapping[str, Value], default: Value
    ) -> Value:
        """Return what a code stands for; CODE and the default where it stands for nothing."""
        told = segment.at(number)
        if told not in values:
            self.wrong("CODE", f"one of {', '.join(values)}", segment, number)
        return values.get(told, default)

    def wrong(self, code: str, wanted: str, segment: Segment, number: int) -> None:
        """Keep a finding about an element that is not what it has to be."""
        where = f"{segment.id}{number:02}"
        self.find(code, f"{where} is {quoted(segment.at(number))}, not {wanted}", segment, where)
