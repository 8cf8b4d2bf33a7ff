"""Getting a time: what is offered, who is free then, and what stands in the way."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice

from booking.domain import bookable, free, wall_time
from booking.domain.appointment import Appointment, Terms, claim_keys
from booking.domain.availability import Busy, Offering, Resources, Span
from booking.domain.free import FreeTime
from booking.ports import ClaimTakenError, Desk, Wanting
from booking.use_cases.offering import in_room, offering_of
from clinic_contracts.booking import requests as r
from clinic_contracts.booking.holds import PlaceHold
from clinic_contracts.errors import ServiceUnavailable, SlotTaken
from clinic_contracts.trusted import dump

ALTERNATIVES = 3
ALTERNATIVE_DAYS = 60
LOST_RACES = 200
"""Each lost race means that somebody else booked since we looked. A location has at most 100 rooms,
so they run out long before; this bound only stops a fault of ours from looping for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A treatment wanted at a time, perhaps by a client who is in one place at a time.

    ``moving`` is the visit to be moved there, if one is: neither it nor what it overlaps on purpose
    is in its way, nor are the visits of ``aside``, which make room in the same write.
    """

    offering: Offering
    local: datetime
    start: datetime
    fold: int = 0
    client_id: str | None = None
    moving: Appointment | None = None
    aside: frozenset[str] = frozenset()

    @property
    def span(self) -> Span:
        """What the visit would take, turnover included."""
        return self.offering.span(self.start)

    @property
    def visit(self) -> Span:
        """When the client would be there."""
        return Span(self.start, self.start + timedelta(minutes=self.offering.treatment.duration))

    @property
    def one_place_for(self) -> str | None:
        """The client, where a client cannot have two visits at once."""
        return self.client_id if self.offering.location.clients_in_one_place else None

    @property
    def shares(self) -> bool:
        """Say whether it cedes claims: whom else it would overlap then, the claims do not tell."""
        return self.moving is not None and bool(self.moving.overlaps)

    def terms(self, found: Resources, tzdata: str) -> Terms:
        """Return what a visit there and then is made of."""
        return Terms(
            offering=self.offering,
            found=found,
            local=self.local,
            start=self.start,
            tzdata=tzdata,
            fold=self.fold,
        )


def claim(desk: Desk, wanted: Wanted, attempt: Callable[[Resources], Appointment]) -> Appointment:
    """Try those who are free, in turn, until one can be had or nobody is free any more.

    ``attempt`` writes the visit with the resources given; it raises ClaimTakenError when somebody
    else has one of them by now. Raises NotBookable, SlotTaken, ServiceUnavailable.
    """
    offering, moving = wanted.offering, wanted.moving
    bookable.refuse_if_nobody_could(offering, wanted.start)
    held = () if moving is None else moving.resources.ids
    # Where there is no choice the claim itself is the question, and most are granted.
    must_look = offering.leaves_a_choice or offering.ways or wanted.shares
    busy = _then(desk, wanted) if must_look else []
    for _ in range(LOST_RACES):
        candidates = free.candidates(offering, wanted.start, busy, held)
        found = None if client_is_elsewhere(wanted, busy) else next(candidates, None)
        if found is None:
            raise taken(desk, wanted)
        try:
            return attempt(found)
        except ClaimTakenError:
            drop_expired_holds(desk, wanted, found)
            busy = _then(desk, wanted)
    raise ServiceUnavailable("too many ask for that time at once; try again", retry_after=1)


def wanted_by(
    request: r.BookAppointment | PlaceHold, desk: Desk, client_id: str | None = None
) -> Wanted:
    """Return what a request wants; raises NotFound, Invalid, NotBookable, NonexistentTime."""
    offering = offering_of(
        desk,
        request.location_id,
        request.treatment_id,
        request.practitioner_id,
        online=request.online,
    )
    offering = in_room(offering, request.room_id)
    there = offering.location.timezone
    return Wanted(
        offering=offering,
        local=request.local_start,
        start=wall_time.visit_start(request.local_start, there, request.fold, desk.now),
        fold=request.fold,
        client_id=client_id,
    )


def free_slots(desk: Desk, offering: Offering, span: Span) -> Iterator[r.Slot]:
    """Yield the free slots that start in the span, as far as visits can be booked."""
    return (slot for time in free_times(desk, offering, span) for slot in time.slots())


def free_times(desk: Desk, offering: Offering, span: Span) -> Iterator[FreeTime]:
    """Yield the times in the span at which a visit could start, as far as visits can be booked."""
    # Of whole days, so that searches from this hour or that share what they look at.
    near = offering.within_reach(span).whole_days
    busy = desk.appointments.busy_for_all(_wanting(offering, near), desk.now)
    return _times(desk, offering, span, free.with_travel(busy, offering))


def in_the_way(desk: Desk, wanted: Wanted, span: Span) -> list[Busy]:
    """Return what holds any of the resources, or the client, in the span."""
    wanting = replace(_wanting(wanted.offering, span), client_id=wanted.one_place_for)
    return _others(desk, wanted, wanting)


def _others(desk: Desk, wanted: Wanted, wanting: Wanting) -> list[Busy]:
    busy = desk.appointments.busy(wanting, desk.now)
    return [one for one in busy if not _own(one, wanted)]


def _own(one: Busy, wanted: Wanted) -> bool:
    """Say whether it moves as well, or overlaps the moving visit on purpose for another client."""
    moving = wanted.moving
    if one.appointment_id in wanted.aside:
        return True
    if moving is None or one.appointment_id == moving.id:
        return moving is not None
    theirs = one.client_id is None or one.client_id != wanted.one_place_for
    return theirs and one.appointment_id in moving.overlaps


def taken(desk: Desk, wanted: Wanted) -> SlotTaken:
    """Return the refusal: what is in the way, and three times that can be had instead."""
    near = in_the_way(desk, wanted, wanted.offering.within_reach(wanted.span))
    blocked = [
        _blocker(one, desk)
        for one in free.with_travel(near, wanted.offering)
        if one.span.overlaps(wanted.span)
    ]
    three = [dump(slot) for slot in islice(alternatives(desk, wanted), ALTERNATIVES)]
    return SlotTaken("that time is taken", blocked_by=blocked, alternatives=three)


def alternatives(desk: Desk, wanted: Wanted) -> Iterator[r.Slot]:
    """Yield the free slots from the time wanted on, looking ahead further each time."""
    offering = replace(wanted.offering, kept_unit=None)
    ahead, days = 0, 1
    while ahead < ALTERNATIVE_DAYS:
        until = min(ahead + days, ALTERNATIVE_DAYS)
        span = Span(wanted.start + timedelta(ahead), wanted.start + timedelta(until))
        busy = in_the_way(desk, wanted, offering.within_reach(span))
        for time in _times(desk, offering, span, free.with_travel(busy, offering)):
            if not _is_elsewhere(wanted.one_place_for, Span(time.start, time.end), busy):
                yield from time.slots()
        ahead, days = until, 2 * days


def _then(desk: Desk, wanted: Wanted) -> list[Busy]:
    """Return what is in the way at that time and, to choose among several, what they do that day.

    What is taken right then is asked of the claims: a look at each room's visits by their start
    would read half a day of each. Only who ceded theirs must be looked for so.
    """
    offering, span = wanted.offering, wanted.span
    units = [unit for unit in offering.units if unit is not None]
    people = tuple(person.id for person in offering.practitioners)
    claims = claim_keys([*(room.id for room in offering.rooms), *units], span.start, span.end)
    looked = span
    if len(people) > 1 or offering.ways or wanted.shares:
        day = wall_time.day_bounds(wanted.local.date(), offering.location.timezone)
        looked = offering.within_reach(Span(min(day[0], span.start), max(day[1], span.end)))
    else:
        claims += claim_keys(people, span.start, span.end)
        people = ()
    if wanted.one_place_for is not None:
        claims += claim_keys((wanted.one_place_for,), span.start, wanted.visit.end)
    wanting = Wanting(
        practitioner_ids=people,
        room_ids=tuple(room.id for room in offering.rooms) if wanted.shares else (),
        equipment_ids=tuple(units) if wanted.shares else (),
        span=looked,
        claims=tuple(claims),
    )
    return free.with_travel(_others(desk, wanted, wanting), offering)


def _times(desk: Desk, offering: Offering, span: Span, busy: list[Busy]) -> Iterator[FreeTime]:
    earliest, latest = wall_time.reach(desk.now)
    return free.times(offering, max(span.start, earliest), min(span.end, latest), busy)


def client_is_elsewhere(wanted: Wanted, busy: Iterable[Busy]) -> bool:
    """Say whether the client has another visit then, where that matters."""
    return _is_elsewhere(wanted.one_place_for, wanted.visit, busy)


def _is_elsewhere(client_id: str | None, visit: Span, busy: Iterable[Busy]) -> bool:
    return client_id is not None and any(
        one.client_id == client_id and visit.overlaps(Span(one.span.start, one.visit_end))
        for one in busy
    )


def drop_expired_holds(desk: Desk, wanted: Wanted, found: Resources) -> None:
    """Remove what kept the resources for somebody and does not any more."""
    span = wanted.span
    desk.appointments.drop_expired(claim_keys(found.ids, span.start, span.end), desk.now)


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


def _wanting(offering: Offering, span: Span) -> Wanting:
    return Wanting(
        practitioner_ids=tuple(person.id for person in offering.practitioners),
        room_ids=tuple(room.id for room in offering.rooms),
        equipment_ids=tuple(unit for unit in offering.units if unit is not None),
        span=span,
    )
