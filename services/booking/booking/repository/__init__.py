"""Appointments and settings in MongoDB."""

from typing import Any

from pymongo.database import Database

from booking.repository import (
    appointments,
    clients,
    closures,
    editions,
    feeds,
    series,
    settings,
    waitlist,
)
from booking.repository.appointments import MongoAppointments
from booking.repository.bulk_moves import MongoBulkMoves
from booking.repository.clients import KEPT, PROJECTIONS, MongoClients
from booking.repository.closures import MongoClosures
from booking.repository.editions import MongoEditions
from booking.repository.feeds import MongoFeeds
from booking.repository.proof import counts, findings
from booking.repository.series import MongoSeries
from booking.repository.settings import MongoSettings, Recent
from booking.repository.usage import MongoUsage
from booking.repository.waitlist import MongoWaitlist

__all__ = [
    "KEPT",
    "OUTBOXES",
    "PROJECTIONS",
    "MongoAppointments",
    "MongoBulkMoves",
    "MongoClients",
    "MongoClosures",
    "MongoEditions",
    "MongoFeeds",
    "MongoSeries",
    "MongoSettings",
    "MongoUsage",
    "MongoWaitlist",
    "Recent",
    "counts",
    "ensure",
    "findings",
]

OUTBOXES = ("appointments", "closures", *settings.COLLECTIONS.values(), waitlist.ENTRIES)


def ensure(database: Database[dict[str, Any]]) -> None:
    """Make every index."""
    appointments.ensure(database)
    closures.ensure(database)
    editions.ensure(database)
    feeds.ensure(database)
    series.ensure(database)
    settings.ensure(database)
    clients.ensure(database)
    waitlist.ensure(database)
