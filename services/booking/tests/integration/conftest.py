"""The clinic that most of these tests happen in."""

from collections.abc import Iterator
from typing import Any

import pytest
from pymongo.database import Database

from booking.repository import MongoAppointments, MongoSettings
from booking.testing import Clinic
from booking.testing_waitlist import Queue
from clinic_runtime.ids import ulid
from clinic_runtime.mongo import connect


@pytest.fixture(scope="session")
def kept_database(mongo_uri: str) -> Iterator[Database[dict[str, Any]]]:
    """Yield the database of all these tests: making the indexes for each took half of the time."""
    client = connect(mongo_uri, "tests")
    name = f"test_{ulid().lower()}"
    yield client[name]
    client.drop_database(name)
    client.close()


@pytest.fixture
def database(kept_database: Database[dict[str, Any]]) -> Database[dict[str, Any]]:
    """Return it without a document."""
    for name in kept_database.list_collection_names():
        kept_database[name].delete_many({})
    return kept_database


@pytest.fixture
def clinic(database: Database[dict[str, Any]]) -> Clinic:
    return Clinic(database)


@pytest.fixture
def overtaken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have another delivery of the same call save first, each time."""
    for repository in (MongoAppointments, MongoSettings):
        save = repository.save

        def twice(self: Any, *change: Any, save: Any = save) -> bool:
            save(self, *change)
            return bool(save(self, *change))

        monkeypatch.setattr(repository, "save", twice)


@pytest.fixture
def queue(clinic: Clinic) -> Queue:
    """Return the clinic's waitlist."""
    return Queue(clinic)
