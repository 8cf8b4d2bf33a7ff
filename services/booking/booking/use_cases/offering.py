"""What may be booked: a treatment at a location, by whom, and what bounds their days."""

from collections.abc import Sequence
from dataclasses import replace

from booking.domain import bookable
from booking.domain.availability import Offering
from booking.domain.calendar import Calendar
from booking.domain.invalid import invalid
from booking.domain.settings import seen_by
from booking.ports import Desk
from clinic_contracts.booking import requests as r
from clinic_contracts.errors import Invalid, NotBookable, NotFound

ANY = "any"


def offering_of(
    desk: Desk, location_id: str, treatment_id: str, practitioner_id: str, *, online: bool = False
) -> Offering:
    """Return what the caller may book: raises NotFound, or Invalid naming the field.

    ``online`` holds to the rules for clients who book by themselves; raises NotBookable.
    """
    location = desk.settings.known(r.LocationView, location_id)
    if location is None or not seen_by(desk.context, location):
        detail = f"there is no location {location_id}"
        raise NotFound(detail, errors={"location_id": [detail]})
    treatment = desk.settings.known(r.TreatmentView, treatment_id)
    if treatment is None:
        raise _unknown("treatment_id", treatment_id)
    if online and not treatment.online:
        raise NotBookable(f"{treatment.name} is not booked online", reason="not_offered")
    here = desk.settings.colleagues(location_id)
    if practitioner_id == ANY:
        people = [person for person in here if treatment_id in person.treatment_ids]
    else:
        people = [_one(desk, practitioner_id, here)]
    return Offering(
        location,
        treatment,
        tuple(people),
        # Of all who work there, so that whoever is asked for next second asks for the same.
        calendar=calendar_of(desk, location, sorted({person.id for person in (*here, *people)})),
        ways=_ways(desk, location, people),
        window=bookable.online_window(location, desk.now) if online else None,
    )


def calendar_of(desk: Desk, location: r.LocationView, people: Sequence[str]) -> Calendar:
    """Return what closes a location, and keeps these of its people away, from now on."""
    # What was closed in the past does not stop anybody from recording a visit there and then.
    closures = tuple(
        each if each.start >= desk.now else replace(each, start=desk.now)
        for each in desk.closures.of(location.id, people)
    )
    if (region := location.holiday_region) is None:
        return Calendar(closures)
    return Calendar(closures, lambda day: desk.holidays.name(region, day))


def _one(desk: Desk, id_: str, here: Sequence[r.PractitionerView]) -> r.PractitionerView:
    one = next((person for person in here if person.id == id_), None)
    one = one or desk.settings.known(r.PractitionerView, id_)
    if one is None or not seen_by(desk.context, one):
        raise _unknown("practitioner_id", id_)
    return one


def _ways(desk: Desk, here: r.LocationView, people: Sequence[r.PractitionerView]) -> dict[str, int]:
    """Return the minutes to each other location where any of the people works.

    A way is as long as the one or the other of its two ends says.
    """
    others = {id_ for person in people for id_ in person.location_ids if id_ != here.id}
    found = {way.location_id: way.minutes for way in here.travel if way.location_id in others}
    for id_ in others:
        there = desk.settings.known(r.LocationView, id_)
        back = [] if there is None else there.travel
        found[id_] = max(
            found.get(id_, 0), *(w.minutes for w in back if w.location_id == here.id), 0
        )
    return {id_: minutes for id_, minutes in found.items() if minutes}


def in_room(offering: Offering, room_id: str | None) -> Offering:
    """Return the offering in that room alone; raises Invalid when the location has none such."""
    if room_id is None:
        return offering
    rooms = tuple(room for room in offering.location.rooms if room.id == room_id)
    if not rooms:
        raise _unknown("room_id", room_id)
    return replace(offering, location=replace(offering.location, rooms=rooms))


def _unknown(field: str, id_: str) -> Invalid:
    return invalid(field, f"there is no {id_}")
