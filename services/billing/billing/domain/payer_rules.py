"""Which of a payer's dated rules goes for a visit, over what period it counts, who pays first."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from clinic_contracts.billing.payer_rules import PayerRule
from clinic_contracts.client_profile.events import CoverageChanged
from clinic_contracts.errors import Invalid
from clinic_contracts.money import Money

LAST_OF_SHORT_FEBRUARY = 28
A_DAY = timedelta(days=1)
AUTH_WINDOW = "AUTH_WINDOW"
"""No visit is paid for so long after the accident, or before it."""
RELATIONSHIPS = {"self": 0, "spouse": 1, "child": 2}
"""Whose plan pays first; of any other holder the last."""
NO_RANK = 10
NO_BIRTHDAY = (13, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """A visit as payers are asked for it: fee, tax on it, and what their rules go by."""

    fee: Money
    tax: Money
    day: date
    discipline: str
    region: str
    opted_out: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """The time over which a coverage's limits count; both days are included."""

    key: str
    begins: date
    ends: date | None

    def has(self, day: date | None) -> bool:
        """Say whether a day lies in it."""
        return day is not None and self.begins <= day and (self.ends is None or day <= self.ends)


def rule_for(rules: Iterable[PayerRule], coverage: CoverageChanged, bill: Bill) -> PayerRule | None:
    """Return the rule in force for a coverage and a visit, of several the latest, or None."""
    fitting = [
        rule
        for rule in rules
        if rule.kind == coverage.kind
        and in_force(rule, bill.day)
        and (not rule.disciplines or bill.discipline in rule.disciplines)
        and (not rule.regions or bill.region in rule.regions)
    ]
    return max(fitting, key=lambda rule: rule.valid_from, default=None)


def in_force(rule: PayerRule, day: date) -> bool:
    """Say whether a rule is in force on a day."""
    return rule.valid_from <= day and (rule.valid_to is None or day <= rule.valid_to)


def period_of(rule: PayerRule, coverage: CoverageChanged, day: date) -> Period | None:
    """Return the period a day's visit counts in, None for an injury of which no day is known.

    Of an injury, visits are counted by rule, since each discipline has a number of its own; the
    window ends later when the payer has approved it.
    """
    if rule.period == "injury":
        began = coverage.accident_date
        if began is None:
            return None
        ends = None if rule.window_days is None else began + timedelta(days=rule.window_days)
        if ends is not None and coverage.approved_until is not None:
            ends = max(ends, coverage.approved_until)
        key = f"{coverage.coverage_id}|{began.isoformat()}|{rule.rule}"
        return Period(key=key, begins=began, ends=ends)
    began = date(day.year, 1, 1) if rule.period == "calendar_year" else benefit_year(coverage, day)
    ends = date(began.year + 1, began.month, began.day) - A_DAY
    return Period(key=f"{coverage.coverage_id}|{began.isoformat()}", begins=began, ends=ends)


def limits_on(
    rules: Iterable[PayerRule], coverage: CoverageChanged, day: date
) -> Iterator[tuple[PayerRule, Period]]:
    """Yield the rules in force on a day that limit a coverage's visits or amount, with the period.

    Whatever the treatment and the region: at which a visit will be is not known yet.
    """
    for rule in rules:
        limited = rule.visits is not None or coverage.annual_maximum is not None
        if rule.kind == coverage.kind and in_force(rule, day) and limited:
            period = period_of(rule, coverage, day)
            if period is not None and _share(rule.disciplines, coverage.disciplines):
                yield rule, period


def benefit_year(coverage: CoverageChanged, day: date) -> date:
    """Return the first day of the policy's benefit year that a day lies in."""
    month, start = (int(part) for part in coverage.benefit_year_start.split("-"))
    start = min(start, LAST_OF_SHORT_FEBRUARY) if month == 2 else start  # noqa: PLR2004 (February)
    began = date(day.year, month, start)
    return began if began <= day else date(day.year - 1, month, start)


def visits_allowed(rule: PayerRule, coverage: CoverageChanged) -> int | None:
    """Return how many visits are paid for in a period: the payer's approval before its rule."""
    if rule.visits is None or coverage.approved_visits is None:
        return rule.visits
    return coverage.approved_visits


def payment_order(
    coverage: CoverageChanged, rule: PayerRule | None
) -> tuple[int, int, tuple[int, int], str, int, str]:
    """Return what sorts the payers of a visit: the first to pay is the least.

    By rank of the payer's rule; then the client's own plan, a spouse's, a parent's: of two parents'
    the one whose birthday comes first in the year, then whose first name does; then by ``order``.
    Source: CLHIA Guideline G4, Co-ordination of Benefits.
    """
    born, name = NO_BIRTHDAY, ""
    if coverage.relationship == "child":
        name = coverage.holder_first_name.casefold()
        if coverage.holder_birth_date is not None:
            born = (coverage.holder_birth_date.month, coverage.holder_birth_date.day)
    return (
        NO_RANK if rule is None else rule.rank,
        RELATIONSHIPS.get(coverage.relationship, len(RELATIONSHIPS)),
        born,
        name,
        coverage.order,
        coverage.coverage_id,
    )


def check_rules(rules: Iterable[PayerRule]) -> None:
    """Raise Invalid, by rule and field, for rules that contradict themselves or each other."""
    seen: list[PayerRule] = []
    for at, rule in enumerate(rules):
        for field, wrong in _contradictions(rule).items():
            _refuse(at, rule, field, wrong)
        for other in seen:
            if _in_conflict(rule, other):
                wrong = f"is in force when {other.rule} {other.version} is, for the same visits"
                _refuse(at, rule, "valid_from", wrong)
        seen.append(rule)


def _contradictions(rule: PayerRule) -> dict[str, str]:
    moneys = [money for money in (rule.fee, rule.initial_fee) if money is not None]
    wrong = {
        "valid_to": (
            rule.valid_to is not None and rule.valid_to < rule.valid_from,
            "lies before valid_from",
        ),
        "window_days": (
            rule.window_days is not None and rule.period != "injury",
            "counts from an accident: only with the period injury",
        ),
        "one_a_day": (
            rule.one_a_day and rule.visits is None,
            "needs a number of visits, so that the days kept are few",
        ),
        "initial_fee": (rule.initial_fee is not None and rule.fee is None, "needs a fee too"),
        "fee": (any(money.amount_minor < 0 for money in moneys), "must not be negative"),
    }
    return {field: text for field, (holds, text) in wrong.items() if holds}


def _in_conflict(one: PayerRule, other: PayerRule) -> bool:
    apart = (one.valid_to is not None and one.valid_to < other.valid_from) or (
        other.valid_to is not None and other.valid_to < one.valid_from
    )
    same = one.kind == other.kind and _share(one.regions, other.regions)
    return same and not apart and _share(one.disciplines, other.disciplines)


def _share(mine: tuple[str, ...], yours: tuple[str, ...]) -> bool:
    """Say whether two have one in common; empty means all."""
    return not mine or not yours or bool(set(mine) & set(yours))


def _refuse(at: int, rule: PayerRule, field: str, wrong: str) -> None:
    detail = f"{rule.rule} {rule.version}: {field} {wrong}"
    raise Invalid(detail, errors={"rules": {str(at): {field: [wrong]}}})
