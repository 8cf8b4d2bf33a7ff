"""The part of RFC 5545's recurrence rules that a clinic's visits need, read and checked."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from itertools import islice
from typing import Literal, NoReturn, cast

from booking.domain import wall_time
from booking.domain.invalid import invalid
from clinic_contracts.booking.series import MOST_VISITS

Frequency = Literal["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]
FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
PARTS = ("FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "BYSETPOS", "COUNT", "UNTIL")
LONGEST = wall_time.FUTURE_YEARS * wall_time.LONGEST_YEAR
MOST_INTERVAL = 366
MOST_DAYS_A_MONTH = 31
DAYS_EACH_MONTH_HAS = 28
TIMES_EACH_MONTH_HAS = 4
"""How often each weekday is in every month."""


@dataclass(frozen=True, slots=True)
class Day:
    """A weekday (Monday is 0); with ``nth``, that one of the month, from its end if negative."""

    weekday: int
    nth: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A recurrence rule; ``until`` is the last wall time."""

    frequency: Frequency
    interval: int = 1
    days: tuple[Day, ...] = ()
    month_days: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()
    count: int | None = None
    until: datetime | None = None

    @property
    def by_nth(self) -> bool:
        """Say whether a weekday is one of the month, such as its first."""
        return any(day.nth is not None for day in self.days)


Ends = tuple[int | None, datetime | None]
"""After how many visits a series ends, or with which wall time."""
Recur = Callable[[Rule, datetime, datetime], Iterator[datetime]]
"""Yields the wall times of a rule (not its count or until) from the first to the last given."""


def parse(text: str, zone_name: str) -> Rule:
    """Return the rule; raises Invalid on ``rrule`` for what it may not say, or says twice.

    A zone is needed for an UNTIL that is an instant (``…Z``).
    """
    parts = _parts(text)
    frequency = parts.get("FREQ")
    if frequency not in FREQUENCIES:
        _refuse(f"give FREQ as one of {', '.join(FREQUENCIES)}")
    rule = Rule(
        frequency=cast("Frequency", frequency),
        interval=_one_number(parts, "INTERVAL", MOST_INTERVAL) or 1,
        days=tuple(_day(each) for each in _list(parts, "BYDAY")),
        month_days=_numbers(parts, "BYMONTHDAY", MOST_DAYS_A_MONTH),
        positions=_numbers(parts, "BYSETPOS", MOST_INTERVAL),
        count=_one_number(parts, "COUNT", MOST_VISITS),
        until=_until(parts, zone_name),
    )
    _check(rule)
    return rule


def wall(text: str, zone_name: str, field: str) -> datetime:
    """Return the last wall time that a date, a wall time or an instant includes; else Invalid."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        detail = "a date such as 2027-10-31, or a wall time such as 2027-10-31T16:00"
        raise invalid(field, detail) from error
    if not wall_time.FIRST_YEAR <= found.year <= wall_time.LAST_YEAR:
        raise invalid(field, f"the year {found.year} is off the calendar")
    if "T" not in text:
        return datetime.combine(found.date(), time(23, 59))
    if found.tzinfo is not None:
        found = wall_time.at_offset(found, zone_name).replace(tzinfo=None)
    return found


def occurrences(
    rule: Rule, start: datetime, recur: Recur, ends: Ends, latest: datetime
) -> tuple[datetime, ...]:
    """Return the wall times of a series, the first of them ``start`` or the first one after it.

    ``latest`` is the last that can be booked. Raises Invalid when there are none, fewer than
    ``count`` within three years, or too many.
    """
    (count, until), horizon = ends, min(start + LONGEST, latest)
    if until is not None and until > horizon:
        raise invalid("until", "lies more than three years ahead")
    last = horizon if until is None else until
    most = MOST_VISITS + 1 if count is None else count
    found = tuple(islice(recur(rule, start, last), most))
    if not found:
        raise invalid("rrule", "gives no visit at all")
    if len(found) > MOST_VISITS:
        raise invalid("until", f"makes more than {MOST_VISITS} visits: book them in two series")
    if count is not None and len(found) < count:
        raise invalid("rrule", f"gives only {len(found)} visits within three years")
    return found


def ends(rule: Rule, count: int | None, until: datetime | None) -> Ends:
    """Return the count or the until of a series; raises Invalid unless exactly one is given."""
    given = [each for each in (count, until, rule.count, rule.until) if each is not None]
    if not given:
        raise invalid("count", "give count or until")
    if len(given) > 1:
        raise invalid("count", "give count or until, once: beside the rule or in it")
    return count or rule.count, until or rule.until


def _parts(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in text.upper().removeprefix("RRULE:").split(";"):
        name, _, value = part.partition("=")
        if name not in PARTS:
            _refuse(
                f"{name[:20] or 'an empty part'} is not understood here; {', '.join(PARTS)} are"
            )
        if name in found:
            _refuse(f"{name} is given twice")
        found[name] = value
    return found


def _check(rule: Rule) -> None:
    """Refuse what does not go together, and so whatever would give no visit, ever.

    python-dateutil looks for one until the year 9999.
    """
    if rule.frequency == "DAILY" and rule.days and rule.interval > 1:
        _refuse("BYDAY goes with each day (INTERVAL=1); say FREQ=WEEKLY for each second week")
    if rule.frequency == "YEARLY" and rule.days:
        _refuse("a yearly visit is on the date of the first: leave BYDAY out")
    if rule.frequency != "MONTHLY" and (rule.month_days or rule.positions or rule.by_nth):
        _refuse("BYMONTHDAY, BYSETPOS and weekdays such as 1TU go with FREQ=MONTHLY")
    if rule.month_days and rule.days:
        _refuse("give BYDAY or BYMONTHDAY, not both")
    if min(rule.month_days, default=0) < -DAYS_EACH_MONTH_HAS:
        _refuse(f"BYMONTHDAY: count from a month's end up to -{DAYS_EACH_MONTH_HAS}")
    if rule.positions and (rule.by_nth or not rule.days):
        _refuse("BYSETPOS picks among the weekdays of BYDAY: give them, without numbers")
    most = TIMES_EACH_MONTH_HAS * len(rule.days)
    if any(abs(position) > most for position in rule.positions):
        _refuse(f"BYSETPOS: no month is sure to have more than {most} of these days")


def _day(text: str) -> Day:
    matched = re.fullmatch(r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)", text)
    if matched is None:
        _refuse(f"BYDAY: {text[:10] or 'nothing'} is no day such as TU, 1TU or -1FR")
    nth = matched[1]
    return Day(WEEKDAYS.index(matched[2]), None if nth is None else int(nth))


def _numbers(parts: Mapping[str, str], name: str, most: int) -> tuple[int, ...]:
    return tuple(_number(name, each, most, -most) for each in _list(parts, name))


def _one_number(parts: Mapping[str, str], name: str, most: int) -> int | None:
    return _number(name, parts[name], most, 1) if name in parts else None


def _number(name: str, text: str, most: int, least: int) -> int:
    number = int(text) if re.fullmatch(r"[+-]?[0-9]{1,4}", text) else 0
    if number == 0 or not least <= number <= most:
        _refuse(f"{name}: {text[:10] or 'nothing'} is no number from {least} to {most} but 0")
    return number


def _list(parts: Mapping[str, str], name: str) -> Iterable[str]:
    return dict.fromkeys(parts[name].split(",")) if name in parts else ()


def _until(parts: Mapping[str, str], zone_name: str) -> datetime | None:
    if "UNTIL" not in parts:
        return None
    text = parts["UNTIL"]
    if re.fullmatch(r"[0-9]{8}(T[0-9]{6}Z?)?", text) is None:
        _refuse("UNTIL is a date such as 20271031, or a time such as 20271031T160000")
    return wall(text, zone_name, "rrule")


def _refuse(detail: str) -> NoReturn:
    raise invalid("rrule", detail)
