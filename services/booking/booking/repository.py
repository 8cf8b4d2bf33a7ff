"""Appointments and settings in MongoDB."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from pymongo import ASCENDING
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from booking.domain.appointment import HOLDS_ITS_TIME, Appointment
from booking.domain.availability import Busy, Span
from booking.ports import AppointmentQuery, ClaimTakenError, Settable
from clinic_contracts.booking import requests as r
from clinic_contracts.context import CallContext
from clinic_contracts.money import Money
from clinic_contracts.schemas import dump, load_answer
from clinic_runtime import outbox
from clinic_runtime.clock import now

Document = dict[str, Any]
S = TypeVar("S", r.LocationView, r.PractitionerView, r.TreatmentView)
COLLECTIONS: dict[type, str] = {
    r.LocationView: "locations",
    r.PractitionerView: "practitioners",
    r.TreatmentView: "treatments",
}
OUTBOXES = ("appointments", *COLLECTIONS.values())
LONGEST_VISIT = timedelta(hours=12)
"""No visit with its turnover is longer, so an index on ``start`` finds every overlap."""


def ensure(database: Database[Document]) -> None:
    """Make every index; the unique one on ``claims`` is what forbids double booking."""
    appointments = database["appointments"]
    appointments.create_index(
        [("claims", ASCENDING)],
        unique=True,
        partialFilterExpression={"claims": {"$exists": True}},
        name="claims",
    )
    for field in ("practitioner_id", "room_id", "location_id", "client_id"):
        appointments.create_index([(field, ASCENDING), ("start", ASCENDING), ("_id", ASCENDING)])
    for name in COLLECTIONS.values():
        database[name].create_index([("name_key", ASCENDING), ("_id", ASCENDING)])
    database["practitioners"].create_index([("state.location_ids", ASCENDING)])


class MongoSettings:
    """Locations, practitioners and treatments, each a document with its state as on the wire."""

    def __init__(self, database: Database[Document]) -> None:
        self.database = database

    def add(self, view: Settable, event: Any, context: CallContext) -> Settable:  # noqa: ANN401
        """Add it, or return the one a first try of the same operation added."""
        collection = self.database[COLLECTIONS[type(view)]]
        document = {"_id": view.id, "name_key": view.name.casefold(), "state": _state(view)}
        try:
            outbox.insert(collection, document, event=event, context=context, at=now())
        except DuplicateKeyError:
            stored = collection.find_one({"_id": view.id})
            if stored is None:
                raise
            return _view(type(view), stored)  # type: ignore[type-var]
        return view

    def get(self, kind: type[S], id_: str) -> S | None:
        """Return one, or None."""
        found = self.database[COLLECTIONS[kind]].find_one({"_id": id_})
        return None if found is None else _view(kind, found)

    def save(self, view: Settable, event: Any, context: CallContext) -> bool:  # noqa: ANN401
        """Replace the stored version by the next; False when the stored one is another."""
        changes = {"$set": {"name_key": view.name.casefold(), "state": _state(view)}}
        collection = self.database[COLLECTIONS[type(view)]]
        return outbox.update(
            collection, view.id, view.version, changes, event=event, context=context, at=now()
        )

    def done(self, kind: type[S], id_: str, operation_id: str) -> bool:
        """Say whether this operation was applied already."""
        query = {"_id": id_, "operations": operation_id}
        return self.database[COLLECTIONS[kind]].find_one(query, {"_id": 1}) is not None

    def page(self, kind: type[S], after: Sequence[Any] | None, limit: int) -> list[S]:
        """Return up to ``limit`` by name and id."""
        query: Document = {}
        if after is not None:
            name, id_ = after
            query = {"$or": [{"name_key": {"$gt": name}}, {"name_key": name, "_id": {"$gt": id_}}]}
        found = self.database[COLLECTIONS[kind]].find(query)
        order = [("name_key", ASCENDING), ("_id", ASCENDING)]
        return [_view(kind, document) for document in found.sort(order).limit(limit)]

    def known(self, kind: type[S], ids: Iterable[str]) -> set[str]:
        """Return those of the ids that exist."""
        query = {"_id": {"$in": list(ids)}}
        return {found["_id"] for found in self.database[COLLECTIONS[kind]].find(query, {"_id": 1})}

    def practitioners_for(self, location_id: str, treatment_id: str) -> list[r.PractitionerView]:
        """Return who gives the treatment at the location."""
        people = self.practitioners_at(location_id)
        return [person for person in people if treatment_id in person.treatment_ids]

    def practitioners_at(self, location_id: str) -> list[r.PractitionerView]:
        """Return who works at the location, by name."""
        query = {"state.location_ids": location_id}
        found = self.database["practitioners"].find(query).sort("name_key", ASCENDING)
        return [_view(r.PractitionerView, document) for document in found]


class MongoAppointments:
    """Appointments; the claims they hold are part of the same document and the same write."""

    def __init__(self, database: Database[Document]) -> None:
        self.collection = database["appointments"]

    def add(self, made: Appointment, event: Any, context: CallContext) -> None:  # noqa: ANN401
        """Insert; raises ClaimTakenError when somebody holds a tick of a resource."""
        document = {"_id": made.id, **_fields(made), "claims": made.claims}
        try:
            outbox.insert(
                self.collection,
                document,
                event=event,
                context=context,
                at=now(),
                location_id=made.location_id,
            )
        except DuplicateKeyError as error:
            raise ClaimTakenError from error

    def get(self, id_: str) -> Appointment | None:
        """Return one, or None."""
        found = self.collection.find_one({"_id": id_})
        return None if found is None else _appointment(found)

    def save(self, changed: Appointment, event: Any, context: CallContext) -> bool:  # noqa: ANN401
        """Save over ``changed.version``; False when stale; raises ClaimTakenError."""
        claims = changed.claims
        changes: Document = {"$set": _fields(changed)}
        if claims:
            changes["$set"]["claims"] = claims
        else:
            changes["$unset"] = {"claims": ""}
        try:
            return outbox.update(
                self.collection,
                changed.id,
                changed.version,
                changes,
                event=event,
                context=context,
                at=now(),
                location_id=changed.location_id,
            )
        except DuplicateKeyError as error:
            raise ClaimTakenError from error

    def busy(
        self,
        practitioner_ids: Sequence[str],
        room_ids: Sequence[str],
        start: datetime,
        end: datetime,
    ) -> list[Busy]:
        """Return what holds any of the resources in ``[start, end)``, by start."""
        window = {"$gt": start - LONGEST_VISIT, "$lt": end}
        query = {
            "$or": [
                {"practitioner_id": {"$in": list(practitioner_ids)}, "start": window},
                {"room_id": {"$in": list(room_ids)}, "start": window},
            ],
            "status": {"$in": sorted(HOLDS_ITS_TIME)},
        }
        wanted = {"practitioner_id": 1, "room_id": 1, "start": 1, "end": 1, "turnover": 1}
        rows = [_busy(found) for found in self.collection.find(query, wanted)]
        asked = Span(start, end)
        return sorted(
            (row for row in rows if row.span.overlaps(asked)), key=lambda row: row.span.start
        )

    def find(self, query: AppointmentQuery) -> list[Appointment]:
        """Return up to ``limit`` by start and id."""
        order = [("start", ASCENDING), ("_id", ASCENDING)]
        found = self.collection.find(query_document(query)).sort(order).limit(query.limit)
        return [_appointment(document) for document in found]


def query_document(query: AppointmentQuery) -> Document:
    """Return the Mongo query of a list of appointments."""
    document: Document = {}
    if query.location_ids is not None:
        document["location_id"] = {"$in": list(query.location_ids)}
    for field in ("practitioner_id", "client_id", "status"):
        if getattr(query, field) is not None:
            document[field] = getattr(query, field)
    if query.start is not None:
        document["start"] = {"$gte": query.start, "$lt": query.end}
    if query.after is not None:
        start, id_ = query.after
        later = [{"start": {"$gt": start}}, {"start": start, "_id": {"$gt": id_}}]
        document["$or"] = later
    return document


def overlaps(database: Database[Document]) -> int:
    """Count overlaps of live visits from their times alone, without trusting the claims."""
    last_end: dict[str, datetime] = {}
    count = 0
    query = {"status": {"$in": sorted(HOLDS_ITS_TIME)}}
    wanted = {"practitioner_id": 1, "room_id": 1, "start": 1, "end": 1, "turnover": 1}
    rows = database["appointments"].find(query, wanted).sort("start", ASCENDING)
    for row in map(_busy, rows.allow_disk_use(True)):
        for resource in (row.practitioner_id, row.room_id):
            if resource in last_end and row.span.start < last_end[resource]:
                count += 1
            last_end[resource] = max(row.span.end, last_end.get(resource, row.span.end))
    return count


def _fields(made: Appointment) -> Document:
    return {
        "status": made.status,
        "location_id": made.location_id,
        "practitioner_id": made.practitioner_id,
        "room_id": made.room_id,
        "client_id": made.client_id,
        "treatment_id": made.treatment_id,
        "start": made.start,
        "end": made.end,
        "local_start": made.local_start.isoformat(timespec="minutes"),
        "timezone": made.timezone,
        "tzdata_version": made.tzdata_version,
        "turnover": made.turnover,
        "price": dump(made.price),
        "policy": dump(made.policy),
        "reason": made.reason,
    }


def _appointment(found: Document) -> Appointment:
    plain = ("status", "location_id", "practitioner_id", "room_id", "client_id", "treatment_id")
    return Appointment(
        id=found["_id"],
        version=found["version"],
        **{name: found[name] for name in plain},
        start=found["start"],
        end=found["end"],
        local_start=datetime.fromisoformat(found["local_start"]),
        timezone=found["timezone"],
        tzdata_version=found["tzdata_version"],
        turnover=found["turnover"],
        price=load_answer(Money, found["price"]),
        policy=load_answer(r.CancellationPolicy, found["policy"]),
        reason=found["reason"],
        operations=tuple(found["operations"]),
    )


def _busy(found: Document) -> Busy:
    held_until = found["end"] + timedelta(minutes=found["turnover"])
    return Busy(
        found["_id"], found["practitioner_id"], found["room_id"], Span(found["start"], held_until)
    )


def _state(view: Settable) -> Document:
    document = dump(view)
    return {key: value for key, value in document.items() if key not in ("id", "version")}


def _view(kind: type[S], found: Document) -> S:
    document = {**found["state"], "id": found["_id"], "version": found["version"]}
    return load_answer(kind, document)
