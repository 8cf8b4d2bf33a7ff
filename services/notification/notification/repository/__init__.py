"""Messages, what is known of the visits and people they are about, and webhooks."""

from typing import Any

from pymongo.database import Database

from notification.repository import account_letters, known, messages, webhooks
from notification.repository.known import KEPT, PROJECTIONS, Known
from notification.repository.messages import LEASE, MongoMessages, counts

__all__ = [
    "KEPT",
    "LEASE",
    "OUTBOXES",
    "PROJECTIONS",
    "Known",
    "MongoMessages",
    "counts",
    "ensure",
]

OUTBOXES = ("messages",)


def ensure(database: Database[dict[str, Any]]) -> None:
    """Make every index."""
    messages.ensure(database)
    known.ensure(database)
    account_letters.ensure(database)
    webhooks.ensure(database)
