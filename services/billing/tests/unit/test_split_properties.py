"""Whatever the fee and the policies, a split loses no cent and nobody pays more than is left."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.domain.split import split
from billing.domain.tax import half_up, taxes
from billing.rules import tax_rules
from clinic_contracts.client_profile.events import CoverageChanged
from clinic_contracts.money import LARGEST_MINOR, Money

amounts = st.integers(0, LARGEST_MINOR // 2).map(lambda minor: Money(amount_minor=minor))


@st.composite
def policies(draw: st.DrawFn) -> list[CoverageChanged]:
    return [
        CoverageChanged(
            coverage_id=f"pol_{number}",
            client_id="cli_1",
            kind="extended_health",
            carrier=f"Carrier {number}",
            group_number="",
            member_id="1",
            percent=draw(st.integers(0, 100)),
            order=draw(st.integers(1, 9)),
            benefit_year_start="01-01",
            per_visit_cap=draw(st.none() | amounts),
            annual_maximum=draw(st.none() | amounts),
        )
        for number in range(draw(st.integers(0, 5)))
    ]


@settings(deadline=None)  # a busy machine is not a fault of the split
@given(fee=amounts, tax=amounts, coverages=policies(), data=st.data())
def test_parts_add_up_and_none_exceeds_what_is_left(
    fee: Money, tax: Money, coverages: list[CoverageChanged], data: st.DataObject
) -> None:
    used = {
        coverage.coverage_id: data.draw(st.integers(0, LARGEST_MINOR)) for coverage in coverages
    }
    divided = split(fee, tax, coverages, used)
    assert sum(part.amount.amount_minor for part in divided.parts) == (fee + tax).amount_minor
    by_id = {coverage.coverage_id: coverage for coverage in coverages}
    left = fee.amount_minor
    for part in divided.payers:
        assert 0 <= part.amount.amount_minor <= left
        left -= part.amount.amount_minor
        maximum = by_id[part.coverage_id or ""].annual_maximum
        if maximum is not None:
            year = max(maximum.amount_minor - used[part.coverage_id or ""], 0)
            assert part.amount.amount_minor <= year
    assert divided.client.amount.amount_minor == left + tax.amount_minor


@settings(deadline=None)
@given(minor=st.integers(-LARGEST_MINOR, LARGEST_MINOR), rate=st.integers(0, 10_000))
def test_rounding_is_never_off_by_more_than_half(minor: int, rate: int) -> None:
    rounded = half_up(minor * rate, 10_000)
    assert abs(2 * (rounded * 10_000 - minor * rate)) <= 10_000
    assert half_up(-minor * rate, 10_000) == -rounded


@pytest.mark.parametrize(("minor", "due"), [(9450, 473), (3 * 3333, 500)])
def test_tax_is_rounded_half_up_once_an_invoice(minor: int, due: int) -> None:
    base = Money(amount_minor=minor)
    day = date(2026, 11, 24)
    (gst,) = taxes(tax_rules(), "CA-BC", "massage_therapy", day, base, registered=True)
    assert gst.amount.amount_minor == due
