"""Tax on an invoice: dated rules, rounded half up once per invoice."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from clinic_contracts.billing.requests import InvoiceTax
from clinic_contracts.money import Money

BASIS_POINTS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRule:
    """A tax on some disciplines in some regions from a day on; ``rate_bp`` in basis points."""

    rule: str
    regions: frozenset[str]
    name: str
    rate_bp: int
    valid_from: date
    disciplines: frozenset[str]
    only_gst_registered: bool
    valid_to: date | None = None

    def applies(self, region: str, discipline: str, day: date, *, registered: bool) -> bool:
        """Say whether the tax is due on a service of that day."""
        dated = self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)
        due = registered or not self.only_gst_registered
        return dated and due and region in self.regions and discipline in self.disciplines


def half_up(numerator: int, denominator: int) -> int:
    """Divide, rounding halves away from zero: 472.5 is 473."""
    sign = -1 if numerator < 0 else 1
    return sign * ((2 * abs(numerator) + denominator) // (2 * denominator))


def taxes(  # noqa: PLR0913 (what a tax depends on)
    rules: Iterable[TaxRule],
    region: str,
    discipline: str,
    day: date,
    base: Money,
    *,
    registered: bool,
) -> tuple[InvoiceTax, ...]:
    """Return the taxes due on the sum of an invoice's lines, each rounded once."""
    return tuple(
        InvoiceTax(
            name=rule.name,
            rate_bp=rule.rate_bp,
            base=base,
            amount=Money(
                amount_minor=half_up(base.amount_minor * rule.rate_bp, BASIS_POINTS),
                currency=base.currency,
            ),
            rule=rule.rule,
        )
        for rule in rules
        if rule.applies(region, discipline, day, registered=registered)
    )
