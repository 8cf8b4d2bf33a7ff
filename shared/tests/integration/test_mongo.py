"""Collections and the client, made by several parts of a process and by several processes."""

from typing import Any

import eventlet
import pytest
from pymongo.database import Database
from pymongo.errors import WriteError

from clinic_runtime.mongo import ensure_collection
from clinic_runtime.relay import ensure_collections


def test_many_may_make_the_same_collections_at_once(database: Database[dict[str, Any]]) -> None:
    starts = [eventlet.spawn(ensure_collections, database, ("invoices",)) for _ in range(5)]
    starts += [eventlet.spawn(ensure_collection, database, "invoices") for _ in range(5)]
    for start in starts:
        start.wait()
    assert "outbox" in database["invoices"].index_information()


def test_the_validator_of_a_collection_that_exists_stays(
    database: Database[dict[str, Any]],
) -> None:
    ensure_collection(database, "ledger", {"minor": {"$type": "int"}})
    ensure_collection(database, "ledger", {})
    with pytest.raises(WriteError):
        database["ledger"].insert_one({"minor": "5"})
