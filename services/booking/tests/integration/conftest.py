"""The clinic that most of these tests happen in."""

from typing import Any

import pytest
from pymongo.database import Database

from booking.repository import MongoAppointments, MongoSettings
from booking.testing import Clinic
from booking.testing_waitlist import Queue


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
