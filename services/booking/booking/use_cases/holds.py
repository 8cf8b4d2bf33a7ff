"""Holds: a time kept for a while, and booked or given back.

A hold is the appointment it may become, ``pending`` until then: it has its claims already, and
booking it is one conditional write of one document. So ``hold_X`` is kept as ``apt_X``.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from booking.domain import appointment as visits
from booking.domain.appointment import Appointment
from booking.domain.availability import Resources
from booking.domain.invalid import invalid
from booking.ports import ClaimTakenError, Desk
from booking.use_cases import clients
from booking.use_cases.claiming import Wanted, claim, taken, wanted_by
from booking.use_cases.offering import ANY
from clinic_contracts.booking import holds as h
from clinic_contracts.booking import requests as r
from clinic_contracts.context import CallContext
from clinic_contracts.errors import HoldUsed, IdempotencyMismatch, NotFound, SlotTaken

KEPT_FOR = timedelta(minutes=5)
HELD, BOOKED = "hold_", "apt_"
SAME = ("location_id", "treatment_id", "local_start", "fold")


def place_hold(request: h.PlaceHold, desk: Desk) -> h.HoldView:
    """Keep a time for five minutes, or return what a first try of the same operation kept.

    Raises NotFound, Invalid, NotBookable, NonexistentTime, SlotTaken; IdempotencyMismatch.
    """
    id_ = desk.derived_id("apt", desk.context.operation_id)
    try:
        held = place(desk, wanted_by(request, desk), id_, desk.now + KEPT_FOR)
    except SlotTaken:
        first = desk.appointments.get(id_)
        if first is None:
            raise
        held = first
    if held.is_hold:  # booked, it is known by the request that booked it
        check_asked_alike(held, desk.context)
    return view(held)


def check_asked_alike(made: Appointment, context: CallContext) -> None:
    """Raise IdempotencyMismatch when a first try under the same key asked for something else."""
    if context.fingerprint and made.fingerprint not in {"", context.fingerprint}:
        raise IdempotencyMismatch("this Idempotency-Key was used with another request")


def place(desk: Desk, wanted: Wanted, id_: str, until: datetime) -> Appointment:
    """Keep a time; raises NotBookable, SlotTaken."""

    def attempt(found: Resources) -> Appointment:
        held = visits.hold(id_, wanted.terms(found, desk.tzdata), until)
        held = replace(held, fingerprint=desk.context.fingerprint)
        return desk.appointments.add(held, None, desk.context)

    return claim(desk, wanted, attempt)


def release_hold(hold_id: str, desk: Desk) -> h.HoldReleased:
    """Give a hold's time back; raises NotFound when it is none any more."""
    held = _kept(hold_id, desk)
    if held is None or not held.is_hold or not desk.appointments.release(held):
        raise NotFound(f"there is no hold {hold_id}")
    return h.HoldReleased(id=hold_id)


def book_held(request: r.BookAppointment, hold_id: str, desk: Desk) -> Appointment | None:
    """Make a hold the client's visit, or return what a first try of the same operation made it.

    None when there is no such hold any more. Raises Invalid when something else was held, HoldUsed
    when another operation booked it, SlotTaken when the client is elsewhere at that time.
    """
    held = _kept(hold_id, desk)
    if held is None:
        return None
    if desk.context.operation_id in held.operations[1:]:
        return replace(held, warnings=clients.said_before(request, held.id, desk))
    if not held.is_hold:
        raise HoldUsed(f"{hold_id} is booked already", appointment_id=held.id)
    if not held.is_live(desk.now):
        return None
    _check_is_held(request, held)
    return _become_visit(held, request, hold_id, desk)


def first_version(booked: Appointment, hold_id: str | None) -> int:
    """Return the version at which it became a visit: a hold's first is the hold."""
    was_held = hold_id is not None and booked.id == _kept_as(hold_id)
    return 2 if was_held else 1


def view(held: Appointment) -> h.HoldView:
    """Return a hold as callers see it."""
    shown = held.view()
    return h.HoldView(
        id=HELD + held.id.removeprefix(BOOKED),
        expires_at=held.expires_at or held.start,
        location_id=shown.location_id,
        treatment_id=shown.treatment_id,
        practitioner_id=shown.practitioner_id,
        room_id=shown.room_id,
        start=shown.start,
        end=shown.end,
        local_start=shown.local_start,
        timezone=shown.timezone,
    )


def _become_visit(
    held: Appointment, request: r.BookAppointment, hold_id: str, desk: Desk
) -> Appointment | None:
    warnings = clients.check_booking(request, held.id, desk)
    booked, event = held.book_for(request.client_id)
    booked = booked.acknowledging(request.acknowledge_alerts)
    booked = replace(booked, fingerprint=desk.context.fingerprint)
    try:
        if desk.appointments.save(booked, event, desk.context):
            return replace(booked, version=booked.version + 1, warnings=warnings)
    except ClaimTakenError:
        wanted = replace(wanted_by(request, desk, request.client_id), moving=held)
        raise taken(desk, wanted) from None
    return book_held(request, hold_id, desk)  # it is another now: used, or gone


def _kept(hold_id: str, desk: Desk) -> Appointment | None:
    found = desk.appointments.get(_kept_as(hold_id))
    return found if found is not None and desk.context.sees(found.location_id) else None


def _kept_as(hold_id: str) -> str:
    return BOOKED + hold_id.removeprefix(HELD)


def _check_is_held(request: r.BookAppointment, held: Appointment) -> None:
    same = all(getattr(request, name) == getattr(held, name) for name in SAME)
    person = request.practitioner_id in {ANY, held.practitioner_id}
    if not (same and person and request.room_id in {None, held.room_id}):
        raise invalid("hold_id", "holds something else: give the fields that were held")
