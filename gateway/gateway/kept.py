"""Answers as ready bytes, kept in this process until booking says that they may have changed.

Who asks for what is not here asks booking, all who ask for it at once together. An event, and each
write through this gateway before it is answered, drops what it is about; what was being fetched
then may be older and is not kept. Without the broker nothing is kept. However events may fail to
come, an answer is fetched anew after a while.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Generic, TypeVar

from gateway.flights import Flight

MOST_BYTES = 8 * 1024 * 1024
OVERHEAD = 1_024
"""What a sheet takes beside its bytes."""
LONGEST_SECONDS = 30.0

About = TypeVar("About", bound=Hashable)
"""What answers are about, and dropped by."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """An answer; ``at`` is when it was asked for."""

    body: bytes
    etag: str
    at: float


class Kept(Generic[About]):
    """The answers kept, the longest unused first, and those being fetched."""

    longest_seconds = LONGEST_SECONDS

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.is_up = False
        self.size = 0
        self.kept: OrderedDict[About, dict[Hashable, Sheet]] = OrderedDict()
        self.fetches: dict[About, dict[Hashable, Flight[Sheet]]] = {}

    def read(self, about: About, key: Hashable, fetch: Callable[[], bytes]) -> tuple[Sheet, int]:
        """Return an answer and its age in seconds; raises what ``fetch`` raises.

        ``key`` holds all that shapes the answer: the question, and what the caller may see.
        """
        sheet = self.kept.get(about, {}).get(key)
        if sheet is not None and self.clock() - sheet.at < self.longest_seconds:
            self.kept.move_to_end(about)
            return sheet, int(self.clock() - sheet.at)
        under_way = self.fetches.get(about, {}).get(key)
        if under_way is not None:
            return under_way.wait(), 0
        return self._fetched(about, key, fetch), 0

    def names(self, about: About, text: bytes) -> bool:
        """Say whether an answer about something has a text in it."""
        return any(text in sheet.body for sheet in self.kept.get(about, {}).values())

    def clear(self) -> None:
        """Drop every answer."""
        self.kept.clear()
        self.fetches.clear()
        self.size = 0

    def connected(self) -> None:
        """Keep answers from now on."""
        self.clear()
        self.is_up = True

    def lost(self) -> None:
        """Keep none: nobody would say when they change."""
        self.is_up = False
        self.clear()

    def _fetched(self, about: About, key: Hashable, fetch: Callable[[], bytes]) -> Sheet:
        mine, at = Flight[Sheet](), self.clock()
        self.fetches.setdefault(about, {})[key] = mine
        try:
            sheet = mine.fly(lambda: _sheet(fetch(), at))
            if self.is_up and self.fetches.get(about, {}).get(key) is mine:
                self._keep(about, key, sheet)
        finally:
            self._forget(about, key, mine)
        return sheet

    def _keep(self, about: About, key: Hashable, sheet: Sheet) -> None:
        sheets = self.kept.setdefault(about, {})
        replaced = sheets.get(key)
        self.size += _size(sheet) - (0 if replaced is None else _size(replaced))
        sheets[key] = sheet
        self.kept.move_to_end(about)
        while self.size > MOST_BYTES:
            _about, unused = self.kept.popitem(last=False)
            self.size -= sum(map(_size, unused.values()))

    def drop(self, about: About) -> None:
        """Drop the answers about something, and keep none of it that is being fetched."""
        self.size -= sum(map(_size, self.kept.pop(about, {}).values()))
        self.fetches.pop(about, None)

    def _forget(self, about: About, key: Hashable, mine: Flight[Sheet]) -> None:
        fetches = self.fetches.get(about, {})
        if fetches.get(key) is mine:
            del fetches[key]
            if not fetches:
                del self.fetches[about]


def _sheet(body: bytes, at: float) -> Sheet:
    return Sheet(body, f'"{blake2b(body, digest_size=12).hexdigest()}"', at)


def _size(sheet: Sheet) -> int:
    return len(sheet.body) + OVERHEAD
