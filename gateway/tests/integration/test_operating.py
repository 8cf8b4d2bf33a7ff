"""Queues, parked events and the feed of two real services, while two others are away."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import version as version_of
from typing import Any

import amqp
import pytest
from pymongo.database import Database

from clinic_contracts import envelope
from clinic_contracts.envelope import event
from clinic_contracts.errors import Permanent
from clinic_runtime import topology
from clinic_runtime.clock import now
from clinic_runtime.events import handles
from clinic_runtime.ids import ulid
from clinic_runtime.link import open_connection
from clinic_runtime.mongo import MongoDatabase, connect
from clinic_runtime.operations import Operable
from clinic_runtime.telling import journalled
from clinic_runtime.testing import eventually, running
from gateway.http.cursors import Cursors

NOON = now()
AWAY = ["booking", "client_profile"]
WELL: list[bool] = []


@event("outside.bell_rung.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class BellRung:
    secret: str = "private"


@event("outside.bell_mended.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class BellMended:
    pass


class Billing(Operable):
    name = "billing"
    database = MongoDatabase(lambda _database: None)

    @handles(BellRung)
    def hear(self, received: envelope.Event) -> None:
        if not WELL:
            raise Permanent("deaf")
        self.database["heard"].insert_one({"_id": received.id})


class Notification(Billing):
    name = "notification"


class Two:
    """The databases of the two services, and their queues."""

    def __init__(self, config: dict[str, Any]) -> None:
        self.client = connect(config["mongo_uri"], "tests")
        self.config = config
        names = ("billing", "notification")
        self.databases = {name: self.client[f"{config['database']}_{name}"] for name in names}

    def of(self, name: str) -> dict[str, Any]:
        return {**self.config, "database": self.databases[name].name}

    def record(self, name: str, number: int, data: Any = None) -> str:
        """Put the event of the ``number``-th second into a service's journal."""
        made = self.event(NOON + timedelta(seconds=number), data)
        journalled(self.databases[name], made)
        return made.id

    def park(self, name: str) -> str:
        """Send a service an event that it cannot handle; return its id once it is parked."""
        made = self.event(now())
        body = json.dumps(envelope.to_wire(made))
        connection = open_connection(self.config["amqp_uri"])
        message = amqp.Message(body, message_id=made.id, type=made.type)
        queue = topology.events_queue(name).name
        connection.channel().basic_publish(message, routing_key=queue)
        connection.close()
        eventually(lambda: self.databases[name]["parked"].find_one({"_id": made.id}))
        return f"{name}:{made.id}"

    @staticmethod
    def event(at: Any, data: Any = None) -> envelope.Event:
        data = data or BellRung()
        return envelope.Event(
            id=f"evt_{ulid()}",
            type=envelope.type_of(type(data)),
            subject=f"bell_{ulid()}",
            seq=1,
            occurred_at=at,
            data=data,
            actor="staff:test",
            correlation_id="the request",
        )


@pytest.fixture
def two(config: dict[str, Any], amqp_uri: str) -> Iterator[Two]:
    WELL.clear()
    connection = open_connection(amqp_uri)
    with ExitStack() as stack:
        made = Two(config)
        for name, cls in (("billing", Billing), ("notification", Notification)):
            for queue in topology.consumer_queues(name):
                connection.channel().queue_delete(queue.name)
            stack.enter_context(running(cls, made.of(name)))
        connection.close()
        yield made
    for database in made.databases.values():
        made.client.drop_database(database)
    made.client.close()


def get(gateway: Any, path: str, status: int = 200, **query: Any) -> Any:
    answer = gateway.send("GET", f"/v1{path}", params=query, headers=gateway.bearer())
    assert answer.status_code == status, answer.text
    return answer.json()


def retry(gateway: Any, id_: str) -> Any:
    path = f"/v1/operations/parked/{id_}/retry"
    return gateway.send("POST", path, headers=gateway.bearer())


def test_the_feed_is_all_journals_by_time_each_event_once(gateway: Any, two: Two) -> None:
    expected = [two.record(name, n) for n in range(3) for name in ("billing", "notification")]
    found, after, more = [], None, True
    while more:
        query = {"limit": 2} if after is None else {"limit": 2, "after": after}
        page = get(gateway, "/events", **query)
        found += [each["id"] for each in page["events"]]
        after, more = page["next"], page["more"]
        assert page["unavailable"] == AWAY
        assert len(page["events"]) <= 2
    assert found == expected
    later = two.record("billing", 9)
    assert [each["id"] for each in get(gateway, "/events", after=after)["events"]] == [later]


def test_the_feed_can_begin_at_an_instant_and_be_of_some_types(gateway: Any, two: Two) -> None:
    two.record("billing", 1, BellMended())
    two.record("billing", 5)
    wanted = two.record("billing", 6, BellMended())
    since = (NOON + timedelta(seconds=3)).isoformat()
    page = get(gateway, "/events", since=since, types="outside.bell_mended.v1")
    assert [each["id"] for each in page["events"]] == [wanted]
    assert page["events"][0]["data"] == {}
    assert get(gateway, "/events", types="outside.bell_lost.v1")["events"] == []


def test_what_was_away_is_read_from_where_it_was_left(gateway: Any, two: Two) -> None:
    since = (NOON + timedelta(seconds=3)).isoformat()
    two.record("billing", 4)
    first = get(gateway, "/events", since=since)
    booking = Two(two.config)
    booking.databases["booking"] = two.client[f"{two.config['database']}_booking"]
    booking.record("booking", 1)
    wanted = booking.record("booking", 4)
    stub = type("Booking", (Operable,), {"name": "booking"})
    with running(stub, booking.of("booking")):
        second = get(gateway, "/events", after=first["next"])
    two.client.drop_database(booking.databases["booking"])
    assert [each["id"] for each in second["events"]] == [wanted]
    assert second["unavailable"] == ["client_profile"]


def signed(path: str, cursor: str) -> str | None:
    return Cursors("for these tests alone").signed(f"/v1{path}", cursor)


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        ("/events", {"after": "elsewhere"}, "after"),
        ("/events", {"after": signed("/events", "eyJiaWxsaW5nIjogLTF9")}, "after"),
        ("/events", {"after": signed("/operations/parked", "e30")}, "after"),
        ("/events", {"after": signed("/events", "e30"), "since": "2026-12-01T10:00:00Z"}, "since"),
        ("/events", {"since": "2026-12-01T10:00"}, "since"),
        ("/events", {"types": "all"}, "types"),
        ("/events", {"limit": 501}, "limit"),
        ("/events", {"limit": "many"}, "limit"),
        ("/events", {"color": "red"}, "color"),
        ("/operations/parked", {"cursor": "elsewhere"}, "cursor"),
        ("/operations/parked", {"cursor": signed("/operations/parked", "e3gifQ")}, "cursor"),
        ("/operations/parked", {"service": "gateway"}, "service"),
        ("/operations/parked", {"limit": 0}, "limit"),
    ],
)
@pytest.mark.usefixtures("two")
def test_what_cannot_be_asked_is_refused_by_field(
    gateway: Any, path: str, query: dict[str, Any], field: str
) -> None:
    assert field in get(gateway, path, 422, **query)["errors"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/operations/queues"),
        ("GET", "/v1/operations/parked"),
        ("GET", "/v1/operations/traces/some-request"),
        ("POST", "/v1/operations/parked/billing:evt_1/retry"),
    ],
)
def test_they_are_for_who_operates_the_system(gateway: Any, method: str, path: str) -> None:
    assert gateway.send(method, path).status_code == 401
    desk = gateway.bearer("front_desk")
    assert gateway.send(method, path, headers=desk).status_code == 403
    nobody_there = gateway.send(method, path, headers=gateway.bearer("auditor"))
    assert (nobody_there.status_code, nobody_there.headers["Retry-After"]) == (503, "2")


def test_parked_events_of_all_are_listed_page_by_page(gateway: Any, two: Two) -> None:
    order = ("billing", "notification", "notification", "billing", "notification")
    parked = [two.park(name) for name in order]
    found, query = [], {"limit": 2}
    while True:
        page = get(gateway, "/operations/parked", **query)
        found += [each["id"] for each in page["items"]]
        assert page["unavailable"] == AWAY
        if page["next"] is None:
            break
        query = {"limit": 2, "cursor": page["next"]}
    assert found == parked[::-1]
    of_one = get(gateway, "/operations/parked", service="billing")
    assert [each["id"] for each in of_one["items"]] == [parked[3], parked[0]]
    assert of_one["items"][0]["error"] == "Permanent: deaf"
    assert "private" not in json.dumps(of_one)
    get(gateway, "/operations/parked", 503, service="booking")


def test_a_parked_event_is_retried_by_its_id(gateway: Any, two: Two) -> None:
    id_ = two.park("notification")
    WELL.append(True)
    answer = retry(gateway, id_)
    assert (answer.status_code, answer.json()) == (200, {"id": id_, "service": "notification"})
    heard: Database[dict[str, Any]] = two.databases["notification"]
    assert eventually(lambda: heard["heard"].find_one({"_id": id_.partition(":")[2]}))
    assert get(gateway, "/operations/parked")["items"] == []
    assert retry(gateway, id_).status_code == 404
    assert two.databases["billing"]["heard"].count_documents({}) == 0


@pytest.mark.parametrize("id_", ["evt_1", "billing:", "gateway:evt_1", "billing:evt_1"])
@pytest.mark.usefixtures("two")
def test_what_is_not_parked_cannot_be_retried(gateway: Any, id_: str) -> None:
    assert retry(gateway, id_).status_code == 404


@pytest.mark.usefixtures("two")
def test_the_parked_of_who_is_away_cannot_be_retried_now(gateway: Any) -> None:
    assert retry(gateway, "booking:evt_1").status_code == 503


def test_queues_of_all_are_counted(gateway: Any, two: Two) -> None:
    two.park("billing")
    found = get(gateway, "/operations/queues")
    assert (found["unavailable"], found["next"]) == (AWAY, None)
    counts = {each["service"]: (each["ready"], each["parked"]) for each in found["items"]}
    assert counts == {"billing": (0, 1), "notification": (0, 0)}
    billing = next(each for each in found["items"] if each["service"] == "billing")
    assert (billing["version"], found["gateway_version"]) == (
        version_of("clinicops-billing"),
        version_of("clinicops-gateway"),
    )
    started, at = (datetime.fromisoformat(text) for text in (billing["started_at"], found["at"]))
    assert NOON <= started <= at
    assert [queue["name"] for queue in billing["queues"]] == [
        topology.rpc_queue("billing").name,
        *(queue.name for queue in topology.consumer_queues("billing")),
    ]
