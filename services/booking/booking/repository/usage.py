"""What was booked in a period, and what was shut, for reports."""

from collections.abc import Sequence
from typing import Any

from pymongo.database import Database

from booking.domain.availability import Span
from booking.domain.utilisation import Booked, Shut
from booking.ports import Whose
from booking.repository.appointments import LONGEST_VISIT

Document = dict[str, Any]
TOOK_PLACE = ("booked", "arrived", "fulfilled")
A_MINUTE = 60_000
SHUT_FIELDS = dict.fromkeys(("owner_id", "start", "end"), 1)


class MongoUsage:
    """Reads appointments and closures; their own indexes serve it."""

    def __init__(self, database: Database[Document]) -> None:
        self.database = database

    def booked(self, location_id: str, whose: Whose, period: Span) -> dict[str, Booked]:
        """Return what each practitioner or room has of a period, in one query."""
        within = {
            "location_id": location_id,
            "status": {"$in": list(TOOK_PLACE)},
            "start": {"$gt": period.start - LONGEST_VISIT, "$lt": period.end},
            "end": {"$gt": period.start},
        }
        ends = {"$min": ["$end", period.end]}
        lasts = {"$subtract": [ends, {"$max": ["$start", period.start]}]}
        summed: list[Document] = [
            {"$match": within},
            {"$group": {"_id": f"${whose}", "visits": {"$sum": 1}, "lasts": {"$sum": lasts}}},
        ]
        rows = self.database["appointments"].aggregate(summed)
        return {row["_id"]: Booked(row["visits"], int(row["lasts"]) // A_MINUTE) for row in rows}

    def shut(self, owner_ids: Sequence[str], period: Span) -> list[Shut]:
        """Return the closures and absences that share a moment with a period, also past ones."""
        query = {
            "owner_id": {"$in": list(owner_ids)},
            "withdrawn": False,
            "end": {"$gt": period.start},
            "start": {"$lt": period.end},
        }
        found = self.database["closures"].find(query, SHUT_FIELDS)
        return [Shut(each["owner_id"], each["start"], each["end"]) for each in found]
