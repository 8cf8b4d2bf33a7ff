"""Which times are free. Search and booking both ask ``refusal`` and ``candidates``."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from booking.domain import wall_time
from clinic_contracts.booking.requests import (
    LocationView,
    PractitionerView,
    Room,
    ShiftSpec,
    Slot,
    TreatmentView,
)
from clinic_contracts.errors import NonexistentTime, NotBookable

GRID_MINUTES = 15
ResourceId = TypeVar("ResourceId", bound=str | None)


@dataclass(frozen=True, slots=True)
class Span:
    """Half-open ``[start, end)``; ``end`` includes the turnover."""

    start: datetime
    end: datetime

    def overlaps(self, other: "Span") -> bool:
        """Say whether the two share a moment."""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Resources:
    """What a visit takes together: a practitioner, a room and perhaps a unit of equipment."""

    practitioner_id: str
    room_id: str
    equipment_id: str | None = None

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all of them."""
        both = (self.practitioner_id, self.room_id)
        return both if self.equipment_id is None else (*both, self.equipment_id)


@dataclass(frozen=True, slots=True)
class Busy:
    """Resources that an appointment takes for a span."""

    appointment_id: str
    location_id: str
    resources: Resources
    span: Span
    visit_end: datetime
    client_id: str | None = None
    """Whose visit it is, when the client cannot be elsewhere meanwhile."""
    overlaps: tuple[str, ...] = ()
    """The visits it overlaps on purpose."""


@dataclass(frozen=True, slots=True)
class Offering:
    """A treatment at a location, and who could give it.

    ``kept_unit`` is the unit of equipment that a visit to be moved holds at this very time: it
    keeps it even when the location has fewer units by now.
    """

    location: LocationView
    treatment: TreatmentView
    practitioners: tuple[PractitionerView, ...]
    kept_unit: str | None = None

    @property
    def rooms(self) -> tuple[Room, ...]:
        """The rooms the treatment can be given in."""
        kind = self.treatment.room_kind
        return tuple(room for room in self.location.rooms if kind is None or kind in room.kinds)

    @property
    def units(self) -> tuple[str | None, ...]:
        """The units of equipment it can be given with; None stands for "needs none"."""
        found = self._pool()
        return found if self.kept_unit in {None, *found} else (self.kept_unit, *found)

    @property
    def leaves_a_choice(self) -> bool:
        """Say whether there is more than one way to give it."""
        return len(self.practitioners) * len(self.rooms) * len(self.units) > 1

    def span(self, start: datetime) -> Span:
        """Return what a visit that starts then would take, turnover included."""
        minutes = self.treatment.duration + self.treatment.turnover
        return Span(start, start + timedelta(minutes=minutes))

    def _pool(self) -> tuple[str | None, ...]:
        kind = self.treatment.equipment_kind
        if kind is None:
            return (None,)
        count = sum(pool.count for pool in self.location.equipment if pool.kind == kind)
        return tuple(f"eq_{self.location.id}_{kind}_{number}" for number in range(1, count + 1))


def refuse_if_nobody_could(offering: Offering, local: datetime) -> None:
    """Raise NotBookable when the visit could not start then even if nothing else were booked."""
    if not offering.practitioners:
        raise NotBookable(
            f"nobody gives {offering.treatment.name} at {offering.location.name}",
            reason="not_offered",
        )
    if not offering.rooms:
        raise NotBookable("no room there suits the treatment", reason="no_room")
    if not offering.units:
        raise NotBookable(
            f"{offering.location.name} has no {offering.treatment.equipment_kind}, "
            f"which {offering.treatment.name} needs",
            reason="no_equipment",
        )
    refusals = [refusal(offering, person, local) for person in offering.practitioners]
    if None not in refusals and refusals[0] is not None:
        raise refusals[0]


def refusal(
    offering: Offering, practitioner: PractitionerView, local: datetime
) -> NotBookable | None:
    """Return why this practitioner cannot start the treatment at this wall time, or None."""
    if offering.treatment.id not in practitioner.treatment_ids:
        return NotBookable(
            f"{practitioner.name} does not give {offering.treatment.name}", reason="not_offered"
        )
    starts = local.hour * 60 + local.minute
    ends = starts + offering.treatment.duration
    weekday = wall_time.WEEKDAYS[local.weekday()]
    hours = offering.location.hours.get(weekday, ())  # type: ignore[call-overload]
    if not hours:
        return NotBookable(f"{offering.location.name} is closed on that day", reason="closed")
    if not any(_within(starts, ends, opens, closes) for opens, closes in hours):
        return NotBookable(
            f"{offering.location.name} is not open for the whole visit", reason="outside_hours"
        )
    if not any(
        _within(starts, ends, shift.start, shift.end)
        for shift in shifts_on(practitioner, offering.location.id, local.date())
    ):
        return NotBookable(
            f"{practitioner.name} is not on shift for the whole visit", reason="outside_shift"
        )
    return None


def shifts_on(practitioner: PractitionerView, location_id: str, day: date) -> Iterator[ShiftSpec]:
    """Yield the practitioner's shifts at a location on a day."""
    weekday = wall_time.WEEKDAYS[day.weekday()]
    for shift in practitioner.shifts:
        in_force = (shift.from_ is None or shift.from_ <= day) and (
            shift.to is None or day <= shift.to
        )
        if shift.location_id == location_id and shift.weekday == weekday and in_force:
            yield shift


def candidates(
    offering: Offering,
    local: datetime,
    start: datetime,
    busy: Sequence[Busy],
    held: Collection[str] = (),
) -> Iterator[Resources]:
    """Yield each practitioner who could take a visit, those with the least to do first.

    Each comes with a room and a unit that are free then, one of ``held`` where that is free.
    """
    span = offering.span(start)
    taken = {id_ for one in busy if one.span.overlaps(span) for id_ in one.resources.ids}
    rooms = _free((room.id for room in offering.rooms), taken, held)
    units = _free(offering.units, taken, held)
    if not rooms or not units:
        return
    load = {
        person.id: sum(one.resources.practitioner_id == person.id for one in busy)
        for person in offering.practitioners
    }
    for person in sorted(offering.practitioners, key=lambda p: (load[p.id], p.id)):
        if person.id not in taken and refusal(offering, person, local) is None:
            yield Resources(person.id, rooms[0], units[0])


def slots(
    offering: Offering, start: datetime, end: datetime, busy: Sequence[Busy]
) -> Iterator[Slot]:
    """Yield the free slots that start in ``[start, end)``, earliest first, one per practitioner."""
    there = offering.location.timezone
    first = wall_time.at_offset(start, there).date()
    last = wall_time.at_offset(end, there).date()
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        day_start, day_end = wall_time.day_bounds(day, there)
        today = [b for b in busy if b.span.overlaps(Span(day_start, day_end))]
        for local in _grid(offering, day):
            try:
                at = wall_time.instant(local, there)
            except NonexistentTime:
                continue
            if start <= at < end:
                for found in candidates(offering, local, at, today):
                    yield _slot(offering, local, at, found)


def _slot(offering: Offering, local: datetime, at: datetime, found: Resources) -> Slot:
    there = offering.location.timezone
    return Slot(
        practitioner_id=found.practitioner_id,
        room_id=found.room_id,
        start=wall_time.at_offset(at, there),
        local_start=local,
        end=wall_time.at_offset(at + timedelta(minutes=offering.treatment.duration), there),
    )


def _free(
    ids: Iterable[ResourceId], taken: Collection[object], held: Collection[object]
) -> list[ResourceId]:
    return sorted((id_ for id_ in ids if id_ not in taken), key=lambda id_: id_ not in held)


def _grid(offering: Offering, day: date) -> list[datetime]:
    starts: set[int] = set()
    for person in offering.practitioners:
        for shift in shifts_on(person, offering.location.id, day):
            opens, closes = wall_time.minutes_of(shift.start), wall_time.minutes_of(shift.end)
            last = closes - offering.treatment.duration
            starts.update(range(opens, last + 1, GRID_MINUTES))
    return [wall_time.on_day(day, minutes) for minutes in sorted(starts)]


def _within(starts: int, ends: int, opens: str, closes: str) -> bool:
    return wall_time.minutes_of(opens) <= starts and ends <= wall_time.minutes_of(closes)
