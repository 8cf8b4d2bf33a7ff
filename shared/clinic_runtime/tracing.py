"""One request's events in a service's journal, and what the service did with others' events."""

from collections.abc import Sequence
from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database

from clinic_contracts.tracing import (
    MOST_EVENTS,
    Deliveries,
    FindDeliveries,
    ReadTrace,
    Trace,
    TracedEvent,
)

Document = dict[str, Any]
SHOWN = ("subject", "locationid", "actor", "causationid")


def read(
    database: Database[Document], request: ReadTrace, location_ids: Sequence[str] | None
) -> Trace:
    """Return a request's events, of those of the locations alone; None means all there are.

    What is of no location, such as a client, may be another location's.
    """
    query: Document = {"correlation_id": request.correlation_id}
    if location_ids is not None:
        query["event.locationid"] = {"$in": list(location_ids)}
    fields = ["at", "type", *(f"event.{name}" for name in SHOWN)]
    rows = database["journal"].find(query, fields).sort("position", ASCENDING)
    found = [_view(row) for row in rows.limit(MOST_EVENTS + 1)]
    return Trace(events=tuple(found[:MOST_EVENTS]), more=len(found) > MOST_EVENTS)


def deliveries(database: Database[Document], request: FindDeliveries) -> Deliveries:
    """Return which of the events were handled, and which are parked."""
    wanted = {"_id": {"$in": list(request.event_ids)}}
    return Deliveries(
        handled=tuple(row["_id"] for row in database["inbox"].find(wanted, ["_id"])),
        parked=tuple(row["_id"] for row in database["parked"].find(wanted, ["_id"])),
    )


def _view(row: Document) -> TracedEvent:
    event = row["event"]
    return TracedEvent(
        id=row["_id"],
        at=row["at"],
        type=row["type"],
        subject=event["subject"],
        location_id=event.get("locationid", ""),
        actor=event.get("actor", ""),
        causation_id=event.get("causationid", ""),
    )
