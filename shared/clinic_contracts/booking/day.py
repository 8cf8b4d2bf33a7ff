"""What a location's day holds besides its visits."""

from dataclasses import dataclass
from typing import Literal

from clinic_contracts.constraints import Instant, WallTime


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """Why something cannot be as it stands: ``reason`` for programs, ``detail`` for people."""

    reason: str
    detail: str
    appointment_ids: tuple[str, ...] = ()
    """The other visits concerned, such as those it is double-booked with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayWarning:
    """A visit of the day that cannot take place as it stands."""

    appointment_id: str
    why: tuple[Obstacle, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayWindow:
    """``[start, end)`` of wall time in which a practitioner works, or a room can be used."""

    start: WallTime
    end: WallTime


@dataclass(frozen=True, slots=True, kw_only=True)
class DayHold:
    """``[start, end)``, turnover included, kept for somebody until ``expires_at``.

    No event tells of a hold, so a sheet out of memory may show one half a minute late.
    """

    start: Instant
    end: Instant
    expires_at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class DayClosure:
    """The location is closed all day or, with ``start`` and ``end``, for a part of it."""

    reason: Literal["closed", "holiday"]
    detail: str
    start: WallTime | None = None
    end: WallTime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayTotals:
    """Visits that take or took place (not cancelled, not missed), and their minutes."""

    visits: int
    booked_minutes: int
