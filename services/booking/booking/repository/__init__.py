"""Appointments and settings in MongoDB."""

from typing import Any

from pymongo.database import Database

from booking.repository import appointments, closures, settings
from booking.repository.appointments import MongoAppointments, counts, findings
from booking.repository.closures import MongoClosures
from booking.repository.settings import MongoSettings, Recent

__all__ = [
    "OUTBOXES",
    "MongoAppointments",
    "MongoClosures",
    "MongoSettings",
    "Recent",
    "counts",
    "ensure",
    "findings",
]

OUTBOXES = ("appointments", "closures", *settings.COLLECTIONS.values())


def ensure(database: Database[dict[str, Any]]) -> None:
    """Make every index."""
    appointments.ensure(database)
    closures.ensure(database)
    settings.ensure(database)
