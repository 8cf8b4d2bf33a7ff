"""Tax on an invoice: dated rules, each rounded half up once per invoice.

Half-up by invoice, not by line: three lines of $33.33 at 5 % bear $5.00, where each line's own
rounding would make $5.01.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from clinic_contracts.billing.requests import InvoiceTax
from clinic_contracts.money import Money

BASIS_POINTS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRule:
    """A tax on some kinds of supply in some regions from a day on; ``rate_bp`` in basis points.

    A kind is a treatment's discipline or ``retail_goods``. ``locations`` empty means all of the
    regions'; ``source`` says where it is written.
    """

    rule: str
    source: str
    regions: tuple[str, ...]
    name: str
    rate_bp: int
    valid_from: date
    kinds: tuple[str, ...]
    only_gst_registered: bool = False
    valid_to: date | None = None
    locations: tuple[str, ...] = ()

    def in_force(self, place: "Place", day: date, *, registered: bool) -> bool:
        """Say whether the tax is due at a place on a day, of whom is ``registered`` or not."""
        dated = self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)
        there = place.region in self.regions and (
            not self.locations or place.location_id in self.locations
        )
        return dated and there and (registered or not self.only_gst_registered)


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is sold."""

    region: str
    location_id: str = ""


@dataclass(frozen=True, slots=True)
class Supply:
    """A line of an invoice as taxes see it."""

    kind: str
    amount: Money


def half_up(numerator: int, denominator: int) -> int:
    """Divide, rounding halves away from zero: 472.5 is 473."""
    sign = -1 if numerator < 0 else 1
    return sign * ((2 * abs(numerator) + denominator) // (2 * denominator))


def taxes(
    rules: Iterable[TaxRule],
    place: Place,
    day: date,
    supplies: Sequence[Supply],
    *,
    registered: bool,
) -> tuple[InvoiceTax, ...]:
    """Return the taxes due on an invoice's lines, each on the sum of those it is due on.

    The lines are in one currency.
    """
    due = []
    for rule in rules:
        taxed = [supply.amount for supply in supplies if supply.kind in rule.kinds]
        if taxed and rule.in_force(place, day, registered=registered):
            base = sum(taxed[1:], start=taxed[0])
            amount = half_up(base.amount_minor * rule.rate_bp, BASIS_POINTS)
            due.append(
                InvoiceTax(
                    name=rule.name,
                    rate_bp=rule.rate_bp,
                    base=base,
                    amount=Money(amount_minor=amount, currency=base.currency),
                    rule=rule.rule,
                )
            )
    return tuple(due)
