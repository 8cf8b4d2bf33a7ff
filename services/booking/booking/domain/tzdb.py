"""What another edition of the zone data makes of visits: other instants of the same wall times."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from booking.domain import wall_time
from booking.domain.appointment import Appointment
from clinic_contracts.booking.events import AppointmentMoved
from clinic_contracts.errors import Invalid

Rules = Callable[[str], tzinfo]
"""The zone of a name, by some edition of the zone data; raises Invalid when it has none."""
FARTHEST = timedelta(days=1)
"""No release moves a wall time farther: it is what crossing the date line takes (Samoa, 2011)."""
CAUSE = "tzdb"


@dataclass(frozen=True, slots=True)
class Shift:
    """A visit and the instant that its wall time has now; None when the clock skips it."""

    visit: Appointment
    start: datetime | None

    @property
    def minutes(self) -> int:
        """By how much it is later; 0 when it stays, or cannot be said."""
        return 0 if self.start is None else (self.start - self.visit.start) // timedelta(minutes=1)

    @property
    def zone_before(self) -> timezone:
        """The offset that its wall time had when its instant was found."""
        offset = self.visit.local_start - self.visit.start.replace(tzinfo=None)
        return timezone(offset) if abs(offset) < FARTHEST else UTC

    @property
    def after(self) -> Appointment:
        """The visit at its instant of now; as it is when it has none."""
        by = timedelta(minutes=self.minutes)
        return replace(self.visit, start=self.visit.start + by, end=self.visit.end + by)


def shift_of(visit: Appointment, rules: Rules) -> Shift:
    """Return what becomes of a visit; an ambiguous wall time is what its ``fold`` says."""
    try:
        there = rules(visit.timezone)
    except Invalid:  # the release has dropped the zone: no wall time exists in it
        return Shift(visit, None)
    at = visit.local_start.replace(tzinfo=there, fold=visit.fold).astimezone(UTC)
    exists = at.astimezone(there).replace(tzinfo=None) == visit.local_start
    return Shift(visit, at if exists else None)


def is_due(visit: Appointment, edition: str, now: datetime) -> bool:
    """Say whether a visit is to be looked at: booked under another edition, and to come."""
    return (
        visit.status == "booked"
        and visit.tzdata_version != edition
        and visit.start > now - FARTHEST
    )


def is_to_come(shift: Shift, now: datetime) -> bool:
    """Say whether the visit is still to come by the old instant or by the new one."""
    return max(shift.visit.start, shift.start or shift.visit.start) > now


def staying(visit: Appointment) -> Shift:
    """Return the shift of a visit that is not due."""
    return Shift(visit, visit.start)


def moved(shifts: Sequence[Shift], edition: str) -> list[tuple[Appointment, AppointmentMoved]]:
    """Return visits at their instants of now, each with the event that tells of it.

    Those that are double-booked with each other move together, by the same time: what one of them
    cedes to another moves along.
    """
    return [_moved(shift, edition) for shift in shifts]


def in_the_way(shifts: Iterable[Shift], others: Iterable[Shift]) -> dict[str, list[Appointment]]:
    """Return for each visit to be moved those that would have what it needs once all have moved.

    Those it is double-booked with on purpose are not in its way.
    """
    moving = list(shifts)
    holders: dict[str, dict[str, Appointment]] = {}
    for shift in (*others, *moving):
        for key in shift.after.wanted_claims:
            holders.setdefault(key, {})[shift.visit.id] = shift.visit
    return {shift.visit.id: _blockers(shift, holders) for shift in moving}


def _moved(shift: Shift, edition: str) -> tuple[Appointment, AppointmentMoved]:
    ticks = shift.minutes // wall_time.TICK_MINUTES
    ceded = tuple(_later(key, ticks) for key in shift.visit.ceded)
    changed = replace(shift.after, tzdata_version=edition, ceded=ceded)
    told = AppointmentMoved(visit=changed.visit, previous=shift.visit.visit, cause=CAUSE)
    return changed, told


def _blockers(shift: Shift, holders: Mapping[str, Mapping[str, Appointment]]) -> list[Appointment]:
    own = {shift.visit.id, *shift.visit.overlaps}
    found = {
        id_: visit
        for key in shift.after.wanted_claims
        for id_, visit in holders[key].items()
        if id_ not in own
    }
    return list(found.values())


def _later(claim: str, ticks: int) -> str:
    id_, _, tick = claim.rpartition("|")
    return f"{id_}|{int(tick) + ticks}"
