"""What is used of a coverage in a benefit year, or of an injury."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Self

from billing.domain.payer_rules import AUTH_WINDOW, Period, visits_allowed
from clinic_contracts.billing.events import CoverageUsed
from clinic_contracts.billing.payer_rules import PayerRule
from clinic_contracts.billing.requests import InvoiceView, Uncounted
from clinic_contracts.client_profile.events import CoverageChanged
from clinic_contracts.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """A period as it stands at ``version``: minor units of fees paid, for how many visits.

    ``days`` are those of the visits, where a payer pays for one a day: as many as it has visits.
    ``coverage_seq`` is the change of the coverage after which it was last told without a visit.
    """

    minor: int = 0
    visits: int = 0
    days: tuple[date, ...] = ()
    coverage_seq: int = 0
    version: int = 0

    def with_visit(self, minor: int, rule: PayerRule, day: date) -> Self:
        """Return it with one more visit paid for by a rule."""
        days = (*self.days, day) if rule.one_a_day else self.days
        return replace(self, minor=self.minor + minor, visits=self.visits + 1, days=days)

    def without_visit(self, minor: int, day: date) -> Self:
        """Return it as it was before a visit was paid for."""
        days = list(self.days)
        if day in days:
            days.remove(day)
        left, visits = max(self.minor - minor, 0), max(self.visits - 1, 0)
        return replace(self, minor=left, visits=visits, days=tuple(days))

    def given_back(self, what: Uncounted, day: date) -> Self:
        """Return it without what does not count of a visit that was counted."""
        minor = what.amount.amount_minor
        if what.visit:
            return self.without_visit(minor, day)
        return replace(self, minor=max(self.minor - minor, 0))

    def taken_again(self, what: Uncounted, rule: PayerRule, day: date) -> Self:
        """Return it as it was before it was given something back."""
        minor = what.amount.amount_minor
        if what.visit:
            return self.with_visit(minor, rule, day)
        return replace(self, minor=self.minor + minor)


UNUSED = Usage()


def uncounted(invoice: InvoiceView, coverage_id: str) -> Uncounted | None:
    """Return what of a payer's part of an invoice does not count, or None."""
    found = (each for each in invoice.uncounted if each.coverage_id == coverage_id)
    return next(found, None)


def visits_so_far(coverage: CoverageChanged, period: Period, usage: Usage) -> int:
    """Return the visits paid for in a period, here and elsewhere."""
    elsewhere = coverage.visits_elsewhere if period.has(coverage.elsewhere_as_of) else 0
    return usage.visits + elsewhere


def used_event(
    coverage: CoverageChanged, rule: PayerRule, period: Period, usage: Usage, currency: str
) -> CoverageUsed:
    """Return the event that tells what is used, and what is left of the limits."""
    maximum, left = coverage.annual_maximum, None
    if maximum is not None:
        # A maximum lowered since may lie below what was paid by then.
        left = Money(amount_minor=max(maximum.amount_minor - usage.minor, 0), currency=currency)
    used, allowed = visits_so_far(coverage, period, usage), visits_allowed(rule, coverage)
    return CoverageUsed(
        coverage_id=coverage.coverage_id,
        client_id=coverage.client_id,
        year_from=period.begins,
        used=Money(amount_minor=usage.minor, currency=currency),
        left=left,
        visits_used=used,
        visits_left=None if allowed is None else max(allowed - used, 0),
        limit_code=None if allowed is None else rule.limit_code,
        period_to=period.ends,
        window_code=AUTH_WINDOW if rule.window_days is not None else None,
        one_a_day=rule.one_a_day,
        disciplines=_disciplines(coverage, rule),
        rule=rule.rule,
    )


def _disciplines(coverage: CoverageChanged, rule: PayerRule) -> tuple[str, ...]:
    """Return those that both name; of one that names none, the other's."""
    if not (coverage.disciplines and rule.disciplines):
        return coverage.disciplines or rule.disciplines
    return tuple(each for each in rule.disciplines if each in coverage.disciplines)
