"""Sums of the ledger's postings, made by the server."""

from collections.abc import Mapping, Sequence
from datetime import date

from pymongo.database import Database

from billing.domain.ledger import REVENUE
from billing.repository.collections import Document

GROUPED_BY: Mapping[str, str] = {
    "day": "$day",
    "location": "$postings.location_id",
    "practitioner": "$postings.practitioner_id",
    "treatment": "$postings.treatment_id",
}


class ReportRecords:
    """The ledger, summed."""

    def __init__(self, database: Database[Document]) -> None:
        self.database = database

    def revenue(
        self, days: tuple[date, date], by: str, location_ids: Sequence[str] | None, currency: str
    ) -> dict[str, int]:
        """Return credits less debits by what they are of; an entry without a day is in none."""
        first, last = days
        at: Document = {}
        if location_ids is not None:
            at = {"postings.location_id": {"$in": list(location_ids)}}
        period = {"$gte": first.isoformat(), "$lte": last.isoformat()}
        rows = self.database["ledger"].aggregate([
            {"$match": {**at, "day": period, "currency": currency}},
            {"$unwind": "$postings"},
            {"$match": {**at, "postings.account": REVENUE}},
            {"$group": {"_id": GROUPED_BY[by], "minor": {"$sum": "$postings.minor"}}},
        ])  # fmt: skip
        return {row["_id"] or "": -int(row["minor"]) for row in rows}
