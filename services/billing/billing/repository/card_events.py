"""Events of the card processor that were taken, and what is under way that they are about."""

from datetime import datetime

from pymongo.database import Database

from billing.repository.collections import CARD_EVENTS, UNDER_WAY, Document
from billing.repository.records import LeftPayment, LeftRefund, left_payment, left_refund


def is_card_event_taken(database: Database[Document], id_: str) -> bool:
    """Say whether an event was taken before."""
    return database[CARD_EVENTS].find_one({"_id": id_}, {"_id": 1}) is not None


def keep_card_event(database: Database[Document], id_: str, now: datetime) -> None:
    """Note that an event was taken, for as long as it may come again."""
    database[CARD_EVENTS].update_one({"_id": id_}, {"$setOnInsert": {"at": now}}, upsert=True)


def payment_under_way(database: Database[Document], id_: str) -> LeftPayment | None:
    """Return a card payment whose outcome is not recorded yet, or None."""
    found = database["payments"].find_one({"_id": id_, **UNDER_WAY})
    return None if found is None else left_payment(found)


def refund_under_way(database: Database[Document], id_: str) -> LeftRefund | None:
    """Return a refund whose outcome is not recorded yet, or None."""
    found = database["refunds"].find_one({"_id": id_, **UNDER_WAY})
    return None if found is None else left_refund(found)
