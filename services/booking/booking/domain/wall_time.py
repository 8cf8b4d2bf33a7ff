"""Wall-clock time at a location, and the instants it stands for."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from booking.domain.invalid import invalid
from clinic_contracts.errors import Invalid, NonexistentTime, NotBookable

TICK_MINUTES = 5
TICK_SECONDS = TICK_MINUTES * 60
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LONGEST_PERIOD_DAYS = 31
FIRST_YEAR, LAST_YEAR = 1900, 2199
"""A year outside these is a typing error, and near years 1 and 9999 dates overflow."""
PAST_YEARS = 10
"""How far back staff can record visits after the fact."""
FUTURE_YEARS = 3
"""How far ahead visits can be booked: beyond that, shifts and zones are not known."""
LONGEST_YEAR = timedelta(days=366)


def zone(name: str) -> ZoneInfo:
    """Return the IANA zone; raises Invalid when there is none of that name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        detail = f"{name!r} is not an IANA time zone such as America/Vancouver"
        raise Invalid(detail, errors={"timezone": [detail]}) from error


def instant(local: datetime, zone_name: str, fold: int = 0) -> datetime:
    """Return the UTC instant of a wall time.

    An ambiguous wall time is the earlier instant unless ``fold`` is 1. Raises NonexistentTime
    for one that the clock skips, NotBookable for one off the 5-minute tick or the calendar.
    """
    if not _on_calendar(local):
        raise NotBookable(f"the year {local.year} is off the calendar", reason="off_calendar")
    if local.minute % TICK_MINUTES or local.second or local.microsecond:
        detail = f"times are on a {TICK_MINUTES}-minute tick"
        raise NotBookable(detail, reason="off_tick")
    there = zone(zone_name)
    at = local.replace(tzinfo=there, fold=fold).astimezone(UTC)
    if at.astimezone(there).replace(tzinfo=None) != local:
        detail = f"{local:%Y-%m-%d %H:%M} does not exist in {zone_name}: the clock skips it"
        raise NonexistentTime(detail)
    return at


def reach(now: datetime) -> tuple[datetime, datetime]:
    """Return from when and until when visits can be booked or recorded."""
    return now - PAST_YEARS * LONGEST_YEAR, now + FUTURE_YEARS * LONGEST_YEAR


def visit_start(local: datetime, zone_name: str, fold: int, now: datetime) -> datetime:
    """Return the instant a visit starts; raises as ``instant``, and when it is out of reach."""
    start = instant(local, zone_name, fold)
    earliest, latest = reach(now)
    if not earliest <= start < latest:
        detail = (
            f"visits are recorded up to {PAST_YEARS} years back "
            f"and booked up to {FUTURE_YEARS} years ahead"
        )
        raise NotBookable(detail, reason="off_calendar")
    return start


def at_offset(at: datetime, zone_name: str) -> datetime:
    """Return the same instant with the location's offset."""
    return at.astimezone(zone(zone_name))


@cache
def minutes_of(clock: str) -> int:
    """Return the minutes since midnight of ``HH:MM`` (``24:00`` is the end of the day)."""
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def on_day(day: date, minutes: int) -> datetime:
    """Return the wall time so many minutes after midnight."""
    return datetime.combine(day, time()) + timedelta(minutes=minutes)


def ticks(start: datetime, end: datetime) -> range:
    """Return the numbers of the 5-minute ticks of UTC in ``[start, end)``."""
    return range(int(start.timestamp()) // TICK_SECONDS, -(-int(end.timestamp()) // TICK_SECONDS))


def period(
    from_: str, to: str, zone_name: str, fields: tuple[str, str] = ("from", "to")
) -> tuple[datetime, datetime]:
    """Return the instants ``[from, to)`` of two days (both included) or instants.

    Raises Invalid, naming the field, when they cannot be read, are off the calendar, reversed or
    further apart than 31 days.
    """
    start, end = _bound(fields[0], from_, zone_name, 0), _bound(fields[1], to, zone_name, 1)
    if end <= start:
        detail = "to must lie after from"
        raise Invalid(detail, errors={"to": [detail]})
    if end - start > timedelta(days=LONGEST_PERIOD_DAYS + 1):
        detail = f"ask for at most {LONGEST_PERIOD_DAYS} days"
        raise Invalid(detail, errors={"to": [detail]})
    return start, end


def day_bounds(day: date, zone_name: str, field: str = "date") -> tuple[datetime, datetime]:
    """Return the instants at which a location's day starts and ends.

    Raises Invalid, naming the field, for a day off the calendar.
    """
    _check_calendar(day, field)
    there = zone(zone_name)
    midnight = datetime.combine(day, time(), there)
    following = datetime.combine(day + timedelta(days=1), time(), there)
    return midnight.astimezone(UTC), following.astimezone(UTC)


def _bound(field: str, text: str, zone_name: str, day_end: int) -> datetime:
    try:
        # A "+" in a query string arrives as a space.
        found = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError as error:
        detail = "a date such as 2026-12-01, or an instant with its offset"
        raise invalid(field, detail) from error
    if "T" not in text:
        return day_bounds(found.date(), zone_name, field)[day_end]
    _check_calendar(found, field)
    there = found if found.tzinfo else found.replace(tzinfo=zone(zone_name))
    return there.astimezone(UTC)


def _check_calendar(day: date, field: str) -> None:
    if not _on_calendar(day):
        raise invalid(field, f"the calendar has the years {FIRST_YEAR} to {LAST_YEAR}")


def on_calendar(day: date) -> date:
    """Return the day, or the one nearest to it that the calendar has."""
    return min(max(day, date(FIRST_YEAR, 1, 1)), date(LAST_YEAR, 12, 31))


def _on_calendar(day: date) -> bool:
    return FIRST_YEAR <= day.year <= LAST_YEAR
