"""Fees and deposits: by the terms copied at booking, in minor units, never above the price."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.domain import policy as policies
from booking.testing import offering, terms, visit
from clinic_contracts.booking.policy import Because, CancellationPolicy
from clinic_contracts.errors import Invalid
from clinic_contracts.money import Money

START = visit().start
SOON, EARLY = START - timedelta(hours=2), START - timedelta(hours=24)


def cad(minor: int) -> Money:
    return Money(amount_minor=minor)


@pytest.mark.parametrize(
    ("price", "percent", "fee"),
    [
        (11500, 50, 5750),
        (11500, 100, 11500),
        (11501, 50, 5751),  # half a cent goes up
        (11499, 50, 5750),
        (1, 49, None),
        (1, 50, 1),
        (11500, 0, None),
        (0, 100, None),
    ],
)
def test_a_fee_is_a_share_of_the_price_rounded_half_up(
    price: int, percent: int, fee: int | None
) -> None:
    assert policies.share(cad(price), percent) == (None if fee is None else cad(fee))


@given(price=st.integers(0, 10_000_000), percent=st.integers(0, 100))
def test_a_fee_is_the_nearest_cent_and_never_above_the_price(price: int, percent: int) -> None:
    found = policies.share(cad(price), percent)
    fee = 0 if found is None else found.amount_minor
    assert 0 <= fee <= price
    assert -50 < 100 * fee - price * percent <= 50


@given(price=st.integers(0, 100_000), amount=st.integers(0, 100_000), percent=st.integers(0, 100))
def test_a_deposit_is_never_above_the_price(price: int, amount: int, percent: int) -> None:
    for policy in (
        CancellationPolicy(deposit_amount=cad(amount)),
        CancellationPolicy(deposit_percent=percent),
    ):
        owed = policies.deposit(policy, cad(price))
        assert owed is None or 0 < owed.amount_minor <= price


@pytest.mark.parametrize(
    ("cancelled_at", "because", "waive", "exempt", "fee", "waived_because"),
    [
        (EARLY, "other", False, True, None, None),
        (EARLY, "other", True, True, None, None),
        (SOON, "other", False, True, 5750, None),
        (SOON, "other", True, True, None, "discretion"),
        (SOON, "illness", False, True, None, "policy"),
        (SOON, "illness", False, False, 5750, None),
        (SOON, "illness", True, False, None, "discretion"),
    ],
)
def test_what_a_cancellation_costs(  # noqa: PLR0913, PLR0917 (a table's row)
    cancelled_at: Any,
    because: Because,
    waive: bool,  # noqa: FBT001
    exempt: bool,  # noqa: FBT001
    fee: int | None,
    waived_because: str | None,
) -> None:
    made = visit(policy=CancellationPolicy(illness_exempt=exempt))
    changed, event = made.cancel("Rang us", cancelled_at, waive_fee=waive, because=because)
    owed = None if fee is None else cad(fee)
    assert (changed.fee, changed.view().fee, event.fee) == (owed, owed, owed)
    assert event.waived_because == waived_because
    assert event.late is (cancelled_at == SOON)
    assert event.fee_reason == ("late_cancellation" if fee or waived_because else None)


def test_a_missed_visit_costs_by_the_terms_it_was_booked_under() -> None:
    made = visit(policy=CancellationPolicy(no_show_fee_percent=75))
    changed, event = made.mark_no_show(None, waive_fee=False)
    assert (changed.fee, event.fee, event.fee_reason) == (cad(8625), cad(8625), "no_show")
    changed, event = made.mark_no_show(None, waive_fee=False, because="illness")
    assert (changed.fee, event.waived_because, event.fee_waived) == (None, "policy", True)


@pytest.mark.parametrize("reason", [None, "", "  "])
def test_a_waiver_says_why(reason: str | None) -> None:
    for refused in (
        lambda: visit().mark_no_show(reason, waive_fee=True),
        lambda: visit().cancel(reason, SOON, waive_fee=True),
    ):
        with pytest.raises(Invalid) as said:
            refused()
        assert list(said.value.extra["errors"]) == ["reason"]


def test_a_treatments_terms_replace_the_locations() -> None:
    place = offering()
    location = replace(place.location, policy=CancellationPolicy(late_fee_percent=10))
    own = CancellationPolicy(late_fee_percent=20, deposit_percent=20)
    assert policies.agreed(location, place.treatment).late_fee_percent == 10
    assert policies.agreed(location, replace(place.treatment, policy=own)) == own


def test_a_moved_visit_keeps_its_terms() -> None:
    made = visit(policy=CancellationPolicy(late_fee_percent=10, deposit_amount=cad(2000)))
    moved, _ = made.move(terms())
    assert (moved.policy, moved.deposit) == (made.policy, cad(2000))


@pytest.mark.parametrize(
    "wrong",
    [
        {"deposit_percent": 10, "deposit_amount": cad(100)},
        {"deposit_amount": cad(-1)},
        {"deposit_amount": Money(amount_minor=100, currency="USD")},
    ],
)
def test_a_deposit_that_cannot_be_asked_for_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        policies.check(CancellationPolicy(**wrong), "CAD")
    assert list(refused.value.extra["errors"]) == ["policy"]
