"""Reports about a location's visits."""

from collections.abc import Mapping

from booking.domain import utilisation as rules
from booking.domain import wall_time
from booking.domain.availability import Span
from booking.domain.utilisation import Available, Booked
from booking.ports import Desk, Whose
from booking.use_cases import settings
from clinic_contracts.booking import reports as p
from clinic_contracts.booking import requests as r

Rows = list[p.UtilisationRow]
NOTHING = Booked()


def utilisation(request: p.GetUtilisation, desk: Desk) -> p.Utilisation:
    """Return a location's utilisation; raises NotFound, and Invalid for a period that is none."""
    location = settings.get(r.LocationView, request.location_id, desk)
    period = Span(*wall_time.period(request.from_, request.to, location.timezone))
    people = desk.settings.practitioners_at(location.id)
    shut = desk.usage.shut([location.id, *(each.id for each in people)], period)
    region = location.holiday_region
    could = rules.available(
        location,
        people,
        shut,
        lambda day: desk.holidays.name(region, day) if region else None,
        period,
    )
    whose: Whose = "room_id" if request.by == "room" else "practitioner_id"
    booked = desk.usage.booked(location.id, whose, period)
    if request.by == "location":
        minutes = sum(could.staffed.values())
        rows = [rules.row(location.id, location.name, rules.together(booked), minutes)]
    elif request.by == "room":
        rows = _by_room(location, booked, could)
    else:
        names = {each.id: each.name for each in people}
        gone = desk.settings.names(r.PractitionerView, booked.keys() - names.keys())
        rows = _rows(names | gone, booked, could.staffed)
    return p.Utilisation(
        location_id=location.id,
        start=wall_time.at_offset(period.start, location.timezone),
        end=wall_time.at_offset(period.end, location.timezone),
        timezone=location.timezone,
        by=request.by,
        items=tuple(rows),
    )


def _by_room(location: r.LocationView, booked: Mapping[str, Booked], could: Available) -> Rows:
    names = {room.id: room.name for room in location.rooms}
    gone = {room.id: room.name for room in location.former_rooms if room.id in booked}
    return _rows(names | gone, booked, dict.fromkeys(names, could.open_minutes))


def _rows(
    names: Mapping[str, str], booked: Mapping[str, Booked], minutes: Mapping[str, int]
) -> Rows:
    """Return a row of each that is named or has visits; who is no more there has no minutes."""
    ids = [*names, *sorted(booked.keys() - names.keys())]
    return [
        rules.row(id_, names.get(id_, id_), booked.get(id_, NOTHING), minutes.get(id_, 0))
        for id_ in ids
    ]
