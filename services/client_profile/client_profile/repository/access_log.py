"""Who looked at which client's record, kept for seven years."""

from contextlib import suppress
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from clinic_contracts.client_profile.access_log import Access, AccessPage, ReadAccessLog, Viewed
from clinic_contracts.context import CallContext
from clinic_runtime import grouped, paging
from clinic_runtime.ids import derived_id

Document = dict[str, Any]
KEPT_SECONDS = 2_557 * 24 * 3_600
LATEST_FIRST = [("at", DESCENDING), ("_id", DESCENDING)]


def ensure(database: Database[Document]) -> None:
    """Make indexes; rows go after seven years."""
    log = database["access_log"]
    log.create_index([("client_id", ASCENDING), *LATEST_FIRST])
    log.create_index([("at", ASCENDING)], expireAfterSeconds=KEPT_SECONDS)


class MongoAccessLog:
    """One row per actor, record and minute."""

    def __init__(self, database: Database[Document]) -> None:
        self.collection = database["access_log"]

    def record(self, client_id: str, what: Viewed, context: CallContext, at: datetime) -> None:
        """Keep that somebody saw something; the write is shared with others' under way."""
        minute = at.strftime("%Y-%m-%dT%H:%M")
        scope = context.location_scope
        row = {
            "_id": derived_id("acc", client_id, what, context.actor, minute),
            "client_id": client_id,
            "at": at,
            "actor": context.actor,
            "what": what,
            "location_ids": None if scope is None else list(scope),
            "request_id": context.correlation_id,
        }
        with suppress(DuplicateKeyError):
            grouped.insert(self.collection, row)

    def page(self, request: ReadAccessLog) -> AccessPage:
        """Return a page, the latest first; raises Invalid for a cursor that is none."""
        query: Document = {"client_id": request.client_id}
        bounds = {"$gte": request.from_, "$lt": request.to}
        given = {name: bound for name, bound in bounds.items() if bound is not None}
        if given:
            query["at"] = given
        after = paging.decode(request.cursor, datetime, str)
        if after is not None:
            at, id_ = after
            query["$or"] = [{"at": {"$lt": at}}, {"at": at, "_id": {"$lt": id_}}]
        found = list(self.collection.find(query).sort(LATEST_FIRST).limit(request.limit + 1))
        page = found[: request.limit]
        more = paging.encode([page[-1]["at"], page[-1]["_id"]]) if len(found) > len(page) else None
        return AccessPage(items=tuple(map(_access, page)), next=more)


def _access(found: Document) -> Access:
    places = found["location_ids"]
    return Access(
        id=found["_id"],
        at=found["at"],
        actor=found["actor"],
        what=found["what"],
        location_ids=None if places is None else tuple(places),
        request_id=found["request_id"],
    )
