"""Recurrence rules: what they may say, and which wall times they give."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from dateutil import rrule
from hypothesis import given
from hypothesis import strategies as st

from booking.domain import recurrence, wall_time
from booking.recurrence import recur
from clinic_contracts.errors import Invalid, NonexistentTime

VANCOUVER, TORONTO = "America/Vancouver", "America/Toronto"
START = datetime(2026, 10, 6, 16)


def walls(
    text: str, start: datetime = START, count: int | None = None, until: str | None = None
) -> list[datetime]:
    rule = recurrence.parse(text, VANCOUVER)
    last = None if until is None else recurrence.wall(until, VANCOUVER, "until")
    number, last = recurrence.ends(rule, count, last)
    ending, far = (number, last), start + timedelta(days=2_000)
    return list(recurrence.occurrences(rule, start, recur, ending, far))


def days(text: str, start: datetime = START, **ends: Any) -> list[str]:
    return [f"{at:%y-%m-%d}" for at in walls(text, start, **ends)]


@pytest.mark.parametrize(
    ("rule", "start", "expected"),
    [
        ("FREQ=DAILY", "2026-12-30", ["26-12-30", "26-12-31", "27-01-01"]),
        ("FREQ=DAILY;INTERVAL=3", "2026-12-30", ["26-12-30", "27-01-02", "27-01-05"]),
        ("FREQ=WEEKLY", "2026-10-06", ["26-10-06", "26-10-13", "26-10-20"]),
        ("FREQ=WEEKLY;BYDAY=TU,FR", "2026-10-06", ["26-10-06", "26-10-09", "26-10-13"]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "2026-10-06", ["26-10-19", "26-11-02", "26-11-16"]),
        ("FREQ=MONTHLY;BYDAY=1TU", "2026-10-06", ["26-10-06", "26-11-03", "26-12-01"]),
        ("FREQ=MONTHLY;BYDAY=-1FR", "2026-10-06", ["26-10-30", "26-11-27", "26-12-25"]),
        ("FREQ=MONTHLY;BYDAY=5MO", "2026-10-06", ["26-11-30", "27-03-29", "27-05-31"]),
        ("FREQ=MONTHLY;BYMONTHDAY=1,15", "2026-10-06", ["26-10-15", "26-11-01", "26-11-15"]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "2027-01-05", ["27-01-31", "27-02-28", "27-03-31"]),
        # A month without the day has its visit on its last day, once.
        ("FREQ=MONTHLY;BYMONTHDAY=31", "2027-01-05", ["27-01-31", "27-02-28", "27-03-31"]),
        ("FREQ=MONTHLY", "2027-12-30", ["27-12-30", "28-01-30", "28-02-29"]),
        ("FREQ=MONTHLY;BYMONTHDAY=30,31", "2027-02-01", ["27-02-28", "27-03-30", "27-03-31"]),
        ("FREQ=YEARLY", "2028-02-29", ["28-02-29", "29-02-28", "30-02-28"]),
        (
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
            "2026-10-06",
            ["26-10-30", "26-11-30", "26-12-31"],
        ),
        ("RRULE:freq=daily;byday=mo,fr", "2026-10-06", ["26-10-09", "26-10-12", "26-10-16"]),
    ],
)
def test_a_rule_gives_these_days(rule: str, start: str, expected: list[str]) -> None:
    begins = datetime.fromisoformat(f"{start}T16:00")
    assert days(rule, begins, count=len(expected)) == expected


@pytest.mark.parametrize(
    ("rule", "ends"),
    [
        ("FREQ=MONTHLY;INTERVAL=2;BYDAY=1TU", {"count": 7}),
        ("FREQ=MONTHLY;INTERVAL=2;BYDAY=1TU", {"until": "2027-10-31"}),
        ("FREQ=MONTHLY;INTERVAL=2;BYDAY=1TU", {"until": "2027-10-05T16:00"}),
        ("FREQ=MONTHLY;INTERVAL=2;BYDAY=1TU", {"until": "2027-10-05T23:00:00Z"}),
        ("FREQ=MONTHLY;INTERVAL=2;BYDAY=1TU;COUNT=7", {}),
        ("FREQ=MONTHLY;INTERVAL=2;BYDAY=1TU;UNTIL=20271005", {}),
        ("FREQ=MONTHLY;INTERVAL=2;BYDAY=1TU;UNTIL=20271005T230000Z", {}),
    ],
)
@pytest.mark.parametrize("begins", [START, datetime(2026, 10, 1, 16)])
def test_every_second_first_tuesday_keeps_its_time_and_its_instants(
    rule: str, ends: dict[str, Any], begins: datetime
) -> None:
    found = walls(rule, begins, **ends)
    assert {at.hour for at in found} == {16}
    # British Columbia stays on UTC-7 from November 2026.
    assert [wall_time.instant(at, VANCOUVER) for at in found] == [
        datetime(2026, 10, 6, 23, tzinfo=UTC),
        datetime(2026, 12, 1, 23, tzinfo=UTC),
        datetime(2027, 2, 2, 23, tzinfo=UTC),
        datetime(2027, 4, 6, 23, tzinfo=UTC),
        datetime(2027, 6, 1, 23, tzinfo=UTC),
        datetime(2027, 8, 3, 23, tzinfo=UTC),
        datetime(2027, 10, 5, 23, tzinfo=UTC),
    ]


def test_where_clocks_change_the_wall_time_stays() -> None:
    found = walls("FREQ=MONTHLY;BYDAY=1TU", count=8)
    hours = [wall_time.instant(at, TORONTO).hour for at in found]
    assert hours == [20, 21, 21, 21, 21, 21, 20, 20]


def test_a_skipped_wall_time_and_a_doubled_one() -> None:
    skipped, *_ = walls("FREQ=YEARLY", datetime(2027, 3, 14, 2, 30), count=1)
    with pytest.raises(NonexistentTime):
        wall_time.instant(skipped, TORONTO)
    doubled, *_ = walls("FREQ=YEARLY", datetime(2026, 11, 1, 1, 30), count=1)
    assert wall_time.instant(doubled, TORONTO) == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("", "an empty part"),
        ("INTERVAL=2", "FREQ"),
        ("FREQ=HOURLY", "FREQ"),
        ("FREQ=WEEKLY;BYHOUR=9", "BYHOUR"),
        ("FREQ=WEEKLY;WKST=SU", "WKST"),
        ("FREQ=WEEKLY;FREQ=DAILY", "twice"),
        ("FREQ=WEEKLY;INTERVAL=0", "INTERVAL"),
        ("FREQ=WEEKLY;INTERVAL=x", "INTERVAL"),
        ("FREQ=WEEKLY;INTERVAL=-1", "INTERVAL"),
        ("FREQ=WEEKLY;BYDAY=", "BYDAY"),
        ("FREQ=WEEKLY;BYDAY=XX", "BYDAY"),
        ("FREQ=WEEKLY;BYDAY=1TU", "MONTHLY"),
        ("FREQ=MONTHLY;BYDAY=6TU", "BYDAY"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "BYMONTHDAY"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY"),
        ("FREQ=WEEKLY;BYMONTHDAY=1", "BYMONTHDAY"),
        ("FREQ=MONTHLY;BYSETPOS=1", "BYSETPOS"),
        ("FREQ=MONTHLY;BYDAY=1TU;BYSETPOS=1", "BYSETPOS"),
        ("FREQ=MONTHLY;BYDAY=TU;BYSETPOS=5", "BYSETPOS"),
        ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "not both"),
        ("FREQ=MONTHLY;BYMONTHDAY=-29", "BYMONTHDAY"),
        ("FREQ=DAILY;INTERVAL=7;BYDAY=MO", "BYDAY"),
        ("FREQ=DAILY;BYDAY=MO;BYSETPOS=2", "BYSETPOS"),
        ("FREQ=YEARLY;BYDAY=TU", "yearly"),
        ("FREQ=WEEKLY;COUNT=105", "COUNT"),
        ("FREQ=WEEKLY;UNTIL=tomorrow", "UNTIL"),
        ("FREQ=WEEKLY;UNTIL=20261332", "date"),
        ("FREQ=WEEKLY;UNTIL=99991231T235959Z", "calendar"),
    ],
)
def test_what_else_a_rule_says_is_refused_in_words(rule: str, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        recurrence.parse(rule, VANCOUVER)
    ((field, (detail,)),) = refused.value.extra["errors"].items()
    assert field == "rrule"
    assert said in detail


@pytest.mark.parametrize(
    ("rule", "ends", "field"),
    [
        ("FREQ=WEEKLY", {}, "count"),
        ("FREQ=WEEKLY", {"count": 2, "until": "2027-01-01"}, "count"),
        ("FREQ=WEEKLY;COUNT=2", {"count": 2}, "count"),
        ("FREQ=WEEKLY;UNTIL=20270101;COUNT=2", {}, "count"),
        ("FREQ=DAILY", {"until": "2027-06-01"}, "until"),
        ("FREQ=MONTHLY", {"until": "2029-11-01"}, "until"),
        ("FREQ=WEEKLY", {"until": "2027-02-30"}, "until"),
        ("FREQ=WEEKLY", {"until": "9999-12-31"}, "until"),
        ("FREQ=MONTHLY", {"count": 50}, "rrule"),
        ("FREQ=WEEKLY", {"until": "2026-10-05"}, "rrule"),
        ("FREQ=MONTHLY;INTERVAL=366;BYDAY=5MO", {"count": 1}, "rrule"),
    ],
)
def test_a_series_ends_once_and_in_time(rule: str, ends: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        walls(rule, **ends)
    assert list(refused.value.extra["errors"]) == [field]


WEEKDAYS = st.lists(st.sampled_from(recurrence.WEEKDAYS), min_size=1, max_size=3, unique=True)
NTH = st.sampled_from([*range(-5, 0), *range(1, 6)])
MONTH_DAYS = st.lists(st.integers(-28, 28).filter(bool), min_size=1, max_size=4, unique=True)
RULES = st.one_of(
    st.just("FREQ=DAILY"),
    st.just("FREQ=WEEKLY"),
    st.builds(lambda days: f"FREQ=WEEKLY;BYDAY={','.join(days)}", WEEKDAYS),
    st.builds(
        lambda nth, days: f"FREQ=MONTHLY;BYDAY={','.join(f'{nth}{day}' for day in days)}",
        NTH,
        WEEKDAYS,
    ),
    st.builds(lambda days: f"FREQ=MONTHLY;BYMONTHDAY={','.join(map(str, days))}", MONTH_DAYS),
    st.builds(
        lambda days, nth: f"FREQ=MONTHLY;BYDAY={','.join(days)};BYSETPOS={nth}",
        WEEKDAYS,
        st.integers(-4, 4).filter(bool),
    ),
)


@given(
    RULES,
    st.integers(1, 13),
    st.integers(0, 1_000),
    st.integers(1, 20),
)
def test_where_months_have_the_day_it_is_as_the_standard_has_it(
    rule: str, interval: int, offset: int, number: int
) -> None:
    begins, text = START + timedelta(days=offset), f"{rule};INTERVAL={interval}"
    horizon = begins + recurrence.LONGEST
    found = list(recur(recurrence.parse(text, VANCOUVER), begins, horizon))
    expected: Any = rrule.rrulestr(text, dtstart=begins).replace(until=horizon)
    assert found[:number] == list(expected)[:number]


@given(st.integers(1, 31), st.integers(1, 12), st.integers(0, 365))
def test_a_monthly_visit_is_in_every_month(day: int, interval: int, offset: int) -> None:
    begins = START + timedelta(days=offset)
    text = f"FREQ=MONTHLY;BYMONTHDAY={day};INTERVAL={interval}"
    found = list(recur(recurrence.parse(text, VANCOUVER), begins, begins + recurrence.LONGEST))
    months = [at.year * 12 + at.month for at in found]
    first = begins.year * 12 + begins.month
    first += 0 if months[0] == first else interval
    assert months == list(range(first, months[-1] + 1, interval))
    assert all(at.day == day or (at + timedelta(days=1)).day == 1 for at in found)
