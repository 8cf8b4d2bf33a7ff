"""What is used of a coverage in a benefit year."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Self

from clinic_contracts.billing.events import CoverageUsed
from clinic_contracts.client_profile.events import CoverageChanged
from clinic_contracts.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """A benefit year as it stands at ``version``: minor units paid, for how many visits."""

    minor: int = 0
    visits: int = 0
    version: int = 0

    def with_visit(self, amount: Money) -> Self:
        """Return it with one more visit paid for."""
        return replace(self, minor=self.minor + amount.amount_minor, visits=self.visits + 1)


UNUSED = Usage()


def used_event(
    coverage: CoverageChanged, year_from: date, usage: Usage, currency: str
) -> CoverageUsed:
    """Return the event that tells what is used, and what is left of the annual maximum."""
    maximum, left = coverage.annual_maximum, None
    if maximum is not None:
        # A maximum lowered since may lie below what was paid by then.
        left = Money(amount_minor=max(maximum.amount_minor - usage.minor, 0), currency=currency)
    return CoverageUsed(
        coverage_id=coverage.coverage_id,
        client_id=coverage.client_id,
        year_from=year_from,
        used=Money(amount_minor=usage.minor, currency=currency),
        left=left,
        visits_used=usage.visits,
    )
