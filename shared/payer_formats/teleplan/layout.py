"""Fixed-width records: one table of fields says how a record is written, checked and read."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal, NamedTuple

from payer_formats.findings import Finding, quoted

Kind = Literal["text", "code", "number", "signed", "date"]
"""``text`` is filled with spaces at its right and cut to its width; ``code`` and ``number`` are
filled with zeros at their left; ``signed`` is an amount in cents whose last character carries a
minus; a ``date`` is CCYYMMDD."""
Value = str | int | date | None

MOST_FINDINGS = 200
"""Nobody mends more at once: a file so wrong is asked for again."""
_MINUS = "}JKLMNOPQR"
"""The last digit of an amount below zero, 0 to 9 (COBOL's zoned decimal, as OSCAR EMR reads it)."""
_DIGITS = re.compile(r"[0-9]*", re.ASCII)
_SIGNED = re.compile(r"[0-9]*[0-9}J-R]", re.ASCII)
_LETTERS = str.maketrans(
    {"ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L",
     "đ": "d", "Đ": "D", "\N{RIGHT SINGLE QUOTATION MARK}": "'", "\N{EN DASH}": "-"}
)  # fmt: skip
_CODE = re.compile(r"[ 0-9A-Za-z]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Field:
    """A field; ``id`` as the specification numbers it, else its place in the record from 1.

    ``blank`` fills the field when there is nothing to say; empty for the usual of its kind.
    """

    name: str
    width: int
    kind: Kind = "text"
    id: str = ""
    blank: str = ""

    @property
    def filler(self) -> str:
        """The character an empty field is full of."""
        return self.blank or (" " if self.kind == "text" else "0")


class Span(NamedTuple):
    """A field and the columns it stands in, from 0; ``where`` as a finding names it."""

    field: Field
    start: int
    end: int
    where: str


@dataclass(frozen=True)
class Layout:
    """A record: its code in the first three columns, and its fields in order.

    ``source`` says where its columns are published. Where they could not be ``confirmed`` there,
    what is read or written with them carries a warning. An ``open`` record may be longer than its
    fields, and its last field takes the rest.
    """

    code: str
    title: str
    source: str
    fields: tuple[Field, ...]
    confirmed: bool = True
    open: bool = False

    @cached_property
    def spans(self) -> Mapping[str, Span]:
        """The fields by name, with their columns."""
        found, start = {}, len(self.code)
        for number, each in enumerate(self.fields, start=2):
            where = f"{self.code}-{each.id or number}"
            found[each.name] = Span(each, start, start + each.width, where)
            start += each.width
        return found

    @cached_property
    def length(self) -> int:
        """How many characters the record has, an open one at least."""
        return len(self.code) + sum(each.width for each in self.fields)


@dataclass(frozen=True, slots=True)
class Record:
    """A line of a file that ``problems`` has found nothing wrong with; ``position`` is from 1."""

    layout: Layout
    line: str
    position: int

    def text(self, name: str) -> str:
        """Return a field as it stands, without the spaces around it."""
        span = self.layout.spans[name]
        open_ended = self.layout.open and span.end == self.layout.length
        return self.line[span.start : None if open_ended else span.end].strip()

    def number(self, name: str) -> int:
        """Return a whole number, 0 where the field is blank."""
        return int(self.text(name) or 0)

    def minor(self, name: str) -> int:
        """Return an amount in cents, 0 where the field is blank."""
        return signed_minor(self.text(name) or "0") or 0

    def day(self, name: str) -> date | None:
        """Return a date, None where the field is blank or zero."""
        return day_of(self.text(name))

    def texts(self, name: str, count: int) -> tuple[str, ...]:
        """Return what stands in a repeated field, ``name1`` to ``name{count}``."""
        found = (self.text(f"{name}{number}") for number in range(1, count + 1))
        return tuple(each for each in found if each.strip("0"))


@dataclass(frozen=True, slots=True)
class Written:
    """A record as a line, and what could not be put into it as it was."""

    line: str
    findings: tuple[Finding, ...] = ()


def signed_minor(text: str) -> int | None:
    """Return the cents of ``0001250`` or ``000125}`` (minus); None for anything else."""
    if _SIGNED.fullmatch(text) is None:
        return None
    last = _MINUS.find(text[-1])
    return int(text) if last < 0 else -int(f"{text[:-1]}{last}")


def signed_text(minor: int) -> str:
    """Return cents as the digits of a field, the last one carrying a minus."""
    digits = str(abs(minor))
    return digits if minor >= 0 else digits[:-1] + _MINUS[int(digits[-1])]


def day_of(text: str) -> date | None:
    """Return the day of CCYYMMDD; None for zeros, for a blank and for what is no day."""
    if len(text) != len("CCYYMMDD") or _DIGITS.fullmatch(text) is None:
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def problems(layout: Layout, line: str, position: int) -> list[Finding]:
    """Return what keeps a line from being read: its length, or what its fields hold."""
    # Spaces after a record are nobody's; one that is short may have lost more than spaces.
    if len(line) < layout.length or (not layout.open and line[layout.length :].strip(" ")):
        text = f"{layout.code} ({layout.title}) has {layout.length} characters, not {len(line)}"
        return [Finding(code="TELEPLAN_LENGTH", text=text, where=layout.code, position=position)]
    found = []
    for span in layout.spans.values():
        wrong = _wrong(span.field.kind, line[span.start : span.end])
        if wrong:
            columns = f"columns {span.start + 1} to {span.end}"
            held = quoted(line[span.start : span.end])
            text = f"{span.field.name.replace('_', ' ')} ({columns}) is {wrong}: {held}"
            code = "TELEPLAN_DATE" if span.field.kind == "date" else "TELEPLAN_FIELD"
            found.append(Finding(code=code, text=text, where=span.where, position=position))
    return found


def _wrong(kind: Kind, held: str) -> str:
    """Return what is wrong with what a field holds, empty for nothing."""
    told = held.strip()
    if kind == "date":
        blank = not told.strip("0")
        return "" if blank or day_of(held) else "no date (CCYYMMDD)"
    if kind == "number":
        return "" if not told or _DIGITS.fullmatch(held) else "no number"
    if kind == "signed":
        return "" if not told or _SIGNED.fullmatch(held) else "no amount"
    if kind == "code":
        return "" if _CODE.fullmatch(held) else "not letters and digits"
    return "" if held.isprintable() else "not printable"


def written(layout: Layout, values: Mapping[str, Value]) -> Written:
    """Return a record of these values; a field that is not named is left blank.

    What does not fit its field is a finding, and the field is left blank; a text alone is cut.
    Raises KeyError for a name the record does not have.
    """
    parts, findings = [layout.code], []
    spans = layout.spans
    for name in values:
        spans[name]
    for span in spans.values():
        told = _told(span.field, values.get(span.field.name))
        if told is None:
            text = f"{span.field.name.replace('_', ' ')} does not fit {span.field.width} characters"
            findings.append(Finding(code="TELEPLAN_FIELD", text=text, where=span.where))
            told = span.field.filler * span.field.width
        parts.append(told)
    return Written("".join(parts), tuple(findings))


def _told(field: Field, value: Value) -> str | None:
    """Return a value in its width, None when it does not fit."""
    if value is None or value == "":
        return field.filler * field.width
    if isinstance(value, date):
        told = f"{value:%Y%m%d}".rjust(len("CCYYMMDD"), "0")
    elif isinstance(value, int):
        told = signed_text(value) if field.kind == "signed" else str(value)
    else:
        told = plain(value)
    if field.kind == "text":
        return told[: field.width].ljust(field.width)
    filled = told.rjust(field.width, "0")
    return filled if len(filled) == field.width and not _wrong(field.kind, filled) else None


def plain(text: str) -> str:
    """Return a text in the printable ASCII that a record may hold, accents left off."""
    apart = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    letters = (each for each in apart if not unicodedata.combining(each))
    return "".join(_plain(each) for each in letters)


def _plain(letter: str) -> str:
    if letter.isspace():
        return " "
    return letter if " " <= letter <= "~" else "?"
