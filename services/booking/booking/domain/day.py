"""A location's day: when somebody works or a room can be used, and what it adds up to."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from booking.domain import calendar, wall_time
from booking.domain.appointment import HOLDS_ITS_TIME, Appointment
from booking.domain.calendar import Calendar
from booking.domain.closure import Closure
from booking.domain.ticks import Mask, stretches, timeline, union
from clinic_contracts.booking.day import DayClosure, DayHold, DayTotals, DayWindow
from clinic_contracts.booking.requests import LocationView, PractitionerView


class Day:
    """A day at a location: when it is open, and when who is there."""

    def __init__(self, location: LocationView, calendar_: Calendar, day: date) -> None:
        self.location = location
        self.calendar = calendar_
        self.line = timeline(day, day, location.timezone)
        self.opening = calendar.openings(location, calendar_.holiday).on(day)
        [only] = self.line.days
        self.within = only.within
        self.date = day
        self.open = self.within(self.opening.windows) & ~self._shut(location.id)

    def usable(self) -> tuple[DayWindow, ...]:
        """Return when a room can be used."""
        return self._windows(self.open)

    def works(self, person: PractitionerView) -> tuple[DayWindow, ...]:
        """Return when a practitioner works there."""
        shifts = self.within(calendar.roster(person, self.location.id).on(self.date))
        return self._windows(self.open & shifts & ~self._shut(person.id))

    def away(self, person: PractitionerView) -> tuple[DayWindow, ...]:
        """Return when a practitioner is absent."""
        return self._windows(self._shut(person.id))

    def closures(self) -> tuple[DayClosure, ...]:
        """Return why the location is closed, all day or for a part of it."""
        found = [
            DayClosure(reason="closed", detail=each.reason or "", start=first, end=last)
            for each in self._of(self.location.id)
            for first, last in [self._part(each)]
        ]
        if (closed := self.opening.closed) is not None:
            found.append(DayClosure(reason=closed.extra["reason"], detail=closed.detail))
        return tuple(found)

    def _of(self, owner_id: str) -> list[Closure]:
        start, end = self._bounds()
        return [each for each in self.calendar.of(owner_id) if each.overlaps(start, end)]

    def _shut(self, owner_id: str) -> Mask:
        whole = self.line.span(*self._bounds())
        return whole & union(self.line.span(c.start, c.end) for c in self._of(owner_id))

    def _bounds(self) -> tuple[datetime, datetime]:
        return self.line.at(0), self.line.at(self.line.count)

    def _part(self, closure: Closure) -> tuple[datetime, datetime]:
        start, end = self._bounds()
        return self._wall(max(start, closure.start)), self._wall(min(end, closure.end))

    def _wall(self, at: datetime) -> datetime:
        return at.astimezone(self.line.zone).replace(tzinfo=None, fold=0)

    def _windows(self, mask: Mask) -> tuple[DayWindow, ...]:
        return tuple(
            DayWindow(start=self._wall(self.line.at(first)), end=self._wall(self.line.at(last)))
            for first, last in stretches(mask)
        )


def held(visit: Appointment) -> DayHold:
    """Return a hold as a day sheet shows it: no more than that the time is kept, and until when."""
    until = visit.end + timedelta(minutes=visit.turnover)
    return DayHold(
        start=wall_time.at_offset(visit.start, visit.timezone),
        end=wall_time.at_offset(until, visit.timezone),
        expires_at=visit.expires_at or visit.start,
    )


def totals(visits: Iterable[Appointment]) -> DayTotals:
    """Count the visits that take or took place, and their minutes without turnover."""
    lengths = [visit.end - visit.start for visit in visits if visit.status in HOLDS_ITS_TIME]
    booked = sum(lengths, timedelta()) // timedelta(minutes=1)
    return DayTotals(visits=len(lengths), booked_minutes=booked)
