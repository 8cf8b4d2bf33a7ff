"""A closure of a location, or a practitioner's absence: the time it takes and what tells of it."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Literal, Self

from booking.domain import wall_time
from booking.domain.invalid import invalid
from clinic_contracts.booking.closures import ClosureView
from clinic_contracts.booking.events import ClosureChanged
from clinic_contracts.errors import NotBookable

MOST_UPCOMING = 200
LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Bounds:
    """Wall times and the instants they stand for, ``[start, end)``."""

    local_start: datetime
    local_end: datetime
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """``[start, end)`` in UTC; one of ``location_id`` and ``practitioner_id`` says whose it is."""

    id: str
    version: int = 1
    location_id: str | None = None
    practitioner_id: str | None = None
    from_: str
    to: str
    local_start: datetime
    local_end: datetime
    timezone: str
    start: datetime
    end: datetime
    reason: str | None = None
    withdrawn: bool = False

    @property
    def owner_id(self) -> str:
        """The location or the practitioner."""
        return self.location_id or self.practitioner_id or ""

    def overlaps(self, start: datetime, end: datetime) -> bool:
        """Say whether it shares a moment with ``[start, end)``."""
        return self.start < end and start < self.end

    def announce(self) -> ClosureChanged:
        """Return the event that tells of it."""
        return self._told("announced")

    def withdraw(self) -> tuple[Self, ClosureChanged]:
        """Take it back."""
        return replace(self, withdrawn=True), self._told("withdrawn")

    def view(self) -> ClosureView:
        """Return it as callers see it, at the zone's offset."""
        return ClosureView(
            id=self.id,
            location_id=self.location_id,
            practitioner_id=self.practitioner_id,
            from_=self.from_,
            to=self.to,
            local_start=self.local_start,
            local_end=self.local_end,
            timezone=self.timezone,
            start=wall_time.at_offset(self.start, self.timezone),
            end=wall_time.at_offset(self.end, self.timezone),
            reason=self.reason,
            withdrawn=self.withdrawn,
        )

    def _told(self, change: Literal["announced", "withdrawn"]) -> ClosureChanged:
        return ClosureChanged(
            closure_id=self.id,
            change=change,
            location_id=self.location_id,
            practitioner_id=self.practitioner_id,
            start=self.start,
            end=self.end,
            local_start=self.local_start,
            local_end=self.local_end,
            timezone=self.timezone,
            reason=self.reason if self.practitioner_id is None else None,
        )


def bounds(from_: str, to: str, zone_name: str, now: datetime) -> Bounds:
    """Return the time that dates (both included) or wall times stand for.

    Raises Invalid, naming the field, when they cannot be read, are off the calendar or the tick,
    reversed, over, too far ahead or more than a year apart; NonexistentTime for a skipped one.
    """
    local_start, start = _bound("from", from_, zone_name, 0)
    local_end, end = _bound("to", to, zone_name, 1)
    if end <= start:
        raise invalid("to", "must lie after from")
    if end - start > LONGEST:
        raise invalid("to", f"close for at most {LONGEST.days} days at a time")
    if end <= now:
        raise invalid("to", "is over: a closure holds for visits to come")
    if start >= wall_time.reach(now)[1]:
        raise invalid("from", f"nothing is booked more than {wall_time.FUTURE_YEARS} years ahead")
    return Bounds(local_start, local_end, start, end)


def check_count(upcoming: int) -> None:
    """Raise Invalid when an owner has as many closures to come as one may have."""
    if upcoming >= MOST_UPCOMING:
        raise invalid("from", f"there are {MOST_UPCOMING} to come already: withdraw one first")


def _bound(field: str, text: str, zone_name: str, days: int) -> tuple[datetime, datetime]:
    """Return the wall time and the instant; of a date its midnight, or the one after it."""
    try:
        if "T" not in text:
            day = date.fromisoformat(text)
            bounds = wall_time.day_bounds(day, zone_name, field)
            return datetime.combine(day + timedelta(days=days), time()), bounds[days]
        local = datetime.fromisoformat(text)
        return local, wall_time.instant(local, zone_name)
    except ValueError as error:
        raise invalid(field, "a date such as 2026-12-24, or 2026-12-24T12:00") from error
    except NotBookable as error:
        raise invalid(field, error.detail) from error
