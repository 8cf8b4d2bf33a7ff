"""What booking knows of a client from others: alerts, referrals, what a payer has left."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from clinic_contracts.client_profile.events import AlertLevel
from clinic_contracts.constraints import Instant, PathId
from clinic_contracts.money import Money

WarningCode = Literal[
    "alert",
    "new_client",
    "referral_low",
    "referral_expiring",
    "referral_used_up",
    "referral_expired",
    "coverage_low",
    "coverage_used_up",
    "coverage_window",
    "coverage_same_day",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingWarning:
    """Something to know of a visit that was booked all the same; no diagnosis is in it.

    ``visits_left`` and ``amount_left`` of a referral or coverage are what is left after this visit.
    ``limit_code`` is for what the payer will not pay for it, such as AUTH_LIMIT or SAME_DAY.
    """

    code: WarningCode
    detail: str
    alert_id: str | None = None
    level: AlertLevel | None = None
    acknowledgement_needed: bool | None = None
    referral_id: str | None = None
    visits_left: int | None = None
    amount_left: Money | None = None
    expires: date | None = None
    coverage_id: str | None = None
    limit_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GetBookingLimits:
    """What bounds a client's bookings."""

    client_id: PathId


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertLimit:
    """An alert in force now or later; ``from`` and ``until`` are days, both included."""

    alert_id: str
    level: AlertLevel
    acknowledgement_needed: bool
    from_: date | None
    until: date | None
    as_of: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralLimit:
    """A referral that has not expired, and what booking's own visits leave of it."""

    referral_id: str
    disciplines: tuple[str, ...]
    issued: date
    expires: date
    maximum_visits: int | None
    visits_left: int | None
    maximum_amount: Money | None
    amount_left: Money | None
    as_of: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageLimit:
    """What billing said is used of a coverage in the year, or injury, that began on ``year_from``.

    ``visits_left`` is what billing counted less the visits booked since; None without a limit of
    visits. ``period_to`` is its last day; ``disciplines`` empty means all.
    """

    coverage_id: str
    year_from: date
    visits_used: int
    used: Money
    left: Money | None
    as_of: Instant
    visits_left: int | None = None
    limit_code: str | None = None
    period_to: date | None = None
    disciplines: tuple[str, ...] = ()
    rule: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertLimits:
    """The alerts; not ``known`` when none was ever heard of, which does not say there is none."""

    known: bool
    items: tuple[AlertLimit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralLimits:
    """The referrals; ``known`` as for alerts."""

    known: bool
    items: tuple[ReferralLimit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageLimits:
    """What is used of coverages; ``known`` as for alerts."""

    known: bool
    items: tuple[CoverageLimit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingLimits:
    """What bounds a client's bookings, as heard from client_profile and billing.

    Each item says as of when; it is answered while either is down.
    """

    client_id: str
    alerts: AlertLimits
    referrals: ReferralLimits
    coverages: CoverageLimits
