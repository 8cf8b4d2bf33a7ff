"""What every service answers about itself, asked of a real one."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import amqp
import pytest
from eventlet.event import Event as Gate
from pymongo import ASCENDING
from pymongo.database import Database

from clinic_contracts import envelope
from clinic_contracts.context import CallContext
from clinic_contracts.envelope import event
from clinic_contracts.errors import Invalid, NotFound, Permanent
from clinic_contracts.operations import (
    LIST_EVENTS,
    LIST_PARKED,
    LIST_QUEUES,
    RETRY_PARKED,
    ListEvents,
    ListParked,
)
from clinic_runtime import history, parked, topology
from clinic_runtime.clock import now
from clinic_runtime.events import handles
from clinic_runtime.ids import ulid
from clinic_runtime.link import open_connection
from clinic_runtime.mongo import MongoDatabase
from clinic_runtime.operations import Operable
from clinic_runtime.relay import Outbox
from clinic_runtime.rpc import RpcClient
from clinic_runtime.telling import journalled
from clinic_runtime.testing import eventually, running
from clinic_runtime.watching import Watch

Documents = Database[dict[str, Any]]
WELL: set[str] = set()
GATE = Gate()
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


@event("sender.note_sent.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class NoteSent:
    text: str = "private"


@event("sender.note_read.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class NoteRead:
    pass


class Reader(Operable):
    name = "reader"
    database = MongoDatabase(lambda _database: None)

    @handles(NoteSent)
    def read(self, received: envelope.Event) -> None:
        if received.data.text == "held":
            GATE.wait()
        elif received.subject not in WELL:
            reason = f"{received.subject} is not well"
            raise Permanent(reason)
        self.database["read"].insert_one({"_id": received.id})


class Writer(Operable):
    name = "writer"
    outbox = Outbox("notes", "letters")


class Silent(Operable):
    name = "silent"


class Caller:
    name = "caller"
    rpc = RpcClient()


@pytest.fixture
def config(database: Documents, mongo_uri: str, amqp_uri: str) -> dict[str, str]:
    connection = open_connection(amqp_uri)
    for queue in topology.consumer_queues("reader"):  # what one test leaves is not the next one's
        connection.channel().queue_delete(queue.name)
    connection.close()
    WELL.clear()
    return {"mongo_uri": mongo_uri, "amqp_uri": amqp_uri, "database": database.name}


@pytest.fixture
def rpc(config: dict[str, str]) -> Iterator[RpcClient]:
    with running(Reader, config), running(Silent, config), running(Caller, config) as caller:
        yield next(each for each in caller.dependencies if isinstance(each, RpcClient))


@pytest.fixture
def channel(amqp_uri: str) -> Iterator[Any]:
    connection = open_connection(amqp_uri)
    yield connection.channel()
    connection.close()


def context(*locations: str) -> CallContext:
    scope = locations or None
    return CallContext(
        actor="staff:test", correlation_id=ulid(), operation_id=ulid(), location_scope=scope
    )


def made(data: Any = None, *, at: datetime | None = None, location: str = "") -> envelope.Event:
    data = data or NoteSent()
    return envelope.Event(
        id=f"evt_{ulid()}",
        type=envelope.type_of(type(data)),
        subject=f"note_{ulid()}",
        seq=1,
        occurred_at=at or now(),
        data=data,
        actor="staff:test",
        correlation_id="the request",
        location_id=location,
    )


def send(channel: Any, sent: envelope.Event) -> str:
    message = amqp.Message(json.dumps(envelope.to_wire(sent)), message_id=sent.id, type=sent.type)
    channel.basic_publish(message, exchange="sender.events", routing_key=sent.type)
    return sent.id


def asked(rpc: RpcClient, **question: Any) -> tuple[list[str], int, int]:
    page = rpc.call(LIST_EVENTS.of("reader"), question, context())
    return [each["event"]["id"] for each in page["events"]], page["next"], page["head"]


def test_a_journal_is_read_page_by_page_to_its_end(rpc: RpcClient, database: Documents) -> None:
    sent = [made() for _ in range(5)]
    journalled(database, *sent)
    ids = [each.id for each in sent]
    assert asked(rpc, limit=2) == (ids[:2], 2, 5)
    assert asked(rpc, limit=2, after=4) == (ids[4:], 5, 5)
    assert asked(rpc, after=5) == ([], 5, 5)
    assert asked(rpc, after=9) == ([], 9, 5)


def test_a_type_that_is_rare_costs_a_page_no_more(
    database: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "SCANNED", 3)
    journalled(database, *[made() for _ in range(4)], made(NoteRead()), made())
    request = ListEvents(types=("sender.note_read", "sender.note_lost.v1"))
    first = history.page(database, request)
    assert (first.events, first.next, first.head) == ((), 3, 6)
    second = history.page(database, replace(request, after=first.next))
    assert ([each.position for each in second.events], second.next) == ([5], 6)


def test_since_begins_before_an_event_that_had_to_wait(database: Documents) -> None:
    noon = now()
    late, early, on_time = (made(at=noon + timedelta(hours=h)) for h in (2, -1, 1))
    journalled(database, early, late, on_time)
    page = history.page(database, ListEvents(since=noon))
    assert [each.event["id"] for each in page.events] == [late.id, on_time.id]
    after_all = history.page(database, ListEvents(since=noon + timedelta(days=1)))
    assert (after_all.events, after_all.next) == ((), 3)


def test_a_page_ends_before_it_grows_too_large(
    database: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "LARGEST_PAGE", 1_000)
    journalled(database, *[made(NoteSent(text="x" * 1_000)) for _ in range(3)])
    page = history.page(database, ListEvents())
    assert ([each.position for each in page.events], page.next) == ([1], 1)


def test_events_of_other_locations_are_not_shown(rpc: RpcClient, database: Documents) -> None:
    here, elsewhere, nowhere = made(location="loc_1"), made(location="loc_2"), made()
    journalled(database, here, elsewhere, nowhere)
    page = rpc.call(LIST_EVENTS.of("reader"), {}, context("loc_1"))
    assert [each["event"]["id"] for each in page["events"]] == [here.id, nowhere.id]
    assert page["next"] == 3


def test_pages_are_found_by_indexes(database: Documents, watched: Documents, watch: Watch) -> None:
    database["journal"].create_index([("position", ASCENDING)], unique=True)
    database["journal"].create_index([("at", ASCENDING), ("_id", ASCENDING)])
    parked.ensure(database)
    base = {"event": "", "error": "", "history": [], "location_id": "loc_1"}
    rows = [{"_id": f"evt_{n}", "at": now() + timedelta(seconds=n), **base} for n in range(200)]
    database["parked"].insert_many(rows)
    first = parked.page(database, ListParked(limit=10), None)
    journalled(database, *[made() for _ in range(200)])
    watch.commands.clear()
    history.page(watched, ListEvents(after=10, limit=10))
    parked.page(watched, ListParked(limit=10, cursor=first.next), None)
    parked.page(watched, ListParked(limit=10, cursor=first.next), ("loc_1", "loc_2"))
    history.page(watched, ListEvents(since=now() + timedelta(days=1)))
    assert all(each["totalDocsExamined"] <= 12 for each in watch.explained(database))


def test_parked_events_are_listed_latest_first_without_what_they_say(
    rpc: RpcClient, channel: Any
) -> None:
    sent = []
    for _ in range(3):
        sent.append(send(channel, made(location="loc_1")))
        eventually(lambda: len(parked_at(rpc)["items"]) == len(sent))
    assert [each["id"] for each in parked_at(rpc)["items"]] == sent[::-1]
    page = parked_at(rpc, limit=2)
    rest = parked_at(rpc, limit=2, cursor=page["next"])
    assert ([each["id"] for each in rest["items"]], rest["next"]) == (sent[:1], None)
    shown = page["items"][0]
    assert (shown["type"], shown["location_id"]) == ("sender.note_sent.v1", "loc_1")
    assert shown["error"] == f"Permanent: {shown['subject']} is not well"
    assert shown["history"][0]["error"] == shown["error"]
    assert "private" not in json.dumps(page)
    with pytest.raises(Invalid):
        parked_at(rpc, cursor="elsewhere")


@pytest.mark.parametrize("body", [b"\xff\xfe", "nonsense", "[]", "7", "[" * 100_000])
def test_what_is_no_event_is_listed_and_can_be_retried(
    rpc: RpcClient, channel: Any, body: Any
) -> None:
    channel.basic_publish(amqp.Message(body), routing_key="reader.events.v1")
    shown = eventually(lambda: parked_at(rpc)["items"])[0]
    assert (shown["type"], shown["subject"]) == ("", "")
    rpc.call(RETRY_PARKED.of("reader"), {"parked_id": shown["id"]}, context())
    again = eventually(lambda: parked_at(rpc)["items"])[0]
    assert again["id"] == shown["id"]


def test_a_parked_event_retried_takes_effect_and_is_parked_no_more(
    rpc: RpcClient, channel: Any, database: Documents
) -> None:
    sent = made()
    send(channel, sent)
    eventually(lambda: parked_at(rpc)["items"])
    WELL.add(sent.subject)
    answer = rpc.call(RETRY_PARKED.of("reader"), {"parked_id": sent.id}, context())
    assert answer == {"id": sent.id}
    eventually(lambda: database["read"].find_one({"_id": sent.id}))
    assert parked_at(rpc)["items"] == []
    with pytest.raises(NotFound):
        rpc.call(RETRY_PARKED.of("reader"), {"parked_id": sent.id}, context())


def test_one_that_fails_again_is_parked_again_with_its_history(
    rpc: RpcClient, channel: Any
) -> None:
    id_ = send(channel, made())
    first = eventually(lambda: parked_at(rpc)["items"])[0]
    rpc.call(RETRY_PARKED.of("reader"), {"parked_id": id_}, context())
    again = eventually(lambda: [p for p in parked_at(rpc)["items"] if p["at"] != first["at"]])[0]
    assert again["history"][0] == first["history"][0]
    assert len(again["history"]) == 2


def test_one_parked_again_before_the_retry_is_over_is_not_taken_out(
    database: Documents,
) -> None:
    """Its handler may fail sooner than the row of the first failure is removed."""
    row = {"_id": "evt_1", "at": now(), "event": "{}", "error": "first", "history": []}
    database["parked"].insert_one(row)

    def fails_at_once(_messages: Any) -> None:
        again = {**row, "at": now() + timedelta(seconds=1), "error": "second"}
        database["parked"].replace_one({"_id": "evt_1"}, again)

    parked.retry(database, "reader", "evt_1", fails_at_once, None)
    assert [each.error for each in parked.page(database, ListParked(), None).items] == ["second"]


def test_queues_say_what_is_ready_in_hand_and_parked(rpc: RpcClient, channel: Any) -> None:
    send(channel, made())
    send(channel, made(NoteSent(text="held"), at=NOON))
    eventually(lambda: counts(rpc, "reader") == (0, 1, 0, 1, 1))
    assert oldest(rpc) == NOON
    GATE.send(None)
    eventually(lambda: counts(rpc, "reader") == (0, 0, 0, 1, 1))
    assert oldest(rpc) is None
    channel.basic_publish(amqp.Message("{}"), routing_key="reader.retry.3.v1")
    eventually(lambda: counts(rpc, "reader") == (0, 0, 1, 1, 1))


def test_a_service_that_consumes_no_events_has_the_queue_of_its_calls(rpc: RpcClient) -> None:
    report = rpc.call(LIST_QUEUES.of("silent"), {}, context())
    assert counts(rpc, "silent") == (0, 0, 0, 0, 0)
    assert report["queues"] == [
        {"name": topology.rpc_queue("silent").name, "ready": 0, "consumers": 1}
    ]


def test_what_could_not_be_published_yet_is_told_by_its_age(
    config: dict[str, str], database: Documents
) -> None:
    waiting = [{"id": "evt_1", "at": NOON}, {"id": "evt_2", "at": NOON + timedelta(hours=1)}]
    with running(Writer, config) as container:
        outbox = next(each for each in container.dependencies if isinstance(each, Outbox))
        assert outbox.oldest() is None
        outbox.stop()
        database["letters"].insert_one({"_id": "letter_1", "outbox": waiting[1:]})
        database["notes"].insert_one({"_id": "note_1", "outbox": waiting})
        assert outbox.oldest() == NOON


def oldest(rpc: RpcClient) -> datetime | None:
    at = rpc.call(LIST_QUEUES.of("reader"), {}, context())["oldest_at"]
    return at and datetime.fromisoformat(at)


def parked_at(rpc: RpcClient, **question: Any) -> dict[str, Any]:
    return rpc.call(LIST_PARKED.of("reader"), question, context())


def counts(rpc: RpcClient, service: str) -> tuple[int, ...]:
    report = rpc.call(LIST_QUEUES.of(service), {}, context())
    names = ("ready", "in_hand", "waiting", "parked", "consumers")
    return tuple(report[name] for name in names)


def test_a_parked_event_is_shown_and_retried_where_it_happened(
    database: Database[dict[str, Any]],
) -> None:
    parked.ensure(database)
    told = [("evt_1", '{"locationid": "loc_1"}'), ("evt_2", '{"locationid": ""}'), ("evt_3", "x")]
    database["parked"].insert_many(parked.row_of(id_, body, "why", []) for id_, body in told)
    published: list[Any] = []

    def ids(*scope: str) -> list[str]:
        return [each.id for each in parked.page(database, ListParked(), scope).items]

    assert (ids("loc_1", "loc_2"), ids("loc_2"), ids()) == (["evt_1"], [], [])
    assert len(parked.page(database, ListParked(), None).items) == len(told)
    for id_, scope in (
        ("evt_1", ("loc_2",)),
        ("evt_2", ("loc_1",)),
        ("evt_3", ()),
        ("evt_4", None),
    ):
        with pytest.raises(NotFound, match=f"reader has parked no event {id_}"):
            parked.retry(database, "reader", id_, published.extend, scope)
    parked.retry(database, "reader", "evt_1", published.extend, ("loc_1",))
    assert (len(published), ids("loc_1")) == (1, [])
