"""Blocks of an event stream (HTML standard, "Server-sent events", 9.2.5 and 9.2.6).

An ``id`` is a cursor of the feed. A block with an id alone changes what a client resumes from and
shows it nothing.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any

from clinic_runtime import wire
from gateway.streaming.sight import Sight

Document = dict[str, Any]
MEDIA_TYPE = "text/event-stream"
RETRY = b"retry: 3000\n\n"
EVENTS_KEPT = 1_000
BYTES_KEPT = 4 * 1024 * 1024


def event_block(cursor: str, event: Document) -> bytes:
    """Return an event; its JSON has no line break."""
    head = f"id: {cursor}\nevent: {event['type']}\ndata: ".encode()
    return b"%b%b\n\n" % (head, wire.encode(event))


def resync_block(cursor: str) -> bytes:
    """Return what tells a client that it missed something: to read anew, and go on from here."""
    head = f"id: {cursor}\nevent: resync\ndata: ".encode()
    return b"%b%b\n\n" % (head, wire.encode({"next": cursor}))


def place_block(cursor: str) -> bytes:
    """Return a comment and where the stream is, which together show that it lives."""
    return f":\nid: {cursor}\n\n".encode()


def block_for(sight: Sight, cursor: str, event: Document, block: bytes) -> bytes:
    """Return what somebody is shown of an event: its block, to read anew, or nothing."""
    if sight.sees(event):
        return block
    return resync_block(cursor) if sight.loses(event) else b""


class Batch:
    """Events read together, each encoded once however many are shown it."""

    def __init__(self, events: Sequence[tuple[str, Document]]) -> None:
        """Take each event and the place it stands at."""
        self.events = [(at, event, event_block(at, event)) for at, event in events]
        self.size = sum(len(block) for _at, _event, block in self.events)
        self._shown: dict[Sight, bytes] | None = {}

    def text(self, sight: Sight) -> bytes:
        """Return the blocks of what somebody is shown; the same for all who are shown the same."""
        found = None if self._shown is None else self._shown.get(sight)
        if found is None:
            found = b"".join(block_for(sight, *each) for each in self.events)
            if self._shown is not None:
                self._shown[sight] = found
        return found

    def settle(self) -> None:
        """Keep no more what was put together: those who keep up have it."""
        self._shown = None


class Ring:
    """The newest batches, for all who follow to take at their own pace; bounded, whoever lags."""

    def __init__(self) -> None:
        """Start empty."""
        self.batches: deque[Batch] = deque()
        self.first = 0
        self.events = 0
        self.bytes = 0

    @property
    def end(self) -> int:
        """The number of the next batch."""
        return self.first + len(self.batches)

    def add(self, batch: Batch) -> None:
        """Take the next batch; the oldest go."""
        if self.batches:
            self.batches[-1].settle()
        self.batches.append(batch)
        self._count(batch, 1)
        while len(self.batches) > 1 and (self.events > EVENTS_KEPT or self.bytes > BYTES_KEPT):
            self._count(self.batches.popleft(), -1)
            self.first += 1

    def forget(self) -> None:
        """Let everybody have missed something."""
        self.first = self.end + 1
        self.batches.clear()
        self.events = self.bytes = 0

    def since(self, number: int) -> Iterable[Batch] | None:
        """Return the batches from a number on; None when some of them are gone."""
        if number < self.first:
            return None
        return [self.batches[at - self.first] for at in range(number, self.end)]

    def _count(self, batch: Batch, sign: int) -> None:
        self.events += sign * len(batch.events)
        self.bytes += sign * batch.size
