"""What a treatment costs where, of whom and when: the most particular price that there is."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from booking.domain.appointment import book
from booking.domain.prices import price_of
from booking.domain.settings import check_treatment
from booking.testing import offering, terms
from clinic_contracts.booking.settings import PriceAt
from clinic_contracts.errors import Invalid
from clinic_contracts.money import Money

DAY = date(2026, 12, 1)
PLAIN = replace(offering().treatment, price=Money(amount_minor=11500))


def at(minor: int, **more: Any) -> PriceAt:
    return PriceAt(price=Money(amount_minor=minor), **more)


PRICES = (
    at(12000, location_id="loc_1"),
    at(12500, location_id="loc_1", valid_from=date(2027, 1, 1)),
    at(14000, practitioner_id="prac_1"),
    at(15000, practitioner_id="prac_1", location_id="loc_2", valid_to=date(2026, 12, 31)),
    at(11800, valid_from=date(2027, 4, 1)),
)


@pytest.mark.parametrize(
    ("place", "who", "day", "minor"),
    [
        ("loc_1", "prac_2", DAY, 12000),
        ("loc_1", "prac_2", date(2026, 12, 31), 12000),
        ("loc_1", "prac_2", date(2027, 1, 1), 12500),
        ("loc_1", "prac_1", DAY, 14000),
        ("loc_2", "prac_1", DAY, 15000),
        ("loc_2", "prac_1", date(2027, 1, 1), 14000),
        ("loc_2", "prac_2", DAY, 11500),
        ("loc_2", "prac_2", date(2027, 4, 1), 11800),
        ("loc_1", None, DAY, 12000),
    ],
)
def test_a_visit_costs_what_is_said_of_it_most_particularly(
    place: str, who: str | None, day: date, minor: int
) -> None:
    treatment = replace(PLAIN, prices=PRICES)
    assert price_of(treatment, place, who, day) == Money(amount_minor=minor)


def test_the_price_of_the_day_is_agreed_at_booking() -> None:
    place = offering()
    priced = replace(place, treatment=replace(place.treatment, prices=(at(14000),)))
    made, told = book("apt_1", "cli_1", terms(offering=priced))
    assert (made.price, told.visit.price) == (Money(amount_minor=14000),) * 2


@pytest.mark.parametrize(
    ("prices", "field"),
    [
        ((at(-1),), "prices.0.price"),
        ((at(10_000_000_000),), "prices.0.price"),
        ((PriceAt(price=Money(amount_minor=1, currency="USD")),), "prices.0.price"),
        ((at(1), at(2, valid_from=DAY, valid_to=date(2026, 11, 30))), "prices.1.valid_to"),
        ((at(1, location_id="loc_1"), at(2, location_id="loc_1")), "prices.1"),
    ],
)
def test_a_price_that_cannot_be_is_refused_by_its_place(
    prices: tuple[PriceAt, ...], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        check_treatment(replace(PLAIN, prices=prices))
    assert list(refused.value.extra["errors"]) == [field]
