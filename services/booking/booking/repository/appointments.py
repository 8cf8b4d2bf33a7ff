"""Appointments in MongoDB; the claims they hold are part of the same document."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from booking.domain.appointment import HOLDS_ITS_TIME, Appointment
from booking.domain.availability import Busy, Resources, Span
from booking.ports import AppointmentQuery, ClaimTakenError
from booking.repository.pages import page_of
from clinic_contracts.booking.requests import CancellationPolicy
from clinic_contracts.context import CallContext
from clinic_contracts.envelope import Event
from clinic_contracts.money import Money
from clinic_contracts.trusted import dump, read
from clinic_runtime import clock, grouped, history, outbox, paging

Document = dict[str, Any]
BY_START = [("start", ASCENDING), ("_id", ASCENDING)]
LONGEST_VISIT = timedelta(hours=12)
"""No visit with its turnover is longer (480 and 120 minutes are the most of each), so an index
on ``start`` finds every overlap."""
BUSY_FIELDS = dict.fromkeys(
    ("location_id", "practitioner_id", "room_id", "equipment_id", "start", "end", "turnover"), 1
)


def ensure(database: Database[Document]) -> None:
    """Make every index; the unique one on ``claims`` is what forbids double booking."""
    appointments = database["appointments"]
    appointments.create_index(
        [("claims", ASCENDING)],
        unique=True,
        partialFilterExpression={"claims": {"$exists": True}},
        name="claims",
    )
    for field in ("practitioner_id", "location_id", "client_id"):
        appointments.create_index([(field, ASCENDING), *BY_START])
    # A location's history is long and few of its visits are, say, arrived; a person's is short.
    appointments.create_index([("location_id", ASCENDING), ("status", ASCENDING), *BY_START])
    appointments.create_index([("room_id", ASCENDING), ("start", ASCENDING)])
    appointments.create_index(
        [("equipment_id", ASCENDING), ("start", ASCENDING)],
        partialFilterExpression={"equipment_id": {"$gt": ""}},
    )


class MongoAppointments:
    """Appointments; the claims they hold are part of the same document and the same write."""

    def __init__(self, database: Database[Document]) -> None:
        self.collection = database["appointments"]

    def add(self, made: Appointment, event: Any, context: CallContext) -> Appointment:  # noqa: ANN401
        """Insert, or return the one of that id that is there; raises ClaimTakenError."""
        document = {"_id": made.id, **_fields(made), "claims": made.claims}
        document["fingerprint"] = made.fingerprint
        try:
            outbox.insert(
                self.collection,
                document,
                event=event,
                context=context,
                at=clock.now(),
                location_id=made.location_id,
            )
        except DuplicateKeyError as error:
            # The error names one of the indexes that refuse, not each: so look.
            stored = self.get(made.id)
            if stored is None:
                raise ClaimTakenError from error
            return stored
        return made

    def get(self, id_: str) -> Appointment | None:
        """Return one, or None."""
        found = grouped.find_by_id(self.collection, id_)
        return None if found is None else _appointment(found)

    def last_event(self, id_: str, until: datetime) -> Event | None:
        """Return the last event of one at or before an instant, or None."""
        return history.last_of(self.collection, id_, until)

    def event_of(self, id_: str, version: int) -> Event | None:
        """Return the event by which one came to a version, or None."""
        return history.event_of(self.collection, id_, version)

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
                at=clock.now(),
                location_id=changed.location_id,
            )
        except DuplicateKeyError as error:
            raise ClaimTakenError from error

    def busy(
        self,
        practitioner_ids: Sequence[str],
        room_ids: Sequence[str],
        equipment_ids: Sequence[str],
        span: Span,
    ) -> list[Busy]:
        """Return what holds any of the resources in the span, by start."""
        window = {"$gt": span.start - LONGEST_VISIT, "$lt": span.end}
        asked = {
            "practitioner_id": practitioner_ids,
            "room_id": room_ids,
            "equipment_id": equipment_ids,
        }
        any_of = [{field: {"$in": ids}, "start": window} for field, ids in asked.items() if ids]
        if not any_of:
            return []
        query = {"$or": any_of, "status": {"$in": sorted(HOLDS_ITS_TIME)}}
        rows = [_busy(found) for found in self.collection.find(query, BUSY_FIELDS)]
        return sorted(
            (row for row in rows if row.span.overlaps(span)), key=lambda row: row.span.start
        )

    def to_come(self, room_ids: Iterable[str], now: datetime) -> dict[str, int]:
        """Count the visits still to come, or under way, in each of the rooms that has any."""
        query = {
            "room_id": {"$in": list(room_ids)},
            "start": {"$gt": now - LONGEST_VISIT},
            "end": {"$gt": now},
            "status": {"$in": ["booked", "arrived"]},
        }
        counted: list[Document] = [
            {"$match": query},
            {"$group": {"_id": "$room_id", "visits": {"$sum": 1}}},
        ]
        return {row["_id"]: row["visits"] for row in self.collection.aggregate(counted)}

    def page(
        self, query: AppointmentQuery, cursor: str | None, limit: int
    ) -> tuple[list[Appointment], str | None]:
        """Return up to ``limit``, by start, and the cursor of the next page, if there is one.

        Raises Invalid for a cursor that is none.
        """
        after = paging.decode(cursor, datetime, str)
        found = self.collection.find(_query(query, after)).sort(BY_START).limit(limit + 1)
        page, following = page_of(found, limit, BY_START)
        return [_appointment(document) for document in page], following


def _query(query: AppointmentQuery, after: Sequence[Any] | None) -> Document:
    document: Document = {}
    if query.location_ids is not None:
        document["location_id"] = {"$in": list(query.location_ids)}
    for field in ("practitioner_id", "client_id", "status"):
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
    wall = {"$gte": query.local_from, "$lt": query.local_to}
    local = {sign: _wall(at) for sign, at in wall.items() if at is not None}
    if local:
        document["local_start"] = local
    return document


def counts(database: Database[Document]) -> dict[str, int]:
    """Return how many appointments there are."""
    return {"appointments": database["appointments"].count_documents({})}


def findings(database: Database[Document]) -> dict[str, int]:
    """Count ``overlaps`` of live visits, from their times alone: the claims are not trusted."""
    last_end: dict[str, datetime] = {}
    count = 0
    query = {"status": {"$in": sorted(HOLDS_ITS_TIME)}}
    rows = database["appointments"].find(query, BUSY_FIELDS).sort("start", ASCENDING)
    for row in map(_busy, rows.allow_disk_use(True)):
        for resource in row.resources.ids:
            if resource in last_end and row.span.start < last_end[resource]:
                count += 1
            last_end[resource] = max(row.span.end, last_end.get(resource, row.span.end))
    return {"overlaps": count}


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
        "local_start": _wall(made.local_start),
        "timezone": made.timezone,
        "tzdata_version": made.tzdata_version,
        "turnover": made.turnover,
        "price": dump(made.price),
        "policy": dump(made.policy),
        "reason": made.reason,
        "equipment_id": made.equipment_id,
    }


def _wall(local: datetime) -> str:
    return local.isoformat(timespec="minutes")


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
        price=read(Money, found["price"]),
        policy=read(CancellationPolicy, found["policy"]),
        reason=found["reason"],
        equipment_id=found.get("equipment_id"),
        operations=tuple(found["operations"]),
        fingerprint=found.get("fingerprint", ""),
    )


def _busy(found: Document) -> Busy:
    held_until = found["end"] + timedelta(minutes=found["turnover"])
    return Busy(
        appointment_id=found["_id"],
        location_id=found["location_id"],
        resources=Resources(found["practitioner_id"], found["room_id"], found.get("equipment_id")),
        span=Span(found["start"], held_until),
    )
