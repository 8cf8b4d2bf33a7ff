"""Replay: feeds one consumer from the producers' journals, into its own queue and nobody else's.

Safe while the service runs: handlers are idempotent and ignore what is older than what they know.
"""

import inspect
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

import amqp
import eventlet
from nameko.containers import ServiceContainer

from clinic_contracts import envelope
from clinic_contracts.context import CallContext
from clinic_contracts.errors import ServiceUnavailable
from clinic_runtime import queues, topology
from clinic_runtime.events import EventHandler
from clinic_runtime.feed import Feed, FeedPage, Reached, left
from clinic_runtime.ids import ulid
from clinic_runtime.link import BrokerLostError
from clinic_runtime.mongo import MongoLink
from clinic_runtime.packing import in_order
from clinic_runtime.publisher import Publisher
from clinic_runtime.rpc import RpcClient

P = ParamSpec("P")
T = TypeVar("T")
PAGE = 200
BACKLOG = 10
"""Messages that may wait in the queue of a running service, so that new ones do not wait long."""
PATIENCE_SECONDS = 30.0
LOOK_SECONDS = 0.2


class ReplayStopped(Exception):
    """It cannot go on; the sentence says why."""


class Hands(RpcClient):
    """What a replay works with: calls to the producers, confirmed publishing, the database."""

    publisher = Publisher()
    mongo = MongoLink()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a replay is: events handed over, positions still to be read, what is reached."""

    handed_over: int
    ahead: int
    reached: Reached


class Replay:
    """Hands events over page by page, each confirmed before the next is read."""

    def __init__(self, service: type, hands: Hands, *, itself: bool = True) -> None:
        """Take the service's class, whose handlers say what it consumes.

        ``itself``: also what the service tells itself, whose journal it must be running to give.
        """
        self.service: str = service.name  # type: ignore[attr-defined]  # nameko's convention
        told_by = [name for name in producers(service) if itself or name != self.service]
        handled = [type_ for type_ in handled_by(service) if type_.partition(".")[0] in told_by]
        # In every version: one that the service does not handle is parked, as when it was new.
        self.types = sorted({type_.rpartition(".")[0] for type_ in handled})
        self.hands = hands
        id_ = ulid()
        self.feed = Feed(
            rpc=hands,
            services=told_by,
            context=CallContext(actor="system:replay", correlation_id=id_, operation_id=id_),
        )

    def run(self, start: Mapping[str, int | str]) -> Iterator[Progress]:
        """Go up to the journals' present ends; yields after each page.

        What is published meanwhile comes by itself. Raises ReplayStopped.
        """
        first: FeedPage | None = None
        reached: Reached = dict(start)
        handed_over = 0
        while True:
            self._patiently(self._wait_for_room)
            page = self._patiently(self._read, reached)
            self._patiently(self._hand_over, page.events)
            first, reached = first or page, page.reached
            handed_over += len(page.events)
            ahead = left(reached, first.heads)
            yield Progress(handed_over, ahead, reached)
            if not ahead:
                return

    def ask_producers(self) -> None:
        """Raise ReplayStopped unless every producer answers."""
        self._patiently(self._read, {})

    def _read(self, reached: Mapping[str, int | str]) -> FeedPage:
        page = self.feed.page(reached, types=self.types, limit=PAGE)
        if page.unavailable:
            raise ServiceUnavailable(f"{', '.join(page.unavailable)}: not available")
        return page

    def _hand_over(self, events: list[dict[str, Any]]) -> None:
        queue = topology.events_queue(self.service).name
        self.hands.publisher.publish([("", queue, pack.message) for pack in in_order(events)])

    def _wait_for_room(self) -> None:
        """Wait while a running service has enough to do; without one, what waits harms nobody."""
        with self.counting() as counter:
            while True:
                found = counter.count(topology.events_queue(self.service).name)
                if found is None:
                    raise ReplayStopped(
                        f"{self.service} has no queue yet: start it once, then replay"
                    )
                if found.ready <= BACKLOG or not found.consumers:
                    return
                eventlet.sleep(LOOK_SECONDS)

    @contextmanager
    def counting(self) -> Iterator[queues.Counter]:
        """Open what counts in the service's queues."""
        with queues.counting(self.hands.container.config["amqp_uri"]) as counter:
            yield counter

    def _patiently(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return work(*args, **kwargs)
            except (BrokerLostError, ServiceUnavailable, amqp.AMQPError, OSError) as error:
                if time.monotonic() > deadline:
                    raise ReplayStopped(str(error)) from error
            eventlet.sleep(LOOK_SECONDS)


def handled_by(service: type) -> list[str]:
    """Return the event types that a service's class has handlers for."""
    methods = [method for _name, method in inspect.getmembers(service, inspect.isfunction)]
    return sorted(
        envelope.type_of(cls)
        for method in methods
        for entrypoint in getattr(method, "nameko_entrypoints", ())
        if isinstance(entrypoint, EventHandler)
        for cls in entrypoint.event_classes
    )


def producers(service: type) -> list[str]:
    """Return the services whose events a service's class has handlers for."""
    return sorted({type_.partition(".")[0] for type_ in handled_by(service)})


@contextmanager
def hands_of(service: type, config: dict[str, Any]) -> Iterator[Hands]:
    """Connect as the service, without being it: nothing of it is consumed or answered."""
    name = service.name  # type: ignore[attr-defined]  # nameko's convention
    with contained(type("Replaying", (), {"name": name, "hands": Hands()}), config) as container:
        yield next(each for each in container.dependencies if isinstance(each, Hands))


@contextmanager
def contained(service: type, config: dict[str, Any]) -> Iterator[ServiceContainer]:
    """Run a service's class in this process; raises ReplayStopped when what it needs stays away."""
    container = ServiceContainer(service, config=config)
    try:
        away = ReplayStopped("broker or database does not answer")
        with eventlet.Timeout(PATIENCE_SECONDS, away):
            container.start()
        yield container
    finally:
        container.stop()
