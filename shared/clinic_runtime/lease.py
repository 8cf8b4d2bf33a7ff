"""One of several replicas of a service does what only one may do: it holds the lease.

A lease is a document of the service's database, and its expiry is by the database's clock, so
replicas need not agree on the time. The holder itself counts by a clock that never jumps, from
before it asked, so that it stops trusting its lease no later than the database does.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from clinic_runtime.ids import ulid

Document = dict[str, Any]
LEASE_SECONDS = 5.0
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def ensure_lease(database: Database[Document], name: str) -> None:
    """Make the lease, free to take, unless it exists."""
    try:
        database["leases"].update_one(
            {"_id": name}, {"$setOnInsert": {"until": LONG_AGO}}, upsert=True
        )
    except DuplicateKeyError:  # another replica made it in the same moment
        return


class Lease:
    """One replica's view of a lease: ``keep`` takes or renews it, a third of its time apart."""

    def __init__(self, name: str, clock: Callable[[], float] = time.monotonic) -> None:
        """Start without it."""
        self.name = name
        self.clock = clock
        self.replica = ulid()
        self.until = 0.0
        self.due = 0.0

    @property
    def held(self) -> bool:
        """Say whether this replica may rely on it now."""
        return self.clock() < self.until

    def doubt(self) -> None:
        """Trust it no more and ask the database at the next ``keep``."""
        self.until = 0.0
        self.due = 0.0

    def keep(self, database: Database[Document]) -> bool:
        """Take or renew the lease when that is due; return whether it is held."""
        began = self.clock()
        if began >= self.due:
            free = {
                "$or": [{"$eq": ["$holder", self.replica]}, {"$lt": ["$until", "$$NOW"]}],
            }
            until = {"$add": ["$$NOW", int(LEASE_SECONDS * 1000)]}
            taken = database["leases"].find_one_and_update(
                {"_id": self.name, "$expr": free},
                [{"$set": {"holder": self.replica, "until": until}}],
            )
            self.until = began + LEASE_SECONDS if taken else 0.0
            self.due = began + LEASE_SECONDS / 3
        return self.held

    def release(self, database: Database[Document]) -> None:
        """Give it up, for another to take at once."""
        self.until = 0.0
        database["leases"].update_one(
            {"_id": self.name, "holder": self.replica},
            {"$set": {"until": LONG_AGO}, "$unset": {"holder": ""}},
        )
