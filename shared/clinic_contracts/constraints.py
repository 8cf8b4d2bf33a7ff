"""Limits a field declares beside its type, as ``Annotated[str, Text(max=80)]``.

They are plain data so that contracts stay free of libraries; ``schemas`` turns them into
marshmallow validators and, through it, into OpenAPI keywords.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Annotated, Any, Literal


@dataclass(frozen=True, slots=True)
class Text:
    """A string of ``min`` to ``max`` characters that matches ``pattern`` whole."""

    min: int = 1
    max: int = 200
    pattern: str | None = None
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Range:
    """An integer from ``min`` to ``max``, both included."""

    min: int
    max: int


@dataclass(frozen=True, slots=True)
class Items:
    """A list of at most ``max`` elements."""

    max: int
    min: int = 0


@dataclass(frozen=True, slots=True)
class Carried:
    """Where the gateway finds a field of a request that is not in the body.

    ``path``: a segment of the URL; ``if_match``: the version in the If-Match header.
    """

    by: Literal["path", "if_match"]


@dataclass(frozen=True, slots=True)
class Wall:
    """A date and time as the clock on the clinic's wall shows it, without a zone."""


class Unset(Enum):
    """The value of a PATCH field that the caller left out, as opposed to ``null``."""

    UNSET = "unset"


UNSET = Unset.UNSET


def given(value: Any, otherwise: Any) -> Any:  # noqa: ANN401 (a field of any type)
    """Return what a change gives for a field, or what it is otherwise when that was left out."""
    return otherwise if isinstance(value, Unset) else value


Instant = datetime
"""A moment, aware, kept in UTC; RFC 3339 with offset on the wire."""
WallTime = Annotated[datetime, Wall()]
"""Wall-clock time without a zone, ``2026-12-01T10:00`` on the wire."""

Id = Annotated[str, Text(max=64, pattern=r"[a-z]+_[0-9A-Za-z]+", hint="an id such as apt_01J…")]
PathId = Annotated[str, Text(max=64), Carried("path")]
ExpectedVersion = Annotated[int, Range(0, 2**31 - 1), Carried("if_match")]
TimeOfDay = Annotated[
    str, Text(max=5, pattern=r"([01]\d|2[0-3]):[0-5]\d|24:00", hint="a time such as 09:00")
]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_LINE = r"[^\x00-\x1f\x7f-\x9f\u2028\u2029]*"
Name = Annotated[
    str, Text(max=120, pattern=rf"{_LINE}[^\x00-\x1f\x7f-\x9f\s]{_LINE}", hint="one line of text")
]
"""On one line and not blank: names stand in lists, on receipts and in messages."""
Note = Annotated[str, Text(max=500)]
Limit = Annotated[int, Range(1, 200)]
Cursor = Annotated[str, Text(max=400)]
Minutes = Annotated[int, Range(0, 600)]
