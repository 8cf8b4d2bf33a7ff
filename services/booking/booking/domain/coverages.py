"""What payers have left for a client's visits, as billing told it, less what is booked since.

A payer that will not pay stops no visit: the fee falls to the next payer or the client, who is told
so when it is booked.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from booking.domain.appointment import Appointment
from booking.domain.clients import LOW_VISITS, Heard, Known, Planned
from clinic_contracts.billing.events import CoverageUsed
from clinic_contracts.booking.clients import BookingWarning, WarningCode

TO_COME = frozenset({"booked", "arrived"})
RECENT = timedelta(days=90)
"""So long after an injury's window a visit may still be meant for its payer."""
Disciplines = Mapping[str, str]
"""Of treatments, by id."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A coverage's limits on a day: billing's latest word, and the visits it leaves in the period.

    Of a benefit year that billing has not told of, the year before's limit stands, none of it used.
    """

    heard: Heard[CoverageUsed]
    begins: date
    ends: date | None
    visits_left: int | None

    def has(self, day: date) -> bool:
        """Say whether a day lies in the period."""
        return self.begins <= day and (self.ends is None or day <= self.ends)


def limits_for(known: Known, discipline: str, day: date) -> list[Limit]:
    """Return the limits of a visit to a discipline on a day, of each coverage and rule the one."""
    latest: dict[tuple[str, str], Heard[CoverageUsed]] = {}
    for heard in known.coverages:
        said = heard.said
        fits = not said.disciplines or discipline in said.disciplines
        if said.period_to is not None and said.year_from <= day and fits:
            best = latest.get((said.coverage_id, said.rule))
            if best is None or best.said.year_from < said.year_from:
                latest[said.coverage_id, said.rule] = heard
    return [_limit(heard, day) for heard in latest.values()]


def check_coverages(
    planned: Planned,
    limits: Iterable[Limit],
    visits: Sequence[Appointment],
    disciplines: Disciplines,
) -> list[BookingWarning]:
    """Return what there is to say of the payers of a visit; ``visits`` are the client's others."""
    return [
        warning
        for limit in limits
        for warning in _warnings(planned, limit, _counted(limit, visits, disciplines))
    ]


def left_of(limit: Limit, visits: Sequence[Appointment], disciplines: Disciplines) -> int | None:
    """Return how many visits a limit leaves when those booked are made, at least 0."""
    if limit.visits_left is None:
        return None
    return max(limit.visits_left - len(_counted(limit, visits, disciplines)), 0)


def _limit(heard: Heard[CoverageUsed], day: date) -> Limit:
    said = heard.said
    ends = said.period_to
    if ends is None or day <= ends or said.window_code is not None:
        return Limit(heard, said.year_from, ends, said.visits_left)
    whole = None if said.visits_left is None else said.visits_left + said.visits_used
    next_begins = ends + timedelta(days=1)
    return Limit(heard, next_begins, None, whole)


def _counted(
    limit: Limit, visits: Sequence[Appointment], disciplines: Disciplines
) -> list[Appointment]:
    """Return the visits that billing has not counted yet: to come, or fulfilled since its word.

    A visit may be fulfilled before its time; where nobody kept when, it was at its start.
    """
    named = limit.heard.said.disciplines
    return [
        visit
        for visit in visits
        if limit.has(visit.local_start.date())
        and (not named or disciplines[visit.treatment_id] in named)
        and (visit.status in TO_COME or _fulfilled_since(visit, limit.heard.as_of))
    ]


def _fulfilled_since(visit: Appointment, instant: datetime) -> bool:
    return visit.status == "fulfilled" and (visit.fulfilled_at or visit.start) > instant


def _warnings(
    planned: Planned, limit: Limit, others: Sequence[Appointment]
) -> Iterator[BookingWarning]:
    said = limit.heard.said

    def warning(
        code: WarningCode, detail: str, because: str | None, left: int | None = None
    ) -> BookingWarning:
        return BookingWarning(
            code=code,
            detail=f"the client's coverage {detail}",
            coverage_id=said.coverage_id,
            limit_code=because,
            visits_left=left,
            expires=limit.ends,
        )

    if not limit.has(planned.day):
        if limit.ends is not None and planned.day - limit.ends <= RECENT:
            detail = f"pays for no visit after {limit.ends}"
            yield warning("coverage_window", detail, said.window_code)
        return
    if said.one_a_day and any(visit.local_start.date() == planned.day for visit in others):
        yield warning("coverage_same_day", "pays for one visit a day", "SAME_DAY")
    if limit.visits_left is None:
        return
    left = limit.visits_left - len(others) - 1
    if left < 0:
        detail = "has no visits left that are paid for"
        yield warning("coverage_used_up", detail, said.limit_code, 0)
    elif left <= LOW_VISITS:
        yield warning("coverage_low", f"has {left} more visits left", None, left)
