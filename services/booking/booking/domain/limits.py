"""What bounds a client's bookings, as it is answered."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta, timezone

from booking.domain.clients import Heard, Known, Left
from booking.domain.coverages import Limit
from clinic_contracts.billing.events import CoverageUsed
from clinic_contracts.booking import clients as c
from clinic_contracts.client_profile.events import AlertChanged, ReferralChanged

LAST_ZONE = timezone(-timedelta(hours=12))
"""Where each day ends last: UTC-12."""


def today(now: datetime) -> date:
    """Return the day that is not over everywhere: what ends on it is still in force."""
    return now.astimezone(LAST_ZONE).date()


def unexpired(known: Known, day: date) -> list[ReferralChanged]:
    """Return the referrals that have not expired on a day."""
    return [heard.said for heard in known.referrals if day <= heard.said.expires]


def running(known: Known, day: date) -> list[Limit]:
    """Return the limits of the coverages whose period a day lies in."""
    return [
        Limit(heard, heard.said.year_from, heard.said.period_to, heard.said.visits_left)
        for heard in known.coverages
        if _runs(heard.said, day)
    ]


def limits(
    client_id: str,
    known: Known,
    left: Mapping[str, Left],
    coverages: Iterable[tuple[Limit, int | None]],
    day: date,
) -> c.BookingLimits:
    """Return what is not over on ``day``; ``left`` is of each unexpired referral, by its id.

    ``coverages`` are the running limits, each with the visits it leaves.
    """
    return c.BookingLimits(
        client_id=client_id,
        alerts=c.AlertLimits(
            known=bool(known.alerts),
            items=tuple(_alert(heard) for heard in known.alerts if _matters(heard.said, day)),
        ),
        referrals=c.ReferralLimits(
            known=bool(known.referrals),
            items=tuple(
                _referral(heard, left[heard.said.referral_id])
                for heard in known.referrals
                if heard.said.referral_id in left
            ),
        ),
        coverages=c.CoverageLimits(
            known=bool(known.coverages),
            items=tuple(_coverage(limit.heard, visits) for limit, visits in coverages),
        ),
    )


def _matters(alert: AlertChanged, day: date) -> bool:
    return not alert.lifted and (alert.until is None or day <= alert.until)


def _runs(used: CoverageUsed, day: date) -> bool:
    """Say whether a day lies in the benefit year, or in an injury's window."""
    began = used.year_from
    if used.period_to is not None:
        return began <= day <= used.period_to
    next_begins = (began.year + 1, began.month, began.day)
    return began <= day and (day.year, day.month, day.day) < next_begins


def _alert(heard: Heard[AlertChanged]) -> c.AlertLimit:
    alert = heard.said
    return c.AlertLimit(
        alert_id=alert.alert_id,
        level=alert.level,
        acknowledgement_needed=alert.acknowledgement_needed,
        from_=alert.from_,
        until=alert.until,
        as_of=heard.as_of,
    )


def _referral(heard: Heard[ReferralChanged], left: Left) -> c.ReferralLimit:
    referral = heard.said
    return c.ReferralLimit(
        referral_id=referral.referral_id,
        disciplines=referral.disciplines,
        issued=referral.issued,
        expires=referral.expires,
        maximum_visits=referral.maximum_visits,
        visits_left=left.visits,
        maximum_amount=referral.maximum_amount,
        amount_left=left.amount,
        as_of=heard.as_of,
    )


def _coverage(heard: Heard[CoverageUsed], visits_left: int | None) -> c.CoverageLimit:
    used = heard.said
    return c.CoverageLimit(
        coverage_id=used.coverage_id,
        year_from=used.year_from,
        visits_used=used.visits_used,
        used=used.used,
        left=used.left,
        as_of=heard.as_of,
        visits_left=visits_left,
        limit_code=used.limit_code,
        period_to=used.period_to,
        disciplines=used.disciplines,
        rule=used.rule,
    )
