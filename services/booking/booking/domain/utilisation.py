"""How much of the time that could be booked at a location was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from booking.domain import wall_time
from booking.domain.availability import Span
from booking.domain.calendar import HolidayName, openings, roster
from booking.domain.ticks import TICK, Mask, timeline, union
from clinic_contracts.booking.reports import UtilisationRow
from clinic_contracts.booking.requests import LocationView, PractitionerView

HUNDRED = 100


@dataclass(frozen=True, slots=True)
class Shut:
    """When a location is closed, or a practitioner away."""

    owner_id: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Booked:
    """How many visits, and minutes of them, somebody or something has."""

    visits: int = 0
    minutes: int = 0


@dataclass(frozen=True, slots=True)
class Available:
    """The minutes that a location is open, and those of each practitioner there."""

    open_minutes: int
    staffed: Mapping[str, int]


def available(
    location: LocationView,
    people: Sequence[PractitionerView],
    shut: Sequence[Shut],
    holiday: HolidayName,
    period: Span,
) -> Available:
    """Return the minutes that could be booked in a period, by 5-minute ticks."""
    there = location.timezone
    first, last = (wall_time.at_offset(at, there).date() for at in (period.start, period.end))
    line = timeline(first, last, there)
    opens = openings(location, holiday)

    def shut_for(owner_id: str) -> Mask:
        return union(line.span(each.start, each.end) for each in shut if each.owner_id == owner_id)

    def on_shift(person: PractitionerView) -> Mask:
        works = roster(person, location.id)
        return union(day.within(works.on(day.date)) for day in line.days)

    hours = union(day.within(opens.on(day.date).windows) for day in line.days)
    hours &= line.starting(period.start, period.end) & ~shut_for(location.id)
    staffed = {each.id: _minutes(hours & on_shift(each) & ~shut_for(each.id)) for each in people}
    return Available(_minutes(hours), staffed)


def row(id_: str, name: str, booked: Booked, minutes: int) -> UtilisationRow:
    """Return a row of the report; ``minutes`` are those that could be booked."""
    return UtilisationRow(
        id=id_,
        name=name,
        visits=booked.visits,
        booked_minutes=booked.minutes,
        available_minutes=minutes,
        percent=round(HUNDRED * booked.minutes / minutes) if minutes else None,
    )


def together(booked: Mapping[str, Booked]) -> Booked:
    """Return what all of them have."""
    every = booked.values()
    return Booked(sum(each.visits for each in every), sum(each.minutes for each in every))


def _minutes(ticks: Mask) -> int:
    return ticks.bit_count() * TICK
