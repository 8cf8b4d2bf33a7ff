"""Appointments and settings in MongoDB."""

from typing import Any

from pymongo.database import Database

from booking.repository import appointments, settings
from booking.repository.appointments import MongoAppointments, counts, findings
from booking.repository.settings import MongoSettings, Recent

__all__ = [
    "OUTBOXES",
    "MongoAppointments",
    "MongoSettings",
    "Recent",
    "counts",
    "ensure",
    "findings",
]

OUTBOXES = ("appointments", *settings.COLLECTIONS.values())


def ensure(database: Database[dict[str, Any]]) -> None:
    """Make every index."""
    appointments.ensure(database)
    settings.ensure(database)
