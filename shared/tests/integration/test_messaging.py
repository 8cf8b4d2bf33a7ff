"""The runtime between two real services, over the real broker and database."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import amqp
import pytest
from pymongo.database import Database

from clinic_contracts import envelope
from clinic_contracts.context import CallContext
from clinic_contracts.envelope import Event, event
from clinic_contracts.errors import (
    InternalError,
    Invalid,
    NotFound,
    Permanent,
    RetryLater,
    ServiceUnavailable,
)
from clinic_contracts.operations import Operation
from clinic_runtime import outbox, topology
from clinic_runtime.clock import now
from clinic_runtime.events import handles
from clinic_runtime.ids import new_id, ulid
from clinic_runtime.link import open_connection
from clinic_runtime.mongo import MongoDatabase
from clinic_runtime.outbox import Outbox
from clinic_runtime.rpc import RpcClient, command
from clinic_runtime.testing import eventually, running


@event("producer.thing_made.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class ThingMade:
    thing_id: str
    behaviour: str = "good"


@event("producer.thing_lost.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class ThingLost:
    thing_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeThing:
    behaviour: str = "good"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    id: str


MAKE = Operation("producer", "make", MakeThing, Thing)
ABSENT = Operation("nobody", "make", MakeThing, Thing)


class Producer:
    name = "producer"
    database = MongoDatabase(lambda _database: None)
    outbox = Outbox("things")

    @command(MAKE)
    def make(self, request: MakeThing, context: CallContext) -> Thing:
        if request.behaviour == "refuse":
            detail = "no such thing"
            raise NotFound(detail, kind="thing")
        if request.behaviour == "crash":
            detail = "a secret in a traceback"
            raise RuntimeError(detail)
        made = ThingMade(thing_id=new_id("thing"), behaviour=request.behaviour)
        outbox.insert(
            self.database["things"], {"_id": made.thing_id}, event=made, context=context, at=now()
        )
        return Thing(id=made.thing_id)


class Consumer:
    name = "consumer"
    database = MongoDatabase(lambda _database: None)
    outbox = Outbox()

    @handles(ThingMade)
    def on_thing_made(self, received: Event) -> None:
        attempts = self.database["attempts"]
        tried = attempts.count_documents({"subject": received.subject})
        attempts.insert_one({"subject": received.subject})
        if received.data.behaviour == "poison":
            detail = "this can never work"
            raise Permanent(detail)
        if received.data.behaviour == "flaky" and tried < 2:
            detail = "not yet"
            raise RetryLater(detail)
        self.database["effects"].update_one(
            {"_id": received.id}, {"$set": {"subject": received.subject}}, upsert=True
        )

    @handles(ThingLost)
    def on_thing_lost(self, received: Event) -> None:
        self.database["effects"].delete_many({"subject": received.subject})


class Caller:
    name = "caller"
    rpc = RpcClient()


@pytest.fixture
def config(database: Database[dict[str, Any]], mongo_uri: str, amqp_uri: str) -> dict[str, str]:
    return {"mongo_uri": mongo_uri, "amqp_uri": amqp_uri, "database": database.name}


@pytest.fixture
def rpc(config: dict[str, str]) -> Iterator[RpcClient]:
    with running(Caller, config) as container:
        yield next(e for e in container.dependencies if isinstance(e, RpcClient))


@pytest.fixture
def services(config: dict[str, str]) -> Iterator[None]:
    with running(Consumer, config), running(Producer, config):
        yield


def context() -> CallContext:
    return CallContext(actor="staff:test", correlation_id=ulid(), operation_id=ulid())


@pytest.mark.usefixtures("services")
def test_an_answer_comes_back(rpc: RpcClient) -> None:
    assert rpc.call(MAKE, {}, context())["id"].startswith("thing_")


@pytest.mark.usefixtures("services")
def test_a_refusal_crosses_by_code_with_its_members(rpc: RpcClient) -> None:
    with pytest.raises(NotFound) as refused:
        rpc.call(MAKE, {"behaviour": "refuse"}, context())
    assert refused.value.extra == {"kind": "thing"}


@pytest.mark.usefixtures("services")
def test_a_request_that_does_not_fit_is_refused_by_field(rpc: RpcClient) -> None:
    with pytest.raises(Invalid) as refused:
        rpc.call(MAKE, {"surprise": 1}, context())
    assert "surprise" in refused.value.extra["errors"]


@pytest.mark.usefixtures("services")
def test_a_fault_of_ours_tells_nothing_of_itself(rpc: RpcClient) -> None:
    with pytest.raises(InternalError) as refused:
        rpc.call(MAKE, {"behaviour": "crash"}, context())
    assert "secret" not in str(refused.value)


def test_an_absent_service_is_answered_at_once(rpc: RpcClient) -> None:
    began = time.monotonic()
    with pytest.raises(ServiceUnavailable):
        rpc.call(ABSENT, {}, context())
    assert time.monotonic() - began < 1.0


@pytest.mark.usefixtures("services")
def test_an_event_takes_effect_and_leaves_outbox_for_journal(
    rpc: RpcClient, database: Database[dict[str, Any]]
) -> None:
    thing = rpc.call(MAKE, {}, context())["id"]
    eventually(lambda: database["effects"].find_one({"subject": thing}))
    eventually(lambda: database["things"].find_one({"_id": thing, "outbox": []}))
    assert database["journal"].count_documents({"subject": thing, "seq": 1}) == 1
    eventually(lambda: database["inbox"].count_documents({"type": "producer.thing_made.v1"}) == 1)


@pytest.mark.usefixtures("services")
def test_what_is_not_ready_yet_is_retried_until_it_is(
    rpc: RpcClient, database: Database[dict[str, Any]]
) -> None:
    thing = rpc.call(MAKE, {"behaviour": "flaky"}, context())["id"]
    eventually(lambda: database["effects"].find_one({"subject": thing}), timeout=15)
    assert database["attempts"].count_documents({"subject": thing}) == 3


@pytest.mark.usefixtures("services")
def test_what_can_never_work_is_parked_with_its_reason(
    rpc: RpcClient, database: Database[dict[str, Any]]
) -> None:
    rpc.call(MAKE, {"behaviour": "poison"}, context())
    parked = eventually(lambda: database["parked"].find_one({}))
    assert "this can never work" in parked["error"]
    assert parked["history"][0]["error"] == parked["error"]


@pytest.mark.usefixtures("services")
def test_the_same_event_twice_has_one_effect(
    rpc: RpcClient, database: Database[dict[str, Any]], amqp_uri: str
) -> None:
    thing = rpc.call(MAKE, {}, context())["id"]
    journal = eventually(lambda: database["journal"].find_one({"subject": thing}))
    eventually(lambda: database["effects"].find_one({"subject": thing}))
    connection = open_connection(amqp_uri)
    connection.channel().basic_publish(
        _message(journal["event"]), exchange="producer.events", routing_key=journal["type"]
    )
    eventually(lambda: database["attempts"].count_documents({"subject": thing}) == 2)
    connection.close()
    assert database["effects"].count_documents({"subject": thing}) == 1


@pytest.mark.usefixtures("services")
def test_a_service_with_several_handlers_is_one_consumer(amqp_uri: str) -> None:
    channel = (connection := open_connection(amqp_uri)).channel()
    found = channel.queue_declare(topology.events_queue("consumer").name, passive=True)
    assert found.consumer_count == 1
    connection.close()


def test_an_unknown_major_version_says_what_to_deploy() -> None:
    with pytest.raises(Permanent, match="deploy a version that reads it"):
        envelope.from_wire({"type": "producer.thing_made.v9", "id": "evt_1"})


def _message(document: dict[str, Any]) -> Any:
    return amqp.Message(json.dumps(document), message_id=document["id"], type=document["type"])
