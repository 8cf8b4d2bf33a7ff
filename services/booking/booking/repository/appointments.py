"""Appointments in MongoDB; the claims they hold are part of the same document."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from pymongo import ASCENDING
from pymongo.client_session import ClientSession
from pymongo.cursor import Cursor
from pymongo.database import Database
from pymongo.errors import BulkWriteError, DuplicateKeyError

from booking.domain.appointment import HOLDS_ITS_TIME, Appointment
from booking.domain.availability import Busy
from booking.ports import AppointmentQuery, Change, ClaimTakenError, Wanting
from booking.repository.pages import page_of
from booking.repository.queries import HOLD, MARKED, UNSEEN, matching
from booking.repository.visits import (
    BUSY_FIELDS,
    appointment_of,
    busy_of,
    changes_of,
    document_of,
)
from clinic_contracts.context import CallContext
from clinic_contracts.envelope import Event
from clinic_runtime import clock, grouped, history, outbox, paging

Document = dict[str, Any]
BY_START = [("start", ASCENDING), ("_id", ASCENDING)]
LONGEST_VISIT = timedelta(hours=12)
"""No visit with its turnover is longer (480 and 120 minutes are the most of each), so an index
on ``start`` finds every overlap."""
STREAMED_TOGETHER = 1_000


class StaleError(Exception):
    """Ends a transaction: one of its documents is not what it was."""


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
    # Expired holds stand in nobody's way (``busy``, ``drop_expired``); this only sweeps them up.
    appointments.create_index(
        [("expires_at", ASCENDING)],
        expireAfterSeconds=0,
        partialFilterExpression={"expires_at": {"$type": "date"}},
    )
    appointments.create_index(
        [("equipment_id", ASCENDING), ("start", ASCENDING)],
        partialFilterExpression={"equipment_id": {"$gt": ""}},
    )
    appointments.create_index(
        [("location_id", ASCENDING), *BY_START],
        partialFilterExpression=MARKED,
        name="double_booked",
    )


class MongoAppointments:
    """Appointments; the claims they hold are part of the same document and the same write."""

    def __init__(self, database: Database[Document]) -> None:
        self.collection = database["appointments"]

    def add(self, made: Appointment, event: Any, context: CallContext) -> Appointment:  # noqa: ANN401
        """Insert, or return the one of that id that is there; raises ClaimTakenError."""
        try:
            outbox.insert(
                self.collection,
                document_of(made),
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
        return None if found is None else appointment_of(found)

    def last_event(self, id_: str, until: datetime) -> Event | None:
        """Return the last event of one at or before an instant, or None."""
        return history.last_of(self.collection, id_, until)

    def event_of(self, id_: str, version: int) -> Event | None:
        """Return the event by which one came to a version, or None."""
        return history.event_of(self.collection, id_, version)

    def events(self, id_: str, most: int) -> list[Event]:
        """Return the events of one in order, the latest ``most``."""
        return history.events_of(self.collection, id_, most)

    def save(self, changed: Appointment, event: Any, context: CallContext) -> bool:  # noqa: ANN401
        """Save over ``changed.version``; False when stale; raises ClaimTakenError."""
        try:
            return outbox.update(
                self.collection,
                changed.id,
                changed.version,
                changes_of(changed),
                event=event,
                context=context,
                at=clock.now(),
                location_id=changed.location_id,
            )
        except DuplicateKeyError as error:
            raise ClaimTakenError from error

    def save_together(
        self, saved: Sequence[Change], context: CallContext, made: Change | None = None
    ) -> bool:
        """Save each over its version, in order, and insert ``made``: all of it or nothing.

        False when one is stale or ``made`` is there; raises ClaimTakenError.
        """
        database = self.collection.database
        with database.client.start_session() as session:
            try:
                one = () if made is None else (made,)
                handing_over = session.with_transaction(
                    lambda session: self.write(saved, one, context, session)
                )
            except StaleError:
                return False
            except (DuplicateKeyError, BulkWriteError) as error:
                raise ClaimTakenError from error
        handing_over()
        return True

    def write(
        self,
        saved: Sequence[Change],
        made: Sequence[Change],
        context: CallContext,
        session: ClientSession,
    ) -> Callable[[], None]:
        """Do so within a transaction; call what is returned once it is committed.

        Raises StaleError, and what the database raises.
        """
        for visit, event in saved:
            done = outbox.update(
                self.collection,
                visit.id,
                visit.version,
                changes_of(visit),
                event=event,
                context=context,
                at=clock.now(),
                location_id=visit.location_id,
                session=session,
            )
            if not done:
                raise StaleError
        if not made:
            return lambda: None
        documents = [
            outbox.new(
                document_of(visit),
                event=event,
                context=context,
                at=clock.now(),
                location_id=visit.location_id,
            )
            for visit, event in made
        ]
        return outbox.insert_together(self.collection, documents, session)

    def release(self, held: Appointment) -> bool:
        """Give a hold's time back; False when it is none any more."""
        query = {"_id": held.id, "version": held.version, "status": HOLD}
        return self.collection.delete_one(query).deleted_count == 1

    def drop_expired(self, claims: Sequence[str], now: datetime) -> bool:
        """Remove the holds that have expired and still have any of the claims; say if any had."""
        query = {"claims": {"$in": list(claims)}, "status": HOLD, "expires_at": {"$lte": now}}
        return self.collection.delete_many(query).deleted_count > 0

    def busy(self, wanting: Wanting, now: datetime) -> list[Busy]:
        """Return what holds any of the resources in the span, by start, expired holds not.

        With a client, also that client's visits at places where clients are in one place.
        """
        span = wanting.span
        window = {"$gt": span.start - LONGEST_VISIT, "$lt": span.end}
        asked = {
            "practitioner_id": wanting.practitioner_ids,
            "room_id": wanting.room_ids,
            "equipment_id": wanting.equipment_ids,
        }
        any_of = [{field: {"$in": ids}, "start": window} for field, ids in asked.items() if ids]
        if wanting.client_id is not None:
            theirs = {"client_id": wanting.client_id, "claims_client": True}
            any_of.append({**theirs, "start": window})
        if wanting.claims:
            any_of.append({"claims": {"$in": list(wanting.claims)}})
        if not any_of:
            return []
        query = {"$or": any_of, "status": {"$in": sorted(HOLDS_ITS_TIME)}}
        # By itself the first batch has 101, and a half-full week would be asked for twice.
        found = self.collection.find(query, BUSY_FIELDS).batch_size(STREAMED_TOGETHER)
        rows = [busy_of(row) for row in found if "expires_at" not in row or row["expires_at"] > now]
        return sorted(
            (row for row in rows if row.span.overlaps(span)), key=lambda row: row.span.start
        )

    def busy_for_all(self, wanting: Wanting, now: datetime) -> Sequence[Busy]:
        """Return the same; who asks for the same at once shares a look begun after all asked."""
        return grouped.look(self.collection, wanting, lambda: self.busy(wanting, now))

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
        found = self._found(query, cursor).limit(limit + 1)
        page, following = page_of(found, limit, BY_START)
        return [appointment_of(document) for document in page], following

    def stream(self, query: AppointmentQuery, cursor: str | None) -> Iterator[Appointment]:
        """Yield them all, by start, from a cursor on; raises Invalid for one that is none."""
        # By themselves the second batch has all that fit into 16 MB, wanted or not.
        return map(appointment_of, self._found(query, cursor).batch_size(STREAMED_TOGETHER))

    def cursor_after(self, visit: Appointment) -> str:
        """Return the cursor of what follows a visit in a list by start."""
        return paging.encode([visit.start, visit.id])

    def _found(self, query: AppointmentQuery, cursor: str | None) -> Cursor[Document]:
        after = paging.decode(cursor, datetime, str)
        return self.collection.find(matching(query, after), UNSEEN).sort(BY_START)
