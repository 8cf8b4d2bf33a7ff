"""What is read outside a transaction: pages of lists, and the payments a process left."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from pymongo import ASCENDING
from pymongo.database import Database

from billing.repository.collections import NEWEST_FIRST, Document
from clinic_contracts.billing.requests import PaymentView
from clinic_contracts.context import CallContext
from clinic_contracts.schemas import load_answer

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class LeftPayment:
    """A card payment under way, and in whose name it was begun."""

    payment: PaymentView
    token: str
    context: CallContext


def page(
    database: Database[Document], name: str, query: Document, after: list[Any] | None, limit: int
) -> list[Document]:
    """Return up to ``limit`` documents of a list, newest first."""
    if after is not None:
        at, id_ = after
        query = {**query, "$or": [{"at": {"$lt": at}}, {"at": at, "_id": {"$lt": id_}}]}
    return list(database[name].find(query).sort(NEWEST_FIRST).limit(limit))


def view_of(kind: type[T], found: Document) -> T:
    """Return an invoice or a claim of its document."""
    return load_answer(kind, {**found["state"], "id": found["_id"], "version": found["version"]})


def take_left_payment(
    database: Database[Document], before: datetime, at: datetime
) -> LeftPayment | None:
    """Return a card payment that nobody has asked the processor about since ``before``, or None.

    It counts as asked about ``at``, so that one sweep takes it, and the next comes round to it.
    """
    found = database["payments"].find_one_and_update(
        {"asked_at": {"$lt": before}}, {"$set": {"asked_at": at}}, sort=[("asked_at", ASCENDING)]
    )
    if found is None:
        return None
    return LeftPayment(
        payment=load_answer(PaymentView, found["state"]),
        token=found["card_token"],
        context=CallContext.from_wire(found["context"]),
    )
