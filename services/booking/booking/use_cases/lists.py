"""Lists of visits, by page."""

from dataclasses import replace
from datetime import timedelta

from booking.domain import wall_time
from booking.ports import AppointmentQuery, Desk
from clinic_contracts.booking import requests as r
from clinic_contracts.errors import Invalid, NotFound

EASTERNMOST, WESTERNMOST = timedelta(hours=14), timedelta(hours=12)
"""How far a day anywhere on Earth begins before, and ends after, that day of UTC."""


def list_appointments(request: r.ListAppointments, desk: Desk) -> r.AppointmentPage:
    """Return a page of a location's, practitioner's, client's or series's, by start."""
    owners = (request.location_id, request.client_id, request.practitioner_id, request.series_id)
    if owners == (None,) * 4:
        detail = "give location_id, practitioner_id, client_id or series_id"
        raise Invalid(detail, errors={"location_id": [detail]})
    query = AppointmentQuery(
        location_ids=desk.context.location_scope,
        practitioner_id=request.practitioner_id,
        client_id=request.client_id,
        series_id=request.series_id,
        status=request.status,
    )
    zone_name = None
    if request.location_id is not None:
        location = _location(request.location_id, desk)
        query, zone_name = replace(query, location_ids=(location.id,)), location.timezone
    query = _in_period(query, request, zone_name)
    found, following = desk.appointments.page(query, request.cursor, request.limit)
    return r.AppointmentPage(items=tuple(a.view() for a in found), next=following)


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
