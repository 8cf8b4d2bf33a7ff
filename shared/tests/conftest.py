"""A middle man between a process and its broker or database."""

import contextlib
import socket
import struct
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlparse

import eventlet
import pytest
from eventlet.event import Event

WAITING = [Path(__file__).parent / name for name in ("integration", "stock")]
Pair = tuple[eventlet.greenio.GreenSocket, eventlet.greenio.GreenSocket]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark those that need a broker or a database, so that they may run beside others."""
    for item in items:
        if any(folder in item.path.parents for folder in WAITING):
            item.add_marker(pytest.mark.runtime)


class Proxy:
    """Forwards TCP; ``stall`` leaves the connections there are open and forwards no more."""

    def __init__(self, uri: str) -> None:
        parts = urlparse(uri)
        self.target = (parts.hostname, parts.port)
        self.listener = eventlet.listen(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.listener.getsockname()[1]}"
        self.uri = uri.replace(f"{parts.hostname}:{parts.port}", self.address)
        self.pairs: list[Pair] = []
        self.stalled: set[Pair] = set()
        self.accepting = True
        eventlet.spawn_n(self._serve)

    def stall(self) -> None:
        self.stalled.update(self.pairs)

    def cut(self) -> None:
        """End all connections, and new ones at once, until ``mend``."""
        self.accepting = False
        for pair in self.pairs:
            self._end(pair)
        self.pairs.clear()

    def reset(self) -> None:
        """End all connections such that the next write at either end fails."""
        for pair in self.pairs:
            for each in pair:
                each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                each.close()
        self.pairs.clear()

    def mend(self) -> None:
        self.accepting = True

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                accepted, _ = self.listener.accept()
                if not self.accepting:
                    accepted.close()
                    continue
                pair = (accepted, eventlet.connect(self.target))
                self.pairs.append(pair)
                eventlet.spawn_n(self._carry, pair, pair[0], pair[1])
                eventlet.spawn_n(self._carry, pair, pair[1], pair[0])

    def _carry(
        self,
        pair: Pair,
        source: eventlet.greenio.GreenSocket,
        target: eventlet.greenio.GreenSocket,
    ) -> None:
        with contextlib.suppress(OSError, EOFError):  # the latter is eventlet's word for closed
            while data := source.recv(65_536):
                if pair in self.stalled:
                    Event().wait()
                target.sendall(data)
        self._end(pair)

    @staticmethod
    def _end(pair: Pair) -> None:
        for each in pair:
            with contextlib.suppress(OSError):
                each.shutdown(2)


@pytest.fixture
def proxy(amqp_uri: str) -> Iterator[Proxy]:
    made = Proxy(amqp_uri)
    yield made
    made.cut()
    made.listener.close()


@pytest.fixture
def database_proxy(mongo_uri: str) -> Iterator[Proxy]:
    """Yield a middle man before the database, whose set would else be asked for by its own name."""
    made = Proxy(mongo_uri)
    made.uri = made.uri.replace("replicaSet=rs0", "directConnection=true")
    yield made
    made.cut()
    made.listener.close()
