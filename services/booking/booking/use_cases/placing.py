"""Where the visits of a series go: each is asked for as any visit is, and nothing written yet."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from booking.domain import appointment as visits
from booking.domain import free, wall_time
from booking.domain.appointment import Appointment, Terms
from booking.domain.availability import Resources
from booking.domain.override import after
from booking.domain.series import Refusal, Series
from booking.ports import Change, ClaimTakenError, Desk
from booking.use_cases import clients
from booking.use_cases.claiming import Wanted, claim, client_is_elsewhere, in_the_way
from booking.use_cases.offering import ANY, in_room, offering_of
from booking.use_cases.overriding import check_marked
from clinic_contracts.errors import (
    ClientBlocked,
    ClinicError,
    NonexistentTime,
    NotBookable,
    ReferralNeeded,
    SlotTaken,
)

REFUSALS = (NotBookable, NonexistentTime, SlotTaken, ClientBlocked, ReferralNeeded)
"""What may be said of one visit of a series; anything else is said of the whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Going:
    """An occurrence to be placed: where it may stand, first choice first, and its visit if any."""

    number: int
    days: tuple[datetime, ...]
    practitioner_id: str
    room_id: str | None
    visit: Appointment | None = None
    acknowledged: tuple[str, ...] = ()

    def stands_at(self, local: datetime) -> bool:
        """Say whether its visit is there already, with whom and where it is wanted."""
        visit = self.visit
        return (
            visit is not None
            and visit.local_start == local
            and self.practitioner_id in {ANY, visit.practitioner_id}
            and self.room_id in {None, visit.room_id}
        )


@dataclass(frozen=True, slots=True)
class Put:
    """Its visit as it is to be, and the event that tells of it: None when nothing changes."""

    going: Going
    visit: Appointment
    event: Any


@dataclass(frozen=True, slots=True)
class Refused:
    """Why it cannot be had, at the wall time that counts."""

    going: Going
    local: datetime
    error: ClinicError

    @property
    def refusal(self) -> Refusal:
        """What of it is kept: what blocks, and alternatives, age."""
        return Refusal(self.error.code, self.error.detail, self.error.extra.get("reason"))


Placed = Put | Refused


def plan(desk: Desk, series: Series, goings: Sequence[Going]) -> list[Placed]:
    """Return where each goes. Those that move make room for the others; those that stay do not."""
    desk = clients.asking_once(desk)
    aside = {going.visit.id for going in goings if going.visit is not None}
    placed: dict[int, Placed] = {}
    todo = list(goings)
    while todo:
        for going in todo:
            others = [each for number, each in placed.items() if number != going.number]
            made = [put.visit for put in others if isinstance(put, Put) and put.going.visit is None]
            placed[going.number] = _place(_Round(desk, series, frozenset(aside), made), going)
        staying = [visit for visit in map(_staying, placed.values()) if visit and visit.id in aside]
        aside -= {visit.id for visit in staying}
        # Who was to have what one of them keeps is placed once more, and may then stay as well.
        kept = {key for visit in staying for key in visit.claims}
        todo = [
            put.going
            for put in placed.values()
            if isinstance(put, Put) and put.event and not kept.isdisjoint(put.visit.claims)
        ]
    return [placed[going.number] for going in goings]


def _staying(placed: Placed) -> Appointment | None:
    """Return the visit that stays where it is, if one does."""
    stays = isinstance(placed, Refused) or placed.event is None
    return placed.going.visit if stays else None


def together(desk: Desk, changed: Iterable[Change]) -> list[Change]:
    """Return changed visits, and what their change means for those they overlap on purpose.

    Raises ClaimTakenError when one would overlap another that it is not marked with.
    """
    found = {visit.id: (visit, event) for visit, event in changed}
    for id_ in [id_ for id_, (visit, _) in found.items() if visit.overlaps]:
        visit, event = found[id_]
        named = [
            found[other][0] if other in found else desk.appointments.get(other)
            for other in sorted(visit.overlaps)
        ]
        others = [one for one in named if one is not None]
        before = desk.appointments.get(id_) or visit
        left, marked = after(before, visit, others)
        check_marked(desk, before, left, others)
        found[id_] = left, replace(event, visit=left.visit)
        for one in marked:
            told = found[one.visit.id][1] if one.visit.id in found else one.event
            found[one.visit.id] = one.visit, replace(told, visit=one.visit.visit)
    return list(found.values())


@dataclass(frozen=True, slots=True)
class _Round:
    """What placing one occurrence takes: which visits make room, which are made as well."""

    desk: Desk
    series: Series
    aside: frozenset[str]
    made: Sequence[Appointment]


def _place(round_: _Round, going: Going) -> Placed:
    on, *later = going.days
    first = _at(round_, going, on)
    if isinstance(first, Put) or not first.refusal.is_closure:
        return first
    for local in later:
        # A day on which nobody could give it is passed over; one that is full is a conflict.
        found = _at(round_, going, local)
        if isinstance(found, Put) or isinstance(found.error, SlotTaken):
            return found
    return first


def _at(round_: _Round, going: Going, local: datetime) -> Placed:
    try:
        return _put(round_, going, local)
    except REFUSALS as error:
        return Refused(going, local, error)


def _put(round_: _Round, going: Going, local: datetime) -> Put:
    desk, current = round_.desk, going.visit
    wanted = _wanted(round_, going, local)
    would = claim(desk, wanted, lambda found: _would(desk, wanted, found))
    if current is not None and going.stands_at(local):
        return Put(going, current, None)
    terms = wanted.terms(replace(would.resources, choice=would.choice), desk.tzdata)
    if current is not None:
        warnings = clients.check_wanted(wanted, current.id, desk)
        moved, event = current.move(terms)
        return Put(going, replace(moved, warnings=warnings), event)
    return _made(round_, going, wanted, terms)


def _made(round_: _Round, going: Going, wanted: Wanted, terms: Terms) -> Put:
    """Return a visit to be booked; raises ClientBlocked, ReferralNeeded."""
    desk, read = round_.desk, going.acknowledged
    id_ = desk.derived_id("apt", desk.context.operation_id, str(going.number))
    warnings = clients.check_wanted(wanted, id_, desk, read, round_.made)
    made, event = visits.book(id_, round_.series.template.client_id, terms)
    made = replace(made, series_id=round_.series.id).acknowledging(read)
    return Put(going, replace(made, warnings=warnings), replace(event, visit=made.visit))


def _wanted(round_: _Round, going: Going, local: datetime) -> Wanted:
    desk, template, current = round_.desk, round_.series.template, going.visit
    offering = offering_of(desk, template.location_id, template.treatment_id, going.practitioner_id)
    offering = in_room(offering, going.room_id)
    # Of a doubled wall time the earlier instant, unless its visit has the later one already.
    fold = current.fold if current is not None and local == current.local_start else 0
    start = wall_time.visit_start(local, offering.location.timezone, fold, desk.now)
    return Wanted(
        offering=offering if current is None else current.terms_in(offering, start),
        local=local,
        start=start,
        fold=fold,
        client_id=template.client_id,
        moving=current,
        aside=round_.aside,
    )


def _would(desk: Desk, wanted: Wanted, found: Resources) -> Appointment:
    """Return the visit that a claim would make, unless something is in its way."""
    if not wanted.offering.leaves_a_choice:  # else the claim has looked itself
        held = () if wanted.moving is None else wanted.moving.resources.ids
        there = in_the_way(desk, wanted, wanted.span)
        candidates = free.candidates(wanted.offering, wanted.start, there, held)
        if client_is_elsewhere(wanted, there) or next(candidates, None) is None:
            raise ClaimTakenError
    return visits.hold("", wanted.terms(found, desk.tzdata))
