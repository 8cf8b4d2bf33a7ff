"""Appointments by the edition of the zone data that their instants were found by."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, DESCENDING, UpdateOne
from pymongo.database import Database

from booking.domain.appointment import Appointment
from booking.ports import Change, Outdated
from booking.repository.pages import page_of
from booking.repository.visits import appointment_of, changes_of
from clinic_contracts.context import CallContext
from clinic_runtime import clock, outbox, paging

Document = dict[str, Any]
FIELDS = ("tzdata_version", "start", "_id")
BOOKED: Document = {"status": "booked"}


def ensure(database: Database[Document]) -> None:
    """Make the index of what is booked, by edition: all but what is to be looked at is skipped."""
    keys = [(field, ASCENDING) for field in FIELDS]
    database["appointments"].create_index(keys, partialFilterExpression=BOOKED)


class MongoEditions:
    """The appointments' collection, seen by edition."""

    def __init__(self, database: Database[Document]) -> None:
        self.collection = database["appointments"]

    def page(
        self, wanted: Outdated, cursor: str | None, limit: int
    ) -> tuple[list[Appointment], str | None]:
        """Return up to ``limit`` by edition and start, and the cursor of the next page, if any.

        Raises Invalid for a cursor that is none.
        """
        direction = DESCENDING if wanted.latest_first else ASCENDING
        order = [(field, direction) for field in FIELDS]
        query = _query(wanted, paging.decode(cursor, str, datetime, str))
        found = self.collection.find(query).sort(order).limit(limit + 1)
        page, following = page_of(found, limit, order)
        return [appointment_of(document) for document in page], following

    def holding(self, claims: Iterable[str]) -> list[Appointment]:
        """Return what has any of the claims."""
        found = self.collection.find({"claims": {"$in": list(claims)}})
        return [appointment_of(document) for document in found]

    def move(self, changes: Sequence[Change], context: CallContext) -> set[str]:
        """Save visits, each over its version, in order and in one command; return whose were."""
        statements = {
            (visit.id, visit.version): outbox.changing(
                visit.id,
                visit.version,
                changes_of(visit),
                event=event,
                context=context,
                at=clock.now(),
                location_id=visit.location_id,
            )
            for visit, event in changes
        }
        return outbox.update_many(self.collection, statements) if statements else set()

    def confirm(self, visits: Sequence[Appointment], edition: str) -> int:
        """Record that ``edition`` gives the same instants; return of how many, still unchanged."""
        if not visits:
            return 0
        stamp = {"$set": {"tzdata_version": edition}}
        statements = [
            UpdateOne({"_id": visit.id, "version": visit.version}, stamp) for visit in visits
        ]
        return self.collection.bulk_write(statements, ordered=False).modified_count


def _query(wanted: Outdated, after: Sequence[Any] | None) -> Document:
    query: Document = {
        **BOOKED,
        "tzdata_version": {"$ne": wanted.edition},
        "start": {"$gt": wanted.since},
    }
    if wanted.location_ids is not None:
        query["location_id"] = {"$in": list(wanted.location_ids)}
    if after is not None:
        edition, start, id_ = after
        beyond = "$lt" if wanted.latest_first else "$gt"
        # The bound lets the index begin where the page does, however deep in the list.
        query["tzdata_version"][f"{beyond}e"] = edition
        query["$or"] = [
            {"tzdata_version": {beyond: edition}},
            {"start": {beyond: start}},
            {"start": start, "_id": {beyond: id_}},
        ]
    return query
