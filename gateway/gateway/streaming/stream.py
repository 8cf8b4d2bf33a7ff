"""One client's stream: what it missed, then what comes, until either side has enough."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from eventlet.event import Event
from prometheus_client import Counter

from clinic_contracts.context import CallContext
from clinic_contracts.errors import ClinicError
from clinic_runtime import feed
from clinic_runtime.feed import Feed, FeedPage, Reached
from clinic_runtime.rpc import RpcClient
from gateway.streaming.blocks import RETRY, block_for, event_block, place_block, resync_block
from gateway.streaming.live import EVENTS_A_READ, Live
from gateway.streaming.sight import Sight

RESYNCS = Counter("clinic_stream_resyncs_total", "Clients told that they missed events", ["why"])
MOST_MISSED = 1_000


@dataclass(frozen=True, slots=True)
class Journals:
    """The journals of all services, as they are read for a caller; ``Sight`` decides of each."""

    rpc: RpcClient
    context: CallContext
    types: tuple[str, ...] = ()

    def read(self, services: tuple[str, ...], reached: Reached) -> FeedPage:
        """Return the next events of some services."""
        source = Feed(rpc=self.rpc, services=services, context=self.context)
        return source.page(reached, types=self.types, limit=EVENTS_A_READ)

    def read_one(self, service: str, reached: Reached) -> FeedPage:
        """Return the next events of one service."""
        return self.read((service,), reached)


class _Missed(Exception):
    """Something cannot be shown any more; why."""


class EventStream:
    """Shows one client what it may see, from ``after`` on or else from now on."""

    def __init__(  # noqa: PLR0913 (all that one client brings)
        self,
        live: Live,
        *,
        caller: str,
        sight: Sight,
        after: Reached | None,
        everything: Journals,
        own: Journals,
        sight_now: Callable[[], Sight],
        heartbeat: float,
    ) -> None:
        """Take what the client may see, and whose reading of the journals it shares.

        ``everything`` reads for all, ``own`` what this client missed; ``sight_now`` says what the
        client may see by now, or raises ClinicError. The stream is counted by ``admit`` before.
        """
        self.live = live
        self.caller = caller
        self.sight = sight
        self.after = after
        self.everything = everything
        self.own = own
        self.sight_now = sight_now
        self.heartbeat = heartbeat
        self.ended = False
        self.woken = Event()
        self.next = 0
        self.due_at = time.monotonic() + heartbeat

    def __iter__(self) -> Iterator[bytes]:
        """Yield blocks until the client may see something else than when it came, or all stops."""
        self.live.join(self, self.everything.read_one)
        if self.after is None:
            self.next = self.live.ring.end
            yield RETRY + place_block(self.live.cursor)
        else:
            yield RETRY
            yield from self._missed(self.after)
        while not self.ended:
            due = time.monotonic() >= self.due_at
            if due and not self._still_sees():
                return
            text = self._news()
            if due:
                self.due_at = time.monotonic() + self.heartbeat
            if text or due:
                yield text or place_block(self.live.cursor)
            else:
                self.woken.wait()
                self.woken = Event()

    def wake(self) -> None:
        """Look for what is new, and whether it is time for a sign of life."""
        if not self.woken.ready():
            self.woken.send(None)

    def end(self) -> None:
        """End soon."""
        self.ended = True
        self.wake()

    def close(self) -> None:
        """Make room for another."""
        self.live.leave(self)
        self.live.dismiss(self.caller)

    def _still_sees(self) -> bool:
        """Say whether the client may still see what it may when it came; if unknown, it ends."""
        try:
            return self.sight_now() == self.sight
        except ClinicError:
            return False

    def _news(self) -> bytes:
        ring = self.live.ring
        batches = ring.since(self.next)
        self.next = ring.end
        if batches is None:
            return self._resync("slow")
        return b"".join(batch.text(self.sight) for batch in batches)

    def _resync(self, why: str) -> bytes:
        RESYNCS.labels(why).inc()
        return resync_block(self.live.cursor)

    def _missed(self, after: Reached) -> Iterator[bytes]:
        """Yield what came between a cursor and now; from there on the ring has everything."""
        for service in self.live.services:
            at = after.get(service, 0)
            self.live.read_up_to(service, at if isinstance(at, int) else 0)
        # No other thread runs between these two: what is not in one is in the other.
        self.next, until = self.live.ring.end, dict(self.live.reached)
        try:
            yield from self._between(dict(after), until)
        except _Missed as missed:
            self.next = self.live.ring.end
            yield self._resync(str(missed))
        else:
            yield place_block(feed.encode(until))

    def _between(self, reached: Reached, until: Reached) -> Iterator[bytes]:
        shown = 0
        while left := tuple(s for s in until if reached.get(s, 0) != until[s]):
            for service in left:
                _check(reached.get(service, 0), until[service])
            page = self.own.read(left, reached)
            if page.unavailable:
                raise _Missed("away")
            blocks = []
            for service, position, event in page.rows:
                if position <= _number(until[service]):
                    reached[service] = position
                    at = feed.encode(reached)
                    blocks.append(block_for(self.sight, at, event, event_block(at, event)))
            for service in left:
                reached[service] = min(_number(page.reached[service]), _number(until[service]))
            shown += len(page.rows)
            if shown > MOST_MISSED:
                raise _Missed("far")
            yield b"".join(blocks)


def _check(at: int | str, until: int | str) -> None:
    """Raise unless a journal can be read from one place up to another."""
    if isinstance(until, str):  # nobody could ask it how far it is
        raise _Missed("away")
    if isinstance(at, int) and at > until:
        raise _Missed("unknown")
    if isinstance(at, int) and until - at > MOST_MISSED:
        raise _Missed("far")


def _number(position: int | str) -> int:
    return int(position)
