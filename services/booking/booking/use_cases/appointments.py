"""Visits: one function per command or question."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from booking.domain import appointment as visits
from booking.domain import wall_time
from booking.domain.appointment import Appointment
from booking.domain.availability import Resources, Span
from booking.domain.free import FreeTimes
from booking.domain.history import as_left_by, entry_of, seen_by
from booking.domain.invalid import invalid
from booking.ports import Desk
from booking.use_cases import clients, holds, overriding
from booking.use_cases.claiming import Wanted, claim, free_times, wanted_by
from booking.use_cases.offering import in_room, offering_of
from clinic_contracts.booking import requests as r
from clinic_contracts.booking.history import History
from clinic_contracts.constraints import Unset, given
from clinic_contracts.errors import (
    ClinicError,
    NotFound,
    SlotTaken,
    StaleVersion,
)
from clinic_contracts.trusted import dump

HISTORY_KEPT = 200


def find_availability(request: r.FindAvailability, desk: Desk) -> FreeTimes:
    """Return the free times of a period, as far as visits can be booked."""
    offering = offering_of(
        desk,
        request.location_id,
        request.treatment_id,
        request.practitioner_id,
        online=request.online,
    )
    asked = Span(*wall_time.period(request.from_, request.to, offering.location.timezone))
    return FreeTimes(tuple(free_times(desk, offering, asked)))


def book_appointment(request: r.BookAppointment, desk: Desk) -> Appointment:
    """Book, or return what a first try of the same operation booked, as it was then.

    Raises NotFound, NotBookable, NonexistentTime, Invalid, Forbidden; SlotTaken with what blocks
    and alternatives; HoldUsed; IdempotencyMismatch when the first try asked for something else.
    """
    booked = _booked_from_hold(request, desk) or _booked(request, desk)
    holds.check_asked_alike(booked, desk.context)
    first = holds.first_version(booked, request.hold_id)
    if booked.version == first:
        return booked
    event = desk.appointments.event_of(booked.id, first)
    return booked if event is None else as_left_by(event, booked)


def move_appointment(request: r.MoveAppointment, desk: Desk) -> Appointment:
    """Move in one conditional write; what was claimed stays claimed when the move is refused."""
    current, done = _current(desk, request.appointment_id, request.expected_version)
    if done:
        return current
    offering = offering_of(
        desk,
        given(request.location_id, current.location_id),
        current.treatment_id,
        given(request.practitioner_id, current.practitioner_id),
    )
    local = given(request.local_start, current.local_start)
    fold = _fold(request, current)
    start = wall_time.visit_start(local, offering.location.timezone, fold, desk.now)
    if not isinstance(request.room_id, Unset):
        offering = in_room(offering, request.room_id)
    offering = current.terms_in(offering, start)

    wanted = Wanted(
        offering=offering,
        local=local,
        start=start,
        fold=fold,
        client_id=current.client_id,
        moving=current,
    )

    warnings = clients.check_wanted(wanted, current.id, desk, request.acknowledge_alerts)

    def attempt(found: Resources) -> Appointment:
        moved, event = current.move(wanted.terms(found, desk.tzdata))
        return save(desk, moved.acknowledging(request.acknowledge_alerts), event)

    return replace(claim(desk, wanted, attempt), warnings=warnings)


def cancel_appointment(request: r.CancelAppointment, desk: Desk) -> Appointment:
    """Call a visit off; its time is free at once."""

    def change(current: Appointment) -> tuple[Appointment, Any]:
        waive, because = request.waive_fee, request.because
        return current.cancel(request.reason, desk.now, waive_fee=waive, because=because)

    return change_status(request, desk, change)


def mark_no_show(request: r.ChangeStatus, desk: Desk) -> Appointment:
    """Record that the client did not come."""

    def change(current: Appointment) -> tuple[Appointment, Any]:
        waive, because = request.waive_fee, request.because
        return current.mark_no_show(request.reason, waive_fee=waive, because=because)

    return change_status(request, desk, change)


def change_status(
    request: r.ChangeStatus | r.CancelAppointment,
    desk: Desk,
    change: Callable[[Appointment], tuple[Appointment, Any]],
) -> Appointment:
    """Apply a transition and save it with its event; a repeated operation changes nothing."""
    current, done = _current(desk, request.appointment_id, request.expected_version)
    if done:
        return current
    changed, event = change(current)
    return save(desk, changed, event)


def get_appointment(id_: str, desk: Desk) -> Appointment:
    """Return an appointment the caller may see; raises NotFound."""
    found = desk.appointments.get(id_)
    if found is None or not desk.context.sees(found.location_id):
        raise NotFound(f"there is no appointment {id_}")
    return found


def get_appointment_as_of(id_: str, at: datetime, desk: Desk) -> Appointment:
    """Return an appointment as it was at an instant.

    Raises Invalid for an instant to come, NotFound when it was not there yet or was at a location
    that is not the caller's.
    """
    if at > desk.now:
        raise invalid("as_of", "lies in the future")
    event = desk.appointments.last_event(id_, at)
    current = desk.appointments.get(id_)  # after it, so that it is no older
    if current is None or event is None:
        raise NotFound(f"there was no appointment {id_} at {at.isoformat()}")
    found = as_left_by(event, current)
    if not desk.context.sees(found.location_id):
        raise NotFound(f"there was no appointment {id_} at {at.isoformat()}")
    return found


def get_history(id_: str, desk: Desk) -> History:
    """Return what became of an appointment the caller may see; raises NotFound."""
    get_appointment(id_, desk)
    entries = [entry_of(event) for event in desk.appointments.events(id_, HISTORY_KEPT)]
    return History(items=tuple(seen_by(desk.context, entries)))


def _current(desk: Desk, id_: str, expected: int | None) -> tuple[Appointment, bool]:
    """Return one as it is, and whether this very operation made it so; raises StaleVersion."""
    current = get_appointment(id_, desk)
    done = desk.context.operation_id in current.operations
    if not done and expected is not None and expected != current.version:
        raise _stale(current)
    return current, done


def save(desk: Desk, changed: Appointment, event: Any) -> Appointment:  # noqa: ANN401
    """Save a changed visit, and with it those it overlaps on purpose; raises StaleVersion.

    Raises ClaimTakenError when somebody else has what it takes.
    """
    if changed.overlaps:
        saved = overriding.save_overlapping(desk, changed, event)
    elif desk.appointments.save(changed, event, desk.context):
        saved = replace(changed, version=changed.version + 1)
    else:
        saved = None
    if saved is not None:
        return saved
    # The same operation, delivered twice at once, is no conflict with itself.
    latest, done = _current(desk, changed.id, None)
    if not done:
        raise _stale(latest)
    return latest


def _stale(current: Appointment) -> StaleVersion:
    return StaleVersion("the appointment changed meanwhile", current=dump(current.view()))


def _booked_from_hold(request: r.BookAppointment, desk: Desk) -> Appointment | None:
    """Return the visit that the hold became, or None: there is none, or it has expired."""
    if request.hold_id is None:
        return None
    return holds.book_held(request, request.hold_id, desk)


def _booked(request: r.BookAppointment, desk: Desk) -> Appointment:
    id_ = desk.derived_id("apt", desk.context.operation_id)
    try:
        return _book(request, id_, desk)
    except ClinicError:
        # What refuses a retry may be its own first try, or what changed since.
        done = desk.appointments.get(id_)
        if done is None:
            raise
        return replace(done, warnings=clients.said_before(request, id_, desk))


def _book(request: r.BookAppointment, id_: str, desk: Desk) -> Appointment:
    if request.override is not None:
        overriding.check(request, desk.context)
    wanted = wanted_by(request, desk, request.client_id)
    warnings = clients.check_booking(request, id_, desk)

    def attempt(found: Resources) -> Appointment:
        made, event = visits.book(id_, request.client_id, wanted.terms(found, desk.tzdata))
        made = made.acknowledging(request.acknowledge_alerts)
        made = replace(made, fingerprint=desk.context.fingerprint)
        return desk.appointments.add(made, event, desk.context)

    try:
        made = claim(desk, wanted, attempt)
    except SlotTaken:
        if request.override is None:
            raise
        made = overriding.book_over(desk, wanted, id_, request)
    return replace(made, warnings=warnings)


def _fold(request: r.MoveAppointment, current: Appointment) -> int:
    """Return which instant is meant: as given, else the earlier of a new time, or the same one."""
    kept = current.fold if isinstance(request.local_start, Unset) else 0
    return int(given(request.fold, kept))
