"""What a payer has left for a visit: billing's count, less what is booked since."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from booking.domain import coverages
from booking.domain.appointment import Appointment
from booking.domain.clients import Heard, Known, Planned
from booking.testing import offering, visit
from clinic_contracts.billing.events import CoverageUsed
from clinic_contracts.money import Money

DAY = visit().local_start.date()
A_DAY = timedelta(days=1)
DISCIPLINES = {"trt_1": "massage_therapy", "trt_2": "physiotherapy"}
AS_OF = datetime.combine(DAY - 30 * A_DAY, datetime.min.time(), UTC)


def used(**more: Any) -> CoverageUsed:
    given: dict[str, Any] = {
        "coverage_id": "pol_1",
        "year_from": DAY - 40 * A_DAY,
        "period_to": DAY + 44 * A_DAY,
        "visits_used": 2,
        "visits_left": 10,
        "limit_code": "AUTH_LIMIT",
        "window_code": "AUTH_WINDOW",
        "one_a_day": True,
        "disciplines": ("massage_therapy",),
        "rule": "icbc-massage-therapy",
        **more,
    }
    return CoverageUsed(client_id="cli_1", used=Money(amount_minor=0), left=None, **given)


def known(*said: CoverageUsed) -> Known:
    return Known(coverages=tuple(Heard(one, AS_OF) for one in said))


def planned(day: date = DAY) -> Planned:
    place = offering()
    return Planned(
        id="apt_9",
        client_id="cli_1",
        location=place.location,
        treatment=replace(place.treatment, discipline="massage_therapy"),
        day=day,
        price=Money(amount_minor=11500),
    )


def booked(days: int, **more: Any) -> Appointment:
    one = visit()
    shifted = timedelta(days=days)
    given: dict[str, Any] = {"id": f"apt_{days}", "treatment_id": "trt_1", **more}
    moved = replace(one, start=one.start + shifted, local_start=one.local_start + shifted)
    return replace(moved, **given)


def said(
    heard: Known, visits: list[Appointment], day: date = DAY
) -> list[tuple[str, str | None, int | None]]:
    limits = coverages.limits_for(heard, "massage_therapy", day)
    warned = coverages.check_coverages(planned(day), limits, visits, DISCIPLINES)
    return [(one.code, one.limit_code, one.visits_left) for one in warned]


@pytest.mark.parametrize(
    ("left", "warned"),
    [
        (6, []),
        (5, [("coverage_low", None, 2)]),
        (3, [("coverage_low", None, 0)]),
        (2, [("coverage_used_up", "AUTH_LIMIT", 0)]),
        (0, [("coverage_used_up", "AUTH_LIMIT", 0)]),
    ],
)
def test_visits_booked_take_of_what_is_left(left: int, warned: list[Any]) -> None:
    assert said(known(used(visits_left=left)), [booked(-2), booked(5)]) == warned


def test_visits_that_billing_has_counted_are_not_taken_twice() -> None:
    heard = known(used(visits_left=1))
    counted = booked(-35, status="fulfilled")
    not_yet = booked(-1, status="fulfilled")
    assert said(heard, [counted]) == [("coverage_low", None, 0)]
    assert said(heard, [not_yet]) == [("coverage_used_up", "AUTH_LIMIT", 0)]


def test_a_visit_fulfilled_before_its_time_is_counted_until_billing_has_counted_it() -> None:
    heard = known(used(visits_left=1))
    before, since = AS_OF - timedelta(seconds=1), AS_OF + timedelta(seconds=1)
    ahead = booked(2, status="fulfilled", fulfilled_at=before)
    assert said(heard, [ahead]) == [("coverage_low", None, 0)]
    late = booked(-35, status="fulfilled", fulfilled_at=since)
    assert said(heard, [late]) == [("coverage_used_up", "AUTH_LIMIT", 0)]


def test_other_disciplines_missed_visits_and_other_days_take_nothing() -> None:
    others = [
        booked(1, treatment_id="trt_2"),
        booked(2, status="cancelled"),
        booked(3, status="noshow"),
        booked(50),
    ]
    assert said(known(used(visits_left=3)), others) == [("coverage_low", None, 2)]


def test_a_second_visit_on_a_day_is_said_not_to_be_paid() -> None:
    assert said(known(used()), [booked(0)]) == [("coverage_same_day", "SAME_DAY", None)]
    assert said(known(used(one_a_day=False)), [booked(0)]) == []


def test_after_the_window_nothing_is_paid_and_long_after_nothing_is_said() -> None:
    heard = known(used())
    assert said(heard, [], DAY + 44 * A_DAY) == []
    assert said(heard, [], DAY + 45 * A_DAY) == [("coverage_window", "AUTH_WINDOW", None)]
    assert said(heard, [], DAY + 44 * A_DAY + timedelta(days=91)) == []


def test_a_year_billing_has_not_told_of_begins_with_the_whole_limit() -> None:
    year = used(
        year_from=date(2026, 1, 1), period_to=date(2026, 12, 31), window_code=None,
        visits_used=9, visits_left=1, limit_code="BENEFIT_LIMIT", one_a_day=False,
        disciplines=(), rule="msp-supplementary",
    )  # fmt: skip
    (then,) = coverages.limits_for(known(year), "massage_therapy", date(2027, 1, 4))
    assert (then.begins, then.visits_left) == (date(2027, 1, 1), 10)
    told = replace(
        year, year_from=date(2027, 1, 1), period_to=date(2027, 12, 31), visits_used=8, visits_left=2
    )
    (then,) = coverages.limits_for(known(year, told), "massage_therapy", date(2027, 1, 4))
    assert then.visits_left == 2


def test_a_word_without_a_period_limits_nothing() -> None:
    """Billing of before it told of limits."""
    old = used(period_to=None, visits_left=None, window_code=None)
    assert coverages.limits_for(known(old), "massage_therapy", DAY) == []


def test_what_is_left_is_never_below_nothing() -> None:
    (limit,) = coverages.limits_for(known(used(visits_left=1)), "massage_therapy", DAY)
    visits = [booked(days) for days in range(3)]
    assert coverages.left_of(limit, visits, DISCIPLINES) == 0
