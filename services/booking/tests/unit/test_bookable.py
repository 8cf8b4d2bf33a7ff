"""Why a visit cannot be at a time: each reason, and which goes before which."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from booking.domain.availability import Offering, Span
from booking.domain.bookable import online_window, refuse_if_nobody_could
from booking.domain.calendar import Calendar
from booking.domain.closure import Closure
from booking.domain.free import times
from booking.domain.ticks import numbers, ones, runs, timeline
from booking.holidays import Statutory
from booking.testing import NOW, TEN, offering, visit
from clinic_contracts.booking.calendar import OnlineRules, ShiftException, SpecialHours
from clinic_contracts.booking.requests import LocationView
from clinic_contracts.errors import NotBookable

START = visit().start
DAY = TEN.date()
CHRISTMAS = datetime(2026, 12, 25, 17, tzinfo=UTC)
ONE = offering(people=["prac_1"])


def at_place(**more: Any) -> Offering:
    return replace(ONE, location=replace(ONE.location, **more))


def with_person(**more: Any) -> Offering:
    return replace(ONE, practitioners=(replace(ONE.practitioners[0], **more),))


def closed(hours: int = 24, **owner: str) -> Closure:
    end = START + timedelta(hours=hours)
    return Closure(
        id="clo_1",
        from_="",
        to="",
        local_start=TEN,
        local_end=TEN + timedelta(hours=hours),
        timezone="America/Vancouver",
        start=START,
        end=end,
        reason="Flood",
        **owner,  # type: ignore[arg-type]
    )


def shut(*closures: Closure, on: Offering = ONE) -> Offering:
    return replace(on, calendar=replace(on.calendar, closures=closures))


def on_holidays(offered: Offering, region: str = "CA-BC") -> Offering:
    return replace(offered, calendar=Calendar((), lambda day: Statutory().name(region, day)))


def refused(offered: Offering, start: datetime = START) -> tuple[str, str]:
    with pytest.raises(NotBookable) as told:
        refuse_if_nobody_could(offered, start)
    assert list(times(offered, start, start + timedelta(minutes=5), [])) == []
    return told.value.extra["reason"], told.value.detail


def special(*hours: tuple[str, str], reason: str | None = None) -> tuple[SpecialHours, ...]:
    return (SpecialHours(date=DAY, hours=hours, reason=reason),)


def exception(*hours: tuple[str, str], place: str = "loc_1") -> tuple[ShiftException, ...]:
    return (ShiftException(location_id=place, date=DAY, hours=hours),)


@pytest.mark.parametrize(
    ("offered", "start", "reason", "said"),
    [
        (at_place(hours={}), START, "closed", "Fernwood is closed on that day"),
        (at_place(special_hours=special(reason="Stocktaking")), START, "closed", "Stocktaking"),
        (
            at_place(special_hours=special(("10:15", "18:00"))),
            START,
            "outside_hours",
            "Fernwood is not open for the whole visit",
        ),
        (on_holidays(ONE), CHRISTMAS, "holiday", "Christmas Day"),
        (shut(closed(location_id="loc_1")), START, "closed", "Fernwood is closed then: Flood"),
        (shut(closed(practitioner_id="prac_1")), START, "absent", "Prac_1 is away then"),
        (
            with_person(shift_exceptions=exception()),
            START,
            "outside_shift",
            "Prac_1 is not on shift",
        ),
        (with_person(shifts=()), START, "outside_shift", "Prac_1 is not on shift"),
        (with_person(treatment_ids=()), START, "not_offered", "Prac_1 does not give Massage"),
        # A closure is named before the hours that the visit would be outside of as well.
        (
            shut(closed(location_id="loc_1"), on=at_place(hours={})),
            START,
            "closed",
            "Fernwood is closed then: Flood",
        ),
        (
            shut(closed(practitioner_id="prac_1"), on=with_person(shifts=())),
            START,
            "absent",
            "Prac_1 is away then",
        ),
        # It begins as the visit is under way.
        (shut(closed(location_id="loc_1")), START - timedelta(minutes=55), "closed", "Flood"),
    ],
)
def test_each_reason_is_said(offered: Offering, start: datetime, reason: str, said: str) -> None:
    told = refused(offered, start)
    assert told[0] == reason
    assert said in told[1]


@pytest.mark.parametrize(
    "offered",
    [
        at_place(hours={}, special_hours=special(("10:00", "11:00"))),
        with_person(shifts=(), shift_exceptions=exception(("10:00", "11:00"))),
        with_person(shift_exceptions=exception(place="loc_2")),
        shut(closed(location_id="loc_2"), closed(practitioner_id="prac_9")),
        on_holidays(ONE),
    ],
)
def test_what_lets_a_visit_be(offered: Offering) -> None:
    refuse_if_nobody_could(offered, START)


def test_special_hours_go_before_a_holiday() -> None:
    open_ = SpecialHours(date=date(2026, 12, 25), hours=(("09:00", "12:00"),))
    refuse_if_nobody_could(on_holidays(at_place(special_hours=(open_,))), CHRISTMAS)


def test_a_closure_ends_a_day_and_the_turnover_may_run_into_it() -> None:
    shut_at_ten = shut(closed(location_id="loc_1"))
    refuse_if_nobody_could(shut_at_ten, START - timedelta(minutes=60))
    later = list(times(shut_at_ten, START, START + timedelta(hours=26), []))
    assert later[0].start == START + timedelta(hours=24)


def test_the_holidays_of_a_region_are_known_by_name() -> None:
    known = Statutory()
    assert known.name("CA-BC", date(2026, 8, 3)) == "British Columbia Day"
    assert known.name("CA-AB", date(2026, 8, 4)) is None
    assert [known.has(region) for region in ("CA-ON", "CA-ZZ", "QQ-BC")] == [True, False, False]


RULES = OnlineRules(minimum_notice_minutes=90, horizon_days=7)


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (START - timedelta(minutes=90), None),
        (START - timedelta(minutes=89), ("too_soon", "at least 1 h 30 min ahead")),
        (NOW, None),  # a week before: the day seven days from today is the last
        (NOW - timedelta(hours=6), ("too_far", "up to 7 days ahead")),
    ],
)
def test_who_books_online_is_held_to_notice_and_horizon(
    now: datetime, told: tuple[str, str] | None
) -> None:
    place = replace(ONE.location, online=RULES)
    offered = replace(ONE, location=place, window=online_window(place, now))
    if told is None:
        refuse_if_nobody_could(offered, START)
        assert list(times(offered, START, START + timedelta(minutes=5), []))
    else:
        reason, said = refused(offered)
        assert (reason, told[1] in said) == (told[0], True)
    refuse_if_nobody_could(replace(offered, window=None), START)


def test_without_rules_whoever_books_online_is_free() -> None:
    assert online_window(ONE.location, NOW) is None


@pytest.mark.parametrize(
    ("zone", "day", "ticks", "starts"),
    [
        # An hour is skipped: no start from two to three, and the night is an hour shorter.
        ("America/Toronto", date(2026, 3, 8), 276, ["01:30", "01:45", "03:00", "03:15"]),
        # An hour is doubled: each of its starts is offered once, at the earlier.
        ("America/Toronto", date(2026, 11, 1), 300, ["01:30", "01:45", "02:00", "02:15"]),
        # British Columbia stays on UTC-7: a day like any other.
        ("America/Vancouver", date(2026, 11, 1), 288, ["01:30", "01:45", "02:00", "02:15"]),
        # Half an hour is skipped, and doubled.
        ("Australia/Lord_Howe", date(2026, 10, 4), 282, ["01:30", "01:45", "02:30", "02:45"]),
        ("Australia/Lord_Howe", date(2026, 4, 5), 294, ["01:30", "01:45", "02:00", "02:15"]),
    ],
)
def test_a_day_on_which_the_clock_changes(
    zone: str, day: date, ticks: int, starts: list[str]
) -> None:
    days = timeline(day, day, zone)
    assert days.count == ticks
    found = [days.at(tick).strftime("%H:%M") for tick in numbers(days.days[0].grid(((90, 1440),)))]
    assert found[:4] == starts
    assert days.days[0].within(((0, 1440),)) == ones(ticks)


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [(date(2026, 3, 8), "01:30", "04:30"), (date(2026, 11, 1), "01:30", "04:30")],
)
def test_a_visit_lasts_its_time_across_a_change_of_the_clock(
    day: date, first: str, last: str
) -> None:
    hours = (SpecialHours(date=day, hours=((first, last),)),)
    shifts = (ShiftException(location_id="loc_1", date=day, hours=((first, last),)),)
    offered = replace(
        ONE,
        location=replace(ONE.location, timezone="America/Toronto", special_hours=hours),
        practitioners=(replace(ONE.practitioners[0], shift_exceptions=shifts),),
    )
    day_start = datetime.combine(day, datetime.min.time(), UTC)
    found = list(times(offered, day_start, day_start + timedelta(days=1), []))
    lengths = {time.end.astimezone(UTC) - time.start.astimezone(UTC) for time in found}
    assert lengths == {timedelta(hours=1)}
    assert f"{found[-1].end:%H:%M}" == last


def test_runs_are_found_whatever_their_length() -> None:
    assert list(numbers(runs(0b1110111, 3))) == [0, 4]
    assert list(numbers(runs(0b11111, 5))) == [0]
    assert runs(0b1111, 5) == 0


def test_the_window_is_of_the_locations_days() -> None:
    place: LocationView = replace(ONE.location, online=RULES)
    ends = datetime(2026, 12, 2, 7, tzinfo=UTC)  # midnight in Vancouver
    assert online_window(place, NOW) == Span(NOW + timedelta(minutes=90), ends)
