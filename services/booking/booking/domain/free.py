"""Who and what is free: what search offers, and what a claim tries in turn."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from booking.domain import fairness, wall_time
from booking.domain.availability import Busy, Offering, Resources, Span
from booking.domain.bookable import Board, able
from booking.domain.ticks import TICK, Mask, Timeline, numbers, ones, runs, union
from clinic_contracts.booking.requests import Slot


@dataclass(frozen=True, slots=True)
class FreeTime:
    """When a visit could start, in which room, and with whom: who has least to do that day first.

    The instants are at the location's offset.
    """

    start: datetime
    local_start: datetime
    end: datetime
    room_id: str
    practitioner_ids: Sequence[str]

    def slots(self) -> Iterator[Slot]:
        """Yield a slot for each practitioner."""
        for id_ in self.practitioner_ids:
            yield Slot(
                practitioner_id=id_,
                room_id=self.room_id,
                start=self.start,
                local_start=self.local_start,
                end=self.end,
            )


@dataclass(frozen=True, slots=True)
class FreeTimes:
    """When visits could start, earliest first."""

    times: Sequence[FreeTime]

    @property
    def slots(self) -> Sequence[Slot]:
        """What can be booked: a slot for each time and practitioner."""
        return tuple(slot for time in self.times for slot in time.slots())


def candidates(
    offering: Offering, start: datetime, busy: Sequence[Busy], held: Collection[str] = ()
) -> Iterator[Resources]:
    """Yield each practitioner who could take a visit, in turn (``fairness``).

    Each comes with a room and a unit that are free then, one of ``held`` where that is free.
    ``busy`` holds all that overlaps the visit and, of several practitioners, their day.
    """
    span, zone = offering.span(start), wall_time.zone(offering.location.timezone)
    taken = {id_ for one in busy if one.span.overlaps(span) for id_ in one.resources.ids}
    rooms = [room for room in offering.rooms if room.id not in taken]
    units = [unit for unit in offering.units if unit not in taken]
    if not rooms or not units:
        return
    rooms.sort(key=lambda room: room.id not in held)
    unit = min(units, key=lambda unit: unit not in held)
    load = fairness.loads(busy, start, zone)
    people = [person for person in able(offering, start) if person.id not in taken]
    number_of_rooms = 1 if rooms[0].id in held else len(rooms)
    for person in fairness.in_turn(people, load):
        why = fairness.explained(person, people, load, number_of_rooms, zone)
        yield Resources(person.id, rooms[0].id, unit, why)


def times(
    offering: Offering, start: datetime, end: datetime, busy: Sequence[Busy]
) -> Iterator[FreeTime]:
    """Yield the times in ``[start, end)`` at which a visit could start, earliest first.

    ``busy`` holds all that overlaps a visit that starts in the period.
    """
    if offering.window is not None:
        start, end = max(start, offering.window.start), min(end, offering.window.end)
    if end <= start:
        return
    length = timedelta(minutes=offering.treatment.duration)
    board = Board(offering, start, end + length)
    free = _Free(offering, board.line, busy)
    rooms = free.rooms()
    asked = board.line.starting(start, end) & free.of_any(offering.units)
    asked &= union(rooms.values())
    starts = {
        person.id: board.starts(person, offered=True) & free.of(person.id) & asked
        for person in offering.practitioners
    }
    yield from _built(free, starts, rooms)


def with_travel(busy: Iterable[Busy], offering: Offering) -> list[Busy]:
    """Return what is busy, a practitioner's visit elsewhere with the way there and back."""
    people = {person.id for person in offering.practitioners}
    found = []
    for one in busy:
        minutes = offering.ways.get(one.location_id, 0)
        if minutes and one.resources.practitioner_id in people:
            way = timedelta(minutes=minutes)
            found.append(replace(one, span=Span(one.span.start - way, one.span.end + way)))
        else:
            found.append(one)
    return found


class _Free:
    """When a visit of an offering could begin so that what it takes is free of others."""

    def __init__(self, offering: Offering, line: Timeline, busy: Iterable[Busy]) -> None:
        treatment = offering.treatment
        self.offering = offering
        self.line = line
        self.length = (treatment.duration + treatment.turnover) // TICK
        self.whole = ones(line.count + self.length)
        self.taken: dict[str, Mask] = {}
        for one in busy:
            mask = line.span(one.span.start, one.span.end)
            for id_ in one.resources.ids:
                self.taken[id_] = self.taken.get(id_, 0) | mask

    def of(self, id_: str | None) -> Mask:
        """Return when one resource is free for long enough; None is free always."""
        taken = 0 if id_ is None else self.taken.get(id_, 0)
        return runs(self.whole & ~taken, self.length)

    def of_any(self, ids: Iterable[str | None]) -> Mask:
        """Return when any of the resources is free for long enough."""
        return union(self.of(id_) for id_ in ids)

    def rooms(self) -> dict[str, Mask]:
        """Return when each room is the one to take; no two at once."""
        chosen: dict[str, Mask] = {}
        left = self.whole
        for room in self.offering.rooms:
            chosen[room.id] = self.of(room.id) & left
            left &= ~chosen[room.id]
        return chosen


def _built(
    free: _Free, starts: Mapping[str, Mask], rooms: Mapping[str, Mask]
) -> Iterator[FreeTime]:
    line, some = free.line, union(starts.values())
    length = free.offering.treatment.duration // TICK
    for day in line.days:
        # Of the day alone: to go through the bits of a month is slow in each step.
        today = day.of(some)
        room_at = {
            tick: id_ for id_, mask in rooms.items() for tick in numbers(day.of(mask) & today)
        }
        order = sorted((day.of(free.taken.get(id_, 0)).bit_count(), id_) for id_ in starts)
        people = [(id_, day.of(starts[id_])) for _ticks, id_ in order]
        for tick in numbers(today):
            at, bit = line.at(day.first + tick), 1 << tick
            yield FreeTime(
                start=at,
                local_start=at.replace(tzinfo=None),
                end=line.at(day.first + tick + length),
                room_id=room_at[tick],
                practitioner_ids=[id_ for id_, theirs in people if theirs & bit],
            )
