"""Giving many visits to another practitioner: a plan, and each step of it an ordinary move."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from itertools import islice
from operator import attrgetter

from booking.domain import bulk_move as rules
from booking.domain import wall_time
from booking.domain.appointment import Appointment
from booking.domain.availability import Busy, Offering, Resources, Span
from booking.domain.bulk_move import Source, Step
from booking.domain.invalid import invalid
from booking.ports import AppointmentQuery, Desk, Wanting
from booking.use_cases import claiming, clients, settings
from booking.use_cases.appointments import get_appointment, move_appointment
from booking.use_cases.offering import ANY, offering_of
from booking.use_cases.worklists import MOST_WITH_ALTERNATIVES, OPEN, alternatives, wanted_for
from clinic_contracts.booking import requests as r
from clinic_contracts.booking import worklists as w
from clinic_contracts.booking.day import Obstacle
from clinic_contracts.errors import ClinicError, NotFound

Offers = Callable[[str], Offering]
"""A treatment, by its id, by those who could take it."""
CHANGED = Obstacle(reason="changed", detail="it is none of these visits, or not as it was seen")
SETTLED = {"changed", "arrived"}
"""Reasons for which another time is not what is needed."""
REASONS = {"slot_taken": "taken", "stale_version": "changed", "illegal_transition": "changed"}


@dataclass(frozen=True, slots=True)
class _Outcome:
    """A visit as it stands, and what was to become of it; ``why`` it did not."""

    visit: Appointment
    step: Step
    why: Obstacle | None = None


def bulk_move(request: w.BulkMove, desk: Desk) -> w.BulkMoved:
    """Say what would become of each visit or, when it is no dry run, move those that can be.

    The plan is kept before the first visit moves, and each move is known by the operation:
    repeated, it ends what was begun. Raises NotFound, Invalid; ServiceUnavailable with a part done.
    """
    location = settings.get(r.LocationView, request.location_id, desk)
    if request.dry_run:
        steps = [_Outcome(visit, step, step.why) for visit, step in _plan(request, location, desk)]
        return _answer(request, steps, desk)
    id_ = desk.derived_id("bmv", desk.context.operation_id)
    begun = desk.bulk_moves.get(id_) or _begun(id_, request, location, desk)
    done = (_carried_out(step, desk) for step in begun.steps)
    return _answer(request, [each for each in done if each is not None], desk, id_)


def _begun(id_: str, request: w.BulkMove, location: r.LocationView, desk: Desk) -> rules.BulkMove:
    move = rules.BulkMove(
        id=id_,
        location_id=location.id,
        actor=desk.context.actor,
        at=desk.now,
        reason=request.reason,
        steps=tuple(step for _visit, step in _plan(request, location, desk)),
    )
    return desk.bulk_moves.add(move)


def _carried_out(step: Step, desk: Desk) -> _Outcome | None:
    """Move a visit, unless it was; None when it is not the caller's to see any more."""
    try:
        if step.found is not None:
            return _Outcome(move_appointment(_move(step, step.found), desk), step)
        why = step.why
    except ClinicError as error:
        why = _obstacle(error)
    visit = desk.appointments.get(step.appointment_id)
    if visit is None or not desk.context.sees(visit.location_id):
        return None
    return _Outcome(visit, step, why)


def _move(step: Step, found: Resources) -> r.MoveAppointment:
    return r.MoveAppointment(
        appointment_id=step.appointment_id,
        expected_version=step.version,
        practitioner_id=found.practitioner_id,
        room_id=found.room_id,
        fold=step.fold,
    )


def _obstacle(error: ClinicError) -> Obstacle:
    """Return a refusal as what stands in a visit's way; what may pass by itself is raised."""
    if error.kind == "unavailable":
        raise error
    reason = error.extra.get("reason") or REASONS.get(error.code, error.code)
    return Obstacle(reason=reason, detail=error.detail)


def _answer(
    request: w.BulkMove, outcomes: Sequence[_Outcome], desk: Desk, id_: str | None = None
) -> w.BulkMoved:
    moved = [each for each in outcomes if each.why is None]
    stays = [(each.visit, each.why) for each in outcomes if each.why is not None]
    planned = [] if id_ else moved  # what has moved, search knows of

    def others(visit: Appointment) -> tuple[r.Slot, ...]:
        slots = alternatives(desk, visit, without=request.from_practitioner_id)
        left = (slot for slot in slots if not any(_takes(each, slot) for each in planned))
        return tuple(islice(left, claiming.ALTERNATIVES))

    items = []
    for number, (visit, why) in enumerate(stays):
        offered = number < MOST_WITH_ALTERNATIVES and why.reason not in SETTLED
        slots = others(visit) if offered else ()
        items.append(w.WorklistItem(appointment=visit.view(), why=(why,), alternatives=slots))
    return w.BulkMoved(
        id=id_,
        dry_run=request.dry_run,
        moved=tuple(map(_moved, moved)),
        not_moved=tuple(items),
    )


def _moved(outcome: _Outcome) -> w.MovedVisit:
    visit, step = outcome.visit, outcome.step
    found = step.found or visit.resources
    return w.MovedVisit(
        appointment=visit.view(),
        practitioner_id=found.practitioner_id,
        room_id=found.room_id,
        room_kept=step.room_kept,
    )


def _takes(outcome: _Outcome, slot: r.Slot) -> bool:
    """Say whether a planned move takes the practitioner or the room of a slot."""
    visit, found = outcome.visit, outcome.step.found or outcome.visit.resources
    until = visit.end + timedelta(minutes=visit.turnover)
    shared = {slot.practitioner_id, slot.room_id} & set(found.ids)
    return bool(shared) and Span(visit.start, until).overlaps(Span(slot.start, slot.end))


def _plan(
    request: w.BulkMove, location: r.LocationView, desk: Desk
) -> list[tuple[Appointment, Step]]:
    """Return each visit asked for, by start, and what is to become of it."""
    source = _source(request, location, desk)
    offer = _offers(request, desk)
    versions = request.versions or {}
    visits = _chosen(request, source, desk)
    steps, fits = {}, []
    for visit in visits:
        offering = offer(visit.treatment_id)
        if source.holds(visit) and versions.get(visit.id, visit.version) == visit.version:
            why = _forbidden(visit, offering, desk)
        else:
            why = CHANGED
        if why is None:
            fits.append((visit, offering))
        else:
            steps[visit.id] = rules.stay(visit, why)
    steps |= {step.appointment_id: step for step in rules.plan(fits, _busy(fits, desk))}
    return [(visit, steps[visit.id]) for visit in visits]


def _forbidden(visit: Appointment, offering: Offering, desk: Desk) -> Obstacle | None:
    """Return what is known of the client that forbids to move the visit, wherever to."""
    try:
        clients.check_wanted(wanted_for(visit, offering), visit.id, desk)
    except ClinicError as error:
        return _obstacle(error)
    return None


def _source(request: w.BulkMove, location: r.LocationView, desk: Desk) -> Source:
    start, end = wall_time.period(request.from_, request.to, location.timezone)
    if end <= desk.now:
        raise invalid("to", "is over: visits that have begun stay")
    giver = (request.from_practitioner_id,)
    settings.check_known("from_practitioner_id", r.PractitionerView, giver, desk)
    return Source(
        location_id=location.id,
        practitioner_id=request.from_practitioner_id,
        start=max(start, desk.now),
        end=end,
    )


def _offers(request: w.BulkMove, desk: Desk) -> Offers:
    giver, taker = request.from_practitioner_id, request.to_practitioner_id
    if taker == giver:
        raise invalid("to_practitioner_id", "give them to somebody else")
    if taker != ANY:
        settings.check_known("to_practitioner_id", r.PractitionerView, (taker,), desk)

    @cache
    def offer(treatment_id: str) -> Offering:
        offering = offering_of(desk, request.location_id, treatment_id, taker)
        others = tuple(person for person in offering.practitioners if person.id != giver)
        return replace(offering, practitioners=others)

    return offer


def _chosen(request: w.BulkMove, source: Source, desk: Desk) -> list[Appointment]:
    """Return the visits asked for, by start; raises Invalid when they are too many."""
    if request.versions is not None and len(request.versions) > w.MOST_MOVED:
        raise invalid("versions", f"move at most {w.MOST_MOVED} visits at a time")
    for field, named in (("only", request.only), ("versions", request.versions)):
        if named:
            by_start = attrgetter("start", "id")
            return sorted(_named(named, field, desk), key=by_start)
    query = AppointmentQuery(
        location_ids=(source.location_id,),
        practitioner_id=source.practitioner_id,
        statuses=OPEN,
        start=source.start,
        end=source.end,
    )
    found, more = desk.appointments.page(query, None, w.MOST_MOVED)
    if more is not None:
        raise invalid("to", f"more than {w.MOST_MOVED} visits: give a shorter period, or only some")
    return found


def _named(ids: Iterable[str], field: str, desk: Desk) -> Iterator[Appointment]:
    for id_ in dict.fromkeys(ids):
        try:
            yield get_appointment(id_, desk)
        except NotFound as error:
            raise invalid(field, error.detail) from error


def _busy(fits: Sequence[tuple[Appointment, Offering]], desk: Desk) -> list[Busy]:
    """Return what holds any of those who might take a visit, any room, or the visits' own.

    Of all the days of the visits: who has least to do that day is in turn.
    """
    if not fits:
        return []
    visits, offerings = [visit for visit, _ in fits], [offering for _, offering in fits]
    people = {person.id for offering in offerings for person in offering.practitioners}
    rooms = {room.id for room in offerings[0].location.rooms}
    units = {unit for offering in offerings for unit in offering.units}
    units |= {visit.equipment_id for visit in visits}
    first, last = (each.local_start.date() for each in (visits[0], visits[-1]))
    there = offerings[0].location.timezone
    days = Span(wall_time.day_bounds(first, there)[0], wall_time.day_bounds(last, there)[1])
    reaches = [offering.within_reach(days) for offering in offerings]
    wanting = Wanting(
        practitioner_ids=tuple(sorted(people | {visits[0].practitioner_id})),
        room_ids=tuple(sorted(rooms)),
        equipment_ids=tuple(sorted(unit for unit in units if unit is not None)),
        span=Span(min(each.start for each in reaches), max(each.end for each in reaches)),
    )
    return desk.appointments.busy(wanting, desk.now)
