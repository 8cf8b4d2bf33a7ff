"""Moving many visits to other practitioners at the times they have: who could take which."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from booking.domain import bookable, free, wall_time
from booking.domain.appointment import Appointment
from booking.domain.availability import Busy, Offering, Resources, Span
from booking.domain.obstacles import refused
from clinic_contracts.booking.day import Obstacle
from clinic_contracts.errors import NotBookable


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Whose visits are to be moved: those that start in ``[start, end)`` at a location."""

    location_id: str
    practitioner_id: str
    start: datetime
    end: datetime

    def holds(self, visit: Appointment) -> bool:
        """Say whether a visit is one of them."""
        return (
            (visit.location_id, visit.practitioner_id) == (self.location_id, self.practitioner_id)
            and self.start <= visit.start < self.end
            and visit.status in {"booked", "arrived"}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What is to become of a visit, as it was at ``version``: either ``found`` or ``why`` not."""

    appointment_id: str
    version: int
    fold: int = 0
    found: Resources | None = None
    room_kept: bool = False
    why: Obstacle | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkMove:
    """A plan that is being carried out, by whom and why."""

    id: str
    location_id: str
    actor: str
    at: datetime
    reason: str | None
    steps: tuple[Step, ...]


def plan(visits: Iterable[tuple[Appointment, Offering]], busy: Sequence[Busy]) -> list[Step]:
    """Say of each visit, in turn, who takes it and where, or why nobody can.

    Each comes with its treatment at its location and the practitioners who might take it. ``busy``
    is what holds any of them, any of its rooms or units, or the visits themselves; what a step
    moves is where it moves it for the steps that follow.
    """
    diary = _Diary(busy)
    steps = []
    for visit, offering in visits:
        found = _found(visit, visit.terms_in(offering, visit.start), diary)
        if isinstance(found, Obstacle):
            steps.append(stay(visit, found))
        else:
            diary.move(visit, found)
            steps.append(_go(visit, found))
    return steps


def stay(visit: Appointment, why: Obstacle) -> Step:
    """Return the step that leaves a visit where it is."""
    return Step(appointment_id=visit.id, version=visit.version, why=why)


def _go(visit: Appointment, found: Resources) -> Step:
    return Step(
        appointment_id=visit.id,
        version=visit.version,
        fold=visit.fold,
        found=found,
        room_kept=found.room_id == visit.room_id,
    )


class _Diary:
    """What holds what, by start."""

    def __init__(self, busy: Sequence[Busy]) -> None:
        self.rows = sorted(busy, key=lambda row: row.span.start)
        self.starts = [row.span.start for row in self.rows]
        self.longest = max((row.span.end - row.span.start for row in busy), default=timedelta())

    def around(self, span: Span, visit: Appointment) -> list[Busy]:
        """Return what is in the span; neither the visit nor what it overlaps on purpose."""
        low, high = self._between(span.start - self.longest, span.end)
        own = {visit.id, *visit.overlaps}
        return [row for row in self.rows[low:high] if row.appointment_id not in own]

    def move(self, visit: Appointment, found: Resources) -> None:
        """Have a visit hold other resources at its time."""
        low, high = self._between(visit.start, visit.start + timedelta.resolution)
        for at in range(low, high):
            if self.rows[at].appointment_id == visit.id:
                self.rows[at] = replace(self.rows[at], resources=found)

    def _between(self, start: datetime, end: datetime) -> tuple[int, int]:
        return bisect_left(self.starts, start), bisect_left(self.starts, end)


def _found(visit: Appointment, offering: Offering, diary: _Diary) -> Resources | Obstacle:
    if visit.status != "booked":
        return Obstacle(reason="arrived", detail="the client is here already")
    try:
        bookable.refuse_if_nobody_could(offering, visit.start)
    except NotBookable as error:
        return refused(error)
    day = Span(*wall_time.day_bounds(visit.local_start.date(), visit.timezone))
    around = free.with_travel(diary.around(offering.within_reach(day), visit), offering)
    candidates = free.candidates(offering, visit.start, around, visit.resources.ids)
    if (found := next(candidates, None)) is not None:
        return found
    return Obstacle(reason="taken", detail="nobody who could take it, or no room, is free then")
