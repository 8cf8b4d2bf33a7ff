"""A client of the event stream, and services whose events it follows."""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import eventlet
import pytest

from clinic_contracts import catalogue, envelope
from clinic_contracts.context import CallContext
from clinic_runtime import outbox
from clinic_runtime.clock import now
from clinic_runtime.ids import new_id, ulid
from clinic_runtime.mongo import MongoDatabase, connect
from clinic_runtime.operations import Operable
from clinic_runtime.outbox import Outbox
from clinic_runtime.testing import eventually, running

TELLING = {
    "booking": "closure_changed",
    "client_profile": "client_changed",
    "notification": "message_sent",
    "billing": "day_reopened",
}
NAMES = tuple(TELLING)
SAMPLES = Path(catalogue.__file__).parent


def sample(producer: str, name: str) -> Any:
    """Return the data of a contract's sample event."""
    text = (SAMPLES / producer / "samples" / f"{name}.v1.json").read_text(encoding="utf-8")
    return envelope.from_wire(json.loads(text)).data


class House:
    """Stand-ins of the services, each with its journal and its relay."""

    names = NAMES
    sample = staticmethod(sample)

    def __init__(self, config: dict[str, Any]) -> None:
        self.config = {**config, "database": f"feed_{ulid().lower()}"}
        self.client = connect(config["mongo_uri"], "tests")
        self.running: dict[str, ExitStack] = {}
        self.things: dict[str, Any] = {}

    def database(self, name: str) -> Any:
        return self.client[f"{self.config['database']}_{name}"]

    def start(self, *names: str) -> None:
        for name in names:
            parts = {
                "name": name,
                "database": MongoDatabase(lambda _database: None),
                "outbox": Outbox("things"),
            }
            stand_in = type(name.title(), (Operable,), parts)
            stack = self.running[name] = ExitStack()
            config = {**self.config, "database": self.database(name).name}
            container = stack.enter_context(running(stand_in, config))
            own = next(d for d in container.dependencies if isinstance(d, MongoDatabase))
            self.things[name] = own.link.database["things"]

    def stop(self, name: str) -> None:
        self.running.pop(name).close()

    def tell(self, by: str = "billing", name: str = "", location_id: str = "loc_1") -> str:
        """Have a service tell an event; return the subject it is about."""
        subject = new_id("thing")
        context = CallContext(actor="staff:test", correlation_id="c", operation_id=ulid())
        outbox.insert(
            self.things[by],
            {"_id": subject},
            event=sample(by, name or TELLING[by]),
            context=context,
            at=now(),
            location_id=location_id,
        )
        return subject

    def end(self) -> None:
        for name in tuple(self.running):
            self.stop(name)
        for name in NAMES:
            self.client.drop_database(self.database(name).name)
        self.client.close()


class Following:
    """One open stream: its head, and its blocks as they come."""

    def __init__(self, port: int, headers: dict[str, str], query: str = "") -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        lines = [f"GET /v1/events/stream{query} HTTP/1.1", "Host: a", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        self.file = self.socket.makefile("rb")
        self.status = int(self.file.readline().split()[1])
        self.headers: dict[str, str] = {}
        while (line := self.file.readline()) != b"\r\n":
            name, _, value = line.decode().partition(":")
            self.headers[name.lower()] = value.strip()
        self.blocks: list[dict[str, str]] = []
        self.cursor = ""
        self.has_ended = False
        self.socket.settimeout(None)
        self.reader = eventlet.spawn(self._read)

    def _read(self) -> None:
        block: dict[str, str] = {}
        try:
            for line in self.file:
                name, _, value = line.decode().rstrip("\n").partition(":")
                if line != b"\n":
                    block[name] = value.strip()
                    continue
                self.cursor = block.get("id", self.cursor)
                self.blocks.append(block)
                block = {}
        except OSError:
            pass
        self.has_ended = True

    @property
    def kinds(self) -> list[str]:
        return [block["event"] for block in self.blocks if "event" in block]

    @property
    def events(self) -> list[Any]:
        return [json.loads(b["data"]) for b in self.blocks if b.get("event", "resync") != "resync"]

    @property
    def subjects(self) -> list[str]:
        return [event["subject"] for event in self.events]

    def has(self, *subjects: str) -> "Following":
        """Wait until exactly these came, in this order."""
        eventually(lambda: len(self.subjects) >= len(subjects))
        assert self.subjects == list(subjects)
        return self

    def is_open(self) -> "Following":
        """Wait for the first sign of where it is."""
        eventually(lambda: self.cursor)
        return self

    def close(self) -> None:
        self.reader.kill()
        self.file.close()
        self.socket.close()


@contextmanager
def followers(port: int) -> Iterator[Callable[..., Following]]:
    """Yield what opens streams; they are closed at the end."""
    made: list[Following] = []

    def follow(headers: dict[str, str], query: str = "", after: str = "") -> Following:
        more = {"Last-Event-ID": after} if after else {}
        made.append(Following(port, {**headers, **more}, query))
        return made[-1]

    yield follow
    for each in made:
        each.close()


@pytest.fixture(scope="module")
def house(config: dict[str, Any], gateway: Any) -> Iterator[House]:  # noqa: ARG001 (it must run)
    made = House(config)
    made.start(*NAMES)
    yield made
    made.end()


@pytest.fixture
def follow(gateway: Any) -> Iterator[Callable[..., Following]]:
    """Return what opens streams at the gateway."""
    with followers(gateway.port) as made:
        yield made


@pytest.fixture
def follow_at() -> Callable[[int], Any]:
    """Return a context in which streams are open at a port."""
    return followers
