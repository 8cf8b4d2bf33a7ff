"""The relay from memory: what it asks of the database, several replicas, order and positions."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import eventlet
import pytest
from nameko.containers import ServiceContainer
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from clinic_contracts.context import CallContext
from clinic_contracts.envelope import event
from clinic_runtime import lease as lease_module
from clinic_runtime import memory, outbox, relay
from clinic_runtime.clock import now
from clinic_runtime.ids import ulid
from clinic_runtime.journal import Journal
from clinic_runtime.link import open_connection
from clinic_runtime.mongo import MongoDatabase, connect
from clinic_runtime.outbox import Outbox
from clinic_runtime.packing import unpacked
from clinic_runtime.telling import entry, positions
from clinic_runtime.testing import eventually, running
from clinic_runtime.watching import Watch

Documents = Database[dict[str, Any]]


@event("press.sheet_printed.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class SheetPrinted:
    page: int = 1


class Press:
    name = "press"
    database = MongoDatabase(lambda _database: None)
    outbox = Outbox("sheets", "proofs")


@pytest.fixture
def config(database: Documents, mongo_uri: str, amqp_uri: str) -> dict[str, str]:
    return {"mongo_uri": mongo_uri, "amqp_uri": amqp_uri, "database": database.name}


@pytest.fixture
def received(amqp_uri: str) -> Iterator[list[dict[str, Any]]]:
    """Yield the events that reach the broker, as they come."""
    found: list[dict[str, Any]] = []
    connection = open_connection(amqp_uri)
    listener = connection.channel()
    listener.exchange_declare("press.events", "topic", durable=True, auto_delete=False)
    queue = listener.queue_declare(exclusive=True).queue
    listener.queue_bind(queue, "press.events", "#")
    listener.basic_consume(queue, no_ack=True, callback=lambda m: found.extend(events_in(m)))

    def read() -> None:
        while True:
            connection.drain_events()

    reader = eventlet.spawn(read)
    yield found
    reader.kill()
    connection.collect()


def events_in(message: Any) -> list[dict[str, Any]]:
    return [each.document for each in unpacked(message)]


def relay_of(container: ServiceContainer) -> Outbox:
    found: Outbox = next(each for each in container.dependencies if isinstance(each, Outbox))
    return found


def told() -> dict[str, Any]:
    context = CallContext(actor="staff:test", correlation_id="1", operation_id=ulid())
    return {"event": SheetPrinted(), "context": context, "at": now()}


def insert(database: Documents, id_: str) -> None:
    outbox.insert(database["sheets"], {"_id": id_}, **told())


def left(database: Documents) -> int:
    return database["sheets"].count_documents({"outbox.at": {"$exists": True}})


def test_what_was_just_written_is_relayed_without_looking_for_it(
    config: dict[str, str], received: list[Any], mongo_uri: str, watch: Watch
) -> None:
    with running(Press, config) as press:
        out = relay_of(press)
        eventually(lambda: out.lease.held)
        out.mongo.client = connect(mongo_uri, "press", event_listeners=[watch])
        relay._RELAYS[relay._home(out.database)] = out
        out.carrier.database, out.carrier.journal = out.database, Journal(out.database)
        out.sweep_at = time.monotonic() + 60
        for number in range(100):
            insert(out.database, f"sheet_{number}")
        eventually(lambda: len(received) == 100 and not left(out.database))
        asked = [next(iter(each)) for each in watch.commands if "sheets" in map(str, each.values())]
        assert asked.count("insert") == 100
        assert "find" not in asked
        assert asked.count("update") < 50


def test_a_version_the_holder_was_not_told_of_goes_out_before_the_one_that_follows_it(
    config: dict[str, str],
    database: Documents,
    received: list[Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(relay, "SWEEP_SECONDS", 3_600)
    with running(Press, config) as press:
        own = relay_of(press).database
        insert(own, "sheet_1")
        eventually(lambda: len(received) == 1 and not left(database))
        assert outbox.update(database["sheets"], "sheet_1", 1, {}, **told())  # by another process
        assert outbox.update(own["sheets"], "sheet_1", 2, {}, **told())
        eventually(lambda: len(received) == 3)
    assert [each["sequence"] for each in received] == [1, 2, 3]


def test_the_versions_that_two_replicas_write_in_turn_go_out_in_order(
    config: dict[str, str], database: Documents, received: list[Any]
) -> None:
    with running(Press, config) as one, running(Press, config) as other:
        replicas = [relay_of(one), relay_of(other)]
        eventually(lambda: any(each.lease.held for each in replicas))
        for number in range(20):
            insert(replicas[number % 2].database, f"sheet_{number}")
        for version in range(1, 15):
            for number in range(20):
                by = replicas[(version + number // 3) % 2].database
                assert outbox.update(by["sheets"], f"sheet_{number}", version, {}, **told())
        eventually(lambda: len(received) >= 300)
        assert [each.lease.held for each in replicas].count(True) == 1
    heard: dict[str, list[int]] = {}
    for each in received:
        heard.setdefault(each["subject"], []).append(each["sequence"])
    assert all(seqs == list(range(1, 16)) for seqs in heard.values())
    assert positions(database) == list(range(1, 301))


def test_what_a_replica_without_the_lease_writes_is_soon_heard(
    config: dict[str, str], received: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "SWEEP_SECONDS", 3_600)
    monkeypatch.setattr(lease_module, "LEASE_SECONDS", 3_600)
    with running(Press, config) as first:
        eventually(lambda: relay_of(first).lease.held and relay_of(first).listening)
        with running(Press, config) as second:
            for number in range(5):
                insert(relay_of(second).database, f"sheet_{number}")
                eventually(lambda: len(received) == number + 1, timeout=2)  # noqa: B023 (called here)


def test_a_holder_that_stops_leaves_the_lease_to_another_at_once(
    config: dict[str, str], received: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "SWEEP_SECONDS", 3_600)
    monkeypatch.setattr(lease_module, "LEASE_SECONDS", 3_600)
    holder = ServiceContainer(Press, config={"max_workers": 20, **config})
    holder.start()
    eventually(lambda: relay_of(holder).lease.held)
    with running(Press, config) as other:
        insert(relay_of(holder).database, "sheet_1")
        holder.stop()
        assert len(received) == 1
        insert(relay_of(other).database, "sheet_2")
        eventually(lambda: len(received) == 2, timeout=2)


def test_a_holder_that_was_replaced_and_does_not_know_it_writes_no_position_twice(
    config: dict[str, str], database: Documents, received: list[Any]
) -> None:
    with running(Press, config) as press:
        out = relay_of(press)
        for number in range(3):
            insert(out.database, f"sheet_{number}")
        eventually(lambda: len(received) == 3 and not left(database))
        strangers = Journal(database)
        strangers.record([entry("of another replica")])
        insert(out.database, "sheet_3")
        eventually(lambda: len(received) == 4)
    assert positions(database) == [1, 2, 3, 4, 5]


def test_a_write_in_a_transaction_is_relayed_once_it_is_committed_and_no_sooner(
    config: dict[str, str],
    database: Documents,
    received: list[Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(relay, "SWEEP_SECONDS", 3_600)
    with running(Press, config) as press:
        out = relay_of(press)
        sheets = out.database["sheets"]
        insert(out.database, "sheet_0")
        eventually(lambda: len(received) == 1)
        for commits in (True, False):
            outbox.insert(sheets, {"_id": f"sheet_{commits}"}, **{**told(), "event": None})
            with out.database.client.start_session() as session:
                session.start_transaction()
                outbox.update(sheets, f"sheet_{commits}", 1, {}, session=session, **told())
                out.worker_result(None)
                insert(out.database, f"meanwhile_{commits}")
                eventually(lambda: f"meanwhile_{commits}" in {e["subject"] for e in received})  # noqa: B023 (called here)
                if commits:
                    session.commit_transaction()
                else:
                    session.abort_transaction()
            out.worker_result(None)
            eventually(lambda: not out.memory.open and not out.memory)
        eventually(lambda: len(received) == 4)
    assert "sheet_True" in {each["subject"] for each in received}
    assert positions(database) == [1, 2, 3, 4]


def test_what_a_transaction_inserted_is_relayed_when_it_is_handed_over(
    config: dict[str, str],
    database: Documents,
    received: list[Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(relay, "SWEEP_SECONDS", 3_600)
    with running(Press, config) as press:
        own = relay_of(press).database
        insert(own, "sheet_0")
        eventually(lambda: len(received) == 1)
        with own.client.start_session() as session, session.start_transaction():
            sheets = [outbox.new({"_id": f"together_{number}"}, **told()) for number in range(3)]
            hand_over = outbox.insert_together(own["sheets"], sheets, session)
        hand_over()
        eventually(lambda: len(received) == 4 and not left(database))


def test_what_is_more_than_memory_keeps_is_swept(
    config: dict[str, str], received: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "ENTRIES_KEPT", 10)
    with running(Press, config) as press:
        out = relay_of(press)
        writers = eventlet.GreenPool(30)
        for number in range(300):
            writers.spawn_n(partial(insert, out.database, f"sheet_{number}"))
        writers.waitall()
        eventually(lambda: not left(out.database))
        eventually(lambda: out.memory.size == 0)
    assert len({each["id"] for each in received}) == 300


def test_two_services_of_one_process_and_database_name_keep_to_their_own_relays(
    config: dict[str, str],
) -> None:
    with running(Press, config) as one, running(Press, config) as other:
        relays = [relay_of(one), relay_of(other)]
        homes = {relay._home(each.database): each for each in relays}
        assert len(homes) == 2
        assert {home: relay._RELAYS[home] for home in homes} == homes
    assert not set(homes) & set(relay._RELAYS)


def test_an_aggregate_refused_by_the_database_is_not_told(
    config: dict[str, str], received: list[Any]
) -> None:
    with running(Press, config) as press:
        database = relay_of(press).database
        insert(database, "sheet_1")
        with pytest.raises(DuplicateKeyError):
            insert(database, "sheet_1")
        assert not outbox.update(database["sheets"], "sheet_1", 7, {}, **told())
        eventually(lambda: not left(database))
    assert len(received) == 1
