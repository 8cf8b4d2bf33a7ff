"""Wall-clock time at a location, and the instants it stands for."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from clinic_contracts.errors import Invalid, NonexistentTime, NotBookable

TICK_MINUTES = 5
TICK_SECONDS = TICK_MINUTES * 60
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LONGEST_PERIOD_DAYS = 31


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
    for one that the clock skips, NotBookable for one that is off the 5-minute tick.
    """
    if local.minute % TICK_MINUTES or local.second or local.microsecond:
        detail = f"times are on a {TICK_MINUTES}-minute tick"
        raise NotBookable(detail, reason="off_tick")
    there = zone(zone_name)
    at = local.replace(tzinfo=there, fold=fold).astimezone(UTC)
    if at.astimezone(there).replace(tzinfo=None) != local:
        detail = f"{local:%Y-%m-%d %H:%M} does not exist in {zone_name}: the clock skips it"
        raise NonexistentTime(detail)
    return at


def at_offset(at: datetime, zone_name: str) -> datetime:
    """Return the same instant with the location's offset."""
    return at.astimezone(zone(zone_name))


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


def period(from_: str, to: str, zone_name: str) -> tuple[datetime, datetime]:
    """Return the instants ``[from, to)`` of two days (both included) or instants.

    Raises Invalid when they cannot be read, are reversed or further apart than 31 days.
    """
    start, end = _bound("from", from_, zone_name, 0), _bound("to", to, zone_name, 1)
    if end <= start:
        detail = "to lies before from"
        raise Invalid(detail, errors={"to": [detail]})
    if end - start > timedelta(days=LONGEST_PERIOD_DAYS + 1):
        detail = f"ask for at most {LONGEST_PERIOD_DAYS} days"
        raise Invalid(detail, errors={"to": [detail]})
    return start, end


def day_bounds(day: date, zone_name: str) -> tuple[datetime, datetime]:
    """Return the instants at which a location's day starts and ends."""
    there = zone(zone_name)
    midnight = datetime.combine(day, time(), there)
    following = datetime.combine(day + timedelta(days=1), time(), there)
    return midnight.astimezone(UTC), following.astimezone(UTC)


def _bound(field: str, text: str, zone_name: str, day_end: int) -> datetime:
    try:
        if "T" not in text:
            return day_bounds(date.fromisoformat(text), zone_name)[day_end]
        # A "+" in a query string arrives as a space.
        found = datetime.fromisoformat(text.replace(" ", "+"))
    except (ValueError, OverflowError) as error:
        detail = "a date such as 2026-12-01, or an instant with its offset"
        raise Invalid(f"{field}: {detail}", errors={field: [detail]}) from error
    there = found if found.tzinfo else found.replace(tzinfo=zone(zone_name))
    return there.astimezone(UTC)
