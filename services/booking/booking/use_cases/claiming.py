"""Getting a time: what is offered, who is free then, and what stands in the way."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice

from booking.domain import availability, wall_time
from booking.domain.appointment import Appointment
from booking.domain.availability import Busy, Offering, Resources, Span
from booking.domain.invalid import invalid
from booking.domain.settings import seen_by
from booking.ports import ClaimTakenError, Desk
from clinic_contracts.booking import requests as r
from clinic_contracts.errors import Invalid, NotFound, ServiceUnavailable, SlotTaken
from clinic_contracts.trusted import dump

ANY = "any"
ALTERNATIVES = 3
ALTERNATIVE_DAYS = 14
LOST_RACES = 200
"""Each lost race means that somebody else booked since we looked. A location has at most 100 rooms,
so they run out long before; this bound only stops a fault of ours from looping for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A treatment wanted at a time; ``moving`` is the visit to be moved there, if one is."""

    offering: Offering
    local: datetime
    start: datetime
    moving: Appointment | None = None

    @property
    def span(self) -> Span:
        """What the visit would take, turnover included."""
        return self.offering.span(self.start)


def claim(desk: Desk, wanted: Wanted, attempt: Callable[[Resources], Appointment]) -> Appointment:
    """Try those who are free, in turn, until one can be had or nobody is free any more.

    ``attempt`` writes the visit with the resources given; it raises ClaimTakenError when somebody
    else has one of them by now. Raises NotBookable, SlotTaken, ServiceUnavailable.
    """
    offering, moving = wanted.offering, wanted.moving
    availability.refuse_if_nobody_could(offering, wanted.local)
    held = () if moving is None else moving.resources.ids
    # Where there is no choice the claim itself is the question, and most are granted.
    busy = _in_the_way(desk, wanted, wanted.span) if offering.leaves_a_choice else []
    for _ in range(LOST_RACES):
        free = availability.candidates(offering, wanted.local, wanted.start, busy, held)
        found = next(free, None)
        if found is None:
            raise _taken(desk, wanted)
        try:
            return attempt(found)
        except ClaimTakenError:
            busy = _in_the_way(desk, wanted, wanted.span)
    raise ServiceUnavailable("too many ask for that time at once; try again", retry_after=1)


def offering_of(desk: Desk, location_id: str, treatment_id: str, practitioner_id: str) -> Offering:
    """Return what the caller may book: raises NotFound, or Invalid naming the field."""
    location = desk.settings.known(r.LocationView, location_id)
    if location is None or not seen_by(desk.context, location):
        detail = f"there is no location {location_id}"
        raise NotFound(detail, errors={"location_id": [detail]})
    treatment = desk.settings.known(r.TreatmentView, treatment_id)
    if treatment is None:
        raise _unknown("treatment_id", treatment_id)
    if practitioner_id == ANY:
        people = desk.settings.practitioners_for(location_id, treatment_id)
    else:
        one = desk.settings.known(r.PractitionerView, practitioner_id)
        if one is None or not seen_by(desk.context, one):
            raise _unknown("practitioner_id", practitioner_id)
        people = [one]
    return Offering(location, treatment, tuple(people))


def in_room(offering: Offering, room_id: str | None) -> Offering:
    """Return the offering in that room alone; raises Invalid when the location has none such."""
    if room_id is None:
        return offering
    rooms = tuple(room for room in offering.location.rooms if room.id == room_id)
    if not rooms:
        raise _unknown("room_id", room_id)
    return replace(offering, location=replace(offering.location, rooms=rooms))


def free_slots(desk: Desk, offering: Offering, span: Span) -> Iterator[r.Slot]:
    """Yield the free slots that start in the span, as far as visits can be booked."""
    return _slots(desk, offering, span, _busy(desk, offering, span))


def _slots(desk: Desk, offering: Offering, span: Span, busy: list[Busy]) -> Iterator[r.Slot]:
    earliest, latest = wall_time.reach(desk.now)
    return availability.slots(offering, max(span.start, earliest), min(span.end, latest), busy)


def _taken(desk: Desk, wanted: Wanted) -> SlotTaken:
    ahead = Span(wanted.start, wanted.start + timedelta(days=ALTERNATIVE_DAYS))
    busy = _in_the_way(desk, wanted, ahead)
    blocked = [_blocker(one, desk) for one in busy if one.span.overlaps(wanted.span)]
    later = replace(wanted.offering, kept_unit=None)
    free = islice(_slots(desk, later, ahead, busy), ALTERNATIVES)
    return SlotTaken(
        "that time is taken", blocked_by=blocked, alternatives=[dump(slot) for slot in free]
    )


def _blocker(taken: Busy, desk: Desk) -> dict[str, str | None]:
    times = {"start": taken.span.start.isoformat(), "end": taken.span.end.isoformat()}
    if not desk.context.sees(taken.location_id):
        return {"where": "elsewhere", **times}
    return {
        "appointment_id": taken.appointment_id,
        "practitioner_id": taken.resources.practitioner_id,
        "room_id": taken.resources.room_id,
        "equipment_id": taken.resources.equipment_id,
        **times,
    }


def _in_the_way(desk: Desk, wanted: Wanted, span: Span) -> list[Busy]:
    """Return what holds any of the resources in the span; a visit is not in its own way."""
    moving = None if wanted.moving is None else wanted.moving.id
    found = _busy(desk, wanted.offering, span)
    return [one for one in found if one.appointment_id != moving]


def _busy(desk: Desk, offering: Offering, span: Span) -> list[Busy]:
    people = [person.id for person in offering.practitioners]
    rooms = [room.id for room in offering.rooms]
    units = [unit for unit in offering.units if unit is not None]
    return desk.appointments.busy(people, rooms, units, span)


def _unknown(field: str, id_: str) -> Invalid:
    return invalid(field, f"there is no {id_}")
