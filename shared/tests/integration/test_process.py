"""A service as a process of its own: stopped, and killed, at the worst moments."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import amqp
import eventlet
import pytest
from pymongo.database import Database

from clinic_contracts import envelope
from clinic_contracts.context import CallContext
from clinic_contracts.envelope import Event, event
from clinic_contracts.operations import Operation
from clinic_runtime import outbox, topology
from clinic_runtime.clock import now
from clinic_runtime.events import handles
from clinic_runtime.ids import new_id, ulid
from clinic_runtime.link import open_connection
from clinic_runtime.mongo import MongoDatabase
from clinic_runtime.outbox import Outbox
from clinic_runtime.packing import packed
from clinic_runtime.rpc import RpcClient, command
from clinic_runtime.runner import run
from clinic_runtime.testing import eventually, process_of, running

Documents = Database[dict[str, Any]]


@event("kiln.pot_fired.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class PotFired:
    behaviour: str = "good"


@dataclass(frozen=True, slots=True, kw_only=True)
class Throw:
    seconds: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pot:
    id: str


THROW = Operation("potter", "throw", Throw, Pot)


class Potter:
    name = "potter"
    database = MongoDatabase(lambda _database: None)
    outbox = Outbox("pots")

    @command(THROW)
    def throw(self, request: Throw, context: CallContext) -> Pot:
        self.database["asked"].insert_one({})
        eventlet.sleep(request.seconds)
        id_ = new_id("pot")
        outbox.insert(
            self.database["pots"], {"_id": id_}, event=PotFired(), context=context, at=now()
        )
        return Pot(id=id_)

    @handles(PotFired)
    def on_pot_fired(self, received: Event) -> None:
        first = self.database["tries"].find_one({"pot": received.id}) is None
        self.database["tries"].insert_one({"pot": received.id})
        if received.data.behaviour == "deadly":
            os.kill(os.getpid(), signal.SIGKILL)
        if received.data.behaviour == "slow":
            eventlet.sleep(0.5)
        self.database["glazed"].update_one({"_id": received.id}, {"$set": {}}, upsert=True)
        if received.data.behaviour == "deadly once" and first:
            os.kill(os.getpid(), signal.SIGKILL)


class Onlooker:
    name = "onlooker"
    rpc = RpcClient()


@pytest.fixture
def config(database: Documents, mongo_uri: str, amqp_uri: str) -> dict[str, str]:
    connection = open_connection(amqp_uri)
    for queue in topology.consumer_queues("potter"):  # what one test leaves is not the next one's
        connection.channel().queue_delete(queue.name)
    connection.close()
    return {"mongo_uri": mongo_uri, "amqp_uri": amqp_uri, "database": database.name}


@pytest.fixture
def rpc(amqp_uri: str) -> Iterator[RpcClient]:
    with running(Onlooker, {"amqp_uri": amqp_uri}) as container:
        yield next(each for each in container.dependencies if isinstance(each, RpcClient))


def logged(folder: Path, what: str) -> bool:
    return what in (folder / "log").read_text()


def throw(rpc: RpcClient, seconds: int = 0) -> str:
    asked = CallContext(actor="staff:test", correlation_id=ulid(), operation_id=ulid())
    return str(rpc.call(THROW, {"seconds": seconds}, asked)["id"])


def fire(amqp_uri: str, *behaviours: str) -> list[str]:
    """Publish events together to the service's queue, which is declared here if need be."""
    connection = open_connection(amqp_uri)
    channel = connection.channel()
    for queue in topology.consumer_queues("potter"):
        channel.queue_declare(
            queue.name, durable=True, auto_delete=False, arguments=queue.arguments
        )
    channel.confirm_select()
    events = [
        Event(
            id=f"evt_{ulid()}",
            type="kiln.pot_fired.v1",
            subject=f"pot_{ulid()}",
            seq=1,
            occurred_at=now(),
            data=PotFired(behaviour=behaviour),
            actor="staff:test",
            correlation_id="1",
        )
        for behaviour in behaviours
    ]
    (pack,) = packed([envelope.to_wire(each) for each in events])
    channel.basic_publish(pack.message, routing_key="potter.events.v1")
    channel.wait(amqp.spec.Basic.Ack)
    connection.close()
    return pack.ids


def test_told_to_stop_it_finishes_what_is_in_hand(
    config: dict[str, str], tmp_path: Path, rpc: RpcClient, database: Documents
) -> None:
    with process_of(__file__, config, tmp_path, "Potter") as potter:
        eventually(lambda: logged(tmp_path, "service.started"))
        fire(config["amqp_uri"], *["slow"] * 10)
        asked = [eventlet.spawn(throw, rpc, 1) for _ in range(20)]
        eventually(lambda: database["tries"].count_documents({}) == 10)
        # What is still at the broker is the caller's time-out, and no matter of the process.
        eventually(lambda: database["asked"].count_documents({}) == 20)
        began = time.monotonic()
        potter.send_signal(signal.SIGTERM)
        pots = [each.wait() for each in asked]
        assert eventually(lambda: potter.poll() is not None)
        assert (potter.returncode, time.monotonic() - began < 8) == (0, True)
    assert database["pots"].count_documents({"_id": {"$in": pots}, "outbox": []}) == 20
    assert database["glazed"].count_documents({}) == database["tries"].count_documents({})
    assert database["inbox"].count_documents({}) == database["tries"].count_documents({})


def test_told_to_stop_with_many_events_to_publish_it_publishes_them_first(
    config: dict[str, str], tmp_path: Path, database: Documents
) -> None:
    with process_of(__file__, config, tmp_path, "Potter") as potter:
        eventually(lambda: logged(tmp_path, "service.started"))
        context = CallContext(actor="staff:test", correlation_id="1", operation_id="1")
        for number in range(600):
            outbox.insert(
                database["pots"],
                {"_id": f"pot_{number}"},
                event=PotFired(),
                context=context,
                at=now(),
            )
        began = time.monotonic()
        potter.send_signal(signal.SIGTERM)
        assert eventually(lambda: potter.poll() is not None)
        assert (potter.returncode, time.monotonic() - began < 5) == (0, True)
    assert database["pots"].count_documents({"outbox": []}) == 600
    assert database["journal"].count_documents({}) == 600


def test_told_to_stop_an_idle_process_does_so_at_once(
    config: dict[str, str], tmp_path: Path
) -> None:
    with process_of(__file__, config, tmp_path, "Onlooker") as onlooker:
        eventually(lambda: logged(tmp_path, "service.started"))
        onlooker.send_signal(signal.SIGTERM)
        assert eventually(lambda: onlooker.poll() is not None, timeout=4)
        assert onlooker.returncode == 0


def stops_while_waiting(config: dict[str, str], folder: Path, what: str) -> None:
    with process_of(__file__, config, folder, "Potter") as potter:
        eventually(lambda: logged(folder, f"{what}.waiting"))
        potter.send_signal(signal.SIGTERM)
        assert eventually(lambda: potter.poll() is not None, timeout=4)
        assert potter.returncode == 0


def test_told_to_stop_while_it_waits_for_the_broker_it_does_so(
    config: dict[str, str], tmp_path: Path, proxy: Any
) -> None:
    proxy.cut()
    stops_while_waiting({**config, "amqp_uri": proxy.uri}, tmp_path, "broker")


def test_told_to_stop_while_it_waits_for_the_database_it_does_so(
    config: dict[str, str], tmp_path: Path, database_proxy: Any
) -> None:
    database_proxy.cut()
    stops_while_waiting({**config, "mongo_uri": database_proxy.uri}, tmp_path, "database")


def test_killed_between_effect_and_acknowledgement_it_has_one_effect(
    config: dict[str, str], tmp_path: Path, database: Documents
) -> None:
    (pot,) = fire(config["amqp_uri"], "deadly once")
    for _ in range(2):
        with process_of(__file__, config, tmp_path, "Potter") as potter:
            eventually(
                lambda: potter.poll() is not None or database["inbox"].find_one({"_id": pot})
            )
    assert database["inbox"].find_one({"_id": pot})
    assert database["tries"].count_documents({"pot": pot}) == 2
    assert database["glazed"].count_documents({}) == 1


def test_what_kills_its_process_each_time_is_parked_and_takes_nothing_along(
    config: dict[str, str], tmp_path: Path, database: Documents
) -> None:
    behaviours = ["good"] * 15
    behaviours[3] = "deadly"
    pots = fire(config["amqp_uri"], *behaviours)
    for _ in range(topology.DELIVERY_LIMIT + 5):
        with process_of(__file__, config, tmp_path, "Potter") as potter:
            eventually(
                lambda: potter.poll() is not None or database["parked"].find_one({}),
            )
        if database["parked"].find_one({}):
            break
    parked = list(database["parked"].find())
    assert [each["_id"] for each in parked] == [pots[3]]
    assert parked[0]["error"] == "its handler ended the process"
    glazed = {each["_id"] for each in database["glazed"].find()}
    assert glazed == set(pots) - {pots[3]}


if __name__ == "__main__":
    run({"Potter": Potter, "Onlooker": Onlooker}[sys.argv[2]], Path(sys.argv[1]))
