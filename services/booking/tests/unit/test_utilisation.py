"""The minutes that could be booked: shifts within hours, less closures and absences."""

from dataclasses import replace
from datetime import UTC, date, datetime

from booking.domain import utilisation
from booking.domain.availability import Span
from booking.domain.utilisation import Booked, Shut
from booking.testing import offering, practitioner
from clinic_contracts.booking.calendar import ShiftException

PLACE = offering().location
ROBIN, SAM = practitioner("prac_1"), practitioner("prac_2")
TUESDAY = Span(datetime(2026, 12, 1, 7, tzinfo=UTC), datetime(2026, 12, 2, 7, tzinfo=UTC))
WEEK = Span(TUESDAY.start, datetime(2026, 12, 8, 7, tzinfo=UTC))
HOUR = 60


def nothing_special(_day: date) -> None:
    return None


def available(
    period: Span = TUESDAY, shut: tuple[Shut, ...] = (), robin: object = ROBIN
) -> tuple[int, dict[str, int]]:
    people = [robin, SAM]
    found = utilisation.available(PLACE, people, shut, nothing_special, period)  # type: ignore[arg-type]
    return found.open_minutes, dict(found.staffed)


def test_open_from_nine_to_six_and_on_shift_from_nine_to_five() -> None:
    assert available() == (9 * HOUR, {"prac_1": 8 * HOUR, "prac_2": 8 * HOUR})
    assert available(WEEK) == (45 * HOUR, {"prac_1": 40 * HOUR, "prac_2": 40 * HOUR})


def test_a_period_of_instants_counts_what_lies_in_it() -> None:
    ten, noon = (datetime(2026, 12, 1, hour, tzinfo=UTC) for hour in (17, 19))
    assert available(Span(ten, noon)) == (2 * HOUR, {"prac_1": 2 * HOUR, "prac_2": 2 * HOUR})


def test_a_closure_is_everybodys_and_an_absence_ones_own() -> None:
    morning = (datetime(2026, 12, 1, 16, tzinfo=UTC), datetime(2026, 12, 1, 19, tzinfo=UTC))
    closed = available(shut=(Shut("loc_1", *morning),))
    assert closed == (6 * HOUR, {"prac_1": 5 * HOUR, "prac_2": 5 * HOUR})
    away = available(shut=(Shut("prac_1", *morning),))
    assert away == (9 * HOUR, {"prac_1": 5 * HOUR, "prac_2": 8 * HOUR})


def test_a_shift_counts_within_the_hours_alone() -> None:
    late = ShiftException(location_id="loc_1", date=date(2026, 12, 1), hours=(("16:00", "21:00"),))
    robin = replace(ROBIN, shift_exceptions=(late,))
    assert available(robin=robin)[1]["prac_1"] == 2 * HOUR


def test_a_holiday_has_no_minutes() -> None:
    def holiday(day: date) -> str | None:
        return "a holiday" if day == date(2026, 12, 1) else None

    found = utilisation.available(PLACE, [ROBIN], (), holiday, TUESDAY)
    assert (found.open_minutes, found.staffed) == (0, {"prac_1": 0})


def test_a_share_of_nothing_is_none() -> None:
    assert utilisation.row("prac_1", "Robin", Booked(2, 120), 480).percent == 25
    assert utilisation.row("prac_1", "Robin", Booked(1, 60), 0).percent is None
    assert utilisation.together({"a": Booked(1, 60), "b": Booked(2, 90)}) == Booked(3, 150)
