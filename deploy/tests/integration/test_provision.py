"""A broker and a database as they are provisioned, and what each account is refused."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import amqp
import pymongo
import pytest
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from clinic_deploy.local import mongod, rabbitmq
from clinic_deploy.local.paths import Place
from clinic_deploy.local.testing import private_mongod, private_rabbitmq
from clinic_deploy.provision import database
from clinic_deploy.provision.accounts import Accounts
from clinic_runtime import topology, trail
from clinic_runtime.link import open_connection

pytestmark = pytest.mark.private


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    made = Place(Path(tmp_path_factory.mktemp("a place with spaces")))
    with private_mongod(made), private_rabbitmq(made):
        yield made


@pytest.fixture
def booking(place: Place) -> Iterator[Any]:
    connection = open_connection(rabbitmq.uri(place, "booking"))
    yield connection
    connection.collect()


def test_every_queue_is_there_before_any_service(place: Place) -> None:
    connection = open_connection(rabbitmq.uri(place, "billing"))
    for queue in topology.consumer_queues("billing"):
        found = connection.channel().queue_declare(queue.name, passive=True)
        assert found.message_count == 0
    connection.collect()


def test_a_service_declares_what_is_its_own(booking: Any) -> None:
    channel = booking.channel()
    channel.exchange_declare("booking.events", "topic", durable=True, auto_delete=False)
    channel.queue_declare(topology.rpc_queue("booking").name, durable=True, auto_delete=True)


@pytest.mark.parametrize(
    "touch",
    [
        lambda c: c.basic_consume(topology.events_queue("billing").name),
        lambda c: c.basic_get(topology.parked_queue("billing").name),
        lambda c: c.queue_purge(topology.events_queue("billing").name),
        lambda c: c.queue_delete(topology.events_queue("billing").name),
        lambda c: c.exchange_delete("billing.events"),
        lambda c: c.queue_declare(
            topology.rpc_queue("billing").name, durable=True, auto_delete=True
        ),
        lambda c: c.queue_declare("anything", durable=True),
        lambda c: c.queue_bind(topology.events_queue("booking").name, "notification.events", "#"),
    ],
)
def test_a_service_is_refused_what_is_anothers(booking: Any, touch: Any) -> None:
    with pytest.raises(amqp.AccessRefused):
        touch(booking.channel())


def test_a_service_cannot_speak_for_another(booking: Any) -> None:
    channel = booking.channel()
    channel.confirm_select()
    with pytest.raises(amqp.AccessRefused):
        channel.basic_publish_confirm(amqp.Message("{}"), "billing.events", "billing.x.v1")


def client_of(place: Place, account: str) -> MongoClient[dict[str, Any]]:
    return MongoClient(mongod.uri(place, account), serverSelectionTimeoutMS=5_000)


def test_a_service_reads_and_writes_its_own_database_alone(place: Place) -> None:
    with client_of(place, "booking") as client:
        client["booking"]["things"].insert_one({"_id": 1})
        assert client["booking"]["things"].find_one() == {"_id": 1}
        for touch in (
            client["billing"]["ledger"].find_one,
            lambda: client["billing"]["ledger"].insert_one({}),
            lambda: client["admin"].command("createUser", "x", pwd="x", roles=["root"]),
            lambda: client["booking"].command("collMod", "things", validator={}),
        ):
            with pytest.raises(OperationFailure, match="not authorized"):
                touch()


def test_the_gateways_trail_is_added_to_and_read_and_no_more(place: Place) -> None:
    with client_of(place, "gateway") as client:
        rows = trail.trail_of(client["gateway"])
        rows.insert_one({"_id": "aud_1", "kind": "signed_in"})
        assert rows.find_one({"_id": "aud_1"}) is not None
        trail.ensure(rows, kept_days=1)  # as at the gateway's start: it changes nothing
        for touch in (
            lambda: rows.update_one({"_id": "aud_1"}, {"$set": {"kind": "nothing"}}),
            lambda: rows.delete_one({"_id": "aud_1"}),
            rows.drop,
            lambda: rows.create_index([("at", 1)], expireAfterSeconds=0),
            lambda: rows.aggregate([{"$match": {}}, {"$out": trail.COLLECTION}]),
            lambda: client.drop_database(trail.database_of("gateway")),
        ):
            with pytest.raises(OperationFailure, match="not authorized"):
                touch()
    with client_of(place, "clinic_admin") as administrator:
        kept = trail.trail_of(administrator["gateway"]).index_information()[trail.AGE]
        assert kept["expireAfterSeconds"] == trail.KEPT_DAYS * trail.DAY_SECONDS


def test_what_a_killed_process_left_open_is_soon_in_nobodys_way(place: Place) -> None:
    with client_of(place, "booking") as killed, client_of(place, "booking") as other:
        other["booking"]["kept"].insert_one({"_id": 1, "by": "nobody"})
        session = killed.start_session()
        session.start_transaction()
        killed["booking"]["kept"].update_one({"_id": 1}, {"$set": {"by": "it"}}, session=session)

        def written() -> bool:
            found = other["booking"]["kept"].update_one({"_id": 1}, {"$set": {"by": "other"}})
            return found.modified_count == 1

        with pymongo.timeout(20):
            assert written()
        session.end_session()


def test_nobody_gets_in_without_an_account(place: Place) -> None:
    with (
        MongoClient[dict[str, Any]](f"mongodb://{mongod.address(place)}") as client,
        pytest.raises(OperationFailure, match="requires authentication"),
    ):
        client["booking"]["things"].find_one()
    with pytest.raises((amqp.AccessRefused, OSError)):
        open_connection(f"amqp://guest:guest@{rabbitmq.address(place)}/")


def test_provisioning_again_brings_passwords_up_to_date(place: Place) -> None:
    passwords = {**place.accounts().passwords, "notification": "another one"}
    where = mongod.address(place)
    database.provision(where, where, Accounts(passwords))
    with client_of(place, "notification") as before, pytest.raises(OperationFailure):
        before["notification"]["things"].find_one()
    database.provision(where, where, place.accounts())
    with client_of(place, "notification") as after:
        assert after["notification"]["things"].find_one() is None
