"""Closures and absences in MongoDB."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from booking.domain import wall_time
from booking.domain.availability import Span
from booking.domain.closure import Closure
from booking.repository.appointments import BY_START, LONGEST_VISIT
from booking.repository.pages import page_of
from booking.repository.settings import Recent
from clinic_contracts.booking.closures import AffectedVisit
from clinic_contracts.context import CallContext
from clinic_runtime import clock, outbox, paging

Document = dict[str, Any]
BY_END = [("end", ASCENDING), ("_id", ASCENDING)]
HIT_FIELDS = dict.fromkeys(
    ("client_id", "practitioner_id", "location_id", "start", "local_start", "timezone"), 1
)
PLAIN = tuple(
    field.name
    for field in fields(Closure)
    if field.name not in {"id", "version", "local_start", "local_end", "start", "end"}
)


def ensure(database: Database[Document]) -> None:
    """Make the index of an owner's closures by their end."""
    owned = [("owner_id", ASCENDING), ("withdrawn", ASCENDING), *BY_END]
    database["closures"].create_index(owned)


class MongoClosures:
    """Closures and absences; ``now`` is when they are asked for."""

    def __init__(self, database: Database[Document], recent: Recent, now: datetime) -> None:
        self.collection = database["closures"]
        self.visits = database["appointments"]
        self.recent = recent
        self.now = now

    def of(
        self, location_id: str, practitioner_ids: Sequence[str], span: Span | None = None
    ) -> list[Closure]:
        """Return those of the location and the practitioners that are not over and not withdrawn.

        Of a span those that share a moment with it. As it was at most a second ago.
        """
        owners = (location_id, *practitioner_ids)
        found = self.recent.read(("closures", *owners), lambda: self._upcoming(owners))
        if span is None:
            return found
        return [each for each in found if each.overlaps(span.start, span.end)]

    def add(self, closure: Closure, event: Any, context: CallContext) -> Closure:  # noqa: ANN401
        """Add it, or return the one a first try of the same operation added."""
        document = {"_id": closure.id, **_fields(closure)}
        try:
            outbox.insert(
                self.collection,
                document,
                event=event,
                context=context,
                at=clock.now(),
                location_id=closure.location_id or "",
            )
        except DuplicateKeyError:
            stored = self.get(closure.id)
            if stored is None:
                raise
            return stored
        finally:
            self.recent.forget()
        return closure

    def get(self, id_: str) -> Closure | None:
        """Return one, or None."""
        found = self.collection.find_one({"_id": id_})
        return None if found is None else _closure(found)

    def save(self, closure: Closure, event: Any, context: CallContext) -> bool:  # noqa: ANN401
        """Save over ``closure.version``; False when stale."""
        try:
            return outbox.update(
                self.collection,
                closure.id,
                closure.version,
                {"$set": _fields(closure)},
                event=event,
                context=context,
                at=clock.now(),
                location_id=closure.location_id or "",
            )
        finally:
            self.recent.forget()

    def count_upcoming(self, owner_id: str) -> int:
        """Count those of an owner that are not over and not withdrawn."""
        return self.collection.count_documents(self._not_over((owner_id,)))

    def hit_by(
        self, closure: Closure, location_ids: Sequence[str] | None, limit: int
    ) -> list[AffectedVisit]:
        """Return up to ``limit`` live visits to come that it hits, at these locations, by start."""
        since = max(closure.start, self.now)
        query: Document = {
            "start": {"$gt": since - LONGEST_VISIT, "$lt": closure.end},
            "end": {"$gt": since},
            "status": {"$in": ["booked", "arrived"]},
        }
        if closure.location_id is not None:
            query["location_id"] = closure.location_id
        else:
            query["practitioner_id"] = closure.practitioner_id
            if location_ids is not None:
                query["location_id"] = {"$in": list(location_ids)}
        found = self.visits.find(query, HIT_FIELDS).sort(BY_START).limit(limit)
        return [_hit(document) for document in found]

    def page(
        self, owner_id: str, cursor: str | None, limit: int, *, past: bool
    ) -> tuple[list[Closure], str | None]:
        """Return up to ``limit`` not withdrawn, by end, and the cursor of the next page if any.

        Raises Invalid for a cursor that is none.
        """
        query: Document = {"owner_id": owner_id, "withdrawn": False}
        after = paging.decode(cursor, datetime, str)
        if not past:
            query["end"] = {"$gt": self.now}
        if after is not None:
            end, id_ = after
            query["end"] = {**query.get("end", {}), "$gte": end}
            query["$or"] = [{"end": {"$gt": end}}, {"_id": {"$gt": id_}}]
        found = self.collection.find(query).sort(BY_END).limit(limit + 1)
        page, following = page_of(found, limit, BY_END)
        return [_closure(document) for document in page], following

    def _upcoming(self, owner_ids: Sequence[str]) -> list[Closure]:
        return [_closure(document) for document in self.collection.find(self._not_over(owner_ids))]

    def _not_over(self, owner_ids: Sequence[str]) -> Document:
        owners = {"$in": list(owner_ids)}
        return {"owner_id": owners, "withdrawn": False, "end": {"$gt": self.now}}


def _fields(closure: Closure) -> Document:
    return {
        "owner_id": closure.owner_id,
        "local_start": closure.local_start.isoformat(timespec="minutes"),
        "local_end": closure.local_end.isoformat(timespec="minutes"),
        "start": closure.start,
        "end": closure.end,
        **{name: getattr(closure, name) for name in PLAIN},
    }


def _closure(found: Document) -> Closure:
    """Return a closure at the instants that its wall times are by the zone data of today."""
    first, last = (datetime.fromisoformat(found[name]) for name in ("local_start", "local_end"))
    there = wall_time.zone(found["timezone"])
    return Closure(
        id=found["_id"],
        version=found["version"],
        local_start=first,
        local_end=last,
        start=first.replace(tzinfo=there).astimezone(UTC),
        end=last.replace(tzinfo=there).astimezone(UTC),
        **{name: found[name] for name in PLAIN},
    )


def _hit(found: Document) -> AffectedVisit:
    return AffectedVisit(
        appointment_id=found["_id"],
        client_id=found["client_id"],
        practitioner_id=found["practitioner_id"],
        location_id=found["location_id"],
        start=wall_time.at_offset(found["start"], found["timezone"]),
        local_start=datetime.fromisoformat(found["local_start"]),
    )
