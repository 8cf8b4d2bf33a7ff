"""The messages of a client or of an appointment, page by page."""

from datetime import datetime
from typing import Any

from pymongo import DESCENDING
from pymongo.database import Database

from clinic_contracts.context import CallContext
from clinic_contracts.errors import Invalid
from clinic_contracts.notification.requests import ListMessages, MessagePage, MessageView
from clinic_runtime import paging

Document = dict[str, Any]
ORDER = [("planned_at", DESCENDING), ("_id", DESCENDING)]


def page(database: Database[Document], request: ListMessages, context: CallContext) -> MessagePage:
    """Return a page, newest first; raises Invalid when neither client nor appointment is given."""
    asked = {"client_id": request.client_id, "appointment_id": request.appointment_id}
    query: Document = {field: id_ for field, id_ in asked.items() if id_ is not None}
    if not query:
        detail = "give client_id or appointment_id"
        raise Invalid(detail, errors={"client_id": [detail]})
    if context.location_scope is not None:
        query["location_id"] = {"$in": list(context.location_scope)}
    after = paging.decode(request.cursor, datetime, str)
    if after is not None:
        at, id_ = after
        query["$or"] = [{"planned_at": {"$lt": at}}, {"planned_at": at, "_id": {"$lt": id_}}]
    rows = list(database["messages"].find(query).sort(ORDER).limit(request.limit + 1))
    shown = rows[: request.limit]
    more = len(rows) > request.limit
    last = [shown[-1]["planned_at"], shown[-1]["_id"]] if more else []
    items = tuple(_view(row) for row in shown)
    return MessagePage(items=items, next=paging.encode(last) if more else None)


def _view(found: Document) -> MessageView:
    # While a sender has it, and after, the document's due_at is the end of the sender's lease.
    waits = found["state"] == "scheduled"
    return MessageView(
        id=found["_id"],
        kind=found["kind"],
        channel="email",
        state=found["state"],
        reason=found["reason"],
        location_id=found["location_id"],
        client_id=found["client_id"],
        appointment_id=found["appointment_id"],
        appointment_version=found["appointment_version"],
        due_at=found["due_at"] if waits else found["planned_at"],
        sent_at=found.get("sent_at"),
    )
