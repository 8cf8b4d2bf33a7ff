"""What client_profile tells the world: contacts, consents, coverages and limits, no diagnosis."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from clinic_contracts.constraints import Instant
from clinic_contracts.envelope import event
from clinic_contracts.money import Money

AlertLevel = Literal["block", "needs_clearance", "caution"]
"""No treatment; none before a physician agrees; treatment with care."""


@event("client_profile.client_changed.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class ClientChanged:
    """A client's name, contacts and locations as they stand now, new or changed.

    Who sees none of ``location_ids`` does not see the client; without any, everybody does.
    """

    client_id: str
    name: str
    emails: tuple[str, ...]
    phones: tuple[str, ...]
    preferred_channel: str
    language: str
    location_ids: tuple[str, ...] = ()


@event("client_profile.consent_changed.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentChanged:
    """A client granted or withdrew consent to one purpose on one channel."""

    client_id: str
    purpose: str
    channel: str
    granted: bool
    given_at: Instant


@event("client_profile.coverage_changed.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageChanged:
    """A coverage as it stands now, new or changed; its fields are those of ``AddCoverage``."""

    coverage_id: str
    client_id: str
    kind: str
    carrier: str
    group_number: str
    member_id: str
    percent: int
    order: int
    benefit_year_start: str
    per_visit_cap: Money | None = None
    annual_maximum: Money | None = None
    disciplines: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None
    claim_number: str = ""
    accident_date: date | None = None
    accepted_on: date | None = None
    referred_on: date | None = None
    beneficiary_since: date | None = None
    relationship: str = "self"
    holder_first_name: str = ""
    holder_birth_date: date | None = None
    visits_elsewhere: int = 0
    elsewhere_as_of: date | None = None
    approved_visits: int | None = None
    approved_until: date | None = None


@event("client_profile.alert_changed.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class AlertChanged:
    """An alert as it stands now, new, changed or lifted: how much it matters, never why.

    ``from`` and ``until`` are days, both included.
    """

    alert_id: str
    client_id: str
    level: AlertLevel
    acknowledgement_needed: bool
    from_: date | None = None
    until: date | None = None
    lifted: bool = False


@event("client_profile.referral_changed.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralChanged:
    """A referral as it stands now: its days (both included) and limits, not who gave it.

    ``disciplines`` empty means all; ``no_shows_count`` says whether missed visits use it up.
    """

    referral_id: str
    client_id: str
    issued: date
    expires: date
    maximum_visits: int | None = None
    maximum_amount: Money | None = None
    disciplines: tuple[str, ...] = ()
    no_shows_count: bool = False
