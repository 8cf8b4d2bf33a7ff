"""Events: the faults for which we do without Nameko's own, each shown on it and not on ours.

Each scenario runs against both kinds: ``stock`` must show the fault, ``ours`` must not.
"""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import amqp
import eventlet
import pytest
from nameko.containers import ServiceContainer
from nameko.events import EventDispatcher, event_handler

from clinic_contracts import envelope
from clinic_runtime import topology
from clinic_runtime.clock import now
from clinic_runtime.events import handles
from clinic_runtime.ids import ulid
from clinic_runtime.link import open_connection
from clinic_runtime.mongo import MongoDatabase
from clinic_runtime.outbox import Outbox
from clinic_runtime.testing import eventually

pytestmark = pytest.mark.parametrize("kind", ["stock", "ours"])
STOCK = "stock"


@envelope.event("shop.job_set.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class JobSet:
    pass


class Work:
    """What the workers do, and how often they were asked to; each test sets its own."""

    do: Callable[[], None]
    times = 0

    @classmethod
    def done(cls) -> None:
        cls.times += 1
        cls.do()


class StockWorker:
    name = "stock_worker"

    @event_handler("stock_shop", "job_set")  # type: ignore[untyped-decorator]  # nameko's
    def on_job_set(self, _payload: Any) -> None:
        Work.done()


class StockRequeuingWorker:
    name = "stock_worker"

    @event_handler("stock_shop", "job_set", requeue_on_error=True)  # type: ignore[untyped-decorator]  # nameko's
    def on_job_set(self, _payload: Any) -> None:
        Work.done()


class OurWorker:
    name = "our_worker"
    database = MongoDatabase(lambda _database: None)

    @handles(JobSet)
    def on_job_set(self, _received: envelope.Event) -> None:
        Work.done()


class StockShop:
    name = "stock_shop"
    dispatch = EventDispatcher()


class OurShop:
    name = "shop"
    outbox = Outbox("jobs")


SHOPS = {"stock": StockShop, "ours": OurShop}
WORKERS = {"stock": StockWorker, "ours": OurWorker}
EVENTS = {
    "stock": "evt-stock_shop-job_set--stock_worker.on_job_set",
    "ours": "our_worker.events.v1",
}


@pytest.fixture(autouse=True)
def channel(amqp_uri: str) -> Iterator[Any]:
    """Yield a channel to a broker that knows nothing of the consumers yet."""
    Work.times, Work.do = 0, lambda: None
    connection = open_connection(amqp_uri)
    own = [queue.name for queue in topology.consumer_queues("our_worker")]
    for name in [EVENTS[STOCK], *own]:
        connection.channel().queue_delete(name)
    yield connection.channel()
    connection.collect()


def died(container: ServiceContainer) -> bool:
    """Say whether the container ended by itself, as its process then does."""
    return bool(container._died.ready())


def send(kind: str, channel: Any) -> None:
    """Publish an event as the kind's producer does, and know that the broker has it."""
    if kind == STOCK:
        name, type_, body = "stock_shop.events", "job_set", "{}"
        message = amqp.Message(body, content_type="application/json", delivery_mode=2)
    else:
        name, type_ = "shop.events", "shop.job_set.v1"
        made = envelope.Event(
            id=f"evt_{ulid()}",
            type=type_,
            subject="job",
            seq=1,
            occurred_at=now(),
            data=JobSet(),
            actor="staff:test",
            correlation_id="1",
        )
        body = json.dumps(envelope.to_wire(made))
        message = amqp.Message(body, message_id=made.id, type=type_, delivery_mode=2)
    channel.exchange_declare(name, "topic", durable=True, auto_delete=False)
    channel.confirm_select()
    channel.basic_publish(message, exchange=name, routing_key=type_)
    channel.wait(amqp.spec.Basic.Ack)


def waiting(channel: Any, kind: str) -> int:
    found: int = channel.queue_declare(EVENTS[kind], passive=True).message_count
    return found


def fail() -> None:
    message = "not this time"
    raise RuntimeError(message)


def test_an_event_whose_handler_failed_once_is_lost(
    kind: str, config: dict[str, Any], channel: Any, started: Any
) -> None:
    Work.do = lambda: fail() if Work.times == 1 else None
    with started(WORKERS[kind], config):
        send(kind, channel)
        eventually(lambda: Work.times)
        if kind != STOCK:
            eventually(lambda: Work.times == 2)
    assert waiting(channel, kind) == 0
    assert Work.times == (1 if kind == STOCK else 2)


def test_an_event_whose_handler_always_fails_is_tried_without_pause(
    kind: str, config: dict[str, Any], channel: Any, started: Any
) -> None:
    Work.do = fail
    with started(StockRequeuingWorker if kind == STOCK else OurWorker, config):
        send(kind, channel)
        eventually(lambda: Work.times)
        eventlet.sleep(1)  # the measure: tries a second
        assert Work.times > 100 if kind == STOCK else Work.times <= 3


def test_an_event_told_before_its_consumer_ever_ran_is_lost(
    kind: str, config: dict[str, Any], channel: Any, started: Any
) -> None:
    if kind != STOCK:  # what the definitions, made of the same topology, are for a broker's boot
        for queue in topology.consumer_queues("our_worker"):
            channel.queue_declare(
                queue.name, durable=True, auto_delete=False, arguments=queue.arguments
            )
        channel.exchange_declare("shop.events", "topic", durable=True, auto_delete=False)
        channel.queue_bind(EVENTS[kind], "shop.events", topology.binding("shop.job_set.v1"))
    send(kind, channel)
    with started(WORKERS[kind], config):
        send(kind, channel)
        eventually(lambda: Work.times == (1 if kind == STOCK else 2))
    assert waiting(channel, kind) == 0


def test_a_connection_that_breaks_before_the_acknowledgement_ends_the_process(
    kind: str, channel: Any, proxy: Any, started: Any, config_through_proxy: dict[str, Any]
) -> None:
    Work.do = lambda: proxy.reset() if Work.times == 1 else None
    with started(WORKERS[kind], config_through_proxy) as worker:
        send(kind, channel)
        eventually(lambda: Work.times)
        if kind == STOCK:
            assert eventually(lambda: died(worker))
        else:
            eventually(lambda: Work.times == 2)
            assert not died(worker)


def test_a_process_is_seconds_behind_a_broker_that_returns(
    kind: str, channel: Any, proxy: Any, started: Any, config_through_proxy: dict[str, Any]
) -> None:
    with started(WORKERS[kind], config_through_proxy):
        proxy.cut()
        eventlet.sleep(3.4)  # the outage: stock tries 1, 3 and 7 s after it began
        proxy.mend()
        began = time.monotonic()
        send(kind, channel)
        eventually(lambda: Work.times)
        assert (time.monotonic() - began > 3) == (kind == STOCK)


def test_a_process_that_starts_before_its_broker_ends(
    kind: str, proxy: Any, config_through_proxy: dict[str, Any]
) -> None:
    proxy.cut()
    container = ServiceContainer(SHOPS[kind], config_through_proxy)
    starting = eventlet.spawn(container.start)
    if kind == STOCK:
        with pytest.raises(OSError, match=r"unexpectedly closed|reset|Invalid"):
            starting.wait()
    else:
        eventlet.sleep(1)  # the outage
        assert not starting.dead
        proxy.mend()
        starting.wait()
        container.stop()
