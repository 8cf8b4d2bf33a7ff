"""Double booking on purpose: who marks whom, and who claims what they share.

Visits that overlap on purpose name each other in ``overlaps``. Of the claims they share, those of
the earlier visit stand; the later one cedes them. When a visit gives claims up, those who ceded
them take them over in the same transaction, so at no moment is a time that a live visit takes
free for others.

What proves that none is left unmarked: whoever cedes a claim is marked by the visit that has it,
in the same transaction and over the version that was read. So a visit names all who ceded to it,
and two that would cede the same claim at once cannot both be written.
"""

from collections.abc import Collection, Iterable, Sequence
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
    overlap it any more loses the mark; what it gives up is claimed by the first who ceded it; who
    has what it cedes from now on is marked anew, though nothing else of it changes.
    """
    still = [one for one in others if overlap(changed, one)]
    ids = tuple(one.id for one in still)
    changed = replace(changed, overlaps=ids, ceded=_ceded(changed, others, before.ceded))
    given_up, found = set(before.claims).difference(changed.claims), []
    newly = set(changed.ceded).difference(before.ceded)
    for one in others:
        taken_over = given_up.intersection(one.ceded)
        given_up -= taken_over
        heir = replace(one, ceded=tuple(key for key in one.ceded if key not in taken_over))
        left = one.overlaps if one in still else tuple(x for x in one.overlaps if x != changed.id)
        if taken_over or left != one.overlaps or not newly.isdisjoint(one.claims):
            found.append(_marked(heir, left))
    return changed, found


def to_be_asked(
    visit: Appointment, others: Iterable[Appointment], ceded_before: Collection[str] = ()
) -> set[str]:
    """Return who may be there unmarked: named by those it cedes to now, and not by itself.

    They are to be read after ``others``, or who comes in between goes unseen.
    """
    newly = set(visit.ceded).difference(ceded_before)
    named = {id_ for one in others if not newly.isdisjoint(one.claims) for id_ in one.overlaps}
    return named - {visit.id, *visit.overlaps}


def overlap(one: Appointment, other: Appointment) -> bool:
    """Say whether both hold their time and would take something together."""
    both_hold = one.status in HOLDS_ITS_TIME and other.status in HOLDS_ITS_TIME
    shared = set(one.resources.ids) & set(other.resources.ids)
    return both_hold and bool(shared) and _span(one).overlaps(_span(other))


def _ceded(
    visit: Appointment, others: Iterable[Appointment], before: Iterable[str] = ()
) -> tuple[str, ...]:
    """Return the claims that others have; a client's are not shared, nobody is in two places.

    What it ceded before it cedes until it is handed over, whoever has it by now.
    """
    theirs = {*before, *(key for one in others for key in one.claims)}
    own = f"{visit.client_id}|"
    return tuple(key for key in visit.wanted_claims if key in theirs and not key.startswith(own))


def _marked(visit: Appointment, overlaps: tuple[str, ...]) -> Marked:
    marked = replace(visit, overlaps=overlaps)
    return Marked(marked, AppointmentOverlapped(visit=marked.visit, status=marked.status))


def _span(visit: Appointment) -> Span:
    return Span(visit.start, visit.end + timedelta(minutes=visit.turnover))
