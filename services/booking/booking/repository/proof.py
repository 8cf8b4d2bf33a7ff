"""What proves that nothing is booked twice by accident, and how much there is."""

from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database

from booking.domain.appointment import HOLDS_ITS_TIME
from booking.domain.availability import Busy
from booking.repository.queries import HOLD
from booking.repository.visits import BUSY_FIELDS, busy_of

Document = dict[str, Any]


def counts(database: Database[Document]) -> dict[str, int]:
    """Return how many appointments there are, holds not, and how many overlap on purpose."""
    collection = database["appointments"]
    marked = {"overlaps.0": {"$exists": True}, "status": {"$in": sorted(HOLDS_ITS_TIME)}}
    return {
        "appointments": collection.count_documents({"status": {"$ne": HOLD}}),
        "double_booked": collection.count_documents(marked),
    }


def findings(database: Database[Document]) -> dict[str, int]:
    """Count ``overlaps`` of live visits, from their times alone: the claims are not trusted.

    Two visits that name each other in ``overlaps`` were double-booked on purpose and do not count.
    """
    standing: dict[str, list[Busy]] = {}
    count = 0
    query = {"status": {"$in": sorted(HOLDS_ITS_TIME)}}
    rows = database["appointments"].find(query, BUSY_FIELDS).sort("start", ASCENDING)
    for row in map(busy_of, rows.allow_disk_use(True)):
        for resource in row.resources.ids:
            before = [b for b in standing.get(resource, ()) if b.span.overlaps(row.span)]
            count += sum(not _on_purpose(row, other) for other in before)
            standing[resource] = [*before, row]
    return {"overlaps": count}


def _on_purpose(one: Busy, other: Busy) -> bool:
    return other.appointment_id in one.overlaps and one.appointment_id in other.overlaps
