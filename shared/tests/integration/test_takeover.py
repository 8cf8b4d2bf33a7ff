"""A replica that relays for all is killed; and a broker that takes nothing for a while."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import eventlet
import pytest
from nameko.containers import ServiceContainer
from pymongo.database import Database

from clinic_contracts.context import CallContext
from clinic_contracts.envelope import event
from clinic_contracts.errors import ServiceUnavailable
from clinic_contracts.operations import Operation
from clinic_deploy.local import rabbitmq
from clinic_deploy.local.paths import Place
from clinic_deploy.local.testing import private_rabbitmq
from clinic_deploy.provision.accounts import ADMIN
from clinic_runtime import outbox, publisher
from clinic_runtime.clock import now
from clinic_runtime.ids import ulid
from clinic_runtime.lease import LEASE_SECONDS
from clinic_runtime.link import open_connection
from clinic_runtime.mongo import MongoDatabase
from clinic_runtime.outbox import Outbox
from clinic_runtime.packing import unpacked
from clinic_runtime.rpc import RpcClient, command
from clinic_runtime.testing import eventually, running

Documents = Database[dict[str, Any]]
PROGRAM = f"import clinic_runtime.green, runpy; runpy.run_path({__file__!r}, run_name='__main__')"


@event("loom.thread_laid.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadLaid:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Lay:
    cloth: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Laid:
    version: int


LAY = Operation("loom", "lay", Lay, Laid)


class Loom:
    name = "loom"
    database = MongoDatabase(lambda _database: None)
    outbox = Outbox("cloths")

    @command(LAY)
    def lay(self, request: Lay, _context: CallContext) -> Laid:
        lay(self.database, request.cloth, 0)
        return Laid(version=1)


class Weaver:
    name = "weaver"
    rpc = RpcClient()


@pytest.fixture
def config(database: Documents, mongo_uri: str, amqp_uri: str) -> dict[str, str]:
    return {"mongo_uri": mongo_uri, "amqp_uri": amqp_uri, "database": database.name}


def lay(database: Documents, cloth: str, version: int) -> None:
    """Write the version after ``version`` of a cloth."""
    context = CallContext(actor="staff:test", correlation_id="1", operation_id=ulid())
    told: dict[str, Any] = {"event": ThreadLaid(), "context": context, "at": now()}
    if version:
        assert outbox.update(database["cloths"], cloth, version, {}, **told)
    else:
        outbox.insert(database["cloths"], {"_id": cloth}, **told)


def relay_of(container: ServiceContainer) -> Outbox:
    found: Outbox = next(each for each in container.dependencies if isinstance(each, Outbox))
    return found


def listening(uri: str) -> tuple[list[tuple[str, int]], Any]:
    """Return subject and sequence of each event as it comes, and what to stop."""
    found: list[tuple[str, int]] = []
    connection = open_connection(uri)
    channel = connection.channel()
    channel.exchange_declare("loom.events", "topic", durable=True, auto_delete=False)
    queue = channel.queue_declare(exclusive=True).queue
    channel.queue_bind(queue, "loom.events", "#")

    def take(message: Any) -> None:
        read = [each.document for each in unpacked(message)]
        found.extend((event["subject"], event["sequence"]) for event in read)

    def read() -> None:
        while True:
            connection.drain_events()

    channel.basic_consume(queue, no_ack=True, callback=take)
    return found, eventlet.spawn(read)


def test_a_holder_that_is_killed_is_followed_within_the_lease_and_nothing_is_lost(
    config: dict[str, str], database: Documents, tmp_path: Path
) -> None:
    received, reader = listening(config["amqp_uri"])
    settings = tmp_path / "config.json"
    settings.write_text(json.dumps(config))
    with subprocess.Popen([sys.executable, "-c", PROGRAM, str(settings)]) as holder:
        try:
            eventually(lambda: len(received) > 20, timeout=20)
            with running(Loom, config) as other:
                eventually(lambda: len(received) > 60)
                assert not relay_of(other).lease.held
                holder.kill()
                killed = time.monotonic()
                eventually(lambda: relay_of(other).lease.held)
                assert time.monotonic() - killed < LEASE_SECONDS * 4 / 3 + 0.5
                for cloth in database["cloths"].find():
                    lay(relay_of(other).database, cloth["_id"], cloth["version"])
                eventually(lambda: not left(database))
        finally:
            holder.kill()
    reader.kill()
    written = {
        (each["_id"], version)
        for each in database["cloths"].find()
        for version in range(1, each["version"] + 1)
    }
    assert set(received) == written
    first_heard = list(
        dict.fromkeys(received)
    )  # what came twice was sent again from where it broke
    for cloth in {subject for subject, _ in written}:
        of_cloth = [seq for subject, seq in first_heard if subject == cloth]
        assert of_cloth == sorted(of_cloth)
    rows = list(database["journal"].find().sort("position", 1))
    assert [row["position"] for row in rows] == list(range(1, len(written) + 1))


def left(database: Documents) -> int:
    return database["cloths"].count_documents({"outbox.at": {"$exists": True}})


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    made = Place(Path(tmp_path_factory.mktemp("broker")))
    with private_rabbitmq(made):
        yield made


def set_watermark(place: Place, share: str) -> None:
    """Have the broker take messages only while it uses less than this share of the memory."""
    subprocess.run(
        [rabbitmq.SERVER.with_name("rabbitmqctl"), "set_vm_memory_high_watermark", share],
        env=rabbitmq.environment(place),
        check=True,
        stdout=subprocess.DEVNULL,
    )


@pytest.mark.private
@pytest.mark.parametrize("patience", [0.3, publisher.CONFIRM_SECONDS])
def test_while_a_full_broker_takes_nothing_events_wait_and_callers_are_answered(
    config: dict[str, str],
    database: Documents,
    place: Place,
    monkeypatch: pytest.MonkeyPatch,
    patience: float,
) -> None:
    monkeypatch.setattr(publisher, "CONFIRM_SECONDS", patience)  # shorter and longer than the alarm
    config = {**config, "amqp_uri": rabbitmq.uri(place, ADMIN)}
    received, reader = listening(config["amqp_uri"])
    context = CallContext(actor="staff:test", correlation_id="1", operation_id="1")
    with running(Loom, config) as loom, running(Weaver, config) as weaver:
        rpc = next(each for each in weaver.dependencies if isinstance(each, RpcClient))
        rpc.call(LAY, {"cloth": "before"}, context)
        eventually(lambda: len(received) == 1)
        set_watermark(place, "0.0000001")
        written = 0
        for number in range(50):
            lay(relay_of(loom).database, f"during_{number}", 0)
            written += 1
        began = time.monotonic()
        with pytest.raises(ServiceUnavailable):
            rpc.call(LAY, {"cloth": "asked"}, context, 1.0)
        assert time.monotonic() - began < 1.5
        assert len(received) == 1
        assert left(database) == written
        set_watermark(place, "0.6")
        eventually(lambda: len(set(received)) > written, timeout=15)
        eventually(lambda: not left(database))
        eventually(lambda: rpc.call(LAY, {"cloth": ulid()}, context))
    reader.kill()


if __name__ == "__main__":
    with running(Loom, json.loads(Path(sys.argv[1]).read_text())) as container:
        own = relay_of(container).database
        for turn in range(100_000):
            lay(own, f"cloth_{turn % 7}", turn // 7)
            eventlet.sleep(0.005)
