"""What a treatment costs where, of whom and when, before tax."""

from collections.abc import Sequence
from datetime import date

from booking.domain.invalid import invalid
from clinic_contracts.booking.settings import PriceAt, TreatmentView
from clinic_contracts.money import Money


def price_of(
    treatment: TreatmentView, location_id: str, practitioner_id: str | None, day: date
) -> Money:
    """Return the price of a visit on a day: the most particular one there is.

    A practitioner's goes before a location's, the later ``valid_from`` before the earlier. Where
    the practitioner is not known yet, none of theirs counts.
    """
    fitting = [
        each
        for each in treatment.prices
        if each.location_id in {None, location_id}
        and each.practitioner_id in {None, practitioner_id}
        and (each.valid_from is None or each.valid_from <= day)
        and (each.valid_to is None or day <= each.valid_to)
    ]
    best = max(fitting, key=_particular, default=None)
    return treatment.price if best is None else best.price


def check_prices(prices: Sequence[PriceAt], highest: int, currency: str) -> None:
    """Raise Invalid for a price that cannot be, or two that are for the same from the same day."""
    seen = set()
    for number, each in enumerate(prices):
        field = f"prices.{number}"
        if not 0 <= each.price.amount_minor <= highest:
            raise invalid(f"{field}.price", f"amount_minor must lie from 0 to {highest}")
        if each.price.currency != currency:
            raise invalid(f"{field}.price", f"prices are in {currency}")
        if each.valid_from and each.valid_to and each.valid_to < each.valid_from:
            raise invalid(f"{field}.valid_to", "lies before valid_from")
        key = (each.location_id, each.practitioner_id, each.valid_from)
        if key in seen:
            raise invalid(field, "is for the same from the same day as one before it")
        seen.add(key)


def _particular(each: PriceAt) -> tuple[bool, bool, date]:
    by_whom, where = each.practitioner_id is not None, each.location_id is not None
    return by_whom, where, each.valid_from or date.min
