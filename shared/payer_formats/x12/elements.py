"""Reading the elements of one transaction set, and noting what cannot be read.

X12.6 says how a number (type R, N0) and a date (type DT, CCYYMMDD) are written.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from hashlib import sha256

from payer_formats.amounts import minor_of
from payer_formats.findings import Finding, Severity, quoted
from payer_formats.x12.mending import fix_of
from payer_formats.x12.syntax import Segment, Separators

MOST_FINDINGS = 200
"""Of each severity; what is over is counted, not kept."""
_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_WHOLE = re.compile(r"(-?\d{1,9})(?:\.0*)?", re.ASCII)


class Reading:
    """Reads elements of a set, and keeps the findings.

    ``reference`` and ``line`` are of the claim and line now read, for the findings to name.
    ``amounts_read`` is False once an amount could not be read: then nothing can be added up.
    """

    def __init__(self, separators: Separators) -> None:
        self.separators = separators
        self.reference = ""
        self.line = 0
        self.amounts_read = True
        self._kept: list[Finding] = []
        self._counted: Counter[Severity] = Counter()

    def error(self, code: str, text: str, segment: Segment, number: int = 0) -> None:
        """Note what keeps the set from being used; ``number`` is the element's, from 1."""
        self._find("error", code, text, segment, number)

    def warn(self, code: str, text: str, segment: Segment, number: int = 0) -> None:
        """Note what is wrong and keeps nothing from being used."""
        self._find("warning", code, text, segment, number)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was noted, and how much more there was."""
        more = [
            Finding(code="MORE", text=f"{count - MOST_FINDINGS} more like these", severity=severity)
            for severity, count in self._counted.items()
            if count > MOST_FINDINGS
        ]
        return (*self._kept, *more)

    def amount(self, segment: Segment, number: int) -> int:
        """Return a required amount in minor units; 0 with a finding where it is none."""
        minor = minor_of(segment.at(number))
        if minor is None:
            self.amounts_read = False
            told = quoted(segment.at(number))
            detail = f"{told} is not an amount of at most two decimals"
            self.error("AMOUNT", detail, segment, number)
        return minor or 0

    def optional_amount(self, segment: Segment, number: int) -> int | None:
        """Return an amount that may be left out."""
        return self.amount(segment, number) if segment.at(number) else None

    def whole(self, segment: Segment, number: int, absent: int) -> int:
        """Return a count, such as units; ``absent`` where there is none, 0 if it is not whole.

        A reversal may count below nothing.
        """
        text = segment.at(number)
        if not text:
            return absent
        count = whole_of(text)
        if count is None:
            self.warn("UNITS", f"{quoted(text)} is not a whole number", segment, number)
        return count or 0

    def day(self, segment: Segment, number: int) -> date | None:
        """Return a date; None, with a warning, where it is none."""
        day = date_of(segment.at(number))
        if day is None:
            self.warn("DATE", f"{quoted(segment.at(number))} is not a date", segment, number)
        return day

    def components(self, segment: Segment, number: int, *, least: int, code: int) -> list[str]:
        """Return the components of a composite that begins with a code of ``code`` characters.

        Where it does not, the file most likely uses another separator than its ISA16 declares.
        """
        parts = [part.strip() for part in segment.at(number).split(self.separators.component)]
        if len(parts) < least or len(parts[0]) != code or not parts[0].isalnum():
            declared = self.separators.component
            detail = f"{quoted(segment.at(number))} is no composite of the declared {declared!r}"
            self.error("BAD_COMPOSITE", detail, segment, number)
        return parts + [""] * (least - len(parts))

    def only(self, segments: Iterable[Segment], name: str, qualifier: str = "") -> Segment:
        """Return the one segment of this name, and first element; a finding where it is not one."""
        found = [each for each in segments if is_a(each, name, qualifier)]
        told = f"{name}*{qualifier}" if qualifier else name
        if not found:
            self.error("MISSING_SEGMENT", f"there is no {told} segment", Segment([name], 0))
        elif len(found) > 1:
            self.error("DUPLICATE_SEGMENT", f"{told} stands more than once", found[1])
        return found[0] if found else Segment([name], 0)

    def required_first(self, segments: Iterable[Segment], name: str) -> Segment:
        """Return the first segment of this name, with a finding where there is none."""
        found = first(segments, name)
        if not found.position:
            self.error("MISSING_SEGMENT", f"there is no {name} segment", found)
        return found

    def required(self, segment: Segment, number: int) -> str:
        """Return an element's text, with a finding where it is empty."""
        text = segment.at(number).strip()
        if not text:
            self.error("MISSING_ELEMENT", f"{segment.id}{number:02} is empty", segment, number)
        return text

    def _find(
        self, severity: Severity, code: str, text: str, segment: Segment, number: int
    ) -> None:
        self._counted[severity] += 1
        if self._counted[severity] > MOST_FINDINGS:
            return
        finding = Finding(
            code=code,
            text=text,
            where=f"{segment.id}{number:02}" if number else segment.id,
            position=segment.position,
            line=self.line,
            reference=self.reference,
            fix=fix_of(code),
        )
        self._kept.append(replace(finding, severity=severity))


def date_of(text: str) -> date | None:
    """Return a CCYYMMDD date, None where there is no such day."""
    found = _DATE.fullmatch(text)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def whole_of(text: str) -> int | None:
    """Return a whole number, of which ``3.00`` is one, None where it is none."""
    found = _WHOLE.fullmatch(text)
    return None if found is None else int(found[1])


def is_a(segment: Segment, name: str, qualifier: str = "") -> bool:
    """Say whether a segment has this name and, unless empty, this first element."""
    return segment.id == name and qualifier in {"", segment.at(1)}


def first(segments: Iterable[Segment], name: str, qualifier: str = "") -> Segment:
    """Return the first such segment, an empty one where there is none."""
    return next((each for each in segments if is_a(each, name, qualifier)), Segment([name], 0))


def parts(segments: Iterable[Segment], name: str) -> tuple[list[Segment], list[list[Segment]]]:
    """Split before every segment of a name: what precedes the first, and the loops they begin."""
    before: list[Segment] = []
    loops: list[list[Segment]] = []
    for segment in segments:
        if segment.id == name:
            loops.append([])
        (loops[-1] if loops else before).append(segment)
    return before, loops


def identity_of(*words: str) -> str:
    """Return a digest that is the same whenever the words are."""
    return sha256("\x1f".join(words).encode("utf-8", "surrogatepass")).hexdigest()
