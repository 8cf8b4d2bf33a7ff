"""Closures of a location and absences of a practitioner: nothing is cancelled by one."""

from dataclasses import dataclass
from typing import Annotated

from clinic_contracts.constraints import Cursor, Instant, Limit, Name, Note, PathId, Text, WallTime

DayOrWall = Annotated[
    str,
    Text(
        max=16,
        pattern=r"[0-9]{4}-(0[1-9]|1[0-2])-[0-3][0-9](T([01][0-9]|2[0-3]):[0-5][0-9])?",
        hint="a date such as 2026-12-24, or a wall time such as 2026-12-24T12:00",
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseLocation:
    """Close a location from ``from`` to ``to``: dates (both included) or wall times there."""

    location_id: PathId
    from_: DayOrWall
    to: DayOrWall
    reason: Name


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordAbsence:
    """A practitioner is away, everywhere; ``from`` and ``to`` as of a closure.

    Wall times are those of the practitioner's first location. The reason may be health data: events
    and refusals do not carry it.
    """

    practitioner_id: PathId
    from_: DayOrWall
    to: DayOrWall
    reason: Note | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListClosures:
    """A page of a location's closures by their end; those that are over only with ``past``."""

    location_id: PathId
    past: bool = False
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListAbsences:
    """A page of a practitioner's absences by their end; those that are over only with ``past``."""

    practitioner_id: PathId
    past: bool = False
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawClosure:
    """Take a closure back."""

    location_id: PathId
    closure_id: PathId


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawAbsence:
    """Take an absence back."""

    practitioner_id: PathId
    closure_id: PathId


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosureView:
    """A closure or an absence: as it was given, and the time it takes, ``[start, end)``."""

    id: str
    location_id: str | None
    practitioner_id: str | None
    from_: str
    to: str
    local_start: WallTime
    local_end: WallTime
    timezone: str
    start: Instant
    end: Instant
    reason: str | None
    withdrawn: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AffectedVisit:
    """A visit that stands where it cannot take place."""

    appointment_id: str
    client_id: str
    practitioner_id: str
    location_id: str
    start: Instant
    local_start: WallTime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosureAnnounced(ClosureView):
    """A new closure, and the first of the live visits it hits; ``more`` when there are others."""

    affected: tuple[AffectedVisit, ...]
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosurePage:
    """A page of closures or absences."""

    items: tuple[ClosureView, ...]
    next: str | None = None
