"""When a day's windows open and close."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.domain.calendar import Calendar
from booking.domain.day import Day
from booking.domain.ticks import ones, stretches, union
from booking.testing import offering
from clinic_contracts.booking.requests import LocationView

HERE: LocationView = offering().location


@given(st.integers(0, 2**288 - 1))
def test_stretches_are_what_the_mask_holds_and_none_touch(mask: int) -> None:
    found = list(stretches(mask))
    assert union(ones(last - first) << first for first, last in found) == mask
    ends = [tick for stretch in found for tick in stretch]
    assert ends == sorted(set(ends))


@pytest.mark.parametrize("day", [date(2026, 12, 1), date(2026, 3, 10)])
def test_windows_are_wall_times_of_the_day(day: date) -> None:
    [window] = Day(HERE, Calendar(), day).usable()
    assert (window.start.date(), window.end.date()) == (day, day)
    assert (window.start.hour, window.end.hour) == (9, 18)
