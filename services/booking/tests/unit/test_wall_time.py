"""Wall time and instants, told by the pinned tzdata."""

from datetime import UTC, date, datetime, timedelta

import pytest

from booking.domain import wall_time
from clinic_contracts.errors import Invalid, NonexistentTime, NotBookable


@pytest.mark.parametrize(
    ("zone", "local", "hours_behind_utc"),
    [
        ("America/Vancouver", datetime(2026, 7, 1, 10), 7),
        ("America/Vancouver", datetime(2026, 12, 1, 10), 7),  # BC keeps UTC-7 from 2026
        ("America/Edmonton", datetime(2026, 12, 1, 10), 6),  # Alberta is permanently -06
        ("America/Toronto", datetime(2026, 7, 1, 10), 4),
        ("America/Toronto", datetime(2026, 12, 1, 10), 5),
    ],
)
def test_a_wall_time_is_an_instant(zone: str, local: datetime, hours_behind_utc: int) -> None:
    expected = local.replace(tzinfo=UTC) + timedelta(hours=hours_behind_utc)
    assert wall_time.instant(local, zone) == expected


def test_a_skipped_wall_time_is_refused() -> None:
    with pytest.raises(NonexistentTime):
        wall_time.instant(datetime(2027, 3, 14, 2, 30), "America/Toronto")


def test_an_ambiguous_wall_time_is_the_earlier_unless_fold_is_given() -> None:
    local = datetime(2026, 11, 1, 1, 30)
    earlier = wall_time.instant(local, "America/Toronto")
    assert wall_time.instant(local, "America/Toronto", fold=1) - earlier == timedelta(hours=1)


def test_a_time_off_the_tick_is_refused() -> None:
    with pytest.raises(NotBookable) as refused:
        wall_time.instant(datetime(2026, 12, 1, 10, 3), "America/Vancouver")
    assert refused.value.extra == {"reason": "off_tick"}


def test_a_day_with_a_clock_change_has_23_hours() -> None:
    start, end = wall_time.day_bounds(date(2027, 3, 14), "America/Toronto")
    assert end - start == timedelta(hours=23)


def test_ticks_cover_the_half_open_span() -> None:
    start = datetime(2026, 12, 1, 17, tzinfo=UTC)
    assert len(wall_time.ticks(start, start + timedelta(minutes=75))) == 15


EDGES = ["0001-01-01", "9999-12-31", "0001-01-01T00:00+14:00", "9999-12-31T23:59-12:00"]


@pytest.mark.parametrize("zone", ["America/Vancouver", "Pacific/Kiritimati", "UTC"])
@pytest.mark.parametrize("edge", [*EDGES, "1899-12-31", "2200-01-01", "2026-02-30", "x"])
def test_a_bound_off_the_calendar_is_refused_by_its_field(zone: str, edge: str) -> None:
    for bounds, field in (((edge, "2026-12-01"), "from"), (("2026-12-01", edge), "to")):
        with pytest.raises(Invalid) as refused:
            wall_time.period(*bounds, zone)
        assert list(refused.value.extra["errors"]) == [field]


def test_a_period_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        wall_time.period("2026-12-02", "2026-12-01", "America/Vancouver")
    assert list(refused.value.extra["errors"]) == ["to"]


@pytest.mark.parametrize("edge", [date.min, date.max, date(1899, 12, 31), date(2200, 1, 1)])
def test_a_day_off_the_calendar_is_refused(edge: date) -> None:
    with pytest.raises(Invalid) as refused:
        wall_time.day_bounds(edge, "America/Vancouver")
    assert list(refused.value.extra["errors"]) == ["date"]


NOW = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.mark.parametrize("year", [1, 1899, 2015, 2030, 2200, 9999])
@pytest.mark.parametrize("zone", ["America/Vancouver", "Pacific/Kiritimati"])
def test_a_visit_out_of_reach_is_off_the_calendar(zone: str, year: int) -> None:
    for local in (datetime(year, 1, 1), datetime(year, 12, 31, 23, 55)):
        with pytest.raises(NotBookable) as refused:
            wall_time.visit_start(local, zone, 0, NOW)
        assert refused.value.extra == {"reason": "off_calendar"}


@pytest.mark.parametrize("year", [2017, 2026, 2029])
def test_a_visit_years_back_can_be_recorded_and_years_ahead_booked(year: int) -> None:
    local = datetime(year, 11, 20, 10)
    earliest, latest = wall_time.reach(NOW)
    assert earliest <= wall_time.visit_start(local, "America/Vancouver", 0, NOW) < latest


def test_a_period_longer_than_a_month_is_refused() -> None:
    with pytest.raises(Invalid):
        wall_time.period("2026-01-01", "2026-03-01", "America/Vancouver")


def test_there_is_no_such_zone() -> None:
    with pytest.raises(Invalid) as refused:
        wall_time.zone("America/Nowhere")
    assert "timezone" in refused.value.extra["errors"]
