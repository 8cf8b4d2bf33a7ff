"""What a payer's answer makes of an eligibility check; it changes nothing else that is known."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from billing.domain.coverage import UNUSED, Usage, used_event
from billing.domain.payer_rules import Period
from clinic_contracts.billing.claims import ClaimFinding
from clinic_contracts.billing.eligibility import CountedHere, EligibilityBenefit, EligibilityView
from clinic_contracts.billing.payer_rules import PayerRule
from clinic_contracts.client_profile.events import CoverageChanged
from clinic_contracts.money import Money
from payer_formats.answers import Benefit, Eligibility
from payer_formats.findings import quoted
from payer_formats.x12.reject_reasons import REJECT_REASONS

UNANSWERED_AFTER = timedelta(hours=24)
"""A payer that takes questions in batches has answered by the next day (CAQH CORE 250)."""
MOST_BENEFITS = 500
LONGEST_TEXT = 500
NETWORKS: dict[bool | None, Literal["in", "out"] | None] = {True: "in", False: "out"}
SAID: dict[bool | None, Literal["yes", "no", "unknown"]] = {True: "yes", False: "no"}
OPEN = frozenset({"asked", "unanswered"})


def trace_of(check_id: str) -> str:
    """Return a check's number as payers repeat it: X12's basic characters have no ``_``."""
    return check_id.replace("elig_", "ELIG", 1)


def check_id_of(trace: str) -> str:
    """Return the check that a number is of; of a number that is none of ours, no check's id."""
    return trace.replace("ELIG", "elig_", 1)


def counted(
    coverage: CoverageChanged, rule: PayerRule, period: Period, usage: Usage | None, currency: str
) -> CountedHere:
    """Return what billing counts as left of a limit."""
    told = used_event(coverage, rule, period, usage or UNUSED, currency)
    return CountedHere(
        rule=rule.rule,
        period_from=period.begins,
        period_to=period.ends,
        left=told.left,
        visits_left=told.visits_left,
    )


def misfit(check: EligibilityView | None, told: Eligibility) -> ClaimFinding | None:
    """Return why an answer is none to a check, None when it is one."""
    if check is None:
        return _aside("TRACE_UNKNOWN", f"no question of ours has the number {quoted(told.trace)}")
    if told.payer_id and told.payer_id != check.payer_id:
        text = f"{check.trace} was asked of {check.payer_id}, and {quoted(told.payer_id)} answers"
        return _aside("PAYER_MISMATCH", text, check.id)
    if told.active is None and not (told.benefits or told.rejections):
        return _aside("NOTHING_TOLD", f"{check.trace} is not answered yet", check.id)
    if check.state not in OPEN:
        return _aside("ANSWERED_BEFORE", f"{check.trace} was answered before", check.id)
    return None


def _aside(code: str, text: str, reference: str = "") -> ClaimFinding:
    return ClaimFinding(
        code=code, text=text, where="TRN02", reference=reference, severity="warning"
    )


def answered(
    check: EligibilityView, told: Eligibility, member_id: str, file_id: str, at: datetime
) -> EligibilityView:
    """Return a check with what its payer says; one that says only why not is ``refused``."""
    loops = told.rejected_in or ("",) * len(told.rejections)
    rejected = dict.fromkeys(zip(told.rejections, loops, strict=True))
    findings = tuple(rejection(code, loop) for code, loop in rejected)
    if told.member_id and told.member_id != member_id:
        text = f"the payer knows the person by the number {quoted(told.member_id)}"
        fix = "compare it with the card, and change the coverage"
        where = "member_id"
        other = ClaimFinding(
            code="MEMBER_DIFFERS", text=text, where=where, fix=fix, severity="warning"
        )
        findings = (*findings, other)
    if len(told.benefits) > MOST_BENEFITS:
        text = f"of {len(told.benefits)} benefits the first {MOST_BENEFITS} are kept here"
        more = ClaimFinding(code="TOO_LONG", text=text, severity="warning")
        findings = (*findings, more)
    refused = bool(told.rejections) and not told.benefits
    return replace(
        check,
        state="refused" if refused else "answered",
        answered_at=at,
        active=SAID.get(told.active, "unknown"),
        benefits=tuple(_benefit(each, check.currency) for each in told.benefits[:MOST_BENEFITS]),
        findings=findings,
        file_id=file_id,
    )


def not_taken(check: EligibilityView, why: str, at: datetime) -> EligibilityView:
    """Return a check whose question the payer did not take."""
    told = ClaimFinding(code="REFUSED", text=why)
    return replace(check, state="refused", answered_at=at, findings=(told,))


def unanswered(check: EligibilityView) -> EligibilityView:
    """Return a check whose payer was silent for too long; an answer that still comes is taken."""
    hours = int(UNANSWERED_AFTER.total_seconds()) // 3600
    told = ClaimFinding(
        code="NO_ANSWER",
        text=f"the payer has not answered in {hours} hours",
        fix="ask again, or call the payer",
    )
    return replace(check, state="unanswered", findings=(told,))


def rejection(code: str, loop: str) -> ClaimFinding:
    """Return why a payer gives no answer, in words: X12's reasons, or the payer's own code."""
    where = f"{loop} AAA03" if loop else "error"
    known = REJECT_REASONS.get(code)
    if known is None:
        return ClaimFinding(
            code=code[:50], text=f"the payer rejects it: {quoted(code)}", where=where
        )
    return ClaimFinding(code=code, text=known.text, where=where, fix=known.fix)


def _benefit(told: Benefit, currency: str) -> EligibilityBenefit:
    amount = None if told.minor is None else Money(amount_minor=told.minor, currency=currency)
    return EligibilityBenefit(
        kind=told.kind,
        code=told.code,
        services=told.services,
        network=NETWORKS.get(told.in_network),
        period=told.period,
        amount=amount,
        percent=told.percent,
        visits=told.quantity,
        text=told.text[:LONGEST_TEXT],
    )
