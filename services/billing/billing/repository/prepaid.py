"""Gift cards, packages and deposits: within a transaction, to read, and those that expire."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from pymongo.database import Database

from billing.repository.claims import state_of
from billing.repository.collections import Document
from billing.repository.records import newest, view_of
from billing.repository.transaction import ChangedMeanwhileError, Transaction
from clinic_contracts.billing.prepaid import ListPrepaid, PrepaidView
from clinic_runtime import outbox
from clinic_runtime.clock import now

COLLECTION = "prepaid"


class PrepaidBooks(Transaction):
    """The part of the books that is paid in advance."""

    __slots__ = ()

    def prepaid(self, id_: str) -> PrepaidView | None:
        """Return one, or None."""
        found = self._one(COLLECTION, id_)
        return None if found is None else view_of(PrepaidView, found)

    def prepaid_of_invoice(self, invoice_id: str) -> PrepaidView | None:
        """Return what an invoice sold, or None."""
        query = {"state.invoice_id": invoice_id}
        found = self.database[COLLECTION].find_one(query, session=self.session)
        return None if found is None else view_of(PrepaidView, found)

    def add_prepaid(self, prepaid: PrepaidView, event: Any) -> None:  # noqa: ANN401
        """Insert one with its event."""
        document = outbox.new(
            {"_id": prepaid.id, "at": prepaid.sold_at, "state": state_of(prepaid)},
            event=event,
            context=self.context,
            at=now(),
            location_id=prepaid.location_id,
        )
        collection = self.database[COLLECTION]
        self.after.append(outbox.insert_together(collection, [document], self.session))

    def save_prepaid(self, prepaid: PrepaidView, event: Any) -> None:  # noqa: ANN401
        """Save over ``prepaid.version``; a concurrent change makes one of the two try again."""
        saved = outbox.update(
            self.database[COLLECTION],
            prepaid.id,
            prepaid.version,
            {"$set": {"state": state_of(prepaid)}},
            event=event,
            context=self.context,
            at=now(),
            location_id=prepaid.location_id,
            session=self.session,
        )
        if not saved:
            raise ChangedMeanwhileError


class PrepaidRecords:
    """Gift cards, packages and deposits to read, outside a transaction."""

    def __init__(self, database: Database[Document]) -> None:
        self.database = database

    def one(self, id_: str) -> PrepaidView | None:
        """Return one, or None."""
        found = self.database[COLLECTION].find_one({"_id": id_})
        return None if found is None else view_of(PrepaidView, found)

    def page(
        self, request: ListPrepaid, location_ids: Sequence[str] | None
    ) -> tuple[tuple[PrepaidView, ...], str | None]:
        """Return a page of what was sold there, newest first, and the cursor of the next, if any.

        ``location_ids`` None means at every location.
        """
        query: Document = {"state.client_id": request.client_id}
        if location_ids is not None:
            query["state.location_id"] = {"$in": list(location_ids)}
        page, following = newest(self.database[COLLECTION], query, request.cursor, request.limit)
        return tuple(view_of(PrepaidView, row) for row in page), following


def expired(database: Database[Document], before: date, limit: int) -> list[str]:
    """Return ids of what was to be used before a day and has something left."""
    query = {"state.status": "active", "state.expires_on": {"$lt": before.isoformat()}}
    rows = database[COLLECTION].find(query, {"_id": 1}).sort("state.expires_on", 1).limit(limit)
    return [row["_id"] for row in rows]
