"""Events on their way out of a service that ends, or whose broker or database does, midway."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import eventlet
import pytest
from nameko.containers import ServiceContainer
from pymongo.database import Database
from pymongo.errors import AutoReconnect, BulkWriteError
from pymongo.write_concern import WriteConcern

from clinic_contracts.context import CallContext
from clinic_contracts.envelope import event
from clinic_runtime import mongo, outbox
from clinic_runtime.ids import ulid
from clinic_runtime.journal import Journal
from clinic_runtime.link import open_connection
from clinic_runtime.mongo import MongoDatabase
from clinic_runtime.outbox import Outbox
from clinic_runtime.packing import unpacked
from clinic_runtime.testing import eventually, running

Documents = Database[dict[str, Any]]


@event("mint.coin_struck.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class CoinStruck:
    face: Any = "crown"


@event("mint.coin_melted.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class CoinMelted:
    face: str = "crown"


class Mint:
    name = "mint"
    database = MongoDatabase(lambda _database: None)
    outbox = Outbox("coins", "notes")


@pytest.fixture
def config(database: Documents, mongo_uri: str, amqp_uri: str) -> dict[str, str]:
    return {"mongo_uri": mongo_uri, "amqp_uri": amqp_uri, "database": database.name}


@pytest.fixture
def channel(amqp_uri: str) -> Iterator[Any]:
    connection = open_connection(amqp_uri)
    channel = connection.channel()
    channel.exchange_declare("mint.events", "topic", durable=True, auto_delete=False)
    yield channel
    connection.close()


@pytest.fixture
def received(amqp_uri: str, channel: Any) -> Iterator[list[str]]:
    """Yield the ids of the events that reach the broker, as they come."""
    del channel  # which declares the exchange
    found: list[str] = []
    connection = open_connection(amqp_uri)
    listener = connection.channel()
    queue = listener.queue_declare(exclusive=True).queue
    listener.queue_bind(queue, "mint.events", "#")
    listener.basic_consume(
        queue, no_ack=True, callback=lambda m: found.extend(each.id for each in unpacked(m))
    )

    def read() -> None:
        while True:
            connection.drain_events()

    reader = eventlet.spawn(read)
    yield found
    reader.kill()
    connection.collect()


def strike(database: Documents, number: int, made: Any = None, name: str = "coins") -> str:
    """Write an aggregate with its event; return the event's id."""
    id_ = f"coin_{number:06}"
    outbox.insert(
        database[name],
        {"_id": id_},
        event=made or CoinStruck(),
        context=CallContext(actor="staff:test", correlation_id="1", operation_id=ulid()),
        at=datetime(2026, 11, 2, tzinfo=UTC),
    )
    found = database[name].find_one({"_id": id_}) or {}
    return str(found["outbox"][0]["id"])


def left(database: Documents, name: str = "coins") -> int:
    return database[name].count_documents({"outbox.at": {"$exists": True}})


@pytest.mark.parametrize("face", [datetime(2026, 1, 1, tzinfo=UTC), {1, 2}, "x" * 1_000_001])
def test_what_could_never_be_published_is_not_written(database: Documents, face: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        strike(database, 1, CoinStruck(face=face))
    assert database["coins"].count_documents({}) == 0


def test_what_a_process_wrote_before_it_ended_is_sent_by_the_next(
    config: dict[str, str], database: Documents, received: list[str]
) -> None:
    sent = [strike(database, number) for number in range(450)]
    recorded = database["coins"].find({}, {"outbox": 1}).sort("_id", 1).limit(100)
    Journal(database).record(
        [entry for each in recorded for entry in each["outbox"]]
    )  # and no further
    with running(Mint, config):
        eventually(lambda: left(database) == 0)
    eventually(lambda: len(received) >= 450)
    assert sorted(received) == sorted(sent)
    assert database["journal"].count_documents({}) == 450


def test_two_relays_lose_nothing_and_record_once(
    config: dict[str, str], database: Documents, received: list[str]
) -> None:
    sent = {strike(database, number) for number in range(300)}
    with running(Mint, config), running(Mint, config):
        eventually(lambda: left(database) == 0)
    eventually(lambda: set(received) == sent)
    assert database["journal"].count_documents({}) == 300


def test_what_the_broker_refuses_waits_and_holds_nothing_up(
    config: dict[str, str], database: Documents, received: list[str], channel: Any
) -> None:
    full = channel.queue_declare(
        exclusive=True, arguments={"x-max-length": 0, "x-overflow": "reject-publish"}
    ).queue
    channel.queue_bind(full, "mint.events", "mint.coin_melted.v1")
    melted = strike(database, 0, CoinMelted())
    struck = {strike(database, number) for number in range(1, 20)}
    notes = {strike(database, number, name="notes") for number in range(20, 40)}
    with running(Mint, config):
        eventually(lambda: struck | notes <= set(received))
        eventually(lambda: left(database) == 1 and left(database, "notes") == 0)
        assert received.count(min(struck)) == 1, "what was taken is not sent again"
        channel.queue_unbind(full, "mint.events", "mint.coin_melted.v1")
        eventually(lambda: left(database) == 0)
    assert melted in received


def test_a_relay_goes_on_after_the_broker_was_away(
    config: dict[str, str], database: Documents, received: list[str], proxy: Any
) -> None:
    with running(Mint, {**config, "amqp_uri": proxy.uri}):
        proxy.cut()
        sent = {strike(database, number) for number in range(50)}
        eventually(lambda: database["journal"].count_documents({}) == 50)
        assert left(database) == 50
        proxy.mend()
        eventually(lambda: left(database) == 0)
    assert set(received) == sent


def test_a_relay_goes_on_after_the_database_was_away(
    config: dict[str, str], database: Documents, received: list[str], database_proxy: Any
) -> None:
    with running(Mint, {**config, "mongo_uri": database_proxy.uri}):
        database_proxy.cut()
        sent = {strike(database, number) for number in range(50)}
        database_proxy.mend()
        eventually(lambda: left(database) == 0, timeout=15)
    assert set(received) == sent


def test_a_service_waits_for_its_database(
    config: dict[str, str], database: Documents, database_proxy: Any
) -> None:
    database_proxy.cut()
    container = ServiceContainer(Mint, {**config, "mongo_uri": database_proxy.uri})
    starting = eventlet.spawn(container.start)
    strike(database, 1)
    database_proxy.mend()
    starting.wait()
    eventually(lambda: left(database) == 0)
    container.stop()


def test_a_database_that_goes_away_again_is_waited_for_again(
    config: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mongo, "WAIT_SECONDS", 0.01)
    tries: list[int] = []

    def ensure(_database: Documents) -> None:
        tries.append(1)
        if len(tries) == 1:
            message = "the database went away"
            raise AutoReconnect(message)

    class Starting:
        name = "starting"
        database = MongoDatabase(ensure)

    with running(Starting, config):
        assert len(tries) == 2


def test_what_the_journal_may_not_keep_is_not_taken_for_recorded(
    config: dict[str, str], database: Documents
) -> None:
    strike(database, 1)
    found = database["coins"].find_one({}) or {}
    two = WriteConcern(w=2, wtimeout=50)  # of a set of one
    with pytest.raises(BulkWriteError):
        Journal(database.client.get_database(config["database"], write_concern=two)).record(
            found["outbox"]
        )


def test_an_entry_from_elsewhere_that_cannot_be_sent_ends_no_process(
    config: dict[str, str], database: Documents, received: list[str]
) -> None:
    strike(database, 1)
    unsent = {"outbox.0.event.data": datetime(2026, 1, 1, tzinfo=UTC)}
    database["coins"].update_one({}, {"$set": unsent})
    with running(Mint, config):
        sent = [strike(database, number) for number in range(2, 5)]
        eventually(lambda: sorted(received) == sent)
    assert left(database) == 1
