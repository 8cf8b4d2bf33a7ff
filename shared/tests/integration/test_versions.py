"""An old and a new version of one event, told to old and to new consumers at the same time."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import amqp
import eventlet
import pytest
from pymongo.database import Database

from clinic_contracts import envelope
from clinic_contracts.context import CallContext
from clinic_contracts.envelope import event
from clinic_runtime import outbox, packing, topology
from clinic_runtime.clock import now
from clinic_runtime.events import handles
from clinic_runtime.ids import ulid
from clinic_runtime.link import open_connection
from clinic_runtime.mongo import MongoDatabase
from clinic_runtime.outbox import Outbox
from clinic_runtime.retry import is_next
from clinic_runtime.testing import eventually, running

Documents = Database[dict[str, Any]]


@event("library.book_lent.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class LentV1:
    book: str
    days: int


def to_v1(new: Any) -> LentV1:
    return LentV1(book=new.title, days=new.hours // 24)


@event("library.book_lent.v2", earlier=to_v1)
@dataclass(frozen=True, slots=True, kw_only=True)
class LentV2:
    title: str
    hours: int


@event("library.book_lent.v3")
@dataclass(frozen=True, slots=True, kw_only=True)
class LentV3:
    minutes: int


class Library:
    name = "library"
    database = MongoDatabase(lambda _database: None)
    outbox = Outbox("books")


def understood(database: Documents, by: str, received: envelope.Event, days: float) -> None:
    database["understood"].insert_one(
        {"_id": received.id, "by": by, "type": received.type, "days": days}
    )


class OldReader:
    name = "reader"
    database = MongoDatabase(lambda _database: None)

    @handles(LentV1)
    def on_lent(self, received: envelope.Event) -> None:
        understood(self.database, "old", received, received.data.days)


class NewReader:
    name = "reader"
    database = MongoDatabase(lambda _database: None)

    @handles(LentV1)
    def on_lent_v1(self, received: envelope.Event) -> None:
        understood(self.database, "new", received, received.data.days)

    @handles(LentV2)
    def on_lent_v2(self, received: envelope.Event) -> None:
        understood(self.database, "new", received, received.data.hours / 24)


class Stepper:
    name = "stepper"
    database = MongoDatabase(lambda _database: None)

    @handles(LentV1)
    def on_lent(self, received: envelope.Event) -> None:
        steps = self.database["steps"]
        stored = steps.find_one({"_id": received.subject}) or {"seq": 0}
        if is_next(received, stored["seq"]):
            steps.update_one(
                {"_id": received.subject, "seq": stored["seq"]},
                {"$set": {"seq": received.seq}, "$push": {"days": received.data.days}},
            )


@pytest.fixture
def config(database: Documents, mongo_uri: str, amqp_uri: str) -> dict[str, str]:
    connection = open_connection(amqp_uri)
    for service in ("reader", "stepper"):
        for queue in topology.consumer_queues(service):
            connection.channel().queue_delete(queue.name)
    connection.close()
    return {"mongo_uri": mongo_uri, "amqp_uri": amqp_uri, "database": database.name}


@pytest.fixture
def channel(amqp_uri: str) -> Iterator[Any]:
    connection = open_connection(amqp_uri)
    yield connection.channel()
    connection.close()


def lend(database: Documents, told: Any) -> str:
    id_ = f"book_{ulid()}"
    asked = CallContext(actor="staff:test", correlation_id="1", operation_id=ulid())
    outbox.insert(database["books"], {"_id": id_}, event=told, context=asked, at=now())
    return id_


def events_of(database: Documents) -> dict[str, dict[str, Any]]:
    return {row["_id"]: row for row in database["understood"].find()}


def told(type_: str, data: Any, seq: int = 1) -> Any:
    """Return the message of an event."""
    made = envelope.Event(
        id=f"evt_{ulid()}",
        type=type_,
        subject="book",
        seq=seq,
        occurred_at=now(),
        data=data,
        actor="staff:test",
        correlation_id="1",
    )
    body = json.dumps(envelope.to_wire(made))
    return amqp.Message(body, message_id=made.id, type=type_)


def test_old_and_new_replicas_of_one_consumer_take_each_event_once_and_in_their_own_version(
    config: dict[str, str], database: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packing, "EVENTS_A_MESSAGE", 5)  # so that each replica gets some
    with running(OldReader, config), running(NewReader, config), running(Library, config):
        for number in range(40):
            for _ in range(2):
                lend(database, LentV1(book="Emma", days=number))  # the producer before its upgrade
            lend(database, LentV2(title="Emma", hours=24 * number))  # and after it
            eventlet.sleep(0)
        eventually(lambda: database["understood"].count_documents({}) == 120, timeout=20)
    rows = events_of(database).values()
    journal = {row["_id"]: row["event"] for row in database["journal"].find()}
    assert {row["_id"] for row in rows} == set(journal), "each event once, whoever took it"
    for row in rows:
        data = journal[row["_id"]]["data"]
        assert row["days"] == (data["days"] if "days" in data else data["hours"] / 24)
    readings = {(row["by"], row["type"][-2:]) for row in rows}
    assert readings >= {("old", "v1"), ("new", "v1"), ("new", "v2")}
    assert ("old", "v2") not in readings
    assert database["parked"].count_documents({}) == 0
    assert database["inbox"].count_documents({}) == 120


def test_a_version_nobody_told_the_consumer_of_is_parked_with_what_to_deploy(
    config: dict[str, str], database: Documents
) -> None:
    with running(NewReader, config), running(Library, config):
        lend(database, LentV3(minutes=7))
        parked = eventually(lambda: database["parked"].find_one({}))
    assert parked["error"] == (
        "Permanent: reader does not handle library.book_lent.v3: "
        "deploy a reader that handles library.book_lent.v3"
    )
    assert database["understood"].count_documents({}) == 0


def test_a_projection_that_needs_every_step_waits_for_the_one_that_is_missing(
    config: dict[str, str], database: Documents, channel: Any
) -> None:
    database["steps"].insert_one({"_id": "book", "seq": 0, "days": []})
    with running(Stepper, config):
        for seq in (2, 1, 1):
            message = told("library.book_lent.v1", LentV1(book="Emma", days=seq), seq)
            channel.basic_publish(message, "library.events", "library.book_lent.v1")
        row = eventually(lambda: database["steps"].find_one({"seq": 2}))
    assert row["days"] == [1, 2]


def test_a_step_that_never_comes_is_named(config: dict[str, str]) -> None:
    del config
    event_ = envelope.from_wire(
        json.loads(told("library.book_lent.v1", LentV1(book="Emma", days=1), 9).body)
    )
    with pytest.raises(Exception, match="step 3 of book is missing: 9 came"):
        is_next(event_, 2)


def test_an_event_says_in_one_document_what_it_says_in_each_version() -> None:
    document = json.loads(told("library.book_lent.v2", LentV2(title="Emma", hours=48)).body)
    assert json.loads(document["earlier"]) == {"library.book_lent.v1": {"book": "Emma", "days": 2}}
    assert envelope.newest(document, {"library.book_lent.v1"}) == "library.book_lent.v1"
    assert envelope.newest(document, {"library.book_lent.v1", "library.book_lent.v2"}) == (
        "library.book_lent.v2"
    )
    assert envelope.from_wire(document, "library.book_lent.v1").data == LentV1(book="Emma", days=2)
    assert envelope.newest(document, {"library.book_lent.v3"}) is None
