"""The syntax of an X12 interchange: separators, segments, and the envelopes around them.

X12.5 (interchange control) and X12.6 (application control). The separators stand in the ISA
segment, which is 106 characters long whatever it says.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from payer_formats.findings import Finding, quoted
from payer_formats.x12.mending import fix_of

ISA_LENGTH = 106
ISA_WIDTHS = (3, 2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1)
MOST_SEGMENTS = 200_000
"""Some 5,000 claims of forty segments: about two seconds and 100 MB, which a service can spare."""
MOST_FINDINGS = 1000
BLANK = " \t\r\n\ufeff\x00\x1a"
"""What says nothing around a segment: line ends, indents, a byte order mark, and the NUL and the
Ctrl-Z (SUB) with which mainframes and DOS fill up the end of a file.
"""


class Separators(NamedTuple):
    """What an interchange puts between elements, components, repetitions and segments."""

    element: str = "*"
    component: str = ":"
    repetition: str = "^"
    terminator: str = "~"


class Segment(NamedTuple):
    """A segment: its id and elements, and its place in the file, from 1."""

    elements: list[str]
    position: int

    @property
    def id(self) -> str:
        """The segment's name, ``CLM``."""
        return self.elements[0]

    def at(self, number: int) -> str:
        """Return an element by its number from 1, empty when it is not there."""
        return self.elements[number] if number < len(self.elements) else ""


@dataclass(frozen=True, slots=True)
class TransactionSet:
    """What stands between ST and SE, both included."""

    code: str
    control: str
    version: str
    segments: list[Segment] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Group:
    """What stands between GS and GE: sets of one kind; ``version`` is GS08."""

    kind: str
    sender: str
    receiver: str
    date: str
    control: str
    version: str
    sets: list[TransactionSet] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Interchange:
    """What stands between ISA and IEA. ``acknowledgements`` are its TA1 segments."""

    separators: Separators
    sender: str
    receiver: str
    date: str
    control: str
    usage: str
    groups: list[Group] = field(default_factory=list)
    acknowledgements: list[Segment] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class File:
    """The interchanges of a file, and what is wrong with their envelopes."""

    interchanges: list[Interchange] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def sets(self) -> Iterator[tuple[Interchange, Group, TransactionSet]]:
        """Every transaction set, with what it stands in."""
        for interchange in self.interchanges:
            for group in interchange.groups:
                for each in group.sets:
                    yield interchange, group, each


def read(raw: bytes) -> File:
    """Return the interchanges of a file; what is wrong is among its findings, never raised."""
    text = _text(raw).lstrip(BLANK)
    if not text.startswith("ISA"):
        return File(findings=[_no_isa(text)])
    file = File()
    start = position = 0
    while start < len(text):
        separators = _separators(text[start : start + ISA_LENGTH])
        if separators is None:
            detail = "an ISA segment has 106 characters, with the separators in their places"
            file.findings.append(_found("ISA_LENGTH", detail, "ISA", position + 1))
            return file
        # Counted before they are kept, so that a file of millions costs neither time nor memory.
        if not position and text.count(separators.terminator) > MOST_SEGMENTS:
            file.findings.append(_too_long(0))
            return file
        envelope = _Envelope(file, separators, position)
        start, position = envelope.take(text, start)
        if start < len(text) and not text.startswith("ISA", start):
            file.findings.append(_trailing(text[start : start + 20], position))
            return file
        if position > MOST_SEGMENTS:
            return file
    return file


class _Envelope:
    """Reads one interchange, segment by segment, checking trailers against headers."""

    def __init__(self, file: File, separators: Separators, before: int) -> None:
        self.file = file
        self.separators = separators
        self.position = before
        self.interchange: Interchange | None = None
        self.group: Group | None = None
        self.set: TransactionSet | None = None

    def take(self, text: str, start: int) -> tuple[int, int]:
        """Read from an offset up to IEA; return the offset of what follows it, and its position."""
        terminator, element = self.separators.terminator, self.separators.element
        while (end := text.find(terminator, start)) >= 0:
            body = text[start:end].strip(BLANK)
            start = end + 1
            if not body:
                continue
            self.position += 1
            if self.position > MOST_SEGMENTS:
                self.file.findings.append(_too_long(self.position))
                return len(text), self.position
            segment = Segment(body.split(element), self.position)
            if self._segment(segment):
                while start < len(text) and text[start] in BLANK:
                    start += 1
                return start, self.position
        self._missing("IEA")
        return len(text), self.position

    def _segment(self, segment: Segment) -> bool:
        """Take a segment in; say whether it ended the interchange."""
        name = segment.elements[0]
        if self.set is not None and name not in _ENVELOPES:
            self.set.segments.append(segment)
            return False
        handler = getattr(self, f"_{name.lower()}", None) if name in _ENVELOPES else None
        if handler is None:
            self._find("UNEXPECTED_SEGMENT", f"{quoted(name)} stands outside a set", name)
            return False
        handler(segment)
        return name == "IEA"

    def _isa(self, segment: Segment) -> None:
        at = segment.at
        self.interchange = Interchange(
            self.separators, at(6).strip(), at(8).strip(), at(9), at(13), at(15)
        )
        self.file.interchanges.append(self.interchange)

    def _ta1(self, segment: Segment) -> None:
        if self.interchange is not None:
            self.interchange.acknowledgements.append(segment)

    def _gs(self, segment: Segment) -> None:
        self._end_set()
        if self.group is not None:
            self._missing("GE")
        at = segment.at
        self.group = Group(at(1), at(2), at(3), at(4), at(6), at(8))
        if self.interchange is not None:
            self.interchange.groups.append(self.group)

    def _st(self, segment: Segment) -> None:
        self._end_set()
        self.set = TransactionSet(segment.at(1), segment.at(2), segment.at(3), [segment])
        if self.group is None:
            self._find("MISSING_HEADER", "a set stands outside a GS group", "ST")
        else:
            self.group.sets.append(self.set)

    def _se(self, segment: Segment) -> None:
        if self.set is None:
            self._find("MISSING_HEADER", "SE ends a set that no ST began", "SE")
            return
        self.set.segments.append(segment)
        self._count("SE01", segment.at(1), len(self.set.segments))
        self._control("SE02", segment.at(2), "ST02", self.set.control)
        self.set = None

    def _ge(self, segment: Segment) -> None:
        self._end_set()
        if self.group is None:
            self._find("MISSING_HEADER", "GE ends a group that no GS began", "GE")
            return
        self._count("GE01", segment.at(1), len(self.group.sets))
        self._control("GE02", segment.at(2), "GS06", self.group.control)
        self.group = None

    def _iea(self, segment: Segment) -> None:
        self._end_set()
        if self.group is not None:
            self._missing("GE")
            self.group = None
        if self.interchange is not None:
            self._count("IEA01", segment.at(1), len(self.interchange.groups))
            self._control("IEA02", segment.at(2), "ISA13", self.interchange.control)

    def _end_set(self) -> None:
        if self.set is not None:
            self._missing("SE")
            self.set = None

    def _count(self, where: str, told: str, found: int) -> None:
        if not told.isascii() or not told.isdigit() or int(told[:9]) != found:
            self._find("COUNT_MISMATCH", f"{where} is {quoted(told)}, counted {found}", where)

    def _control(self, where: str, told: str, header: str, expected: str) -> None:
        if told.strip() != expected.strip():
            detail = f"{where} is {quoted(told)}, {header} {quoted(expected)}"
            self._find("CONTROL_MISMATCH", detail, where)

    def _missing(self, name: str) -> None:
        self._find("MISSING_TRAILER", f"the file ends, or goes on, without {name}", name)

    def _find(self, code: str, text: str, where: str) -> None:
        if len(self.file.findings) >= MOST_FINDINGS:
            code, text, where = "MORE", "there is more wrong with it", ""
            del self.file.findings[MOST_FINDINGS:]
        self.file.findings.append(_found(code, text, where, self.position))


_ENVELOPES = frozenset({"ISA", "TA1", "GS", "ST", "SE", "GE", "IEA"})


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _separators(text: str) -> Separators | None:
    head = text[:ISA_LENGTH]
    if len(head) < ISA_LENGTH:
        return None
    element, terminator = head[3], head[105]
    parts = head[:105].split(element)
    if tuple(map(len, parts)) != ISA_WIDTHS:
        return None
    # Before 00501 ISA11 was a standard's letter, so a letter separates nothing.
    repetition = "" if head[82].isalnum() else head[82]
    separators = Separators(element, head[104], repetition, terminator)
    distinct = {element, separators.component, terminator, repetition}
    if len(distinct) < len(separators) or any(each.isalnum() for each in distinct if each):
        return None
    return separators


def _no_isa(text: str) -> Finding:
    told = f"it begins with {quoted(text[:20])}" if text else "it is empty"
    return _found("NO_ISA", f"an X12 file begins with ISA; {told}", "ISA", 0)


def _too_long(position: int) -> Finding:
    return _found("TOO_LONG", f"more than {MOST_SEGMENTS} segments", "", position)


def _trailing(text: str, position: int) -> Finding:
    return _found("TRAILING_DATA", f"after IEA stands {quoted(text[:20])}", "IEA", position + 1)


def _found(code: str, text: str, where: str, position: int) -> Finding:
    return Finding(code=code, text=text, where=where, position=position, fix=fix_of(code))
