"""Whatever the fee and the payers, a split loses no cent and nobody pays more than is left."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.domain.coverage import UNUSED, Usage, visits_so_far
from billing.domain.payer_rules import Bill, visits_allowed
from billing.domain.split import payers_of, split
from billing.domain.tax import Place, Supply, half_up, taxes
from billing.rules import payer_rules, tax_rules
from clinic_contracts.client_profile.events import CoverageChanged
from clinic_contracts.money import LARGEST_MINOR, Money

DAY = date(2026, 11, 24)
amounts = st.integers(0, LARGEST_MINOR // 2).map(lambda minor: Money(amount_minor=minor))
days = st.integers(0, 120).map(lambda ago: DAY - timedelta(days=ago))
disciplines = st.sampled_from(["massage_therapy", "physiotherapy", "counselling"])
usages = st.builds(
    Usage,
    minor=st.integers(0, LARGEST_MINOR),
    visits=st.integers(0, 14),
    days=st.lists(days, max_size=12).map(tuple),
)


@st.composite
def coverages(draw: st.DrawFn) -> list[CoverageChanged]:
    return [
        CoverageChanged(
            coverage_id=f"pol_{number}",
            client_id="cli_1",
            kind=draw(
                st.sampled_from(["extended_health", "msp_supplementary", "icbc", "worksafebc"])
            ),
            carrier=f"Carrier {number}",
            group_number="",
            member_id="1",
            percent=draw(st.integers(0, 100)),
            order=draw(st.integers(1, 9)),
            benefit_year_start="01-01",
            per_visit_cap=draw(st.none() | amounts),
            annual_maximum=draw(st.none() | amounts),
            claim_number=draw(st.sampled_from(["", "C1"])),
            accident_date=draw(st.none() | days),
            accepted_on=draw(st.none() | days),
            referred_on=draw(st.none() | days),
            beneficiary_since=draw(st.none() | days),
            relationship=draw(st.sampled_from(["self", "spouse", "child", "other"])),
            holder_birth_date=draw(st.none() | days),
            visits_elsewhere=draw(st.integers(0, 12)),
            elsewhere_as_of=draw(st.none() | days),
            approved_visits=draw(st.none() | st.integers(1, 20)),
            approved_until=draw(st.none() | days),
        )
        for number in range(draw(st.integers(0, 5)))
    ]


@settings(deadline=None)  # a busy machine is not a fault of the split
@given(fee=amounts, tax=amounts, known=coverages(), discipline=disciplines, data=st.data())
def test_parts_add_up_and_none_exceeds_what_is_left(
    fee: Money, tax: Money, known: list[CoverageChanged], discipline: str, data: st.DataObject
) -> None:
    bill = Bill(fee=fee, tax=tax, day=DAY, discipline=discipline, region="CA-BC")
    payers = payers_of(bill, known, payer_rules())
    used = {each.period.key: data.draw(usages) for each in payers if each.period is not None}
    divided = split(bill, payers, used)
    assert sum(part.amount.amount_minor for part in divided.parts) == (fee + tax).amount_minor
    left, untaxed = fee.amount_minor, tax.amount_minor
    for payer, part in zip(payers, divided.payers, strict=True):
        share = (part.amount - part.tax).amount_minor
        assert 0 <= share <= left
        assert 0 <= part.tax.amount_minor <= untaxed
        assert part.explanation
        assert not (part.code and part.amount.amount_minor)
        left -= share
        untaxed -= part.tax.amount_minor
        if share and payer.rule is not None and payer.period is not None:
            usage = used.get(payer.period.key, UNUSED)
            visits = visits_so_far(payer.coverage, payer.period, usage)
            allowed = visits_allowed(payer.rule, payer.coverage)
            assert allowed is None or visits < allowed
            assert payer.period.has(DAY)
    assert divided.client.amount.amount_minor == left + untaxed


@settings(deadline=None)
@given(known=coverages(), fee=amounts)
def test_the_order_in_which_coverages_are_known_changes_nothing(
    known: list[CoverageChanged], fee: Money
) -> None:
    bill = Bill(
        fee=fee, tax=Money(amount_minor=0), day=DAY, discipline="massage_therapy", region="CA-BC"
    )
    there, back = (payers_of(bill, some, payer_rules()) for some in (known, known[::-1]))
    assert split(bill, there, {}) == split(bill, back, {})


@settings(deadline=None)
@given(minor=st.integers(-LARGEST_MINOR, LARGEST_MINOR), rate=st.integers(0, 10_000))
def test_rounding_is_never_off_by_more_than_half(minor: int, rate: int) -> None:
    rounded = half_up(minor * rate, 10_000)
    assert abs(2 * (rounded * 10_000 - minor * rate)) <= 10_000
    assert half_up(-minor * rate, 10_000) == -rounded


@pytest.mark.parametrize(("minor", "due"), [(9450, 473), (3 * 3333, 500)])
def test_tax_is_rounded_half_up_once_an_invoice(minor: int, due: int) -> None:
    lines = [Supply("massage_therapy", Money(amount_minor=minor))]
    (gst,) = taxes(tax_rules(), Place("CA-BC"), DAY, lines, registered=True)
    assert gst.amount.amount_minor == due
