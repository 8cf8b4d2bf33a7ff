"""What every change of a series needs: how it stands, and writing it with its visits."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from booking.domain import recurrence, wall_time
from booking.domain.appointment import Appointment
from booking.domain.invalid import invalid
from booking.domain.recurrence import Ends, Rule
from booking.domain.series import Occurrence, Series
from booking.ports import Change, ClaimTakenError, Desk
from booking.use_cases.placing import Placed, Put, together
from booking.use_cases.series_views import conflicts, is_skipped, view
from clinic_contracts.booking import series as s
from clinic_contracts.errors import (
    NonexistentTime,
    NotFound,
    SeriesConflicts,
    StaleVersion,
)
from clinic_contracts.trusted import dump

TRIES = 5
"""Each lost one means that somebody else booked or changed one of the visits since we looked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An occurrence that is not called off, its visit, and why a change of the series leaves it."""

    number: int
    occurrence: Occurrence
    visit: Appointment | None
    left: str | None

    def changed(
        self,
        change: Literal["booked", "moved", "cancelled", "left"],
        *,
        to: Appointment | None = None,
        reason: str | None = None,
    ) -> s.SeriesChange:
        """Return what is told of a change."""
        visit = self.visit or to
        return s.SeriesChange(
            on=self.occurrence.on,
            change=change,
            appointment_id=None if visit is None else visit.id,
            from_=None if self.visit is None else self.visit.local_start,
            to=None if to is None else to.local_start,
            reason=reason,
        )


def get_series(id_: str, desk: Desk) -> Series:
    """Return a series the caller may see; raises NotFound."""
    found = desk.series.get(id_)
    if found is None or not desk.context.sees(found.template.location_id):
        raise NotFound(f"there is no series {id_}")
    return found


def current(desk: Desk, id_: str, expected: int | None) -> tuple[Series, bool]:
    """Return a series, and whether this very operation made it so; raises StaleVersion."""
    series = get_series(id_, desk)
    done = desk.context.operation_id in series.operations
    if not done and expected is not None and expected != series.version:
        raise StaleVersion("the series changed meanwhile", current=dump(view(desk, series)))
    return series, done


def one_of(series: Series, appointment_id: str | None) -> tuple[int, str]:
    """Return which occurrence a visit stands for, and the visit's id; raises Invalid."""
    if appointment_id is None:
        raise invalid("appointment_id", "say which visit of the series")
    number = series.number_of(appointment_id)
    if number is None:
        raise invalid("appointment_id", f"{appointment_id} is no visit of this series")
    return number, appointment_id


def standing(
    desk: Desk, series: Series, scope: s.Scope = "all", appointment_id: str | None = None
) -> list[Standing]:
    """Return how the occurrences of a scope stand, but those past that have no visit."""
    first = 0 if scope == "all" else one_of(series, appointment_id)[0]
    asked = [*enumerate(series.occurrences)][first:]
    ids = [each.appointment_id for _, each in asked if each.appointment_id is not None]
    visits = desk.series.visits(ids)
    here = wall_time.at_offset(desk.now, series.timezone).replace(tzinfo=None)
    found = []
    for number, each in asked:
        visit = visits.get(each.appointment_id or "")
        left = None
        if visit is not None:
            seen = desk.context.sees(visit.location_id)
            left = each.why_left(visit, desk.now) if seen else "elsewhere"
        if visit is not None or (each.outcome != "called_off" and each.on > here):
            found.append(Standing(number=number, occurrence=each, visit=visit, left=left))
    return found


def check_time(local: datetime, zone_name: str, desk: Desk) -> None:
    """Raise NotBookable for a wall time that is off the tick or out of reach, whatever the day."""
    with contextlib.suppress(NonexistentTime):
        wall_time.visit_start(local, zone_name, 0, desk.now)


def occurrences(
    desk: Desk, rule: Rule, start: datetime, zone_name: str, ends: Ends
) -> tuple[datetime, ...]:
    """Return the wall times of a series; raises Invalid, and as ``check_time``."""
    check_time(start, zone_name, desk)
    latest = wall_time.at_offset(wall_time.reach(desk.now)[1], zone_name).replace(tzinfo=None)
    return recurrence.occurrences(rule, start, desk.recur, ends, latest)


def outcomes(series: Series, placed: Sequence[Placed]) -> dict[int, Occurrence]:
    """Return what becomes of the occurrences placed; whose visit stays stays as it is."""
    found: dict[int, Occurrence] = {}
    for each in placed:
        number = each.going.number
        was = series.occurrences[number]
        if isinstance(each, Put):
            found[number] = was.booked_as(each.visit)
        elif each.going.visit is None:
            skipped = is_skipped(series, each)
            found[number] = was.without("skipped" if skipped else "conflict", each.refusal)
    return found


def check_conflicts(series: Series, placed: Sequence[Placed], choice: s.OnConflict) -> None:
    """Raise SeriesConflicts when not all that was wanted can be had, or nothing at all can."""
    refused = list(conflicts(series, placed).values())
    any_put = any(isinstance(each, Put) for each in placed)
    if any_put and (choice == "book_free" or not refused):
        return
    had = f"{len(refused)} of {len(placed)} visits cannot be had" if any_put else "none can be had"
    raise SeriesConflicts(
        f"{had}, so nothing was changed", conflicts=[dump(each) for each in refused]
    )


def written(
    desk: Desk,
    series: Series,
    placed: Sequence[Placed],
    called_off: Sequence[Change] = (),
    *,
    new: bool = False,
) -> bool:
    """Write a series and what was placed; False when it is to be looked at anew."""
    puts = [each for each in placed if isinstance(each, Put) and each.event is not None]
    made = [(each.visit, each.event) for each in puts if each.going.visit is None]
    moved = [(each.visit, each.event) for each in puts if each.going.visit is not None]
    try:
        if new:
            return desk.series.add(series, made, desk.context)
        changed = together(desk, [*moved, *called_off])
        return desk.series.save(series, made, changed, desk.context)
    except ClaimTakenError:
        # What an expired hold still claims is nobody's.
        claims = [key for visit, _ in [*made, *moved] for key in visit.claims]
        desk.appointments.drop_expired(claims, desk.now)
        return False
