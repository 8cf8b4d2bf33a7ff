"""Lists of visits: a page of them, and a location's day."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from booking.domain import wall_time
from booking.domain.appointment import Appointment
from booking.ports import AppointmentQuery, Desk
from clinic_contracts.booking import requests as r
from clinic_contracts.errors import Invalid, NotFound

UTC_ZONE = "UTC"
DAY_LIMIT = 1_000


def list_appointments(
    request: r.ListAppointments, after: Sequence[Any] | None, desk: Desk
) -> list[Appointment]:
    """Return up to ``limit`` + 1 appointments, so that the caller sees whether there are more."""
    where = _locations(request.location_id, desk)
    if (
        request.location_id is None
        and request.client_id is None
        and request.practitioner_id is None
    ):
        detail = "give location_id, practitioner_id or client_id"
        raise Invalid(detail, errors={"location_id": [detail]})
    start, end = _period(request, desk)
    return desk.appointments.find(
        AppointmentQuery(
            location_ids=where,
            start=start,
            end=end,
            practitioner_id=request.practitioner_id,
            client_id=request.client_id,
            status=request.status,
            after=after,
            limit=request.limit + 1,
        )
    )


def day_sheet(request: r.GetDaySheet, desk: Desk) -> r.DaySheet:
    """Return a location's day by practitioner or room: every visit, and every empty column.

    Raises Invalid, rather than leave a visit out, for a day of more than 1,000.
    """
    location = desk.settings.get(r.LocationView, request.location_id)
    if location is None or not desk.context.sees(location.id):
        raise NotFound(f"there is no location {request.location_id}")
    start, end = wall_time.day_bounds(request.date, location.timezone)
    found = desk.appointments.find(
        AppointmentQuery(location_ids=(location.id,), start=start, end=end, limit=DAY_LIMIT + 1)
    )
    if len(found) > DAY_LIMIT:
        detail = f"more than {DAY_LIMIT:,} visits on that day: list the appointments by page"
        raise Invalid(f"date: {detail}", errors={"date": [detail]})
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


def _locations(location_id: str | None, desk: Desk) -> tuple[str, ...] | None:
    if location_id is None:
        return desk.context.location_scope
    if not desk.context.sees(location_id):
        raise NotFound(f"there is no location {location_id}")
    return (location_id,)


def _period(request: r.ListAppointments, desk: Desk) -> tuple[datetime | None, datetime | None]:
    there = UTC_ZONE
    if request.location_id is not None:
        location = desk.settings.get(r.LocationView, request.location_id)
        if location is None:
            raise NotFound(f"there is no location {request.location_id}")
        there = location.timezone
    if request.date is not None:
        try:
            day = date.fromisoformat(request.date)
        except ValueError as error:
            detail = "not a date"
            raise Invalid(f"date: {detail}", errors={"date": [detail]}) from error
        return wall_time.day_bounds(day, there)
    if request.from_ is None and request.to is None:
        return None, None
    first = request.from_ or request.to or ""
    return wall_time.period(first, request.to or first, there)
