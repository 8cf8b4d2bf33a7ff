"""Events through a service whose queues, database or code fail it."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import amqp
import eventlet
import pytest
import structlog
from eventlet.event import Event
from nameko.containers import ServiceContainer
from pymongo.database import Database
from pymongo.errors import AutoReconnect

from clinic_contracts import envelope
from clinic_contracts.context import CallContext
from clinic_contracts.envelope import event
from clinic_contracts.operations import Operation
from clinic_runtime import events, responder, retry, topology
from clinic_runtime import link as link_module
from clinic_runtime.clock import now
from clinic_runtime.events import handles
from clinic_runtime.ids import ulid
from clinic_runtime.link import Link, open_connection
from clinic_runtime.mongo import MongoDatabase
from clinic_runtime.packing import EVENTS_A_MESSAGE, packed
from clinic_runtime.rpc import RpcClient, command
from clinic_runtime.testing import eventually, running

Documents = Database[dict[str, Any]]


@event("source.job_set.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class JobSet:
    behaviour: str = "good"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    behaviour: str = "good"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    pass


ASK = Operation("worker", "ask", Ask, Answer)
TRACE = "00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbb-01"
GATE = Event()
HELD: list[str] = []


def hold(what: str) -> None:
    HELD.append(what)
    GATE.wait()


class Worker:
    name = "worker"
    database = MongoDatabase(lambda _database: None)

    @command(ASK)
    def ask(self, request: Ask, _context: CallContext) -> Answer:
        if request.behaviour == "held":
            hold("question")
        return Answer()

    @handles(JobSet)
    def on_job_set(self, received: envelope.Event) -> None:
        tries = self.database["tries"]
        tries.insert_one({"job": received.id, "logged": structlog.contextvars.get_contextvars()})
        if received.data.behaviour == "outage" and tries.count_documents({}) <= 8:
            message = "the database went away"
            raise AutoReconnect(message)
        if received.data.behaviour == "unprintable":
            message = "\ud800 is half a character"
            raise ValueError(message)
        if received.data.behaviour == "held":
            hold("event")
        if received.data.behaviour == "burning":
            until = time.monotonic() + 3  # without ever letting the connection's threads run
            while time.monotonic() < until:
                pass
        if received.data.behaviour == "slow":
            eventlet.sleep(0.3)
        self.database["done"].update_one({"_id": received.id}, {"$set": {}}, upsert=True)


class Caller:
    name = "caller"
    rpc = RpcClient()


@pytest.fixture
def config(database: Documents, mongo_uri: str, amqp_uri: str) -> dict[str, str]:
    connection = open_connection(amqp_uri)
    for queue in topology.consumer_queues("worker"):  # what one test leaves is not the next one's
        connection.channel().queue_delete(queue.name)
    connection.close()
    return {"mongo_uri": mongo_uri, "amqp_uri": amqp_uri, "database": database.name}


@pytest.fixture
def worker(config: dict[str, str]) -> Iterator[ServiceContainer]:
    with running(Worker, config) as container:
        yield container


@pytest.fixture
def channel(amqp_uri: str) -> Iterator[Any]:
    connection = open_connection(amqp_uri)
    yield connection.channel()
    connection.close()


def link_of(container: ServiceContainer) -> Link:
    found: Link = next(e for e in container.subextensions if isinstance(e, Link))
    return found


def made(behaviour: str) -> dict[str, Any]:
    """Return an event as it travels."""
    told = envelope.Event(
        id=f"evt_{ulid()}",
        type="source.job_set.v1",
        subject=f"job_{ulid()}",
        seq=1,
        occurred_at=now(),
        data=JobSet(behaviour=behaviour),
        actor="staff:test",
        correlation_id="the request",
        traceparent=TRACE,
    )
    return envelope.to_wire(told)


def send(channel: Any, behaviour: str = "good", **headers: Any) -> str:
    """Publish an event alone, as one that comes back; return its id."""
    told = made(behaviour)
    id_, type_ = str(told["id"]), told["type"]
    message = amqp.Message(
        json.dumps(told), message_id=id_, type=type_, application_headers=headers
    )
    channel.basic_publish(message, exchange="source.events", routing_key=type_)
    return id_


def send_together(channel: Any, told: list[dict[str, Any]]) -> list[str]:
    """Publish events in one message, as a producer does; return their ids."""
    (pack,) = packed(told)
    channel.basic_publish(pack.message, exchange="source.events", routing_key=pack.type)
    return pack.ids


def is_done(database: Documents, id_: str) -> bool:
    return database["done"].find_one({"_id": id_}) is not None


@pytest.mark.parametrize("name", ["worker.events.v1", "worker.parked.v1"])
def test_a_consumer_whose_queue_was_deleted_declares_it_anew(
    worker: ServiceContainer, channel: Any, database: Documents, name: str
) -> None:
    before = link_of(worker).connection
    channel.queue_delete(name)
    eventually(lambda: link_of(worker).is_up and link_of(worker).connection is not before)
    done = send(channel)
    eventually(lambda: is_done(database, done))


def test_a_failure_whose_retry_queue_is_gone_is_not_lost(
    worker: ServiceContainer, channel: Any, database: Documents
) -> None:
    before = link_of(worker).connection
    for step in range(len(topology.RETRY_SECONDS)):
        channel.queue_delete(topology.retry_queue("worker", step).name)
    channel.queue_delete(topology.parked_queue("worker").name, if_unused=False)
    eventually(lambda: link_of(worker).is_up and link_of(worker).connection is not before)
    channel.queue_delete(topology.retry_queue("worker", 0).name)
    failed = send(channel, "unprintable")
    eventually(lambda: database["tries"].count_documents({"job": failed}) > 1)


def test_work_that_burns_for_longer_than_two_heartbeats_loses_nothing(
    config: dict[str, str], channel: Any, database: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_module, "HEARTBEAT_SECONDS", 1)
    with running(Worker, config) as worker:
        sent = {send(channel, behaviour) for behaviour in ("good", "burning", "good", "slow")}
        eventually(lambda: database["inbox"].count_documents({}) == 4, timeout=20)
        later = send(channel)
        eventually(lambda: link_of(worker).is_up and is_done(database, later))
    assert {row["_id"] for row in database["done"].find()} == {*sent, later}
    assert database["parked"].count_documents({}) == 0


@pytest.mark.usefixtures("worker")
def test_an_outage_of_the_database_never_parks(
    channel: Any, database: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retry, "FAILURES_BEFORE_PARKING", 2)
    monkeypatch.setattr(topology, "RETRY_SECONDS", topology.RETRY_SECONDS[:1])
    done = send(channel, "outage")
    eventually(lambda: is_done(database, done), timeout=20)
    assert database["tries"].count_documents({"job": done}) == 9


@pytest.mark.usefixtures("worker")
def test_of_events_that_came_together_the_one_that_fails_is_tried_again_alone(
    channel: Any, database: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(topology, "RETRY_SECONDS", topology.RETRY_SECONDS[:1])
    unfit = {**made("good"), "data": {"behaviour": 7}}
    kinds = [made("good"), made("outage"), unfit, made("good")]
    first, failing, bad, last = send_together(channel, kinds)
    eventually(lambda: is_done(database, failing), timeout=20)
    eventually(lambda: database["inbox"].count_documents({}) == 3)
    tries = [database["tries"].count_documents({"job": id_}) for id_ in (first, failing, last)]
    assert tries[0] == tries[2] == 1
    assert tries[1] > 1
    (parked,) = database["parked"].find()
    assert parked["_id"] == bad
    assert json.loads(parked["event"]) == unfit


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize("body", [b"\xff\xfe", "nonsense", "[]", '"text"', "{}", "null", "7"])
def test_what_is_no_event_is_parked(channel: Any, database: Documents, body: Any) -> None:
    channel.basic_publish(amqp.Message(body), routing_key="worker.events.v1")
    assert eventually(lambda: database["parked"].find_one({}))


def test_what_two_processes_could_not_read_and_has_no_id_is_all_kept(
    config: dict[str, str], channel: Any, database: Documents
) -> None:
    for body in ("nonsense", "more nonsense"):
        with running(Worker, config):
            channel.basic_publish(amqp.Message(body), routing_key="worker.events.v1")
            eventually(partial(database["parked"].find_one, {"event": body}))
    assert database["parked"].count_documents({}) == 2


@pytest.mark.usefixtures("worker")
def test_headers_not_of_our_making_do_no_harm(channel: Any, database: Documents) -> None:
    send(channel, "unprintable", **{"x-attempt": 5, "x-history": "not JSON"})
    parked = eventually(lambda: database["parked"].find_one({}))
    assert "is half a character" in parked["error"]
    send(channel, "unprintable", **{"x-attempt": "many"})
    eventually(lambda: database["parked"].count_documents({}) == 2, timeout=30)
    done = send(channel)
    eventually(lambda: is_done(database, done))


@pytest.mark.usefixtures("worker")
def test_what_a_handler_logs_carries_the_ids_of_its_own_event(
    channel: Any, database: Documents
) -> None:
    sent = {send(channel, "slow") for _ in range(5)}
    eventually(lambda: all(is_done(database, each) for each in sent))
    for row in database["tries"].find():
        assert row["logged"] == {
            "event_id": row["job"],
            "event_type": "source.job_set.v1",
            "correlation_id": "the request",
            "traceparent": TRACE,
        }


def test_parking_outlasts_an_outage_of_the_database(
    config: dict[str, str], channel: Any, database: Documents, database_proxy: Any
) -> None:
    with running(Worker, {**config, "mongo_uri": database_proxy.uri}):
        database_proxy.cut()
        for number in range(30):  # more than are taken in hand at once
            channel.basic_publish(amqp.Message(f"bad {number}"), routing_key="worker.parked.v1")
        eventlet.sleep(1.5)
        database_proxy.mend()
        eventually(lambda: database["parked"].count_documents({}) == 30, timeout=20)
    for number in range(30):
        assert database["parked"].find_one({"event": f"bad {number}"})


def test_events_in_hand_are_finished_and_the_rest_left(
    config: dict[str, str], channel: Any, database: Documents
) -> None:
    with running(Worker, config):
        sent = {send(channel, "slow") for _ in range(60)}
        eventually(lambda: database["done"].count_documents({}) >= 1)
    found = database["done"].count_documents({})
    assert database["inbox"].count_documents({}) == found
    assert 1 <= found < 60
    with running(Worker, config):
        eventually(lambda: database["inbox"].count_documents({}) == 60)
    assert {row["_id"] for row in database["done"].find()} == sent
    assert database["tries"].count_documents({}) == 60, "none was begun and left half done"


def test_neither_slow_events_nor_slow_questions_hold_up_the_other_sort(
    config: dict[str, str], channel: Any, database: Documents
) -> None:
    asked = CallContext(actor="staff:test", correlation_id="1", operation_id="1")
    with running(Worker, {**config, "max_workers": 120}), running(Caller, config) as caller:
        rpc = next(each for each in caller.dependencies if isinstance(each, RpcClient))

        for _ in range(2):
            send_together(channel, [made("held") for _ in range(EVENTS_A_MESSAGE)])
        eventually(lambda: HELD.count("event") == events.EVENTS_AT_ONCE)
        rpc.call(ASK, {}, asked)
        GATE.send(None)
        eventually(lambda: database["inbox"].count_documents({}) == 2 * EVENTS_A_MESSAGE)

        GATE.reset()
        many = range(responder.CALLS_AT_ONCE + 40)
        calls = [eventlet.spawn(rpc.call, ASK, {"behaviour": "held"}, asked) for _ in many]
        eventually(lambda: HELD.count("question") == responder.CALLS_AT_ONCE)
        done = send(channel)
        eventually(lambda: is_done(database, done))
        GATE.send(None)
        for call in calls:
            call.wait()


def test_two_processes_share_the_work(
    config: dict[str, str], channel: Any, database: Documents
) -> None:
    with running(Worker, config), running(Worker, config):
        sent = {send(channel) for _ in range(200)}
        eventually(lambda: database["inbox"].count_documents({}) == 200)
    assert {row["_id"] for row in database["done"].find()} == sent
    assert database["tries"].count_documents({}) == 200
