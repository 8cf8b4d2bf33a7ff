"""How a visit becomes an invoice: tax, and who pays which part, on integers only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from clinic_contracts.billing.requests import InvoiceTax, SplitPart, SplitStep
from clinic_contracts.client_profile.events import CoverageChanged
from clinic_contracts.money import Money

RULE = "extended_health"
VERSION = "2026-01-01"
FULL_BP = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRule:
    """A tax on a discipline in a region from a day on; ``rate_bp`` is basis points."""

    region: str
    discipline: str
    name: str
    rate_bp: int
    registrants_only: bool
    valid_from: date
    rule: str


def share(minor: int, rate: int, whole: int) -> int:
    """Return ``rate/whole`` of a non-negative amount in minor units, half up."""
    return (minor * rate * 2 + whole) // (whole * 2)


def taxes(  # noqa: PLR0913 (each decides the tax)
    rules: tuple[TaxRule, ...], region: str, discipline: str, day: date, fee: Money, *, gst: bool
) -> tuple[InvoiceTax, ...]:
    """Return the taxes due on the summed base, each rounded once."""
    return tuple(
        InvoiceTax(
            name=rule.name,
            rate_bp=rule.rate_bp,
            base=fee,
            amount=Money(
                amount_minor=share(fee.amount_minor, rule.rate_bp, FULL_BP), currency=fee.currency
            ),
            rule=rule.rule,
        )
        for rule in rules
        if (rule.region, rule.discipline) == (region, discipline)
        and rule.valid_from <= day
        and (gst or not rule.registrants_only)
    )


def benefit_year(coverage: CoverageChanged, day: date) -> str:
    """Return the first day, ISO, of the benefit year that ``day`` falls in."""
    first = f"{day.year}-{coverage.benefit_year_start}"
    return first if first <= day.isoformat() else f"{day.year - 1}-{coverage.benefit_year_start}"


def applies(coverage: CoverageChanged, discipline: str, day: date) -> bool:
    """Say whether a coverage pays for this discipline on this day."""
    return (
        coverage.kind == RULE
        and (not coverage.disciplines or discipline in coverage.disciplines)
        and (coverage.valid_from is None or coverage.valid_from <= day)
        and (coverage.valid_to is None or day <= coverage.valid_to)
    )


def split(
    fee: Money, tax: Money, coverages: tuple[CoverageChanged, ...], used: Mapping[str, int]
) -> tuple[SplitPart, ...]:
    """Return payers' parts in order and the client's last; ``used`` is minor units per coverage."""
    left, parts = fee, []
    for coverage in sorted(coverages, key=lambda c: (c.order, c.coverage_id)):
        part = _part(left, coverage, used.get(coverage.coverage_id, 0))
        parts.append(part)
        left -= part.amount
    rest = SplitStep(rule="remainder", version=VERSION, text="fee not covered", amount=left)
    taxed = SplitStep(rule="tax", version=VERSION, text="tax is not covered", amount=tax)
    client = SplitPart(
        payer="client", coverage_id=None, amount=left + tax, explanation=(rest, taxed)
    )
    return (*parts, client)


def _part(fee: Money, coverage: CoverageChanged, used: int) -> SplitPart:
    steps: list[SplitStep] = []

    def step(text: str, minor: int) -> int:
        amount = Money(amount_minor=minor, currency=fee.currency)
        steps.append(SplitStep(rule=RULE, version=VERSION, text=text, amount=amount))
        return minor

    minor = step("fee not yet covered", fee.amount_minor)
    if coverage.per_visit_cap is not None:
        cap = coverage.per_visit_cap.amount_minor
        minor = step(f"at most {cap} minor units a visit", min(minor, cap))
    minor = step(f"{coverage.percent} % of it, half up", share(minor, coverage.percent, 100))
    if coverage.annual_maximum is not None:
        limit = coverage.annual_maximum.amount_minor
        text = f"annual maximum {limit}, used {used} minor units"
        minor = step(text, min(minor, max(0, limit - used)))
    amount = Money(amount_minor=minor, currency=fee.currency)
    return SplitPart(
        payer=coverage.carrier,
        coverage_id=coverage.coverage_id,
        amount=amount,
        explanation=tuple(steps),
    )
