"""The times offered are those that a look at each five minutes of the clock on the wall finds."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from booking.domain.availability import Busy, Offering, Resources, Span
from booking.domain.bookable import able
from booking.domain.calendar import Calendar
from booking.domain.closure import Closure
from booking.domain.free import FreeTime, candidates, times
from booking.domain.wall_time import WEEKDAYS, minutes_of
from booking.testing import offering, practitioner
from clinic_contracts.booking.calendar import ShiftException, Spans, SpecialHours
from clinic_contracts.booking.requests import PractitionerView, ShiftSpec

TICK = timedelta(minutes=5)
CHANGES = {
    "America/Toronto": (date(2026, 3, 8), date(2026, 11, 1)),
    "America/Vancouver": (date(2026, 3, 8), date(2026, 11, 1)),
    "Australia/Lord_Howe": (date(2026, 4, 5), date(2026, 10, 4)),
}
"""The clock goes an hour, not at all (Vancouver in November 2026) and half an hour."""


def clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


ALL_DAY: Spans = (("00:00", "24:00"),)


@st.composite
def spans(draw: st.DrawFn) -> Spans:
    edges = sorted(draw(st.sets(st.integers(0, 48), max_size=4)))
    cut = [(clock(30 * one), clock(30 * other)) for one, other in pairwise(edges)]
    # Most of the day, and so of the night in which the clock changes.
    return draw(st.sampled_from([ALL_DAY, ALL_DAY, (("00:05", "16:35"),), tuple(cut[::2])]))


@st.composite
def asked(draw: st.DrawFn) -> tuple[Offering, datetime, list[Busy]]:
    """Return an offering over three days around a change of the clock, and what is busy."""
    zone = draw(st.sampled_from(sorted(CHANGES)))
    middle = draw(st.sampled_from(CHANGES[zone]))
    days = [middle + timedelta(days=offset) for offset in (-1, 0, 1)]
    begin = datetime.combine(days[0], datetime.min.time(), ZoneInfo(zone)).astimezone(UTC)

    def part() -> Span:
        start = begin + draw(st.integers(0, 3 * 288)) * TICK
        return Span(start, start + draw(st.integers(1, 100)) * TICK)

    def works(id_: str) -> PractitionerView:
        shifts = tuple(
            ShiftSpec(location_id="loc_1", weekday=WEEKDAYS[day.weekday()], start=one, end=other)  # type: ignore[arg-type]
            for day in days
            for one, other in draw(spans())
        )
        exceptions = [
            ShiftException(location_id=place, date=draw(st.sampled_from(days)), hours=draw(spans()))
            for place in draw(st.sets(st.sampled_from(["loc_1", "loc_2"])))
        ]
        return replace(practitioner(id_), shifts=shifts, shift_exceptions=tuple(exceptions))

    base = offering(units=draw(st.sampled_from([None, 1])))
    special = [
        SpecialHours(date=day, hours=draw(spans())) for day in draw(st.sets(st.sampled_from(days)))
    ]
    location = replace(
        base.location,
        timezone=zone,
        hours={WEEKDAYS[day.weekday()]: draw(spans()) for day in days},  # type: ignore[misc]
        special_hours=tuple(special),
    )
    treatment = replace(
        base.treatment,
        duration=5 * draw(st.integers(1, 24)),
        turnover=5 * draw(st.integers(0, 6)),
    )
    closures = tuple(
        closed(owner, part())
        for owner in draw(st.lists(st.sampled_from(["loc_1", "prac_1", "prac_2"]), max_size=3))
    )
    holiday = draw(st.sampled_from([None, *days]))
    calendar = Calendar(closures, lambda day: "Holiday" if day == holiday else None)
    busy = [
        Busy("apt_1", "loc_1", Resources(*draw(ids())), span := part(), span.end)
        for _ in range(draw(st.integers(0, 8)))
    ]
    people = (works("prac_1"), works("prac_2"))
    return Offering(location, treatment, people, calendar=calendar), begin, busy


def ids() -> st.SearchStrategy[tuple[str, str, str | None]]:
    return st.tuples(
        st.sampled_from(["prac_1", "prac_2", "prac_3"]),
        st.sampled_from(["room_1", "room_2", "room_3"]),
        st.sampled_from([None, "eq_loc_1_lift_1"]),
    )


def closed(owner: str, span: Span) -> Closure:
    return Closure(
        id="clo_1",
        from_="",
        to="",
        local_start=span.start,
        local_end=span.end,
        timezone="UTC",
        start=span.start,
        end=span.end,
        reason="Flood",
        location_id=owner if owner == "loc_1" else None,
        practitioner_id=None if owner == "loc_1" else owner,
    )


def inside(local: datetime, hours: Spans) -> bool:
    minute = local.hour * 60 + local.minute
    return any(minutes_of(opens) <= minute < minutes_of(closes) for opens, closes in hours)


def shifts_of(person: PractitionerView, day: date) -> Spans:
    for exception in person.shift_exceptions:
        if (exception.date, exception.location_id) == (day, "loc_1"):
            return exception.hours
    weekday = WEEKDAYS[day.weekday()]
    return tuple((each.start, each.end) for each in person.shifts if each.weekday == weekday)


class Naive:
    """What is asked of each five minutes by themselves."""

    def __init__(self, asked: Offering, busy: Sequence[Busy]) -> None:
        self.asked, self.busy = asked, busy
        self.zone = ZoneInfo(asked.location.timezone)

    def is_open(self, at: datetime) -> bool:
        location, local = self.asked.location, at.astimezone(self.zone)
        special = {each.date: each.hours for each in location.special_hours}
        hours = location.hours.get(WEEKDAYS[local.weekday()], ())  # type: ignore[call-overload]
        if self.asked.calendar.holiday(local.date()):
            hours = ()
        return inside(local, special.get(local.date(), hours)) and not self.is_shut("loc_1", at)

    def is_shut(self, owner: str, at: datetime) -> bool:
        closures = [each for each in self.asked.calendar.closures if each.owner_id == owner]
        return any(each.start <= at < each.end for each in closures)

    def is_there(self, person: PractitionerView, at: datetime) -> bool:
        local = at.astimezone(self.zone)
        return inside(local, shifts_of(person, local.date())) and not self.is_shut(person.id, at)

    def is_free(self, id_: str | None, start: datetime, end: datetime) -> bool:
        return not any(
            id_ in each.resources.ids and each.span.overlaps(Span(start, end)) for each in self.busy
        )

    def could(self, person: PractitionerView, start: datetime) -> bool:
        minutes = range(0, self.asked.treatment.duration, 5)
        moments = [start + timedelta(minutes=each) for each in minutes]
        return all(self.is_open(at) and self.is_there(person, at) for at in moments)

    def is_offered(self, person: PractitionerView, start: datetime) -> bool:
        local = start.astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        return not local.fold and any(
            minutes_of(opens) <= minute < minutes_of(closes)
            and (minute - minutes_of(opens)) % 15 == 0
            for opens, closes in shifts_of(person, local.date())
        )

    def found(self, start: datetime) -> set[str]:
        end = self.asked.span(start).end
        if not any(self.is_free(room.id, start, end) for room in self.asked.rooms):
            return set()
        if not any(self.is_free(unit, start, end) for unit in self.asked.units):
            return set()
        return {
            person.id
            for person in self.asked.practitioners
            if self.is_offered(person, start)
            and self.could(person, start)
            and self.is_free(person.id, start, end)
        }


@settings(max_examples=60, deadline=None)
@given(asked(), st.integers(0, 100), st.integers(1, 700))
def test_bits_find_what_a_look_at_each_five_minutes_finds(
    given: tuple[Offering, datetime, list[Busy]], after: int, ticks: int
) -> None:
    wanted, begin, busy = given
    naive = Naive(wanted, busy)
    start = begin + after * TICK
    offered = times(wanted, start, start + ticks * TICK, busy)
    # In a doubled hour an instant equals none of another zone (PEP 495).
    found = {time.start.astimezone(UTC): time for time in offered}
    assert list(found) == sorted(found)
    for at in (start + number * TICK for number in range(ticks)):
        people = naive.found(at)
        assert set(found[at].practitioner_ids if at in found else ()) == people
        if at in found:
            check_can_be_had(wanted, found[at], busy)


def check_can_be_had(wanted: Offering, time: FreeTime, busy: Sequence[Busy]) -> None:
    """Fail when a claim would refuse what is offered, or take another room."""
    # To a time of a zone with a change of the clock, minutes are added on the wall.
    had = list(candidates(wanted, time.start.astimezone(UTC), busy))
    assert {each.practitioner_id for each in had} >= set(time.practitioner_ids)
    assert {each.room_id for each in had} == {time.room_id}
    assert time.local_start == time.start.replace(tzinfo=None)


@settings(max_examples=60, deadline=None)
@given(asked(), st.integers(0, 800))
def test_search_and_claim_agree_on_who_could(
    given: tuple[Offering, datetime, list[Busy]], after: int
) -> None:
    wanted, begin, busy = given
    start, naive = begin + after * TICK, Naive(wanted, busy)
    could = [person for person in wanted.practitioners if naive.could(person, start)]
    assert able(wanted, start) == could
