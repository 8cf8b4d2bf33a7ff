"""Which times are free, as one pure function that search and claim share.

What search offers, a claim can have: both ask ``refusal`` of the same facts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

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


@dataclass(frozen=True, slots=True)
class Span:
    """Half-open ``[start, end)``; ``end`` includes the turnover."""

    start: datetime
    end: datetime

    def overlaps(self, other: "Span") -> bool:
        """Say whether the two share a moment."""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Busy:
    """Resources that an appointment takes for a span."""

    appointment_id: str
    practitioner_id: str
    room_id: str
    span: Span


@dataclass(frozen=True, slots=True)
class Setting:
    """A location, what is wanted there, and who could give it."""

    location: LocationView
    treatment: TreatmentView
    practitioners: tuple[PractitionerView, ...]

    @property
    def rooms(self) -> tuple[Room, ...]:
        """The rooms the treatment can be given in."""
        kind = self.treatment.room_kind
        return tuple(room for room in self.location.rooms if kind is None or kind in room.kinds)

    def span(self, start: datetime) -> Span:
        """Return what a visit that starts then would take, turnover included."""
        minutes = self.treatment.duration + self.treatment.turnover
        return Span(start, start + timedelta(minutes=minutes))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A practitioner and a room that are free together."""

    practitioner_id: str
    room_id: str


def refusal(
    setting: Setting, practitioner: PractitionerView, local: datetime
) -> NotBookable | None:
    """Return why this practitioner cannot start the treatment at this wall time, or None."""
    if setting.treatment.id not in practitioner.treatment_ids:
        return NotBookable(
            f"{practitioner.name} does not give {setting.treatment.name}", reason="not_offered"
        )
    starts = local.hour * 60 + local.minute
    ends = starts + setting.treatment.duration
    weekday = wall_time.WEEKDAYS[local.weekday()]
    hours = setting.location.hours.get(weekday, ())  # type: ignore[call-overload]
    if not hours:
        return NotBookable(f"{setting.location.name} is closed on that day", reason="closed")
    if not any(_within(starts, ends, opens, closes) for opens, closes in hours):
        return NotBookable(
            f"{setting.location.name} is not open for the whole visit", reason="outside_hours"
        )
    if not any(
        _within(starts, ends, shift.start, shift.end)
        for shift in shifts_on(practitioner, setting.location.id, local.date())
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
    setting: Setting, local: datetime, start: datetime, busy: Sequence[Busy]
) -> Iterator[Candidate]:
    """Yield who and which room could take a visit, those with the least to do first."""
    span = setting.span(start)
    clashes = [taken for taken in busy if taken.span.overlaps(span)]
    taken_people = {taken.practitioner_id for taken in clashes}
    taken_rooms = {taken.room_id for taken in clashes}
    load = {
        person.id: sum(taken.practitioner_id == person.id for taken in busy)
        for person in setting.practitioners
    }
    free_rooms = [room for room in setting.rooms if room.id not in taken_rooms]
    for person in sorted(setting.practitioners, key=lambda p: (load[p.id], p.id)):
        if person.id not in taken_people and refusal(setting, person, local) is None:
            for room in free_rooms:
                yield Candidate(person.id, room.id)


def slots(setting: Setting, start: datetime, end: datetime, busy: Sequence[Busy]) -> Iterator[Slot]:
    """Yield the free slots that start in ``[start, end)``, earliest first, one per practitioner."""
    there = setting.location.timezone
    first = wall_time.at_offset(start, there).date()
    last = wall_time.at_offset(end, there).date()
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        day_start, day_end = wall_time.day_bounds(day, there)
        today = [b for b in busy if b.span.overlaps(Span(day_start, day_end))]
        for local in _grid(setting, day):
            try:
                at = wall_time.instant(local, there)
            except NonexistentTime:
                continue
            if start <= at < end:
                yield from _slots_at(setting, local, at, today)


def _slots_at(
    setting: Setting, local: datetime, at: datetime, busy: Sequence[Busy]
) -> Iterator[Slot]:
    offered: set[str] = set()
    for found in candidates(setting, local, at, busy):
        if found.practitioner_id not in offered:
            offered.add(found.practitioner_id)
            there = setting.location.timezone
            yield Slot(
                practitioner_id=found.practitioner_id,
                room_id=found.room_id,
                start=wall_time.at_offset(at, there),
                local_start=local,
                end=wall_time.at_offset(at + timedelta(minutes=setting.treatment.duration), there),
            )


def _grid(setting: Setting, day: date) -> list[datetime]:
    starts: set[int] = set()
    for person in setting.practitioners:
        for shift in shifts_on(person, setting.location.id, day):
            opens, closes = wall_time.minutes_of(shift.start), wall_time.minutes_of(shift.end)
            last = closes - setting.treatment.duration
            starts.update(range(opens, last + 1, GRID_MINUTES))
    return [wall_time.on_day(day, minutes) for minutes in sorted(starts)]


def _within(starts: int, ends: int, opens: str, closes: str) -> bool:
    return wall_time.minutes_of(opens) <= starts and ends <= wall_time.minutes_of(closes)
