"""Eligibility: what a payer says of a coverage, beside what billing counts itself."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from clinic_contracts.billing.claims import ClaimFinding
from clinic_contracts.constraints import Cursor, Id, Instant, Limit, PathId, Text
from clinic_contracts.money import Money

EligibilityState = Literal["asked", "answered", "refused", "unanswered"]
"""``refused``: the payer took the question and gives no answer to it, or did not take it;
``unanswered``: it was silent too long, and may still answer."""
ServiceType = Annotated[str, Text(max=20, pattern=r"[0-9A-Za-z-]+", hint="letters and digits")]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskEligibility:
    """Ask the payer whether a coverage is in force on a day, by default the location's today.

    ``service`` is the payer's type of service (X12 element 1365, FHIR benefit category), the plan
    as a whole by default. ``birth_date`` is the client's: payers that know people by it ask for it.
    """

    client_id: PathId
    coverage_id: PathId
    location_id: Id
    date_: date | None = None
    service: ServiceType | None = None
    birth_date: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListEligibility:
    """What was asked of a coverage's payer, the latest first."""

    client_id: PathId
    coverage_id: PathId
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GetEligibility:
    """One eligibility check."""

    eligibility_id: PathId


@dataclass(frozen=True, slots=True, kw_only=True)
class EligibilityBenefit:
    """One thing the payer says: ``kind`` is active, limit, copay, deductible and so on.

    ``code`` is the payer's word for it, ``services`` its types of service. ``period`` says over
    what (``remaining``: what is left), as the payer tells it.
    """

    kind: str
    code: str
    services: tuple[str, ...] = ()
    network: Literal["in", "out"] | None = None
    period: str = ""
    amount: Money | None = None
    percent: int | None = None
    visits: int | None = None
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedHere:
    """What billing itself counts as left of one limit in a period, by a rule of the payer.

    None where that limit is none of the rule's or the policy's.
    """

    rule: str
    period_from: date
    period_to: date | None
    left: Money | None = None
    visits_left: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EligibilityView:
    """A question about a coverage and what its payer answered.

    ``trace`` is its number, which the payer repeats (TRN02, the request's identifier). ``benefits``
    is what the payer says, ``counted`` what billing counted when it asked; neither changes the
    other. ``file_id`` is the payer's file as it came.
    """

    id: str
    version: int
    state: EligibilityState
    client_id: str
    coverage_id: str
    location_id: str
    payer_id: str
    trace: str
    date_: date
    asked_at: Instant
    currency: str
    service: str | None = None
    answered_at: Instant | None = None
    active: Literal["yes", "no", "unknown"] = "unknown"
    benefits: tuple[EligibilityBenefit, ...] = ()
    counted: tuple[CountedHere, ...] = ()
    findings: tuple[ClaimFinding, ...] = ()
    file_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EligibilityPage:
    """A page of eligibility checks."""

    items: tuple[EligibilityView, ...]
    next: str | None = None
