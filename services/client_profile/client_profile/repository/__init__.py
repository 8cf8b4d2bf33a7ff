"""Clients and what belongs to them in MongoDB; what tells of their health is sealed."""

from pymongo.database import Database

from client_profile.repository import access_log, charts, clients
from client_profile.repository.access_log import MongoAccessLog
from client_profile.repository.charts import MongoCharts
from client_profile.repository.clients import MongoClients, counts
from clinic_runtime.mongo import Document

__all__ = ["OUTBOXES", "MongoAccessLog", "MongoCharts", "MongoClients", "counts", "ensure"]

OUTBOXES = (*clients.COLLECTIONS, *charts.COLLECTIONS.values())


def ensure(database: Database[Document]) -> None:
    """Make every index."""
    clients.ensure(database)
    charts.ensure(database)
    access_log.ensure(database)
