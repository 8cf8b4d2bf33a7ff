"""Times as bits: bit n of a mask is the n-th 5-minute tick of UTC since a first local midnight.

So what is free of many resources for a month is a few shifts and ands of numbers. On a day on which
the clock changes, a tick is in a window when the clock on the wall says so: a window over a skipped
hour is shorter by it, one over a doubled hour longer.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache, reduce
from operator import or_
from zoneinfo import ZoneInfo

from booking.domain import wall_time
from booking.domain.calendar import Windows

TICK = wall_time.TICK_MINUTES
TICKS_A_DAY = 24 * 60 // TICK
GRID_TICKS = 3
"""Starts are offered each quarter of an hour, counted from the start of the window."""
Mask = int


@dataclass(frozen=True, slots=True)
class Day:
    """A local day: its first bit, and of a day of a clock change the wall minute of each tick."""

    date: date
    first: int
    count: int
    walls: tuple[int, ...] | None = None

    def within(self, windows: Windows) -> Mask:
        """Return the ticks that lie in any of the windows."""
        if self.walls is None:
            return _within(windows) << self.first
        mask = 0
        for opens, closes in windows:
            mask |= _bits(opens <= wall < closes for wall in self.walls)
        return mask << self.first

    def of(self, mask: Mask) -> Mask:
        """Return the part of a mask that is this day's, counted from its midnight."""
        return mask >> self.first & ones(self.count)

    def grid(self, windows: Windows) -> Mask:
        """Return the starts offered in the windows; of a doubled time the earlier alone."""
        if self.walls is None:
            return _grid(windows) << self.first
        mask, step = 0, GRID_TICKS * TICK
        for opens, closes in windows:
            mask |= _bits(
                opens <= wall < closes
                and (wall - opens) % step == 0
                and self.walls.index(wall) == number
                for number, wall in enumerate(self.walls)
            )
        return mask << self.first


@dataclass(frozen=True, slots=True)
class Timeline:
    """The local days that instants lie on, from the first to the last; ``origin`` is its bit 0."""

    zone: ZoneInfo
    origin: int
    days: tuple[Day, ...]

    @property
    def count(self) -> int:
        """How many ticks there are."""
        return self.days[-1].first + self.days[-1].count

    def at(self, tick: int) -> datetime:
        """Return the instant of a tick, at the zone's offset."""
        return _instant(self.origin + tick, self.zone)

    def span(self, start: datetime, end: datetime) -> Mask:
        """Return the ticks that share a moment with ``[start, end)``."""
        touched = wall_time.ticks(start, end)
        first, last = max(touched.start - self.origin, 0), touched.stop - self.origin
        return ones(last - first) << first if last > first else 0

    def starting(self, start: datetime, end: datetime) -> Mask:
        """Return the ticks that begin in ``[start, end)``."""
        first, last = (-(-int(at.timestamp()) // wall_time.TICK_SECONDS) for at in (start, end))
        first, last = max(first - self.origin, 0), last - self.origin
        return ones(last - first) << first if last > first else 0


def timeline(first: date, last: date, zone_name: str) -> Timeline:
    """Return the days from ``first`` to ``last``, both included."""
    zone = wall_time.zone(zone_name)
    origin = at = _midnight(first, zone)
    days = []
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        following = _midnight(day + timedelta(days=1), zone)
        changes = following - at != TICKS_A_DAY
        walls = _walls(at, following, zone) if changes else None
        days.append(Day(day, at - origin, following - at, walls))
        at = following
    return Timeline(zone, origin, tuple(days))


def ones(count: int) -> Mask:
    """Return a mask of the first ``count`` ticks."""
    return (1 << count) - 1


def union(masks: Iterable[Mask]) -> Mask:
    """Return the ticks that are in any of the masks."""
    return reduce(or_, masks, 0)


def runs(free: Mask, count: int) -> Mask:
    """Return where ``count`` ticks in a row begin that are all in ``free``."""
    have = 1
    while have < count:
        step = min(have, count - have)
        free &= free >> step
        have += step
    return free


def numbers(mask: Mask) -> Iterator[int]:
    """Yield the ticks of a mask, earliest first."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


def stretches(mask: Mask) -> Iterator[tuple[int, int]]:
    """Yield ``[first, last)`` of each stretch of ticks in a row, earliest first."""
    yield from zip(numbers(mask & ~(mask << 1)), numbers(~mask & (mask << 1)), strict=True)


@lru_cache(maxsize=1_000)
def _within(windows: Windows) -> Mask:
    return union(ones((closes - opens) // TICK) << opens // TICK for opens, closes in windows)


@lru_cache(maxsize=1_000)
def _grid(windows: Windows) -> Mask:
    mask = 0
    for opens, closes in windows:
        # A bit in three: of 0b111…1 with three times as many bits, a seventh.
        starts = -(-(closes - opens) // (GRID_TICKS * TICK))
        mask |= (ones(GRID_TICKS * starts) // ones(GRID_TICKS)) << opens // TICK
    return mask


def _bits(flags: Iterable[bool]) -> Mask:
    return sum(1 << number for number, flag in enumerate(flags) if flag)


def _midnight(day: date, zone: ZoneInfo) -> int:
    return int(datetime.combine(day, time(), zone).timestamp()) // wall_time.TICK_SECONDS


def _walls(first: int, last: int, zone: ZoneInfo) -> tuple[int, ...]:
    local = (_instant(tick, zone) for tick in range(first, last))
    return tuple(at.hour * 60 + at.minute for at in local)


def _instant(tick: int, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(tick * wall_time.TICK_SECONDS, zone)
