"""Why a payer pays nothing of a visit: a code, and the reason in words with its numbers.

NO_RULE, OPTED_OUT, NO_ACCIDENT_DATE, NO_CLAIM_NUMBER, NOT_ACCEPTED, NO_REFERRAL, NOT_BENEFICIARY,
AUTH_WINDOW (too long after the accident, or before it), SAME_DAY, and AUTH_LIMIT or BENEFIT_LIMIT
(the number of visits, or the annual maximum, is used up).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from billing.domain.coverage import Usage, visits_so_far
from billing.domain.payer_rules import AUTH_WINDOW, Bill, Period, visits_allowed
from clinic_contracts.billing.payer_rules import Need, PayerRule
from clinic_contracts.client_profile.events import CoverageChanged

BENEFIT_LIMIT = "BENEFIT_LIMIT"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A code and its reason."""

    code: str
    text: str


def refusal(
    coverage: CoverageChanged,
    bill: Bill,
    rule: PayerRule | None,
    period: Period | None,
    usage: Usage,
) -> Refusal | None:
    """Return why the payer pays nothing of a visit, the first reason that holds, or None."""
    if rule is None:
        text = f"no rule pays for {bill.discipline} in {bill.region} on {bill.day}"
        return Refusal("NO_RULE", text)
    if rule.opted_in_only and bill.opted_out:
        text = "the practitioner has opted out: the client pays, and asks the payer for it"
        return Refusal("OPTED_OUT", text)
    for need in rule.needs:
        code, lacking, text = NEEDS[need]
        if lacking(coverage, bill.day):
            return Refusal(code, text)
    if period is None:
        return Refusal("NO_ACCIDENT_DATE", "the day of the accident is not known")
    return _over(coverage, bill.day, rule, period, usage)


NEEDS: dict[Need, tuple[str, Callable[[CoverageChanged, date], bool], str]] = {
    "claim_number": (
        "NO_CLAIM_NUMBER",
        lambda coverage, _: not coverage.claim_number,
        "the payer's claim number is not known",
    ),
    "accepted_on": (
        "NOT_ACCEPTED",
        lambda coverage, _: coverage.accepted_on is None,
        "the payer has not accepted the claim: the client pays, and is paid back when it does",
    ),
    "referred_on": (
        "NO_REFERRAL",
        lambda coverage, day: coverage.referred_on is None or coverage.referred_on > day,
        "no physician had referred the client by that day",
    ),
    "beneficiary_since": (
        "NOT_BENEFICIARY",
        lambda coverage, day: (
            coverage.beneficiary_since is None or coverage.beneficiary_since > day
        ),
        "the client was not a beneficiary on that day",
    ),
}


def _over(
    coverage: CoverageChanged, day: date, rule: PayerRule, period: Period, usage: Usage
) -> Refusal | None:
    """Return the limit of the rule that a visit is over; acceptance late counts from the injury."""
    if not period.has(day):
        after = (day - period.begins).days
        days = "" if period.ends is None else f" within {(period.ends - period.begins).days} days"
        text = f"visits are paid for{days} of the accident on {period.begins}: this is day {after}"
        return Refusal(AUTH_WINDOW, text)
    if rule.one_a_day and day in usage.days:
        return Refusal("SAME_DAY", f"one visit a day is paid for: one on {day} was already")
    used, allowed = visits_so_far(coverage, period, usage), visits_allowed(rule, coverage)
    if allowed is not None and used >= allowed:
        text = f"{allowed} visits are paid for from {period.begins} on, and {used} are used"
        return Refusal(rule.limit_code, text)
    return None
