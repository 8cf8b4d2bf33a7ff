"""A handler that fails each time: its event is parked with every failure, the others go on.

One that ends its process is shared/tests/integration/test_process.py's.
"""

import json
from dataclasses import dataclass
from typing import Any

import amqp
import pytest
from pymongo.database import Database

from clinic_contracts import envelope
from clinic_contracts.envelope import event
from clinic_runtime import retry, topology
from clinic_runtime.clock import now
from clinic_runtime.events import handles
from clinic_runtime.ids import ulid
from clinic_runtime.link import open_connection
from clinic_runtime.mongo import MongoDatabase
from clinic_runtime.testing import eventually, running

Documents = Database[dict[str, Any]]


@event("forge.blade_cast.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class BladeCast:
    cracks: bool


class Smith:
    name = "smith"
    database = MongoDatabase(lambda _database: None)

    @handles(BladeCast)
    def temper(self, received: envelope.Event) -> None:
        self.database["tries"].insert_one({"blade": received.id})
        if received.data.cracks:
            message = f"cracked for the {self.database['tries'].count_documents({})}th time"
            raise ValueError(message)
        self.database["done"].insert_one({"_id": received.id})


def cast(amqp_uri: str, cracks: list[bool]) -> list[str]:
    connection = open_connection(amqp_uri)
    channel = connection.channel()
    ids = []
    for each in cracks:
        made = envelope.Event(
            id=f"evt_{ulid()}",
            type="forge.blade_cast.v1",
            subject=f"blade_{ulid()}",
            seq=1,
            occurred_at=now(),
            data=BladeCast(cracks=each),
            actor="staff:test",
            correlation_id="the request",
        )
        body = json.dumps(envelope.to_wire(made))
        message = amqp.Message(body, message_id=made.id, type=made.type, delivery_mode=2)
        channel.basic_publish(message, exchange="forge.events", routing_key=made.type)
        ids.append(made.id)
    connection.close()
    return ids


def test_what_always_fails_is_parked_with_its_history_and_holds_nobody_up(
    database: Documents, mongo_uri: str, amqp_uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(topology, "RETRY_SECONDS", topology.RETRY_SECONDS[:1])
    config = {"mongo_uri": mongo_uri, "amqp_uri": amqp_uri, "database": database.name}
    with running(Smith, config):
        broken, *sound = cast(amqp_uri, [True] + [False] * 50)
        eventually(lambda: database["done"].count_documents({}) == 50)
        assert database["parked"].count_documents({}) == 0, "the others did not wait for it"
        parked = eventually(lambda: database["parked"].find_one({}), timeout=30)
    assert {each["_id"] for each in database["done"].find()} == set(sound)
    assert database["parked"].count_documents({}) == 1
    assert parked["_id"] == broken
    assert len(parked["history"]) == retry.FAILURES_BEFORE_PARKING
    assert len({failure["error"] for failure in parked["history"]}) == len(parked["history"])
    assert parked["error"] == parked["history"][-1]["error"]
    assert database["tries"].count_documents({"blade": broken}) == retry.FAILURES_BEFORE_PARKING
