"""Rates of pay: which applies, what it pays, and which may be added."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from billing.domain.pay import Earned, Names, PaidFor, add, pay_rows, rate_of
from clinic_contracts.billing.pay import AddPayRate, PayRate
from clinic_contracts.errors import AlreadyExists, ClinicError, Invalid
from clinic_contracts.money import Money

DAY, NOW = date(2026, 12, 1), datetime(2026, 12, 1, tzinfo=UTC)
NAMES = Names({"prac_1": "Robin Ames"}, {"loc_1": "Fernwood"}, {})


def rate(id_: str, **more: Any) -> PayRate:
    given = {
        "location_id": "loc_1",
        "from_": date(2026, 1, 1),
        "practitioner_id": None,
        "treatment_id": None,
        "rate_bp": 4000,
        "amount": None,
        "added_by": "staff:test",
        "added_at": NOW,
    }
    return PayRate(**{**given, "id": id_, **more})


def earned(minor: int = 11500, visits: int = 1, day: date = DAY, **more: str) -> Earned:
    of = {"location_id": "loc_1", "practitioner_id": "prac_1", "treatment_id": "trt_1", **more}
    return Earned(day=day, minor=minor, visits=visits, **of)


OF_PLACE = rate("rate_place")
OF_THEIRS = rate("rate_theirs", practitioner_id="prac_1")
OF_TREATMENT = rate("rate_treatment", practitioner_id="prac_1", treatment_id="trt_1")
RAISED = rate("rate_raised", practitioner_id="prac_1", from_=date(2026, 12, 1))
RATES = [OF_TREATMENT, RAISED, OF_PLACE, OF_THEIRS]


@pytest.mark.parametrize(
    ("what", "applies"),
    [
        (earned(), OF_TREATMENT),
        (earned(treatment_id="trt_2"), RAISED),
        (earned(treatment_id="trt_2", day=date(2026, 11, 30)), OF_THEIRS),
        (earned(practitioner_id="prac_2"), OF_PLACE),
        (earned(location_id="loc_2"), None),
        (earned(day=date(2025, 12, 31)), None),
    ],
)
def test_the_rate_that_names_the_most_goes_then_the_latest(
    what: Earned, applies: PayRate | None
) -> None:
    assert rate_of(what, RATES, "CAD") == applies


def test_an_amount_of_another_currency_does_not_apply() -> None:
    dollars = rate("rate_usd", rate_bp=None, amount=Money(amount_minor=5000, currency="USD"))
    assert rate_of(earned(), [dollars], "CAD") is None


@pytest.mark.parametrize(
    ("visits", "minor", "of", "pay"),
    [
        (1, 11500, OF_PLACE, 4600),
        (2, 9450, rate("r", rate_bp=500), 473),
        (-1, -9450, rate("r", rate_bp=500), -473),
        (3, 34500, rate("r", rate_bp=None, amount=Money(amount_minor=6000)), 18000),
        (0, 4762, rate("r", rate_bp=None, amount=Money(amount_minor=6000)), 0),
        (1, 11500, rate("r", rate_bp=0), 0),
        (1, 11500, None, None),
    ],
)
def test_pay_is_a_share_rounded_half_up_or_an_amount_a_visit(
    visits: int, minor: int, of: PayRate | None, pay: int | None
) -> None:
    assert PaidFor(visits, minor, "CAD").pay(of) == pay


def test_what_has_no_rate_is_told_with_its_revenue() -> None:
    days = [earned(), earned(minor=9450, treatment_id="trt_2"), earned(location_id="loc_2")]
    rows = pay_rows(days, [OF_TREATMENT], NAMES, "CAD")
    told = [
        (r.location_name, r.treatment_id, r.revenue_minor, r.rate_id, r.pay_minor) for r in rows
    ]
    assert told == [
        ("Fernwood", "trt_1", 11500, "rate_treatment", 4600),
        ("Fernwood", "trt_2", 9450, "", None),
        ("", "trt_1", 11500, "", None),
    ]


def test_a_share_is_rounded_once_a_row() -> None:
    three = [earned(minor=3333, day=date(2026, 12, day)) for day in (1, 2, 3)]
    (row,) = pay_rows(three, [rate("r", rate_bp=500)], NAMES, "CAD")
    assert (row.visits, row.revenue_minor, row.pay_minor) == (3, 9999, 500)


@pytest.mark.parametrize(
    ("given", "latest", "refusal", "field"),
    [
        ({}, None, Invalid, "rate_bp"),
        ({"rate_bp": 1, "amount": Money(amount_minor=1)}, None, Invalid, "rate_bp"),
        ({"amount": Money(amount_minor=-1)}, None, Invalid, "amount"),
        ({"rate_bp": 1, "treatment_id": "trt_1"}, None, Invalid, "practitioner_id"),
        ({"rate_bp": 1}, rate("r", from_=DAY), AlreadyExists, "from"),
    ],
)
def test_a_rate_that_cannot_be_is_refused(
    given: dict[str, Any], latest: PayRate | None, refusal: type[ClinicError], field: str
) -> None:
    request = AddPayRate(location_id="loc_1", from_=DAY, **given)
    with pytest.raises(refusal) as refused:
        add(request, latest, id_="rate_1", by="staff:test", now=NOW)
    assert field in str(refused.value.extra)
