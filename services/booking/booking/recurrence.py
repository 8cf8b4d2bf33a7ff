"""The wall times of a recurrence rule, by python-dateutil."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from dateutil import rrule

from booking.domain.recurrence import DAYS_EACH_MONTH_HAS, Rule

FREQUENCIES = {"DAILY": rrule.DAILY, "WEEKLY": rrule.WEEKLY, "MONTHLY": rrule.MONTHLY}
MONTHS_A_YEAR = 12


def recur(rule: Rule, start: datetime, last: datetime) -> Iterator[datetime]:
    """Yield the wall times of a rule (not its count or until) in ``[start, last]``.

    RFC 5545 passes over a month that has no 31st; a monthly visit is monthly, so here it is on the
    month's last day then (what RFC 7529 calls SKIP=BACKWARD).
    """
    interval, frequency = rule.interval, rule.frequency
    if frequency == "YEARLY":
        interval, frequency = interval * MONTHS_A_YEAR, "MONTHLY"
    common = {
        "freq": FREQUENCIES[frequency],
        "dtstart": start,
        "interval": interval,
        "until": last,
    }
    if frequency == "MONTHLY" and not rule.days:
        days = rule.month_days or (start.day,)
        found: Any = rrule.rruleset()
        for day in days:
            found.rrule(rrule.rrule(**common, **_on(day)))
    else:
        found = rrule.rrule(
            **common,
            byweekday=[rrule.weekday(day.weekday, day.nth) for day in rule.days] or None,
            bysetpos=rule.positions or None,
        )
    yield from found


def _on(day: int) -> dict[str, Any]:
    """Return what stands for a day of the month, or the last one of a month that has fewer."""
    if day <= DAYS_EACH_MONTH_HAS:
        return {"bymonthday": day}
    return {"bymonthday": tuple(range(DAYS_EACH_MONTH_HAS, day + 1)), "bysetpos": -1}
