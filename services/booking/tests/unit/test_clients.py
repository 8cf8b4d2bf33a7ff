"""What is known of a client: which alerts are in force, what visits leave of a referral."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from booking.domain import clients, limits
from booking.domain.clients import Heard, Known, Left, Planned
from booking.testing import NOW, offering, visit
from clinic_contracts.billing.events import CoverageUsed
from clinic_contracts.client_profile.events import AlertChanged, ReferralChanged
from clinic_contracts.errors import ClientBlocked, NotBookable, ReferralNeeded
from clinic_contracts.money import Money

DAY = visit().local_start.date()
A_DAY = timedelta(days=1)
DISCIPLINES = {"trt_1": "massage_therapy", "trt_2": "physiotherapy"}


def alert(**more: Any) -> AlertChanged:
    given = {"alert_id": "alert_1", "level": "caution", "acknowledgement_needed": True, **more}
    return AlertChanged(client_id="cli_1", **given)


def referral(**more: Any) -> ReferralChanged:
    given = {
        "referral_id": "ref_1",
        "issued": DAY - 60 * A_DAY,
        "expires": DAY + 60 * A_DAY,
        "maximum_visits": 5,
        **more,
    }
    return ReferralChanged(client_id="cli_1", **given)


def known(*said: Any) -> Known:
    alerts = tuple(Heard(one, NOW) for one in said if isinstance(one, AlertChanged))
    referrals = tuple(Heard(one, NOW) for one in said if isinstance(one, ReferralChanged))
    return Known(alerts=alerts, referrals=referrals)


def planned(**more: Any) -> Planned:
    place = offering()
    base = Planned(
        id="apt_9",
        client_id="cli_1",
        location=place.location,
        treatment=place.treatment,
        day=DAY,
        price=Money(amount_minor=11500),
    )
    return replace(base, **more)


@pytest.mark.parametrize(
    ("days", "holds"),
    [
        ({}, True),
        ({"from_": DAY, "until": DAY}, True),
        ({"from_": DAY + A_DAY}, False),
        ({"until": DAY - A_DAY}, False),
        ({"lifted": True}, False),
    ],
)
def test_an_alert_holds_on_its_days_both_included(days: dict[str, Any], holds: bool) -> None:  # noqa: FBT001
    found = known(alert(level="block", **days))
    if holds:
        with pytest.raises(ClientBlocked) as refused:
            clients.check_alerts(planned(), found)
        assert refused.value.extra == {"alert_ids": ["alert_1"]}
    else:
        assert clients.check_alerts(planned(), found) == []


def test_an_alert_warns_until_it_is_acknowledged_for_the_visit() -> None:
    found = known(alert(), alert(alert_id="alert_2", level="needs_clearance"))
    warned = clients.check_alerts(planned(acknowledged=("alert_2",)), found)
    assert [(one.code, one.alert_id, one.level) for one in warned] == [
        ("alert", "alert_1", "caution")
    ]


def test_a_treatment_not_for_first_visits_is_refused_online_and_warned_of_at_the_desk() -> None:
    assert clients.check_first_visit(planned()).code == "new_client"
    with pytest.raises(NotBookable) as refused:
        clients.check_first_visit(planned(online=True))
    assert refused.value.extra == {"reason": "new_client"}


def test_a_visit_stands_under_the_referral_issued_last_for_its_discipline_by_its_day() -> None:
    old, renewal = referral(), referral(referral_id="ref_2", issued=DAY)
    other = referral(referral_id="ref_3", issued=DAY, disciplines=("physiotherapy",))
    found = known(old, renewal, other)
    assert found.referral_for("massage_therapy", DAY) == renewal
    assert found.referral_for("massage_therapy", DAY - A_DAY) == old
    assert found.referral_for("physiotherapy", DAY) == other
    assert found.referral_for("massage_therapy", DAY - 61 * A_DAY) is None
    visits = [visit(), visit(local_start=at(DAY - A_DAY)), visit(treatment_id="trt_2")]
    for one in (old, renewal, other):
        assert clients.left_of(one, found, visits, DISCIPLINES).visits == 4


def at(day: date) -> datetime:
    return datetime.combine(day, visit().local_start.time())


@pytest.mark.parametrize(
    ("status", "no_shows_count", "left"),
    [
        ("booked", False, 4),
        ("arrived", False, 4),
        ("fulfilled", False, 4),
        ("cancelled", True, 5),
        ("noshow", False, 5),
        ("noshow", True, 4),
    ],
)
def test_which_visits_use_a_referral_up(status: Any, no_shows_count: bool, left: int) -> None:  # noqa: FBT001
    one = referral(no_shows_count=no_shows_count)
    assert clients.left_of(one, known(one), [visit(status)], DISCIPLINES).visits == left
    late = visit(status, local_start=at(one.expires + A_DAY))
    assert clients.left_of(one, known(one), [late], DISCIPLINES).visits == 5


def test_an_amount_is_used_by_the_prices_agreed() -> None:
    one = referral(maximum_visits=None, maximum_amount=Money(amount_minor=20000))
    left = clients.left_of(one, known(one), [visit()], DISCIPLINES)
    assert left == Left(None, Money(amount_minor=8500))
    after = clients.after_one_more(left, Money(amount_minor=11500))
    assert after.overdrawn
    (warned,) = clients.check_referral(planned(), one, after)
    assert (warned.code, warned.amount_left) == ("referral_used_up", Money(amount_minor=-3000))


@pytest.mark.parametrize(
    ("left", "days", "codes"),
    [
        (3, 15, []),
        (2, 15, ["referral_low"]),
        (0, 15, ["referral_low"]),
        (-1, 15, ["referral_used_up"]),
        (3, 14, ["referral_expiring"]),
        (3, 0, ["referral_expiring"]),
        (1, 3, ["referral_low", "referral_expiring"]),
        (3, -1, ["referral_expired"]),
    ],
)
def test_a_referral_warns_at_two_visits_or_fourteen_days(
    left: int, days: int, codes: list[str]
) -> None:
    one = referral(expires=DAY + days * A_DAY)
    found = clients.check_referral(planned(), one, Left(left, None))
    assert [warned.code for warned in found] == codes
    bad = {"referral_used_up": "used_up", "referral_expired": "expired"}
    strict = planned(location=replace(planned().location, require_referral=True))
    if not bad.keys() & set(codes):
        assert clients.check_referral(strict, one, Left(left, None)) == found
        return
    with pytest.raises(ReferralNeeded) as refused:
        clients.check_referral(strict, one, Left(left, None))
    assert refused.value.extra == {"reason": bad[codes[0]]}


def test_no_referral_matters_where_one_is_required() -> None:
    clients.check_no_referral(planned())
    with pytest.raises(ReferralNeeded) as refused:
        clients.check_no_referral(
            planned(location=replace(planned().location, require_referral=True))
        )
    assert refused.value.extra == {"reason": "none"}


def test_what_ends_today_is_shown_until_the_day_is_over_everywhere() -> None:
    assert limits.today(datetime(2026, 11, 25, 11, 59, tzinfo=UTC)) == date(2026, 11, 24)
    assert limits.today(datetime(2026, 11, 25, 12, tzinfo=UTC)) == date(2026, 11, 25)


@pytest.mark.parametrize(("year", "shown"), [(2025, False), (2026, True), (2027, False)])
def test_of_coverages_this_benefit_year_is_shown(year: int, shown: bool) -> None:  # noqa: FBT001
    used = CoverageUsed(
        coverage_id="pol_1",
        client_id="cli_1",
        year_from=date(year, 4, 1),
        used=Money(amount_minor=9200),
        left=None,
        visits_used=1,
    )
    heard = Known(coverages=(Heard(used, NOW),))
    running = [(limit, None) for limit in limits.running(heard, date(2026, 11, 24))]
    answer = limits.limits("cli_1", heard, {}, running, date(2026, 11, 24)).coverages
    assert (answer.known, len(answer.items)) == (True, int(shown))
