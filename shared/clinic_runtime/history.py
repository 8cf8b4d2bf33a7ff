"""Reading the journal: pages in the order of positions, and one aggregate's past.

Positions grow in the order in which rows become visible, so what lies at or before the last one
never grows again, and a reader that goes on after a position misses nothing.
"""

import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.collection import Collection
from pymongo.database import Database

from clinic_contracts import envelope
from clinic_contracts.operations import EventPage, ListEvents, Recorded

Document = dict[str, Any]
SCANNED = 5_000
"""Positions looked at for a page, however few of them hold what is asked for."""
LARGEST_PAGE = 1_000_000
"""Characters, unless the first event alone has more."""


def page(
    database: Database[Document], request: ListEvents, location_ids: Sequence[str] | None = None
) -> EventPage:
    """Return a page; ``location_ids`` None means of every location.

    Events of no location (clients, treatments) are everybody's.
    """
    head = _last(database)
    after = request.after
    if request.since is not None:
        after = max(after, _before(database, request.since, head))
    upto = max(after, min(after + SCANNED, head))
    query: Document = {"position": {"$gt": after, "$lte": upto}}
    if request.types:
        query["type"] = {"$in": [_matching(type_) for type_ in request.types]}
    if location_ids is not None:
        query["event.locationid"] = {"$in": [*location_ids, ""]}
    rows = database["journal"].find(query, {"position": 1, "event": 1})
    found: list[Recorded] = []
    size = 0
    for row in rows.sort("position", ASCENDING).limit(request.limit):
        size += len(json.dumps(row["event"]))
        if found and size > LARGEST_PAGE:
            return EventPage(events=tuple(found), next=found[-1].position, head=head)
        found.append(Recorded(position=row["position"], event=row["event"]))
    full = len(found) == request.limit
    return EventPage(events=tuple(found), next=found[-1].position if full else upto, head=head)


def last_of(
    aggregates: Collection[Document], subject: str, until: datetime
) -> envelope.Event | None:
    """Return the last event of an aggregate at or before an instant, or None.

    Those that the relay has not moved to the journal yet stand in the aggregate's own document,
    which is read first: an event that leaves it meanwhile is in the journal by then.
    """
    waiting = [entry["event"] for entry in _outbox(aggregates, subject) if entry["at"] <= until]
    row = aggregates.database["journal"].find_one(
        {"subject": subject, "at": {"$lte": until}}, {"event": 1}, sort=[("seq", DESCENDING)]
    )
    found = [*waiting, *([row["event"]] if row else [])]
    if not found:
        return None
    return envelope.from_wire(max(found, key=lambda event: int(event["sequence"])))


def event_of(aggregates: Collection[Document], subject: str, version: int) -> envelope.Event | None:
    """Return the event of an aggregate's version, moved to the journal or not, or None."""
    waiting = [entry["event"] for entry in _outbox(aggregates, subject)]
    row = aggregates.database["journal"].find_one(
        {"subject": subject, "seq": version}, {"event": 1}
    )
    found = [*waiting, *([row["event"]] if row else [])]
    of_version = [event for event in found if int(event["sequence"]) == version]
    return envelope.from_wire(of_version[0]) if of_version else None


def events_of(aggregates: Collection[Document], subject: str, most: int) -> list[envelope.Event]:
    """Return an aggregate's events, moved to the journal or not, in order; the latest ``most``."""
    waiting = [entry["event"] for entry in _outbox(aggregates, subject)]
    rows = aggregates.database["journal"].find({"subject": subject}, {"event": 1})
    kept = [row["event"] for row in rows.sort("seq", DESCENDING).limit(most)]
    # What the relay moves meanwhile stands in both.
    found = {int(event["sequence"]): event for event in (*waiting, *kept)}
    return [envelope.from_wire(found[seq]) for seq in sorted(found)[-most:]]


def _outbox(aggregates: Collection[Document], subject: str) -> Sequence[Document]:
    kept = aggregates.find_one({"_id": subject}, {"outbox": 1}) or {}
    entries: Sequence[Document] = kept.get("outbox", ())
    return entries


def _matching(type_: str) -> str | re.Pattern[str]:
    """Return what matches an event type, in every version where none is named."""
    versioned = type_.count(".") == 2  # noqa: PLR2004 (producer.name.vN)
    return type_ if versioned else re.compile(rf"^{re.escape(type_)}\.v")


def _last(database: Database[Document]) -> int:
    row = database["journal"].find_one(
        {"position": {"$gt": 0}}, {"position": 1}, sort=[("position", DESCENDING)]
    )
    return 0 if row is None else int(row["position"])


def _before(database: Database[Document], since: datetime, head: int) -> int:
    """Return the position before the first event of an instant or later; the last if none is.

    Not that of the earliest: an event that had to wait stands behind later ones.
    """
    first: list[Document] = [
        {"$match": {"at": {"$gte": since}}},
        {"$group": {"_id": None, "position": {"$min": "$position"}}},
    ]
    row = next(iter(database["journal"].aggregate(first)), None)
    return head if row is None or row["position"] is None else int(row["position"]) - 1
