"""State and event in one write: an aggregate's document carries the events not yet sent.

Document: ``_id``, ``version``, ``operations`` (the last operation ids applied), ``outbox`` and the
aggregate's own fields. The relay moves outbox entries to the journal and the broker.
"""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo import UpdateOne
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.errors import BulkWriteError

from clinic_contracts import envelope
from clinic_contracts.context import CallContext
from clinic_runtime import grouped
from clinic_runtime.ids import ulid
from clinic_runtime.relay import Outbox, committed
from clinic_runtime.wire import encode

__all__ = [
    "Outbox",
    "changing",
    "first_version",
    "insert",
    "insert_together",
    "new",
    "update",
    "update_many",
    "upsert_together",
]

Document = dict[str, Any]
OPERATIONS_KEPT = 20
LARGEST_EVENT = 1_000_000


def insert(  # noqa: PLR0913 (one write states everything at once)
    collection: Collection[Document],
    document: Mapping[str, Any],
    *,
    event: Any = None,  # noqa: ANN401 (any contract event)
    context: CallContext,
    at: datetime,
    location_id: str = "",
) -> None:
    """Insert an aggregate at version 1 with its event; raises DuplicateKeyError."""
    whole = new(document, event=event, context=context, at=at, location_id=location_id)
    grouped.insert(collection, whole)
    committed(collection, whole["_id"], whole["outbox"])


def insert_together(
    collection: Collection[Document], documents: Sequence[Document], session: ClientSession
) -> Callable[[], None]:
    """Insert what ``new`` made, within a transaction; call what is returned once it is committed.

    It hands the events to the relay, which without it finds them by its sweep.
    Raises BulkWriteError.
    """
    collection.insert_many(documents, session=session)

    def hand_over() -> None:
        for each in documents:
            committed(collection, each["_id"], each["outbox"])

    return hand_over


def new(
    document: Mapping[str, Any],
    *,
    event: Any = None,  # noqa: ANN401 (any contract event)
    context: CallContext,
    at: datetime,
    location_id: str = "",
) -> Document:
    """Return an aggregate at version 1 with its event in its outbox."""
    outbox = _entries(event, str(document["_id"]), 1, context, at, location_id)
    return {**document, **first_version(context), "outbox": outbox}


def first_version(context: CallContext) -> Document:
    """Return what an aggregate has at version 1 besides its own fields, when it tells no event."""
    return {"version": 1, "operations": [context.operation_id], "outbox": []}


def update(  # noqa: PLR0913 (one write states everything at once)
    collection: Collection[Document],
    id_: str,
    version: int,
    changes: Mapping[str, Mapping[str, Any]],
    *,
    event: Any = None,  # noqa: ANN401 (any contract event)
    context: CallContext,
    at: datetime,
    location_id: str = "",
    session: ClientSession | None = None,
) -> bool:
    """Apply ``changes`` and add the event if the stored version is still ``version``.

    Returns False when it is not. Raises DuplicateKeyError when a unique index refuses.
    """
    statement = changing(
        id_, version, changes, event=event, context=context, at=at, location_id=location_id
    )
    query = {"_id": id_, "version": version}
    if session is None:
        saved = grouped.update(collection, query, statement)
    else:
        saved = collection.update_one(query, statement, session=session).matched_count == 1
    if saved:
        committed(collection, id_, _told(statement), session)
    return saved


def update_many(
    collection: Collection[Document], statements: Mapping[tuple[str, int], Document]
) -> set[str]:
    """Apply to aggregates, by id and version, what ``changing`` made: in order, in one command.

    Returns the ids of those it was applied to. ``update`` says of any other why it is not.
    """
    mark = ulid()
    updates = [
        UpdateOne(
            {"_id": id_, "version": version},
            {**each, "$set": {**each.get("$set", {}), "write": mark}},
        )
        for (id_, version), each in statements.items()
    ]
    with contextlib.suppress(BulkWriteError):
        collection.bulk_write(updates, ordered=False)
    # The server tells how many matched, not which.
    ids = [id_ for id_, _ in statements]
    rows = collection.find({"_id": {"$in": ids}, "write": mark}, {"_id": 1})
    applied = {row["_id"] for row in rows}
    for (id_, _), each in statements.items():
        if id_ in applied:
            committed(collection, id_, _told(each))
    return applied


def upsert_together(
    collection: Collection[Document], statements: Mapping[str, Document], session: ClientSession
) -> Callable[[], None]:
    """Apply to aggregates, by id, what ``changing`` made, within the transaction that read them.

    Those that are not there are inserted. A concurrent change makes one of the two transactions
    start over, so the versions read are the ones stored. Call what is returned once it is
    committed, as of ``insert_together``. Raises BulkWriteError.
    """
    updates = [UpdateOne({"_id": id_}, each, upsert=True) for id_, each in statements.items()]
    collection.bulk_write(updates, session=session)

    def hand_over() -> None:
        for id_, each in statements.items():
            committed(collection, id_, _told(each))

    return hand_over


def changing(  # noqa: PLR0913 (one write states everything at once)
    id_: str,
    version: int,
    changes: Mapping[str, Mapping[str, Any]],
    *,
    event: Any = None,  # noqa: ANN401 (any contract event)
    context: CallContext,
    at: datetime,
    location_id: str = "",
) -> Document:
    """Return the statement that changes an aggregate at ``version`` and adds the event."""
    outbox = _entries(event, id_, version + 1, context, at, location_id)
    operations = {"$each": [context.operation_id], "$slice": -OPERATIONS_KEPT}
    return {
        **changes,
        "$inc": {**changes.get("$inc", {}), "version": 1},
        "$push": {
            **changes.get("$push", {}),
            "operations": operations,
            "outbox": {"$each": outbox},
        },
    }


def _told(statement: Document) -> Sequence[Document]:
    entries: Sequence[Document] = statement["$push"]["outbox"]["$each"]
    return entries


def _entries(  # noqa: PLR0913, PLR0917 (private, called in one way)
    data: Any,  # noqa: ANN401 (any contract event)
    subject: str,
    seq: int,
    context: CallContext,
    at: datetime,
    location_id: str,
) -> list[Document]:
    if data is None:
        return []
    event = envelope.Event(
        id=f"evt_{ulid()}",
        type=envelope.type_of(type(data)),
        subject=subject,
        seq=seq,
        occurred_at=at,
        data=data,
        actor=context.actor,
        correlation_id=context.correlation_id,
        location_id=location_id,
        causation_id=context.causation_id,
        traceparent=context.traceparent,
    )
    document = envelope.to_wire(event)
    # What could never be published must not be written: it would stand in the relay's way for ever.
    size = len(encode(document))
    if size > LARGEST_EVENT:
        message = f"an event of {event.type} has {size} bytes, more than {LARGEST_EVENT}"
        raise ValueError(message)
    return [{"id": event.id, "at": at, "event": document}]
