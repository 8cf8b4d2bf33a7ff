"""Who pays what of a fee, explained step by step.

Extended health: min(fee, per-visit cap) x percent, limited by what is left of the annual maximum
of the policy's benefit year. Policies pay in their order, each at most what is still unpaid.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from billing.domain.tax import half_up
from clinic_contracts.billing.requests import SplitPart, SplitStep
from clinic_contracts.client_profile.events import CoverageChanged
from clinic_contracts.money import Money

RULE = "extended-health"
VERSION = "2026-01"
CLIENT = "client"
PERCENT = 100
LAST_OF_SHORT_FEBRUARY = 28


@dataclass(frozen=True, slots=True)
class Split:
    """Parts that add up to the total; the client's is last."""

    parts: tuple[SplitPart, ...]

    @property
    def client(self) -> SplitPart:
        """The client's part."""
        return self.parts[-1]

    @property
    def payers(self) -> tuple[SplitPart, ...]:
        """The payers' parts."""
        return self.parts[:-1]


def benefit_year(coverage: CoverageChanged, day: date) -> date:
    """Return the first day of the policy's benefit year that a day lies in."""
    month, start = (int(part) for part in coverage.benefit_year_start.split("-"))
    start = min(start, LAST_OF_SHORT_FEBRUARY) if month == 2 else start  # noqa: PLR2004 (February)
    began = date(day.year, month, start)
    return began if began <= day else date(day.year - 1, month, start)


def applies(coverage: CoverageChanged, discipline: str, day: date) -> bool:
    """Say whether a policy covers a discipline on a day."""
    dated = (coverage.valid_from is None or coverage.valid_from <= day) and (
        coverage.valid_to is None or day <= coverage.valid_to
    )
    return dated and (not coverage.disciplines or discipline in coverage.disciplines)


def split(
    fee: Money, tax: Money, coverages: Sequence[CoverageChanged], used: Mapping[str, int]
) -> Split:
    """Divide fee and tax; ``used`` says what of each policy's annual maximum is gone, in minor."""
    unpaid = fee.amount_minor
    parts = []
    for coverage in sorted(coverages, key=lambda c: (c.order, c.coverage_id)):
        part = _part(fee, unpaid, coverage, used.get(coverage.coverage_id, 0))
        unpaid -= part.amount.amount_minor
        parts.append(part)
    rest = Money(amount_minor=unpaid, currency=fee.currency)
    steps = [SplitStep(rule="remainder", version=VERSION, text="what no payer covers", amount=rest)]
    if tax.amount_minor:
        text = "tax is the client's: extended health covers the fee alone"
        steps.append(SplitStep(rule="tax", version=VERSION, text=text, amount=tax))
    client = SplitPart(payer=CLIENT, coverage_id=None, amount=rest + tax, explanation=tuple(steps))
    return Split((*parts, client))


def _part(fee: Money, unpaid: int, coverage: CoverageChanged, used: int) -> SplitPart:
    amount = fee.amount_minor
    steps = []

    def step(text: str) -> None:
        money = Money(amount_minor=amount, currency=fee.currency)
        steps.append(SplitStep(rule=RULE, version=VERSION, text=text, amount=money))

    cap = coverage.per_visit_cap
    if cap is not None and cap.amount_minor < amount:
        amount = cap.amount_minor
        step("the fee, limited by the cap per visit")
    else:
        step("the fee")
    amount = half_up(amount * coverage.percent, PERCENT)
    step(f"{coverage.percent} % of it, rounded half up")
    if coverage.annual_maximum is not None:
        left = max(coverage.annual_maximum.amount_minor - used, 0)
        amount = min(amount, left)
        step(f"limited by what is left of the annual maximum ({left} of the year, in minor units)")
    if amount > unpaid:
        amount = unpaid
        step("limited by what earlier payers left")
    return SplitPart(
        payer=coverage.carrier,
        coverage_id=coverage.coverage_id,
        amount=Money(amount_minor=amount, currency=fee.currency),
        explanation=tuple(steps),
    )
