"""The journal: every event of a service, append-only, in the order of its ``position``.

Positions are 1, 2, 3 … and rows become visible in their order: one replica writes, one command
after another, so whoever has read up to a position misses no smaller one. A replica that
writes on without knowing that it was replaced takes a position twice, which the unique index
refuses.
"""

from collections.abc import Sequence
from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.database import Database
from pymongo.errors import BulkWriteError

Document = dict[str, Any]
DUPLICATE_KEY = 11_000


class DisplacedError(Exception):
    """Another replica has taken the next position: this one is not the only writer."""


def ensure_journal(database: Database[Document]) -> None:
    """Make the indexes by which rows are found."""
    journal = database["journal"]
    journal.create_index([("position", ASCENDING)], unique=True, sparse=True)
    journal.create_index([("subject", ASCENDING), ("seq", ASCENDING)])
    journal.create_index([("at", ASCENDING), ("type", ASCENDING)])
    journal.create_index([("correlation_id", ASCENDING), ("position", ASCENDING)])


class Journal:
    """Appends; remembers the last position, and asks for it when that may have changed."""

    def __init__(self, database: Database[Document]) -> None:
        """Take the service's database."""
        self.rows = database["journal"]
        self.last: int | None = None

    def record(self, entries: Sequence[Document]) -> None:
        """Append outbox entries in this order; one already there stays as it is.

        Raises DisplacedError, or PyMongoError when it is unknown what was written.
        """
        rows = [_row(entry) for entry in entries]
        try:
            while rows:
                rows = self._append(rows)
        except BaseException:  # a time-out of the caller's included
            self.last = None
            raise

    def _append(self, rows: list[Document]) -> list[Document]:
        """Insert rows up to the first that is there already; return what is left to insert."""
        if self.last is None:
            self.last = self._last()
        for position, row in enumerate(rows, start=self.last + 1):
            row["position"] = position
        try:
            self.rows.insert_many(rows, ordered=True)
        except BulkWriteError as error:
            refused = error.details["writeErrors"]
            if error.details["writeConcernErrors"] or refused[0]["code"] != DUPLICATE_KEY:
                raise
            if "position" in refused[0]["keyPattern"]:
                raise DisplacedError from error
            self.last += refused[0]["index"]
            ids = [row["_id"] for row in rows]
            known = {row["_id"] for row in self.rows.find({"_id": {"$in": ids}}, {"_id": 1})}
            return [row for row in rows if row["_id"] not in known]
        self.last += len(rows)
        return []

    def _last(self) -> int:
        newest = self.rows.find_one(
            {"position": {"$gt": 0}}, {"position": 1}, sort=[("position", DESCENDING)]
        )
        return int(newest["position"]) if newest else 0


def _row(entry: Document) -> Document:
    event = entry["event"]
    return {
        "_id": entry["id"],
        "at": entry["at"],
        "type": event["type"],
        "subject": event["subject"],
        "seq": event["sequence"],
        "correlation_id": event["correlationid"],
        "event": event,
    }
