"""Lists of visits: a page of them, and a location's day."""

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta

from booking.domain import wall_time
from booking.domain.appointment import Appointment
from booking.domain.invalid import invalid
from booking.ports import AppointmentQuery, Desk
from clinic_contracts.booking import requests as r
from clinic_contracts.errors import Invalid, NotFound

DAY_LIMIT = 1_000
EASTERNMOST, WESTERNMOST = timedelta(hours=14), timedelta(hours=12)
"""How far a day anywhere on Earth begins before, and ends after, that day of UTC."""


def list_appointments(request: r.ListAppointments, desk: Desk) -> r.AppointmentPage:
    """Return a page of a location's, practitioner's or client's appointments, by start."""
    if (request.location_id, request.client_id, request.practitioner_id) == (None, None, None):
        detail = "give location_id, practitioner_id or client_id"
        raise Invalid(detail, errors={"location_id": [detail]})
    query = AppointmentQuery(
        location_ids=desk.context.location_scope,
        practitioner_id=request.practitioner_id,
        client_id=request.client_id,
        status=request.status,
    )
    zone_name = None
    if request.location_id is not None:
        location = _location(request.location_id, desk)
        query, zone_name = replace(query, location_ids=(location.id,)), location.timezone
    query = _in_period(query, request, zone_name)
    found, following = desk.appointments.page(query, request.cursor, request.limit)
    return r.AppointmentPage(items=tuple(a.view() for a in found), next=following)


def day_sheet(request: r.GetDaySheet, desk: Desk) -> r.DaySheet:
    """Return a location's day by practitioner or room: every visit, and every empty column.

    Raises Invalid, rather than leave a visit out, for a day of more than 1,000.
    """
    location = _location(request.location_id, desk)
    start, end = wall_time.day_bounds(request.date, location.timezone)
    query = AppointmentQuery(location_ids=(location.id,), start=start, end=end)
    found, more = desk.appointments.page(query, None, DAY_LIMIT)
    if more is not None:
        detail = f"more than {DAY_LIMIT:,} visits on that day: list the appointments by page"
        raise invalid("date", detail)
    columns: dict[str, list[Appointment]] = {}
    for visit in found:
        id_ = visit.room_id if request.by == "room" else visit.practitioner_id
        columns.setdefault(id_, []).append(visit)
    names = _column_names(request.by, location, columns, desk)
    return r.DaySheet(
        location_id=location.id,
        date=request.date,
        timezone=location.timezone,
        by=request.by,
        columns=tuple(
            r.DayColumn(
                id=id_, name=name, appointments=tuple(a.view() for a in columns.get(id_, ()))
            )
            for id_, name in names.items()
        ),
    )


def _column_names(
    by: str, location: r.LocationView, used: Collection[str], desk: Desk
) -> dict[str, str]:
    """Name the location's practitioners or rooms, then those that only have visits there."""
    if by == "room":
        names = {room.id: room.name for room in location.rooms}
        former = {room.id: room.name for room in location.former_rooms}
    else:
        names = {p.id: p.name for p in desk.settings.practitioners_at(location.id)}
        gone = [id_ for id_ in used if id_ not in names]
        former = desk.settings.names(r.PractitionerView, gone) if gone else {}
    return names | {id_: former.get(id_, id_) for id_ in used if id_ not in names}


def _in_period(
    query: AppointmentQuery, request: r.ListAppointments, zone_name: str | None
) -> AppointmentQuery:
    """Bound the query; without a zone, a day is the day of each visit's own location."""
    if request.date and (request.from_ or request.to):
        detail = "give a date, or from and to, not both"
        raise Invalid(detail, errors={"date": [detail]})
    first = request.date or request.from_ or request.to
    last = request.date or request.to or request.from_
    if first is None or last is None:
        return query
    fields = ("date", "date") if request.date else ("from", "to")
    start, end = wall_time.period(first, last, zone_name or "UTC", fields)
    query = replace(query, start=start, end=end)
    if zone_name is None and "T" not in first:
        query = replace(query, start=start - EASTERNMOST, local_from=start.replace(tzinfo=None))
    if zone_name is None and "T" not in last:
        query = replace(query, end=end + WESTERNMOST, local_to=end.replace(tzinfo=None))
    return query


def _location(id_: str, desk: Desk) -> r.LocationView:
    found = desk.settings.get(r.LocationView, id_)
    if found is None or not desk.context.sees(id_):
        raise NotFound(f"there is no location {id_}")
    return found
