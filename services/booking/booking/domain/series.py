"""A series: the wall times its rule gives, and which visit stands for each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, Self

from booking.domain.appointment import Appointment
from clinic_contracts.booking.series import OnClosure, SeriesTemplate

CLOSED = frozenset({"closed", "holiday"})
"""The reasons of a refusal that are the location's day, not somebody's shift."""
LONGEST_SHIFT_DAYS = 6
BY_HAND = "moved_by_hand"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the series put a visit; one that stands elsewhere was moved by hand."""

    local_start: datetime
    practitioner_id: str
    room_id: str

    @classmethod
    def of(cls, visit: Appointment) -> Self:
        """Return where a visit stands."""
        return cls(visit.local_start, visit.practitioner_id, visit.room_id)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a wall time of the rule has no visit."""

    code: str
    detail: str
    reason: str | None = None

    @property
    def is_closure(self) -> bool:
        """Say whether the location is closed then."""
        return self.reason in CLOSED


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """A wall time ``on`` that the rule gives, and what became of it.

    A ``booked`` one has its visit, ``skipped`` and ``conflict`` have a refusal, ``called_off`` is
    no more to be booked.
    """

    on: datetime
    outcome: Literal["booked", "skipped", "conflict", "called_off"]
    appointment_id: str | None = None
    place: Place | None = None
    refusal: Refusal | None = None

    def booked_as(self, visit: Appointment) -> Self:
        """Return it with the visit that stands for it, where the series put that."""
        place = Place.of(visit)
        return replace(self, outcome="booked", appointment_id=visit.id, place=place, refusal=None)

    def without(
        self, outcome: Literal["skipped", "conflict", "called_off"], refusal: Refusal | None = None
    ) -> Self:
        """Return it without a visit."""
        return replace(self, outcome=outcome, appointment_id=None, place=None, refusal=refusal)

    def why_left(self, visit: Appointment, now: datetime) -> str | None:
        """Return why the series does not move the visit any more, or None if it does."""
        if visit.status != "booked":
            return visit.status
        if visit.start <= now:
            return "begun"
        return None if self.place == Place.of(visit) else BY_HAND


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """From the occurrence of that number on: the rule, with whom ("any") and where (None: any)."""

    first: int
    rrule: str
    practitioner_id: str
    room_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Recurring visits of one client at one location; ``parts`` in order, the first from 0."""

    id: str
    version: int
    template: SeriesTemplate
    timezone: str
    on_closure: OnClosure
    parts: tuple[Part, ...]
    occurrences: tuple[Occurrence, ...]
    operations: tuple[str, ...] = ()

    def part_of(self, number: int) -> Part:
        """Return the part that an occurrence belongs to."""
        return next(part for part in reversed(self.parts) if part.first <= number)

    def number_of(self, appointment_id: str) -> int | None:
        """Return which occurrence a visit stands for, or None."""
        ids = [each.appointment_id for each in self.occurrences]
        return ids.index(appointment_id) if appointment_id in ids else None

    def days_of(self, number: int) -> tuple[datetime, ...]:
        """Return the wall times an occurrence may stand at: the rule's, then where it shifts to."""
        on = self.occurrences[number].on
        if self.on_closure == "skip":
            return (on,)
        shifted = [on + timedelta(days=days) for days in range(1, LONGEST_SHIFT_DAYS + 1)]
        later = self.occurrences[number + 1 :]
        return (on, *(at for at in shifted if not later or at.date() < later[0].on.date()))

    def with_parts(self, first: int, change: Callable[[Part], Part], *, one_rule: bool) -> Self:
        """Return the series with its parts changed from an occurrence on; to one part if so."""
        before = [part for part in self.parts if part.first < first]
        begun = replace(self.part_of(first), first=first)
        later = [] if one_rule else [part for part in self.parts if part.first > first]
        return replace(self, parts=(*before, *map(change, [begun, *later])))

    def with_occurrences(self, numbers: Sequence[int], ons: Sequence[datetime]) -> Self:
        """Return the series with these occurrences at other wall times of the rule."""
        moved = dict(zip(numbers, ons, strict=True))
        return replace(
            self,
            occurrences=tuple(
                replace(each, on=moved.get(number, each.on))
                for number, each in enumerate(self.occurrences)
            ),
        )

    def with_outcomes(self, outcomes: Mapping[int, Occurrence]) -> Self:
        """Return the series with what became of some occurrences."""
        return replace(
            self,
            occurrences=tuple(
                outcomes.get(number, each) for number, each in enumerate(self.occurrences)
            ),
        )
