"""What a payer's answer makes of an eligibility check."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.domain import eligibility as domain
from billing.domain.coverage import Usage
from billing.domain.payer_rules import limits_on
from billing.rules import current
from clinic_contracts.billing.eligibility import EligibilityView
from clinic_contracts.client_profile.events import CoverageChanged
from clinic_contracts.money import Money
from clinic_runtime.ids import derived_id
from payer_formats.answers import Benefit, Eligibility

AT = datetime(2026, 12, 1, 18, tzinfo=UTC)
CHECK = EligibilityView(
    id="elig_1",
    version=1,
    state="asked",
    client_id="cli_1",
    coverage_id="pol_1",
    location_id="loc_1",
    payer_id="SIMX12",
    trace="ELIG1",
    date_=AT.date(),
    asked_at=AT,
    currency="CAD",
)
TOLD = Eligibility(
    payer_id="SIMX12",
    member_id="M-1",
    active=True,
    benefits=(Benefit(kind="active", code="1"),),
    trace="ELIG1",
)


@given(st.text(max_size=40))
def test_a_number_is_of_one_check_and_fits_what_payers_repeat(operation: str) -> None:
    id_ = derived_id("elig", operation)
    trace = domain.trace_of(id_)
    assert domain.check_id_of(trace) == id_
    assert trace.isalnum()
    assert len(trace) <= 50


@pytest.mark.parametrize(
    ("told", "code"),
    [
        (replace(TOLD, payer_id="OTHER"), "PAYER_MISMATCH"),
        (replace(TOLD, active=None, benefits=()), "NOTHING_TOLD"),
    ],
)
def test_what_is_no_answer_to_a_question(told: Eligibility, code: str) -> None:
    wrong = domain.misfit(CHECK, told)
    assert wrong is not None
    assert (wrong.code, wrong.severity) == (code, "warning")


def test_only_an_open_question_is_answered() -> None:
    assert domain.misfit(CHECK, replace(TOLD, payer_id="")) is None
    assert domain.misfit(domain.unanswered(CHECK), TOLD) is None
    answered = domain.answered(CHECK, TOLD, "M-1", "fil_1", AT)
    codes = [
        wrong.code
        for wrong in (domain.misfit(answered, TOLD), domain.misfit(None, TOLD))
        if wrong is not None
    ]
    assert codes == ["ANSWERED_BEFORE", "TRACE_UNKNOWN"]


@pytest.mark.parametrize(("active", "said"), [(True, "yes"), (False, "no"), (None, "unknown")])
def test_whether_it_is_in_force_is_what_the_payer_says(*, active: bool | None, said: str) -> None:
    told = replace(TOLD, active=active)
    answered = domain.answered(CHECK, told, "M-1", "fil_1", AT)
    assert (answered.active, answered.state, answered.file_id) == (said, "answered", "fil_1")


def test_a_rejection_beside_benefits_is_an_answer_with_a_finding() -> None:
    told = replace(TOLD, rejections=("42", "42", "75"), rejected_in=("2100A", "2100A", "2100C"))
    answered = domain.answered(CHECK, told, "M-1", "fil_1", AT)
    assert answered.state == "answered"
    where = [(each.code, each.where) for each in answered.findings]
    assert where == [("42", "2100A AAA03"), ("75", "2100C AAA03")]
    assert domain.answered(CHECK, replace(told, benefits=()), "", "fil_1", AT).state == "refused"


def test_more_benefits_than_are_kept_is_told() -> None:
    many = TOLD.benefits * (domain.MOST_BENEFITS + 1)
    answered = domain.answered(CHECK, replace(TOLD, benefits=many), "M-1", "fil_1", AT)
    assert len(answered.benefits) == domain.MOST_BENEFITS
    assert [each.code for each in answered.findings] == ["TOO_LONG"]


def test_what_is_counted_here_is_what_visits_have_left() -> None:
    coverage = CoverageChanged(
        coverage_id="pol_1",
        client_id="cli_1",
        kind="extended_health",
        carrier="Harbour Mutual",
        group_number="",
        member_id="M-1",
        percent=80,
        order=1,
        benefit_year_start="07-01",
        annual_maximum=Money(amount_minor=50000),
    )
    ((rule, period),) = limits_on(current().payers, coverage, date(2026, 12, 1))
    used = Usage(minor=12000, visits=2)
    counted = domain.counted(coverage, rule, period, used, "CAD")
    assert (counted.left, counted.visits_left) == (Money(amount_minor=38000), None)
    assert (counted.period_from, counted.period_to) == (date(2026, 7, 1), date(2027, 6, 30))
    unused = domain.counted(coverage, rule, period, None, "CAD")
    assert unused.left == Money(amount_minor=50000)
