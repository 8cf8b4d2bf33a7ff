"""Which letters about accounts went out; of what they said nothing is kept."""

from datetime import datetime
from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database

Document = dict[str, Any]
KEPT_SECONDS = 24 * 3_600


def ensure(database: Database[Document]) -> None:
    """Have what was sent forgotten after a day."""
    letters = database["account_letters"]
    letters.create_index([("at", ASCENDING)], expireAfterSeconds=KEPT_SECONDS)


class SentLetters:
    """The letters that went out."""

    def __init__(self, database: Database[Document]) -> None:
        self.collection = database["account_letters"]

    def has(self, message_id: str) -> bool:
        """Say whether a letter went out."""
        return self.collection.find_one({"_id": message_id}) is not None

    def keep(self, message_id: str, at: datetime) -> None:
        """Record that a letter went out."""
        self.collection.update_one({"_id": message_id}, {"$set": {"at": at}}, upsert=True)
