"""Many clients of the event stream in one process, which tells what each of them got.

``python -m tests.load.followers`` reads one JSON object a line from standard input: first
``Orders``, upon which it answers ``{"open": …, "after": cursor}`` once every stream is open; then a
list of events' ids, upon which it answers what ``told`` returns once all have them, or time is up.
"""

import asyncio
import json
import re
import socket
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from tests.load.stats import percentile

FIRST_LINES = ("GET /v1/events/stream HTTP/1.1", "Host: 127.0.0.1", "Connection: close")
"""Whoever closes is not sent chunks."""
OPEN_SECONDS = 60.0
LAST_SECONDS = 20.0
"""What the last events may take to come."""
LAG_OF_EVERY = 25
"""The stream whose events are timed: one of so many."""
CURSOR = re.compile(rb"^id: (\S+)$", re.MULTILINE)
EVENT = re.compile(rb'"id":"(evt_\w+)".*?"time":"([^"]+)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """How many streams, of whom; ``receive_bytes`` is what the system takes for one unread."""

    port: int
    headers: dict[str, str]
    count: int
    receive_bytes: int = 0


@lru_cache(maxsize=256)
def events_in(block: bytes) -> tuple[bytes, float] | None:
    """Return an event's id and its time, in seconds since 1970; the same block comes to many."""
    found = EVENT.search(block)
    if b"\nevent: resync\n" in block or found is None:
        return None
    return found[1], datetime.fromisoformat(found[2].decode()).timestamp()


class Follower(asyncio.Protocol):
    """One stream: the events that came, in order."""

    def __init__(self, request: bytes, *, timed: bool) -> None:
        self.request = request
        self.timed = timed
        self.rest = b""
        self.cursor = b""
        self.refused = ""
        self.is_open = asyncio.Event()
        self.has_ended = False
        self.resyncs = 0
        self.events: list[bytes] = []
        self.lags: list[float] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.write(self.request)  # type: ignore[attr-defined]  # a Transport

    def data_received(self, data: bytes) -> None:
        if not self.is_open.is_set() and self._begins(data):
            return
        *blocks, self.rest = (self.rest + data).split(b"\n\n")
        for block in blocks:
            found = events_in(block) if b"data: " in block else None
            if found is not None:
                self.events.append(found[0])
                if self.timed:
                    self.lags.append(time.time() - found[1])
            elif b"event: resync" in block:
                self.resyncs += 1

    def _begins(self, data: bytes) -> bool:
        """Say whether the stream does not yet say where it is."""
        self.rest += data
        if self.rest and not self.rest.startswith(b"HTTP/1.1 200"[: len(self.rest)]):
            self.refused = self.rest[:12].decode()
            self.is_open.set()
        _head, _, body = self.rest.partition(b"\r\n\r\n")
        found = CURSOR.search(body) if body.endswith(b"\n\n") else None
        if found is None:
            return True
        self.cursor, self.rest = found[1], b""
        self.is_open.set()
        return False

    def connection_lost(self, _error: Exception | None) -> None:
        self.has_ended = True
        self.is_open.set()


async def opened(orders: Orders) -> list[Follower]:
    """Return as many streams as are asked for, once all of them are open."""
    lines = [f"{name}: {value}" for name, value in orders.headers.items()]
    head = "\r\n".join([*FIRST_LINES, *lines, "", ""])
    made = []
    for number in range(orders.count):
        connection = socket.socket()
        if orders.receive_bytes:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, orders.receive_bytes)
        connection.connect(("127.0.0.1", orders.port))
        connection.setblocking(False)
        one = Follower(head.encode(), timed=number % LAG_OF_EVERY == 0)
        await asyncio.get_running_loop().create_connection(lambda one=one: one, sock=connection)  # type: ignore[misc]  # mypy takes no default
        made.append(one)
    async with asyncio.timeout(OPEN_SECONDS):
        for each in made:
            await each.is_open.wait()
    return made


def told(followers: list[Follower]) -> dict[str, Any]:
    """Return what came: ``events``, all that anybody got; and how many streams fell short how."""
    every = {id_ for each in followers for id_ in each.events}
    lags = [lag for each in followers for lag in each.lags]
    return {
        "events": sorted(id_.decode() for id_ in every),
        "deliveries": sum(len(each.events) for each in followers),
        "ended": sum(each.has_ended for each in followers),
        "resyncs": sum(each.resyncs for each in followers),
        "short": sum(set(each.events) != every for each in followers),
        "doubled": sum(len(set(each.events)) != len(each.events) for each in followers),
        "refused": [each.refused for each in followers if each.refused],
        "lag_p50_ms": 1_000 * percentile(lags, 50),
        "lag_p99_ms": 1_000 * percentile(lags, 99),
    }


async def main() -> None:
    """Follow until told to stop."""
    loop = asyncio.get_running_loop()
    followers = await opened(Orders(**json.loads(sys.stdin.readline())))
    first = {"open": sum(not each.has_ended for each in followers)}
    print(json.dumps({**first, "after": followers[0].cursor.decode()}), flush=True)
    wanted = json.loads(await loop.run_in_executor(None, sys.stdin.readline))
    with suppress(TimeoutError):
        async with asyncio.timeout(LAST_SECONDS):
            # An event of its own for each would cost what is measured.
            while any(len(each.events) < len(wanted) for each in followers):  # noqa: ASYNC110 (above)
                await asyncio.sleep(0.05)
    print(json.dumps(told(followers)), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
