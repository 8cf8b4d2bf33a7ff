"""What changed what a client owes, from the ledger."""

from collections.abc import Sequence
from datetime import UTC, date

from pymongo.database import Database

from billing.domain.ledger import AR_CLIENT
from billing.domain.statement import Moved
from billing.repository.collections import Document
from clinic_contracts.client_profile.events import ClientChanged
from clinic_contracts.trusted import read


class StatementRecords:
    """Clients and what moved what they owe, to read."""

    def __init__(self, database: Database[Document]) -> None:
        self.database = database

    def client(self, id_: str) -> ClientChanged | None:
        """Return what is known of one now, or None."""
        found = self.database["clients"].find_one({"_id": id_})
        return None if found is None else read(ClientChanged, found["view"])

    def moved(
        self, client_id: str, location_ids: Sequence[str] | None, currency: str
    ) -> list[Moved]:
        """Return it in order; ``location_ids`` None means at every location."""
        query: Document = {"state.client_id": client_id}
        if location_ids is not None:
            query["state.location_id"] = {"$in": list(location_ids)}
        numbers = {
            row["_id"]: str(row["state"]["number"])
            for row in self.database["invoices"].find(query, {"state.number": 1})
        }
        of_theirs = {"postings.invoice_id": {"$in": list(numbers)}}
        rows = self.database["ledger"].aggregate([
            {"$match": {**of_theirs, "currency": currency}},
            {"$unwind": "$postings"},
            {"$match": {**of_theirs, "postings.account": AR_CLIENT}},
            {"$sort": {"at": 1, "_id": 1}},
        ])  # fmt: skip
        moved = [
            Moved(
                _day(row),
                row["_id"],
                row["postings"]["invoice_id"],
                numbers[row["postings"]["invoice_id"]],
                int(row["postings"]["minor"]),
            )
            for row in rows
        ]
        return sorted(moved, key=lambda each: each.day)


def _day(row: Document) -> date:
    # Entries made before they named their day have the moment alone.
    return date.fromisoformat(row["day"]) if "day" in row else row["at"].astimezone(UTC).date()
