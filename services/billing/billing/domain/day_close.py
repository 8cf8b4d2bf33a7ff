"""A location's day closed: what the ledger expects by method, what was counted, the difference."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from billing.domain.ledger import (
    CARD_CLEARING,
    CASH,
    CASH_OVER_SHORT,
    Entry,
    Posting,
    entry,
)
from clinic_contracts.billing.day_closes import CloseDay, DayCloseView, MethodTotal
from clinic_contracts.billing.events import DayClosed, DayReopened
from clinic_contracts.booking.events import LocationChanged
from clinic_contracts.errors import IllegalTransition, Invalid
from clinic_contracts.money import Money

ACCOUNTS = {CASH: "cash", CARD_CLEARING: "card"}
DAY = timedelta(days=1)


def check(request: CloseDay, location: LocationChanged, now: datetime) -> None:
    """Raise Invalid for a day that has not begun, and for amounts of two currencies."""
    if request.day > now.astimezone(ZoneInfo(location.timezone)).date():
        detail = "the day has not begun"
        raise Invalid(detail, errors={"day": [detail]})
    if request.counted_cash.currency != request.counted_card.currency:
        detail = f"must be in {request.counted_cash.currency} as the cash is"
        raise Invalid(detail, errors={"counted_card": [detail]})


def close(  # noqa: PLR0913 (a closed day is made of this many facts)
    *,
    id_: str,
    request: CloseDay,
    location: LocationChanged,
    expected: Mapping[str, int],
    by: str,
    now: datetime,
) -> tuple[DayCloseView, DayClosed]:
    """Return the closed day, and the event that tells of it; ``expected`` is minor by account."""
    counted = {CASH: request.counted_cash, CARD_CLEARING: request.counted_card}
    closed = DayCloseView(
        id=id_,
        version=1,
        status="closed",
        location_id=location.location_id,
        location_name=location.name,
        day=request.day,
        methods=tuple(_total(account, expected, counted[account]) for account in ACCOUNTS),
        closed_by=by,
        closed_at=now,
    )
    nothing = Money(amount_minor=0, currency=request.counted_cash.currency)
    event = DayClosed(
        day_close_id=id_,
        location_id=closed.location_id,
        day=closed.day,
        counted=sum((each.counted for each in closed.methods), start=nothing),
        difference=sum((each.difference for each in closed.methods), start=nothing),
    )
    return closed, event


def difference(closed: DayCloseView) -> Entry:
    """Return what makes the ledger's day what was counted; without postings when it is already."""
    at = closed.location_id
    off: dict[str, int] = {each.method: each.difference.amount_minor for each in closed.methods}
    postings = [
        *(Posting(account, off[method], location_id=at) for account, method in ACCOUNTS.items()),
        *(Posting(CASH_OVER_SHORT, -minor, location_id=at) for minor in off.values()),
    ]
    currency = closed.methods[0].counted.currency
    return entry(f"day_close:{closed.id}", currency, postings, closed.day)


def reopen(closed: DayCloseView, reason: str) -> tuple[DayCloseView, DayReopened]:
    """Return the day open again, and the event that tells of it."""
    if closed.status != "closed":
        raise IllegalTransition("day", closed.status, "reopened")
    event = DayReopened(
        day_close_id=closed.id, location_id=closed.location_id, day=closed.day, reason=reason
    )
    return replace(closed, status="reopened", reason=reason), event


def open_day(day: date, closed: frozenset[date]) -> date:
    """Return the day itself, or the first one after it that is not closed."""
    while day in closed:
        day += DAY
    return day


def _total(account: str, expected: Mapping[str, int], counted: Money) -> MethodTotal:
    due = Money(amount_minor=expected.get(account, 0), currency=counted.currency)
    return MethodTotal(
        method="cash" if account == CASH else "card",
        expected=due,
        counted=counted,
        difference=counted - due,
    )
