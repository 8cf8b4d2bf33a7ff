"""What is known of a client, and what it says of a visit: alerts, a first visit, referrals.

A visit stands under one referral: of those for its discipline that were issued by its day, the one
issued last, so that a renewal replaces what it renews. It is counted against that one.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Generic, TypeVar

from booking.domain.appointment import Appointment
from clinic_contracts.billing.events import CoverageUsed
from clinic_contracts.booking.clients import BookingWarning, WarningCode
from clinic_contracts.booking.requests import LocationView, TreatmentView
from clinic_contracts.client_profile.events import AlertChanged, AlertLevel, ReferralChanged
from clinic_contracts.errors import ClientBlocked, NotBookable, ReferralNeeded
from clinic_contracts.money import Money

T = TypeVar("T", AlertChanged, ReferralChanged, CoverageUsed)
LOW_VISITS = 2
LOW_DAYS = timedelta(days=14)
USES_A_VISIT = frozenset({"booked", "arrived", "fulfilled"})
IN_WORDS: Mapping[AlertLevel, str] = {
    "block": "no treatment",
    "needs_clearance": "treatment needs clearance",
    "caution": "treatment with caution",
}


@dataclass(frozen=True, slots=True)
class Heard(Generic[T]):
    """What another service said of something last, and when."""

    said: T
    as_of: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """All that was heard of a client."""

    alerts: tuple[Heard[AlertChanged], ...] = ()
    referrals: tuple[Heard[ReferralChanged], ...] = ()
    coverages: tuple[Heard[CoverageUsed], ...] = ()

    def alerts_on(self, day: date) -> list[AlertChanged]:
        """Return the alerts in force on a day."""
        return [heard.said for heard in self.alerts if _in_force(heard.said, day)]

    def referral_for(self, discipline: str, day: date) -> ReferralChanged | None:
        """Return the referral that a visit stands under, expired or not, or None."""
        fitting = [
            heard.said
            for heard in self.referrals
            if heard.said.issued <= day
            and (not heard.said.disciplines or discipline in heard.said.disciplines)
        ]
        return max(
            fitting, key=lambda one: (one.issued, one.expires, one.referral_id), default=None
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A visit that is to be booked, or to be moved to ``day``."""

    id: str
    client_id: str
    location: LocationView
    treatment: TreatmentView
    day: date
    price: Money
    online: bool = False
    acknowledged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of a referral, below nothing when too much is used; None where unlimited."""

    visits: int | None
    amount: Money | None

    @property
    def overdrawn(self) -> bool:
        """Say whether more is used than there was."""
        visits_over = self.visits is not None and self.visits < 0
        return visits_over or (self.amount is not None and self.amount.amount_minor < 0)


def check_alerts(planned: Planned, known: Known) -> list[BookingWarning]:
    """Return a warning of each alert in force that was not acknowledged; raises ClientBlocked."""
    alerts = known.alerts_on(planned.day)
    blocking = [alert.alert_id for alert in alerts if alert.level == "block"]
    if blocking:
        raise ClientBlocked("an alert of the client's forbids treatment then", alert_ids=blocking)
    return [
        BookingWarning(
            code="alert",
            detail=f"the client has an alert: {IN_WORDS[alert.level]}",
            alert_id=alert.alert_id,
            level=alert.level,
            acknowledgement_needed=alert.acknowledgement_needed,
        )
        for alert in alerts
        if alert.alert_id not in planned.acknowledged
    ]


def check_first_visit(planned: Planned) -> BookingWarning:
    """Warn of a treatment that is not for a first visit; online raises NotBookable."""
    detail = "the treatment is not for clients who have not been here yet"
    if planned.online:
        raise NotBookable(detail, reason="new_client")
    return BookingWarning(code="new_client", detail=detail)


def left_of(
    referral: ReferralChanged,
    known: Known,
    visits: Iterable[Appointment],
    disciplines: Mapping[str, str],
) -> Left:
    """Return what a client's visits leave of a referral; ``disciplines`` are by treatment id."""
    using = [
        visit.price
        for visit in visits
        if _counts(visit, referral)
        and known.referral_for(disciplines[visit.treatment_id], visit.local_start.date())
        == referral
    ]
    maximum, amount = referral.maximum_visits, referral.maximum_amount
    spent = Money(amount_minor=sum(price.amount_minor for price in using))
    return Left(
        visits=None if maximum is None else maximum - len(using),
        amount=None if amount is None else amount - spent,
    )


def after_one_more(left: Left, price: Money) -> Left:
    """Return what one more visit at that price leaves."""
    return Left(
        visits=None if left.visits is None else left.visits - 1,
        amount=None if left.amount is None else left.amount - price,
    )


def check_referral(planned: Planned, referral: ReferralChanged, left: Left) -> list[BookingWarning]:
    """Return what there is to say of the visit's referral, of which it leaves ``left``.

    Raises ReferralNeeded where the location requires a good one.
    """
    warnings = list(_warnings(planned, referral, left))
    bad = [each for each in warnings if each.code in {"referral_expired", "referral_used_up"}]
    if bad and planned.location.require_referral:
        raise ReferralNeeded(bad[0].detail, reason=bad[0].code.removeprefix("referral_"))
    return warnings


def check_no_referral(planned: Planned) -> None:
    """Raise ReferralNeeded where the location requires a referral and none was heard of."""
    if planned.location.require_referral:
        raise ReferralNeeded("no referral for this treatment is known", reason="none")


def _in_force(alert: AlertChanged, day: date) -> bool:
    begun = alert.from_ is None or alert.from_ <= day
    return begun and not alert.lifted and (alert.until is None or day <= alert.until)


def _counts(visit: Appointment, referral: ReferralChanged) -> bool:
    missed = visit.status == "noshow" and referral.no_shows_count
    in_time = visit.local_start.date() <= referral.expires
    return in_time and (missed or visit.status in USES_A_VISIT)


def _warnings(planned: Planned, referral: ReferralChanged, left: Left) -> Iterator[BookingWarning]:
    def warning(code: WarningCode, what: str) -> BookingWarning:
        return BookingWarning(
            code=code,
            detail=f"the client's referral {what}",
            referral_id=referral.referral_id,
            visits_left=left.visits,
            amount_left=left.amount,
            expires=referral.expires,
        )

    if referral.expires < planned.day:
        yield warning("referral_expired", "has expired by then")
        return
    if left.overdrawn:
        yield warning("referral_used_up", "is used up")
    elif left.visits is not None and left.visits <= LOW_VISITS:
        yield warning("referral_low", f"has {left.visits} more visits left")
    if referral.expires - planned.day <= LOW_DAYS:
        yield warning("referral_expiring", f"expires on {referral.expires}")
