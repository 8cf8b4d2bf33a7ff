"""Calendar feeds in MongoDB, found by the fingerprint of their secret."""

from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database

from booking.domain.feed import Feed

Document = dict[str, Any]


def ensure(database: Database[Document]) -> None:
    """Make every index."""
    feeds = database["calendar_feeds"]
    feeds.create_index([("fingerprint", ASCENDING)], unique=True)
    feeds.create_index([("practitioner_id", ASCENDING), ("created_at", ASCENDING)])


class MongoFeeds:
    """Calendar feeds, each a document."""

    def __init__(self, database: Database[Document]) -> None:
        self.collection = database["calendar_feeds"]

    def add(self, feed: Feed) -> None:
        """Keep a new one."""
        self.collection.insert_one(
            {
                "_id": feed.id,
                "practitioner_id": feed.practitioner_id,
                "fingerprint": feed.fingerprint,
                "created_at": feed.created_at,
                "created_by": feed.created_by,
                "location_ids": None if feed.location_ids is None else list(feed.location_ids),
            }
        )

    def known_by(self, fingerprint: str) -> Feed | None:
        """Return the one whose secret has the fingerprint, or None."""
        found = self.collection.find_one({"fingerprint": fingerprint})
        return None if found is None else _feed(found)

    def of(self, practitioner_id: str) -> list[Feed]:
        """Return a practitioner's, the oldest first."""
        found = self.collection.find({"practitioner_id": practitioner_id})
        return [_feed(each) for each in found.sort("created_at", ASCENDING)]

    def remove(self, practitioner_id: str, id_: str) -> bool:
        """Forget one; False when there is none."""
        query = {"_id": id_, "practitioner_id": practitioner_id}
        return self.collection.delete_one(query).deleted_count == 1


def _feed(found: Document) -> Feed:
    locations = found["location_ids"]
    return Feed(
        id=found["_id"],
        practitioner_id=found["practitioner_id"],
        fingerprint=found["fingerprint"],
        created_at=found["created_at"],
        created_by=found["created_by"],
        location_ids=None if locations is None else tuple(locations),
    )
