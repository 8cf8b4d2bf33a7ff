"""The faults for which we do without Nameko's own messaging, each shown on it and not on ours.

Each scenario runs against both kinds: ``stock`` must show the fault, ``ours`` must not.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import amqp
import eventlet
import pytest
from eventlet.event import Event
from nameko.amqp.publish import Publisher
from nameko.containers import ServiceContainer, WorkerContext
from nameko.events import EventDispatcher, event_handler
from nameko.rpc import RpcProxy, rpc
from nameko.testing.utils import DummyProvider
from pymongo.database import Database

from clinic_contracts import envelope
from clinic_contracts.context import CallContext
from clinic_contracts.errors import ServiceUnavailable
from clinic_contracts.operations import Operation
from clinic_runtime import topology
from clinic_runtime.clock import now
from clinic_runtime.events import handles
from clinic_runtime.ids import ulid
from clinic_runtime.link import open_connection
from clinic_runtime.mongo import MongoDatabase
from clinic_runtime.outbox import Outbox
from clinic_runtime.rpc import RpcClient, command
from clinic_runtime.testing import eventually

pytestmark = pytest.mark.parametrize("kind", ["stock", "ours"])
STOCK = "stock"
TIME_OUT = 0.5


@envelope.event("shop.job_set.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class JobSet:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    word: str


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


class StockAnswerer:
    name = "stock_answerer"

    @rpc  # type: ignore[untyped-decorator]  # nameko's
    def ask(self) -> str:
        Work.done()
        return "here"


class StockCaller:
    name = "stock_caller"
    answerer = RpcProxy("stock_answerer")


class OurWorker:
    name = "our_worker"
    database = MongoDatabase(lambda _database: None)

    @handles(JobSet)
    def on_job_set(self, _received: envelope.Event) -> None:
        Work.done()


ASK = Operation("our_answerer", "ask", Ask, Answer)


class OurAnswerer:
    name = "our_answerer"

    @command(ASK)
    def ask(self, _request: Ask, _context: CallContext) -> Answer:
        Work.done()
        return Answer(word="here")


class OurCaller:
    name = "our_caller"
    rpc = RpcClient()


class StockShop:
    name = "stock_shop"
    dispatch = EventDispatcher()


class OurShop:
    name = "shop"
    outbox = Outbox("jobs")


SHOPS = {"stock": StockShop, "ours": OurShop}
WORKERS = {"stock": StockWorker, "ours": OurWorker}
ANSWERERS = {"stock": StockAnswerer, "ours": OurAnswerer}
CALLERS = {"stock": StockCaller, "ours": OurCaller}
EVENTS = {
    "stock": "evt-stock_shop-job_set--stock_worker.on_job_set",
    "ours": "our_worker.events.v1",
}
QUESTIONS = {"stock": "rpc-stock_answerer", "ours": "rpc.our_answerer"}


@pytest.fixture
def channel(amqp_uri: str) -> Iterator[Any]:
    """Yield a channel to a broker that knows nothing of this file's services yet."""
    Work.times, Work.do = 0, lambda: None
    connection = open_connection(amqp_uri)
    names = [*EVENTS.values(), *QUESTIONS.values()]
    for name in [*names, *(queue.name for queue in topology.consumer_queues("our_worker"))]:
        connection.channel().queue_delete(name)
    yield connection.channel()
    connection.collect()


@pytest.fixture
def config(channel: Any, database: Database[Any], mongo_uri: str, amqp_uri: str) -> dict[str, Any]:
    del channel
    return settings(amqp_uri, mongo_uri, database.name)


def settings(amqp_uri: str, mongo_uri: str, database: str) -> dict[str, Any]:
    return {
        "AMQP_URI": amqp_uri,
        "amqp_uri": amqp_uri,
        "mongo_uri": mongo_uri,
        "database": database,
    }


def through(proxy: Any, config: dict[str, Any]) -> dict[str, Any]:
    return {**config, "AMQP_URI": proxy.uri, "amqp_uri": proxy.uri}


@contextmanager
def started(service: Any, config: dict[str, Any]) -> Iterator[ServiceContainer]:
    container = ServiceContainer(service, {"max_workers": 10, **config})
    container.start()
    try:
        yield container
    finally:
        if service.name.startswith(STOCK):
            container.kill()  # which, unlike stop, waits for no call that hangs
        else:
            container.stop()


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


def ask(kind: str, caller: ServiceContainer) -> Any:
    """Ask the kind's answerer from within the caller."""
    if kind == STOCK:
        (proxy,) = caller.dependencies
        return proxy.get_dependency(WorkerContext(caller, None, DummyProvider("asking"))).ask()
    (client,) = caller.dependencies
    context = CallContext(actor="staff:test", correlation_id="1", operation_id="1")
    return client.call(ASK, {}, context, TIME_OUT)["word"]


def waiting(channel: Any, kind: str) -> int:
    found: int = channel.queue_declare(EVENTS[kind], passive=True).message_count
    return found


def fail() -> None:
    message = "not this time"
    raise RuntimeError(message)


def test_an_event_whose_handler_failed_once_is_lost(
    kind: str, config: dict[str, Any], channel: Any
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
    kind: str, config: dict[str, Any], channel: Any
) -> None:
    Work.do = fail
    with started(StockRequeuingWorker if kind == STOCK else OurWorker, config):
        send(kind, channel)
        eventually(lambda: Work.times)
        eventlet.sleep(1)  # the measure: tries a second
        assert Work.times > 100 if kind == STOCK else Work.times <= 3


def test_an_event_told_before_its_consumer_ever_ran_is_lost(
    kind: str, config: dict[str, Any], channel: Any
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


def test_a_caller_whose_answer_is_lost_waits_for_ever(kind: str, config: dict[str, Any]) -> None:
    with started(ANSWERERS[kind], config), started(CALLERS[kind], config) as caller:
        over = Event()
        Work.do = over.wait  # it does not come to answering
        asked = eventlet.spawn(ask, kind, caller)
        eventually(lambda: Work.times)
        if kind == STOCK:
            eventlet.sleep(2 * TIME_OUT)
            assert not asked.dead
        else:
            with pytest.raises(ServiceUnavailable), eventlet.Timeout(2 * TIME_OUT):
                asked.wait()
        over.send(None)
        asked.kill()


def test_a_service_that_no_longer_runs_leaves_its_callers_waiting(
    kind: str, config: dict[str, Any]
) -> None:
    with started(ANSWERERS[kind], config), started(CALLERS[kind], config) as caller:
        assert ask(kind, caller) == "here"
    with started(CALLERS[kind], config) as caller:
        began = time.monotonic()
        asked = eventlet.spawn(ask, kind, caller)
        if kind == STOCK:
            eventlet.sleep(2 * TIME_OUT)
            assert not asked.dead
        else:
            with pytest.raises(ServiceUnavailable):
                asked.wait()
            assert time.monotonic() - began < 0.5
        asked.kill()


def test_an_answer_that_cannot_be_sent_ends_the_process(
    kind: str, config: dict[str, Any], proxy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Stock's own three tries, but for the seconds between them.
    hasty = {"max_retries": 3, "interval_start": 0.01, "interval_step": 0}
    monkeypatch.setattr(Publisher, "retry_policy", hasty)
    with (
        started(ANSWERERS[kind], through(proxy, config)) as answerer,
        started(CALLERS[kind], config) as caller,
    ):
        Work.do = proxy.cut
        asked = eventlet.spawn(ask, kind, caller)
        eventually(lambda: Work.times)
        if kind == STOCK:
            assert eventually(lambda: died(answerer))
        else:
            with pytest.raises(ServiceUnavailable):
                asked.wait()
            assert not died(answerer)
            proxy.mend()
            Work.do = lambda: None
            eventually(lambda: answered(kind, caller))
        asked.kill()


def answered(kind: str, caller: ServiceContainer) -> bool:
    try:
        return bool(ask(kind, caller) == "here")
    except ServiceUnavailable:
        return False


def test_a_connection_that_breaks_before_the_acknowledgement_ends_the_process(
    kind: str, config: dict[str, Any], channel: Any, proxy: Any
) -> None:
    Work.do = lambda: proxy.reset() if Work.times == 1 else None
    with started(WORKERS[kind], through(proxy, config)) as worker:
        send(kind, channel)
        eventually(lambda: Work.times)
        if kind == STOCK:
            assert eventually(lambda: died(worker))
        else:
            eventually(lambda: Work.times == 2)
            assert not died(worker)


def test_a_process_is_seconds_behind_a_broker_that_returns(
    kind: str, config: dict[str, Any], channel: Any, proxy: Any
) -> None:
    with started(WORKERS[kind], through(proxy, config)):
        proxy.cut()
        eventlet.sleep(3.4)  # the outage: stock tries 1, 3 and 7 s after it began
        proxy.mend()
        began = time.monotonic()
        send(kind, channel)
        eventually(lambda: Work.times)
        assert (time.monotonic() - began > 3) == (kind == STOCK)


def test_what_starts_a_process_needs_a_module_that_newer_pythons_lack(kind: str) -> None:
    module = "nameko.cli.main" if kind == STOCK else "clinic_runtime.runner"
    program = f"import sys; sys.modules['pkg_resources'] = None; import {module}"
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert ("pkg_resources" in ran.stderr) == (kind == STOCK)
    assert (ran.returncode != 0) == (kind == STOCK)


def test_a_process_that_starts_before_its_broker_ends(
    kind: str, config: dict[str, Any], proxy: Any
) -> None:
    proxy.cut()
    container = ServiceContainer(SHOPS[kind], through(proxy, config))
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
