"""Double booking on purpose: who marks whom, and who claims what they share.

Visits that overlap on purpose name each other in ``overlaps``. Of the claims they share, those of
the earlier visit stand; the later one cedes them. When a visit gives claims up, those who ceded
them take them over in the same transaction, so at no moment is a time that a live visit takes
free for others.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from booking.domain.appointment import HOLDS_ITS_TIME, Appointment
from booking.domain.availability import Busy, Offering, Resources, Span
from clinic_contracts.booking.events import AppointmentOverlapped


@dataclass(frozen=True, slots=True)
class Marked:
    """A visit whose overlaps changed, and the event that tells of it."""

    visit: Appointment
    event: AppointmentOverlapped


def resources_despite(offering: Offering, span: Span, busy: Iterable[Busy]) -> Resources:
    """Return what an override takes: the one practitioner, and where it can a free room and unit.

    ``offering`` has one practitioner and at least one room and unit.
    """
    taken = {id_ for one in busy if one.span.overlaps(span) for id_ in one.resources.ids}
    room = min(offering.rooms, key=lambda room: room.id in taken)
    unit = min(offering.units, key=lambda unit: unit in taken)
    return Resources(offering.practitioners[0].id, room.id, unit)


def overlapping(
    made: Appointment, standing: Sequence[Appointment]
) -> tuple[Appointment, list[Marked]]:
    """Return a visit made over standing ones, marked with them, and them marked with it."""
    ids = tuple(one.id for one in standing)
    marked = replace(made, overlaps=ids, ceded=_ceded(made, standing))
    return marked, [_marked(one, (*one.overlaps, made.id)) for one in standing]


def after(
    before: Appointment, changed: Appointment, others: Sequence[Appointment]
) -> tuple[Appointment, list[Marked]]:
    """Return a changed visit and those of its overlaps that the change concerns.

    ``others`` are the visits it was marked with ``before``, the earliest first. Who does not
    overlap it any more loses the mark; what it gives up is claimed by the first who ceded it.
    """
    still = [one for one in others if _overlap(changed, one)]
    ids = tuple(one.id for one in still)
    changed = replace(changed, overlaps=ids, ceded=_ceded(changed, others))
    given_up, found = set(before.claims).difference(changed.claims), []
    for one in others:
        taken_over = given_up.intersection(one.ceded)
        given_up -= taken_over
        heir = replace(one, ceded=tuple(key for key in one.ceded if key not in taken_over))
        left = one.overlaps if one in still else tuple(x for x in one.overlaps if x != changed.id)
        if taken_over or left != one.overlaps:
            found.append(_marked(heir, left))
    return changed, found


def _ceded(visit: Appointment, others: Iterable[Appointment]) -> tuple[str, ...]:
    """Return the claims that others have; a client's are not shared, nobody is in two places."""
    theirs = {key for one in others for key in one.claims}
    own = f"{visit.client_id}|"
    return tuple(key for key in visit.wanted_claims if key in theirs and not key.startswith(own))


def _marked(visit: Appointment, overlaps: tuple[str, ...]) -> Marked:
    marked = replace(visit, overlaps=overlaps)
    return Marked(marked, AppointmentOverlapped(visit=marked.visit, status=marked.status))


def _overlap(one: Appointment, other: Appointment) -> bool:
    both_hold = one.status in HOLDS_ITS_TIME and other.status in HOLDS_ITS_TIME
    shared = set(one.resources.ids) & set(other.resources.ids)
    return both_hold and bool(shared) and _span(one).overlaps(_span(other))


def _span(visit: Appointment) -> Span:
    return Span(visit.start, visit.end + timedelta(minutes=visit.turnover))
