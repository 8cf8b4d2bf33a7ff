"""What client_profile tells the world: contacts, consents and coverages, never health data."""

from dataclasses import dataclass
from datetime import date

from clinic_contracts.constraints import Instant
from clinic_contracts.envelope import event
from clinic_contracts.money import Money


@event("client_profile.client_changed.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class ClientChanged:
    """A client's name and contacts as they stand now, new or changed."""

    client_id: str
    name: str
    emails: tuple[str, ...]
    phones: tuple[str, ...]
    preferred_channel: str
    language: str


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
    """A coverage as it stands now, new or changed."""

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
