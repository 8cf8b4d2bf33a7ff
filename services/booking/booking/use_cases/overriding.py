"""Double booking on purpose: by who may, with a reason, marked in every visit concerned."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from booking.domain import appointment as visits
from booking.domain.appointment import Appointment
from booking.domain.invalid import invalid
from booking.domain.override import after, overlap, overlapping, resources_despite, to_be_asked
from booking.ports import Change, ClaimTakenError, Desk
from booking.use_cases.claiming import (
    Wanted,
    client_is_elsewhere,
    drop_expired_holds,
    in_the_way,
    taken,
)
from booking.use_cases.offering import ANY
from clinic_contracts.booking import requests as r
from clinic_contracts.context import CallContext
from clinic_contracts.errors import Forbidden, ServiceUnavailable

TRIES = 10


def check(request: r.BookAppointment, context: CallContext) -> None:
    """Raise Forbidden for a caller who may not double-book, Invalid without a practitioner."""
    if not context.overrides_at(request.location_id):
        raise Forbidden("your role does not allow double booking", action="override")
    if request.practitioner_id == ANY:
        raise invalid("practitioner_id", "name who is to be double-booked")


def book_over(desk: Desk, wanted: Wanted, id_: str, request: r.BookAppointment) -> Appointment:
    """Book a time that is taken; raises SlotTaken when a hold, or the client, is in the way."""
    for _ in range(TRIES):
        busy = in_the_way(desk, wanted, wanted.span)
        found = resources_despite(wanted.offering, wanted.span, busy)
        blocking = [
            one.appointment_id
            for one in busy
            if one.span.overlaps(wanted.span) and set(one.resources.ids) & set(found.ids)
        ]
        standing = [one for one in map(desk.appointments.get, blocking) if one is not None]
        # Whoever holds a time is about to book it, and would find it taken.
        held = any(one.is_hold for one in standing)
        if held or client_is_elsewhere(wanted, busy):
            raise taken(desk, wanted)
        booked, event = visits.book(id_, wanted.client_id or "", wanted.terms(found, desk.tzdata))
        standing = [one for one in standing if overlap(booked, one)]
        booked = booked.acknowledging(request.acknowledge_alerts)
        why = request.override if standing else None
        booked = replace(booked, override=why, fingerprint=desk.context.fingerprint)
        booked, marked = overlapping(booked, standing)
        event = replace(event, visit=booked.visit)
        saved = [(one.visit, one.event) for one in marked]
        # Who came since we looked is named by those we read, and is to be marked as well.
        if not _unmarked(desk, booked, standing) and _saved(desk, saved, (booked, event)):
            return booked
        if (done := desk.appointments.get(id_)) is not None:
            return done
        drop_expired_holds(desk, wanted, found)
    raise keep_changing()


def save_overlapping(desk: Desk, changed: Appointment, event: Any) -> Appointment | None:  # noqa: ANN401
    """Save a visit that was double-booked, and what its change means for the others.

    None when it is stale. Raises ClaimTakenError.
    """
    for _ in range(TRIES):
        before = desk.appointments.get(changed.id)
        if before is None or before.version != changed.version:
            return None
        saved = with_overlapping(desk, before, changed, event)
        if desk.appointments.save_together(saved, desk.context):
            left, _ = saved[0]
            return replace(left, version=left.version + 1)
    raise keep_changing()


def with_overlapping(
    desk: Desk,
    before: Appointment,
    changed: Appointment,
    event: Any,  # noqa: ANN401 (any contract event)
) -> list[Change]:
    """Return a changed visit first, then those it overlaps on purpose that the change concerns.

    Raises ClaimTakenError when it would overlap one that it is not marked with.
    """
    found = map(desk.appointments.get, changed.overlaps)
    others = sorted((one for one in found if one is not None), key=lambda one: one.id)
    left, marked = after(before, changed, others)
    check_marked(desk, before, left, others)
    told = replace(event, visit=left.visit)
    return [(left, told), *((one.visit, one.event) for one in marked)]


def check_marked(
    desk: Desk, before: Appointment, changed: Appointment, others: Sequence[Appointment]
) -> None:
    """Raise ClaimTakenError when one is there that a changed visit is not marked with."""
    if _unmarked(desk, changed, others, before.ceded):
        raise ClaimTakenError


def keep_changing() -> ServiceUnavailable:
    """Return the refusal of who lost every race."""
    return ServiceUnavailable("the visits there keep changing; try again", retry_after=1)


def _unmarked(
    desk: Desk,
    visit: Appointment,
    others: Sequence[Appointment],
    ceded_before: Sequence[str] = (),
) -> bool:
    asked = map(desk.appointments.get, sorted(to_be_asked(visit, others, ceded_before)))
    return any(one is not None and overlap(visit, one) for one in asked)


def _saved(desk: Desk, saved: list[Change], made: Change) -> bool:
    try:
        return desk.appointments.save_together(saved, desk.context, made)
    except ClaimTakenError:
        return False
