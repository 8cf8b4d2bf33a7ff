"""Collections and the client, made by several parts of a process and by several processes."""

from typing import Any

import eventlet
import pytest
from pymongo.database import Database
from pymongo.errors import WriteError

from clinic_runtime.mongo import connect, ensure_collection, project
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


def test_of_events_that_are_the_first_at_once_the_latest_stays(
    database: Database[dict[str, Any]], mongo_uri: str
) -> None:
    """Each finds nothing and inserts: the one that is refused is not for that the older one."""
    processes = [connect(mongo_uri, "tests") for _ in range(4)]
    collections = [process[database.name]["known"] for process in processes]
    for number in range(100):
        racing = [
            eventlet.spawn(project, collection, f"subject {number}", seq, {"view": seq})
            for seq, collection in enumerate(collections, start=1)
        ]
        for each in racing:
            each.wait()
    wrong = database["known"].count_documents({"seq": {"$ne": len(processes)}})
    for process in processes:
        process.close()
    assert wrong == 0
