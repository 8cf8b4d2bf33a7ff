"""The terms of a visit: what a late cancellation, a missed visit and a deposit cost."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from booking.domain.invalid import invalid
from clinic_contracts.booking.policy import (
    Because,
    CancellationPolicy,
    FeeReason,
    WaivedBecause,
)
from clinic_contracts.booking.requests import LocationView, TreatmentView
from clinic_contracts.money import Money

PERCENT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """What comes of a visit that will not be: a fee, one that was waived, or neither."""

    fee: Money | None = None
    reason: FeeReason | None = None
    waived_because: WaivedBecause | None = None


def agreed(location: LocationView, treatment: TreatmentView) -> CancellationPolicy:
    """Return the terms that a visit is booked under."""
    return location.policy if treatment.policy is None else treatment.policy


def check(policy: CancellationPolicy, currency: str) -> None:
    """Raise Invalid unless the deposit is one that can be asked for."""
    amount = policy.deposit_amount
    if amount is None:
        return
    if policy.deposit_percent:
        raise invalid("policy", "give deposit_percent or deposit_amount, not both")
    if amount.amount_minor < 0 or amount.currency != currency:
        raise invalid("policy", f"deposit_amount must be in {currency} and not negative")


def is_late(policy: CancellationPolicy, start: datetime, now: datetime) -> bool:
    """Say whether it is too late to call off a visit for nothing."""
    return start - now < timedelta(hours=policy.window_hours)


def charge(
    policy: CancellationPolicy, price: Money, reason: FeeReason, because: Because, *, waive: bool
) -> Charge:
    """Return what a late cancellation or a missed visit costs the client."""
    late = reason == "late_cancellation"
    fee = share(price, policy.late_fee_percent if late else policy.no_show_fee_percent)
    if fee is None:
        return Charge()
    if because == "illness" and policy.illness_exempt:
        return Charge(reason=reason, waived_because="policy")
    if waive:
        return Charge(reason=reason, waived_because="discretion")
    return Charge(fee=fee, reason=reason)


def check_waiver(reason: str | None, because: Because, *, waive: bool) -> None:
    """Raise Invalid when a fee is to be waived and nobody said why."""
    if waive and because != "illness" and not (reason or "").strip():
        raise invalid("reason", "say why the fee is waived")


def deposit(policy: CancellationPolicy, price: Money) -> Money | None:
    """Return what is owed before the visit, never more than its price; None when nothing is."""
    amount = policy.deposit_amount
    if amount is None or not amount.amount_minor:
        return share(price, policy.deposit_percent)
    if not price.amount_minor:
        return None
    return min(amount, price, key=lambda money: money.amount_minor)


def share(price: Money, percent: int) -> Money | None:
    """Return so many percent of a price, in minor units rounded half up; None for nothing."""
    minor = (price.amount_minor * percent * 2 + PERCENT) // (2 * PERCENT)
    return Money(amount_minor=minor, currency=price.currency) if minor else None
