"""Which appointments a list holds, as MongoDB is asked for them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from booking.ports import AppointmentQuery

Document = dict[str, Any]
HOLD = "pending"
UNSEEN = {"claims": 0, "outbox": 0}
"""Most of a document, and nothing of what a list shows."""
MARKED = {"overlaps.0": {"$exists": True}}


def matching(query: AppointmentQuery, after: Sequence[Any] | None) -> Document:
    """Return the filter; ``after`` is the start and id that it goes on after."""
    document = _state(query)
    if query.location_ids is not None:
        document["location_id"] = {"$in": list(query.location_ids)}
    for field in ("practitioner_id", "client_id", "series_id"):
        if getattr(query, field) is not None:
            document[field] = getattr(query, field)
    bounds: Document = {}
    if query.start is not None:
        bounds = {"$gte": query.start, "$lt": query.end}
    if after is not None:
        start, id_ = after
        # The bound lets the index begin where the page does, however deep in the list.
        bounds["$gte"] = max(start, bounds.get("$gte", start))
        document["$or"] = [{"start": {"$gt": start}}, {"_id": {"$gt": id_}}]
    if bounds:
        document["start"] = bounds
    bounds_of_wall = {"$gte": query.local_from, "$lt": query.local_to}
    local = {sign: wall(at) for sign, at in bounds_of_wall.items() if at is not None}
    if local:
        document["local_start"] = local
    return document


def _state(query: AppointmentQuery) -> Document:
    document: Document = dict(MARKED) if query.double_booked else {}
    if query.ended_by is not None:
        document["end"] = {"$lte": query.ended_by}
    statuses = query.statuses or ((query.status,) if query.status else ())
    document["status"] = {"$in": list(statuses)} if statuses else {"$ne": HOLD}
    return document


def wall(local: datetime) -> str:
    """Return a wall time as documents have it, so that they sort as times do."""
    return local.isoformat(timespec="minutes")
