"""The events a service could not handle: listed, and handed to it once more."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import amqp
from pymongo import ASCENDING, DESCENDING
from pymongo.database import Database

from clinic_contracts.errors import NotFound
from clinic_contracts.operations import Failure, ListParked, ParkedEvent, ParkedPage
from clinic_runtime import paging
from clinic_runtime.clock import now
from clinic_runtime.packing import SINGLE
from clinic_runtime.retry import HISTORY_KEPT
from clinic_runtime.topology import events_queue

Document = dict[str, Any]
LATEST_FIRST = [("at", DESCENDING), ("_id", DESCENDING)]
Publish = Callable[[list[tuple[str, str, Any]]], None]


def ensure(database: Database[Document]) -> None:
    """Make the indexes by which parked events are listed."""
    database["parked"].create_index(LATEST_FIRST)
    database["parked"].create_index([("location_id", ASCENDING), *LATEST_FIRST])


def row_of(id_: str, body: str | bytes, error: str, failures: Sequence[Any]) -> Document:
    """Return the row of an event that could not be handled."""
    return {
        "_id": id_,
        "at": now(),
        "location_id": _read(body).get("locationid", ""),
        "event": body,
        "error": error,
        "history": failures,
    }


def page(
    database: Database[Document], request: ListParked, scope: Sequence[str] | None
) -> ParkedPage:
    """Return a page, latest first, of events of the locations (None: of all there are).

    Raises Invalid for a cursor that is none.
    """
    query: Document = {} if scope is None else {"location_id": {"$in": list(scope)}}
    after = paging.decode(request.cursor, datetime, str)
    if after is not None:
        at, id_ = after
        query |= {"at": {"$lte": at}, "$or": [{"at": {"$lt": at}}, {"_id": {"$lt": id_}}]}
    found = list(database["parked"].find(query).sort(LATEST_FIRST).limit(request.limit + 1))
    items = tuple(_view(row) for row in found[: request.limit])
    more = len(found) > request.limit
    return ParkedPage(items=items, next=cursor_after(items[-1].at, items[-1].id) if more else None)


def cursor_after(at: datetime | str, id_: str) -> str:
    """Return the cursor of what was parked before an event was, given as instant or as text."""
    return paging.encode([at, id_])


def retry(
    database: Database[Document],
    service: str,
    id_: str,
    publish: Publish,
    scope: Sequence[str] | None,
) -> None:
    """Put an event back into its service's queue, confirmed, then take it out of the parked ones.

    A crash between the two hands it over twice, never not at all. Raises NotFound, also for an
    event of none of the locations (None: all there are).
    """
    row = database["parked"].find_one({"_id": id_})
    if row is None or (scope is not None and row.get("location_id") not in scope):
        raise NotFound(f"{service} has parked no event {id_}")
    message = amqp.Message(
        row["event"],
        content_type=SINGLE,
        delivery_mode=2,
        message_id=id_,
        type=_read(row["event"]).get("type", ""),
        application_headers={"x-history": json.dumps(row["history"][-HISTORY_KEPT:])},
    )
    publish([("", events_queue(service).name, message)])
    # By its time: should it fail at once, it is parked anew under the same id by now.
    database["parked"].delete_one({"_id": id_, "at": row["at"]})


def _view(row: Document) -> ParkedEvent:
    event = _read(row["event"])
    return ParkedEvent(
        id=row["_id"],
        at=row["at"],
        type=event.get("type", ""),
        subject=event.get("subject", ""),
        location_id=event.get("locationid", ""),
        error=row["error"],
        history=tuple(
            Failure(at=str(each.get("at", "")), error=str(each.get("error", "")))
            for each in row["history"]
            if isinstance(each, dict)
        ),
        correlation_id=event.get("correlationid", ""),
    )


def _read(text: str | bytes) -> dict[str, str]:
    """Return the texts in an event's envelope; none where it is no JSON object."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):  # or no UTF-8, or nested without end
        return {}
    if not isinstance(document, dict):
        return {}
    return {name: value for name, value in document.items() if isinstance(value, str)}
