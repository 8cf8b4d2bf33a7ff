"""Closed days: within a transaction, to read, and proved against the ledger."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from pymongo.database import Database

from billing.domain.day_close import ACCOUNTS
from billing.repository.claims import state_of
from billing.repository.collections import Document
from billing.repository.records import newest, view_of
from billing.repository.transaction import ChangedMeanwhileError, Transaction
from clinic_contracts.billing.day_closes import DayCloseView, ListDayCloses
from clinic_runtime import outbox
from clinic_runtime.clock import now

COLLECTION = "day_closes"


class DayCloseBooks(Transaction):
    """The part of the books that days are closed by."""

    __slots__ = ()

    def closed_days(self, location_id: str, since: date) -> frozenset[date]:
        """Return the location's closed days from a day on."""
        query = {
            "state.location_id": location_id,
            "state.status": "closed",
            "state.day": {"$gte": since.isoformat()},
        }
        rows = self.database[COLLECTION].find(query, {"state.day": 1}, session=self.session)
        return frozenset(date.fromisoformat(row["state"]["day"]) for row in rows)

    def hold_payments(self, location_id: str) -> None:
        """Have each payment and refund of a location under way now start over.

        Each takes a receipt's number; who writes the same counter cannot be committed beside it,
        and so sees the day closed.
        """
        self.database["counters"].update_one(
            {"_id": f"receipt|{location_id}"},
            {"$inc": {"holds": 1}, "$setOnInsert": {"number": 0}},
            upsert=True,
            session=self.session,
        )

    def taken(self, location_id: str, day: date, currency: str) -> Mapping[str, int]:
        """Return what the ledger says was taken less what was given back, by account, in minor."""
        rows = self.database["ledger"].aggregate(
            taken_pipeline(location_id, day, currency), session=self.session
        )
        return {row["_id"]: int(row["minor"]) for row in rows}

    def day_close(self, id_: str) -> DayCloseView | None:
        """Return one, or None."""
        found = self._one(COLLECTION, id_)
        return None if found is None else view_of(DayCloseView, found)

    def add_day_close(self, closed: DayCloseView, event: Any) -> None:  # noqa: ANN401
        """Insert one with its event."""
        document = outbox.new(
            {"_id": closed.id, "at": closed.closed_at, "state": state_of(closed)},
            event=event,
            context=self.context,
            at=now(),
            location_id=closed.location_id,
        )
        collection = self.database[COLLECTION]
        self.after.append(outbox.insert_together(collection, [document], self.session))

    def save_day_close(self, closed: DayCloseView, event: Any) -> None:  # noqa: ANN401
        """Save over ``closed.version``; a concurrent change makes one of the two try again."""
        saved = outbox.update(
            self.database[COLLECTION],
            closed.id,
            closed.version,
            {"$set": {"state": state_of(closed)}},
            event=event,
            context=self.context,
            at=now(),
            location_id=closed.location_id,
            session=self.session,
        )
        if not saved:
            raise ChangedMeanwhileError


class DayCloseRecords:
    """Closed days to read, outside a transaction."""

    def __init__(self, database: Database[Document]) -> None:
        self.database = database

    def one(self, id_: str) -> DayCloseView | None:
        """Return one, or None."""
        found = self.database[COLLECTION].find_one({"_id": id_})
        return None if found is None else view_of(DayCloseView, found)

    def page(self, request: ListDayCloses) -> tuple[tuple[DayCloseView, ...], str | None]:
        """Return a page, last closed first, and the cursor of the next one, if there is one."""
        query = {"state.location_id": request.location_id}
        page, following = newest(self.database[COLLECTION], query, request.cursor, request.limit)
        return tuple(view_of(DayCloseView, row) for row in page), following


def taken_pipeline(location_id: str, day: date, currency: str) -> list[Document]:
    """Return what sums a location's day by account."""
    here = {"postings.location_id": location_id}
    return [
        {"$match": {**here, "day": day.isoformat(), "currency": currency}},
        {"$unwind": "$postings"},
        {"$match": {**here, "postings.account": {"$in": [*ACCOUNTS]}}},
        {"$group": {"_id": "$postings.account", "minor": {"$sum": "$postings.minor"}}},
    ]


def unreconciled() -> list[Document]:
    """Return, to run on the closed days, by how much each differs from the ledger."""
    account = {
        "$switch": {
            "branches": [
                {"case": {"$eq": ["$state.methods.method", method]}, "then": name}
                for name, method in ACCOUNTS.items()
            ],
            "default": "",
        }
    }
    counted = "$state.methods.counted"
    ledger = [
        {"$match": {"day": {"$exists": True}}},
        {"$unwind": "$postings"},
        {"$match": {"postings.account": {"$in": [*ACCOUNTS]}}},
        {
            "$project": {
                "_id": _key("$postings.location_id", "$day", "$postings.account", "$currency"),
                "minor": {"$multiply": [-1, "$postings.minor"]},
            }
        },
    ]
    return [
        {"$match": {"state.status": "closed"}},
        {"$unwind": "$state.methods"},
        {
            "$project": {
                "_id": _key("$state.location_id", "$state.day", account, f"{counted}.currency"),
                "minor": f"{counted}.amount_minor",
                "closed": {"$literal": 1},
            }
        },
        {"$unionWith": {"coll": "ledger", "pipeline": ledger}},
        {
            "$group": {
                "_id": "$_id",
                "minor": {"$sum": "$minor"},
                "closed": {"$sum": "$closed"},
            }
        },
        {"$match": {"closed": {"$gt": 0}}},
        {"$project": {"off": {"$abs": "$minor"}}},
    ]


def _key(location_id: str, day: str, account: Any, currency: str) -> Document:  # noqa: ANN401
    return {"location_id": location_id, "day": day, "account": account, "currency": currency}
