"""Taxes contained in an amount: base and taxes are the amount, whatever it is."""

from hypothesis import given, settings
from hypothesis import strategies as st

from billing.domain.fee import within
from clinic_contracts.billing.requests import InvoiceTax
from clinic_contracts.money import LARGEST_MINOR, Money


def tax(rate_bp: int) -> InvoiceTax:
    nothing = Money(amount_minor=0)
    return InvoiceTax(name="GST", rate_bp=rate_bp, base=nothing, amount=nothing, rule="r")


def test_five_percent_within_105_is_5_on_100() -> None:
    (gst,) = within(Money(amount_minor=10500), [tax(500)])
    assert (gst.base.amount_minor, gst.amount.amount_minor) == (10000, 500)
    assert within(Money(amount_minor=10500), []) == ()


@settings(deadline=None)
@given(
    minor=st.integers(0, LARGEST_MINOR),
    rates=st.lists(st.integers(1, 2000), min_size=1, max_size=3),
)
def test_base_and_taxes_are_the_amount_and_each_tax_is_its_share(
    minor: int, rates: list[int]
) -> None:
    found = within(Money(amount_minor=minor), [tax(rate) for rate in rates])
    base = found[0].base.amount_minor
    assert base + sum(each.amount.amount_minor for each in found) == minor
    for each in found:
        off = each.amount.amount_minor * 10_000 - base * each.rate_bp
        assert abs(off) <= 10_000 * len(rates)
