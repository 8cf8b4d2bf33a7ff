"""The load generator: HTTP/1.1 over raw sockets, one request in flight per connection.

``python -m tests.load.client`` reads one JSON object, ``Orders``, from standard input and writes
one to standard output: ``completed, issued, seconds, p50_ms, p99_ms, refused {status: count},
acknowledged [[id, kind, unix time]]`` (the last where it is to ``keep`` them).
"""

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any, cast

from tests.load import slots
from tests.load.stats import percentile

SETTLE_SECONDS = 20.0
"""How long a request in flight at the end may still take."""
FIRST_REFUSALS = range(400, 600)
HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """What to ask: ``paths`` in turn; or visits of ``plan`` from number ``first`` on; or both.

    With both, every ``other_every``-th request is the next of ``paths``. ``rate`` a second, else as
    many as ``connections`` take; until ``limit`` were asked, where that comes before ``seconds``.
    """

    port: int
    connections: int
    seconds: float
    headers: dict[str, str]
    method: str = "GET"
    paths: list[str] = field(default_factory=list)
    plan: str = ""
    first: int = 0
    key: str = ""
    other_every: int = 0
    limit: int = 0
    rate: float = 0.0
    keep: bool = False


def content_length(head: bytes) -> int:
    """Return the length of a body by its head; raises ValueError for one sent in chunks."""
    lower = head.lower()
    at = lower.find(LENGTH)
    if at < 0:
        if b"transfer-encoding" in lower:
            raise ValueError("a chunked answer")
        return 0
    return int(lower[at + len(LENGTH) :].split(b"\r\n", 1)[0])


def requests(orders: Orders) -> Iterator[tuple[str, bytes]]:
    """Yield (kind, bytes) without end, or until the supply of visits is used up."""
    lines = [f"{name}: {value}" for name, value in orders.headers.items()]
    head = "\r\n".join(["Host: 127.0.0.1", *lines, ""])
    plan = slots.from_json(orders.plan) if orders.plan else None
    others = [f"{orders.method} {path} HTTP/1.1\r\n{head}" for path in orders.paths]
    number, other = orders.first, 0
    for turn in count(1):
        if plan is None or (orders.other_every and turn % orders.other_every == 0):
            empty = "" if orders.method == "GET" else f"Idempotency-Key: {orders.key}-o{other}\r\n"
            empty += "" if orders.method == "GET" else "Content-Length: 0\r\n"
            yield "other", f"{others[other % len(others)]}{empty}\r\n".encode()
            other += 1
        else:
            body = json.dumps(plan.body(number))
            yield (
                "book",
                f"POST /v1/appointments HTTP/1.1\r\n{head}Content-Type: application/json\r\n"
                f"Idempotency-Key: {orders.key}-{number}\r\nContent-Length: {len(body)}\r\n\r\n"
                f"{body}".encode(),
            )
            number += 1


class Connection(asyncio.Protocol):
    """Sends one request, and tells the load when its answer is whole."""

    def __init__(self, load: "Load") -> None:
        self.load = load
        self.answer = bytearray()
        self.whole = 0
        self.busy = False
        self.kind = ""
        self.began = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def ask(self, kind: str, request: bytes, began: float) -> None:
        self.answer.clear()
        self.whole, self.busy, self.kind, self.began = 0, True, kind, began
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.answer += data
        if not self.whole:
            end = self.answer.find(HEAD_END)
            if end < 0:
                return
            self.whole = end + len(HEAD_END) + content_length(bytes(self.answer[:end]))
        if len(self.answer) >= self.whole:
            self.busy = False
            self.load.answered(self)

    def connection_lost(self, _error: Exception | None) -> None:
        self.load.lost(self)


class Load:
    """One slice of load, closed (``rate`` 0) or paced."""

    def __init__(self, orders: Orders) -> None:
        self.orders = orders
        self.supply = requests(orders)
        self.idle: list[Connection] = []
        self.due: list[float] = []
        self.latencies: list[float] = []
        self.refused: Counter[str] = Counter()
        self.acknowledged: list[tuple[str, str, float]] = []
        self.booked = 0
        self.left = orders.limit or sys.maxsize
        self.in_flight = 0
        self.ended = asyncio.Event()
        self.last = 0.0

    async def run(self) -> dict[str, Any]:
        loop = asyncio.get_running_loop()
        made = [
            await loop.create_connection(lambda: Connection(self), "127.0.0.1", self.orders.port)
            for _ in range(self.orders.connections)
        ]
        self.idle = [connection for _, connection in made]
        self.start = time.perf_counter()
        self.until = self.start + self.orders.seconds
        if self.orders.rate:
            await self._pace()
        else:
            while self.idle and self.left:
                self._ask(self.idle.pop(), time.perf_counter())
            await asyncio.wait_for(self.ended.wait(), self.orders.seconds + SETTLE_SECONDS)
        if self.in_flight:
            self.ended.clear()
            await asyncio.wait_for(self.ended.wait(), SETTLE_SECONDS)
        return self._told()

    def answered(self, connection: Connection) -> None:
        self.last = now = time.perf_counter()
        self.in_flight -= 1
        status = int(connection.answer[9:12])
        if status in FIRST_REFUSALS:
            self.refused[str(status)] += 1
            if sum(self.refused.values()) == 1:
                print(bytes(connection.answer[:600]), file=sys.stderr)
        else:
            self.latencies.append(now - connection.began)
            if self.orders.keep:
                self._acknowledge(connection)
        if self.orders.rate:
            self._next_due(connection)
        elif now < self.until and self.left:
            self._ask(connection, now)
        elif not self.in_flight:
            self.ended.set()

    def lost(self, connection: Connection) -> None:
        if connection.busy:
            self.refused["closed"] += 1
            self.in_flight -= 1
        if not self.in_flight:
            self.ended.set()

    def _ask(self, connection: Connection, began: float) -> None:
        kind, request = next(self.supply)
        self.booked += kind == "book"
        self.in_flight += 1
        self.left -= 1
        connection.ask(kind, request, began)

    async def _pace(self) -> None:
        for turn in count():
            at = self.start + turn / self.orders.rate
            if at >= self.until:
                break
            pause = at - time.perf_counter()
            if pause > 0:
                await asyncio.sleep(pause)
            if self.idle:
                self._ask(self.idle.pop(), at)
            else:
                self.due.append(at)

    def _next_due(self, connection: Connection) -> None:
        if self.due:
            self._ask(connection, self.due.pop(0))
            return
        self.idle.append(connection)
        if not self.in_flight:
            self.ended.set()

    def _acknowledge(self, connection: Connection) -> None:
        body = bytes(connection.answer).split(HEAD_END, 1)[1]
        self.acknowledged.append((json.loads(body)["id"], connection.kind, time.time()))

    def _told(self) -> dict[str, Any]:
        return {
            "completed": len(self.latencies),
            "issued": self.booked,
            "seconds": max(self.last - self.start, 0.001),
            "p50_ms": 1_000 * percentile(self.latencies, 50),
            "p99_ms": 1_000 * percentile(self.latencies, 99),
            "refused": dict(self.refused),
            "acknowledged": self.acknowledged,
        }


if __name__ == "__main__":
    import uvloop  # only the bench's own environment has it, and tests read this module too

    print(json.dumps(uvloop.run(Load(Orders(**json.load(sys.stdin))).run())))
