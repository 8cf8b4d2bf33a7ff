"""A location's day, as the front desk looks at it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from booking.domain import wall_time
from booking.domain.appointment import NEXT, Appointment
from booking.domain.day import Day, held, totals
from booking.domain.invalid import invalid
from booking.ports import AppointmentQuery, Desk
from booking.use_cases import settings
from booking.use_cases.offering import calendar_of
from booking.use_cases.worklists import OPEN, reviewed
from clinic_contracts.booking import requests as r
from clinic_contracts.booking.day import DayWarning, DayWindow

DAY_LIMIT = 1_000


@dataclass(frozen=True, slots=True)
class _Heading:
    """A column before its visits."""

    id: str
    name: str
    windows: tuple[DayWindow, ...] = ()
    absences: tuple[DayWindow, ...] = ()


def day_sheet(request: r.GetDaySheet, desk: Desk) -> r.DaySheet:
    """Return a location's day by practitioner or room: every visit, and every empty column.

    Raises Invalid, rather than leave a visit out, for a day of more than 1,000.
    """
    location = settings.get(r.LocationView, request.location_id, desk)
    found = _on(request.date, location, desk)
    people = desk.settings.practitioners_at(location.id)
    ids = [person.id for person in people]
    calendar = calendar_of(desk, location, ids)
    # A closure under way is shown whole.
    calendar = replace(calendar, closures=desk.closures.of(location.id, ids))
    day = Day(location, calendar, request.date)
    visits = [visit for visit in found if not visit.is_hold]
    return r.DaySheet(
        location_id=location.id,
        date=request.date,
        timezone=location.timezone,
        by=request.by,
        columns=_columns(request.by, day, people, found, desk),
        closures=day.closures(),
        warnings=tuple(_warnings(visits, location, people, desk)),
        totals=totals(visits),
    )


def _on(day: date, location: r.LocationView, desk: Desk) -> list[Appointment]:
    """Return a day's visits and the holds that have not expired."""
    start, end = wall_time.day_bounds(day, location.timezone)
    query = AppointmentQuery(
        location_ids=(location.id,), start=start, end=end, statuses=tuple(NEXT)
    )
    found, more = desk.appointments.page(query, None, DAY_LIMIT)
    if more is not None:
        detail = f"more than {DAY_LIMIT:,} visits on that day: list the appointments by page"
        raise invalid("date", detail)
    return [visit for visit in found if not visit.is_hold or visit.is_live(desk.now)]


def _columns(
    by: str,
    day: Day,
    people: Sequence[r.PractitionerView],
    found: Iterable[Appointment],
    desk: Desk,
) -> tuple[r.DayColumn, ...]:
    of: dict[str, list[Appointment]] = {}
    for visit in found:
        of.setdefault(visit.room_id if by == "room" else visit.practitioner_id, []).append(visit)
    headings = _rooms(day, of) if by == "room" else _practitioners(day, people, of, desk)
    return tuple(
        r.DayColumn(
            id=heading.id,
            name=heading.name,
            appointments=tuple(v.view() for v in of.get(heading.id, ()) if not v.is_hold),
            windows=heading.windows,
            absences=heading.absences,
            holds=tuple(held(v) for v in of.get(heading.id, ()) if v.is_hold),
        )
        for heading in headings
    )


def _rooms(day: Day, used: Iterable[str]) -> Iterator[_Heading]:
    """Yield the location's rooms, then those removed that have visits there."""
    names = {room.id: room.name for room in day.location.rooms}
    former = {room.id: room.name for room in day.location.former_rooms}
    usable = day.usable()
    for id_, name in names.items():
        yield _Heading(id_, name, usable)
    for id_ in used:
        if id_ not in names:
            yield _Heading(id_, former.get(id_, id_))


def _practitioners(
    day: Day, people: Sequence[r.PractitionerView], used: Iterable[str], desk: Desk
) -> Iterator[_Heading]:
    """Yield who works at the location, then those who only have visits there."""
    for person in people:
        yield _Heading(person.id, person.name, day.works(person), day.away(person))
    here = {person.id for person in people}
    gone = [id_ for id_ in used if id_ not in here]
    former = desk.settings.names(r.PractitionerView, gone) if gone else {}
    for id_ in gone:
        yield _Heading(id_, former.get(id_, id_))


def _warnings(
    visits: Iterable[Appointment],
    location: r.LocationView,
    people: Sequence[r.PractitionerView],
    desk: Desk,
) -> Iterator[DayWarning]:
    to_come = [v for v in visits if v.status in OPEN and v.start >= desk.now]
    for visit, why in reviewed(to_come, location, people, desk):
        if why:
            yield DayWarning(appointment_id=visit.id, why=why)
