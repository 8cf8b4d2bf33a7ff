"""When a location is open and a practitioner there: windows of a local day, or why there are none.

What goes before what: a closure before everything, a day's special hours before its holiday, a
holiday before weekly hours; a shift exception before the shifts of its day.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from booking.domain import wall_time
from booking.domain.closure import Closure
from clinic_contracts.booking.calendar import Spans, SpecialHours
from clinic_contracts.booking.requests import LocationView, PractitionerView, ShiftSpec
from clinic_contracts.errors import NotBookable

Window = tuple[int, int]
"""Minutes since midnight, ``[opens, closes)``, of wall time."""
Windows = tuple[Window, ...]
HolidayName = Callable[[date], str | None]
"""The name of the statutory holiday a day is, if it is one."""


@dataclass(frozen=True, slots=True)
class Opening:
    """A location's day; ``closed`` says why it has no windows."""

    windows: Windows
    closed: NotBookable | None = None


@dataclass(frozen=True, slots=True)
class Calendar:
    """What bounds a location's days beside its own settings and those of its people."""

    closures: Sequence[Closure] = ()
    """Of the location and of its people, those that are not over yet."""
    holiday: HolidayName = lambda _day: None

    def of(self, owner_id: str) -> list[Closure]:
        """Return the closures of a location or a practitioner."""
        return [each for each in self.closures if each.owner_id == owner_id]


NOTHING_SPECIAL = Calendar()


@dataclass(frozen=True, slots=True)
class Openings:
    """A location's days."""

    location: LocationView
    special: Mapping[date, SpecialHours]
    holiday: HolidayName

    def on(self, day: date) -> Opening:
        """Return the windows of a day, or why there are none."""
        if (special := self.special.get(day)) is not None:
            return self._opening(special.hours, special.reason, "closed")
        if (name := self.holiday(day)) is not None:
            return self._opening((), name, "holiday")
        weekday = wall_time.WEEKDAYS[day.weekday()]
        return self._opening(self.location.hours.get(weekday, ()), None, "closed")  # type: ignore[call-overload]

    def _opening(self, spans: Spans, why: str | None, reason: str) -> Opening:
        if spans:
            return Opening(windows_of(spans))
        detail = f"{self.location.name} is closed on that day" + (f": {why}" if why else "")
        return Opening((), NotBookable(detail, reason=reason))


def openings(location: LocationView, holiday: HolidayName) -> Openings:
    """Return when the location is open, closures aside."""
    return Openings(location, {each.date: each for each in location.special_hours}, holiday)


@dataclass(frozen=True, slots=True)
class Roster:
    """When a practitioner works at a location."""

    weekly: Mapping[str, Sequence[ShiftSpec]]
    exceptions: Mapping[date, Windows]

    def on(self, day: date) -> Windows:
        """Return the windows of a day."""
        if day in self.exceptions:
            return self.exceptions[day]
        return tuple(
            (wall_time.minutes_of(shift.start), wall_time.minutes_of(shift.end))
            for shift in self.weekly.get(wall_time.WEEKDAYS[day.weekday()], ())
            if (shift.from_ is None or shift.from_ <= day) and (shift.to is None or day <= shift.to)
        )


def roster(practitioner: PractitionerView, location_id: str) -> Roster:
    """Return when the practitioner works at the location."""
    weekly: dict[str, list[ShiftSpec]] = {}
    for shift in practitioner.shifts:
        if shift.location_id == location_id:
            weekly.setdefault(shift.weekday, []).append(shift)
    exceptions = {
        each.date: windows_of(each.hours)
        for each in practitioner.shift_exceptions
        if each.location_id == location_id
    }
    return Roster(weekly, exceptions)


def windows_of(spans: Spans) -> Windows:
    """Return spans of ``HH:MM`` as minutes."""
    return tuple(
        (wall_time.minutes_of(opens), wall_time.minutes_of(closes)) for opens, closes in spans
    )
