"""A location's day as ready bytes, kept in this process until booking says that it changed.

Who asks for a day that is not here asks booking, all who ask for it at once together. An event, and
each write through this gateway before it is answered, drops its days; what was being fetched then
may be older and is not kept. Without the broker nothing is kept. However events may fail to come, a
day is fetched anew after half a minute.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from gateway.flights import Flight

MOST_BYTES = 8 * 1024 * 1024
OVERHEAD = 1_024
"""What a sheet takes beside its bytes."""
LONGEST_SECONDS = 30.0

Day = tuple[str, str]
"""A location's id and a date there, such as ``2026-12-01``."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """An answer about a day; ``at`` is when it was asked for."""

    body: bytes
    etag: str
    at: float


class Days:
    """The days kept, the longest unused first, and those being fetched."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.is_up = False
        self.size = 0
        self.kept: OrderedDict[Day, dict[Hashable, Sheet]] = OrderedDict()
        self.fetches: dict[Day, dict[Hashable, Flight[Sheet]]] = {}

    def read(self, day: Day, key: Hashable, fetch: Callable[[], bytes]) -> tuple[Sheet, int]:
        """Return an answer about the day and its age in seconds; raises what ``fetch`` raises.

        ``key`` holds all that shapes the answer: the question, and what the caller may see.
        """
        sheet = self.kept.get(day, {}).get(key)
        if sheet is not None and self.clock() - sheet.at < LONGEST_SECONDS:
            self.kept.move_to_end(day)
            return sheet, int(self.clock() - sheet.at)
        under_way = self.fetches.get(day, {}).get(key)
        if under_way is not None:
            return under_way.wait(), 0
        return self._fetched(day, key, fetch), 0

    def seen(self, event: Any) -> None:  # noqa: ANN401 (JSON of whatever version)
        """Drop the days an event is about; what cannot be told from it may be any."""
        try:
            data = event["data"]
            visits = [data[name] for name in ("visit", "previous") if name in data]
            days = [_day(visit) for visit in visits]
        except (KeyError, TypeError):
            days = []
        if not days:
            self.clear()
        for day in days:
            self._drop(day)

    def changed(self, visit: Mapping[str, Any]) -> None:
        """Drop the day of a visit, as events and answers carry it."""
        self._drop(_day(visit))

    def moved(self, visit: Mapping[str, Any]) -> None:
        """Drop the day of a visit and the one it was moved from, whichever that was."""
        name = str(visit["id"]).encode()
        holding = [
            day
            for day, sheets in self.kept.items()
            if any(name in sheet.body for sheet in sheets.values())
        ]
        for day in holding:
            self._drop(day)
        self.fetches.clear()
        self.changed(visit)

    def clear(self) -> None:
        """Drop every day."""
        self.kept.clear()
        self.fetches.clear()
        self.size = 0

    def connected(self) -> None:
        """Keep days from now on."""
        self.clear()
        self.is_up = True

    def lost(self) -> None:
        """Keep none: nobody would say when they change."""
        self.is_up = False
        self.clear()

    def _fetched(self, day: Day, key: Hashable, fetch: Callable[[], bytes]) -> Sheet:
        mine, at = Flight[Sheet](), self.clock()
        self.fetches.setdefault(day, {})[key] = mine
        try:
            sheet = mine.fly(lambda: _sheet(fetch(), at))
            if self.is_up and self.fetches.get(day, {}).get(key) is mine:
                self._keep(day, key, sheet)
        finally:
            self._forget(day, key, mine)
        return sheet

    def _keep(self, day: Day, key: Hashable, sheet: Sheet) -> None:
        sheets = self.kept.setdefault(day, {})
        replaced = sheets.get(key)
        self.size += _size(sheet) - (0 if replaced is None else _size(replaced))
        sheets[key] = sheet
        self.kept.move_to_end(day)
        while self.size > MOST_BYTES:
            _day, unused = self.kept.popitem(last=False)
            self.size -= sum(map(_size, unused.values()))

    def _drop(self, day: Day) -> None:
        self.size -= sum(map(_size, self.kept.pop(day, {}).values()))
        self.fetches.pop(day, None)

    def _forget(self, day: Day, key: Hashable, mine: Flight[Sheet]) -> None:
        fetches = self.fetches.get(day, {})
        if fetches.get(key) is mine:
            del fetches[key]
            if not fetches:
                del self.fetches[day]


def _day(visit: Mapping[str, Any]) -> Day:
    return visit["location_id"], visit["local_start"][:10]


def _sheet(body: bytes, at: float) -> Sheet:
    return Sheet(body, f'"{blake2b(body, digest_size=12).hexdigest()}"', at)


def _size(sheet: Sheet) -> int:
    return len(sheet.body) + OVERHEAD
