"""The waitlist and its rounds in MongoDB; a step of a round is one transaction.

It writes the round, the entries it concerns and, on an acceptance, the visits. So nothing
half-done can stay, whatever ends the process: who accepted has the time, gave up their later visit
and is off the list, or none of it happened and the link still answers.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from pymongo import ASCENDING, ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from booking.domain.round import Opening, Round
from booking.domain.waitlist import RANK, last_day
from booking.ports import ClaimTakenError
from booking.repository.appointments import MongoAppointments, StaleError
from booking.repository.pages import page_of
from booking.waitlist_ports import Step
from clinic_contracts.booking.waitlist import EntryStatus, WaitlistEntry, WaitlistFigures
from clinic_contracts.context import CallContext
from clinic_contracts.errors import AlreadyExists
from clinic_contracts.trusted import dump, read
from clinic_runtime import clock, outbox, paging
from clinic_runtime.mongo import ensure_collection

Document = dict[str, Any]
ENTRIES, ROUNDS = "waitlist", "waitlist_rounds"
LONGEST_FIRST = [("waiting_since", ASCENDING), ("_id", ASCENDING)]
BY_PRECEDENCE = [
    ("rank", ASCENDING),
    ("waiting_since", ASCENDING),
    ("offered", ASCENDING),
    ("_id", ASCENDING),
]
TAKEN_FOR = timedelta(seconds=30)
WAITS = ("waiting", "offered")


def ensure(database: Database[Document]) -> None:
    """Make the collections, since transactions do not, and every index."""
    for name in (ENTRIES, ROUNDS):
        ensure_collection(database, name)
    entries, rounds = database[ENTRIES], database[ROUNDS]
    # A client who waited twice would be asked twice as often as the others.
    entries.create_index(
        [("client_id", ASCENDING), ("treatment_id", ASCENDING)],
        unique=True,
        partialFilterExpression={"waits": True},
    )
    places = [("location_ids", ASCENDING)]
    entries.create_index([*places, *LONGEST_FIRST])
    entries.create_index([*places, ("status", ASCENDING), *LONGEST_FIRST])
    entries.create_index([*places, ("status", ASCENDING), *BY_PRECEDENCE])
    entries.create_index([("status", ASCENDING), ("last_day", ASCENDING)])
    rounds.create_index([("due", ASCENDING)], partialFilterExpression={"status": "open"})
    rounds.create_index([("tokens", ASCENDING)])
    rounds.create_index([("location_id", ASCENDING), ("freed_at", ASCENDING)])
    rounds.create_index([("freed_at", ASCENDING)])


class MongoWaitlist:
    """Entries and rounds, each a document with its state and what it is found by."""

    def __init__(self, database: Database[Document]) -> None:
        self.database = database
        self.entries = database[ENTRIES]
        self.rounds = database[ROUNDS]
        self.appointments = MongoAppointments(database)

    def add(self, entry: WaitlistEntry, event: Any, context: CallContext) -> WaitlistEntry:  # noqa: ANN401
        """Add it, or return the one a first try of the same operation added.

        Raises AlreadyExists when the client waits for that treatment already.
        """
        document = {"_id": entry.id, **_fields(entry)}
        where = entry.location_ids[0]
        try:
            outbox.insert(
                self.entries,
                document,
                event=event,
                context=context,
                at=clock.now(),
                location_id=where,
            )
        except DuplicateKeyError as error:
            stored = self.get(entry.id)
            if stored is None:
                detail = "the client waits for this treatment already"
                raise AlreadyExists(detail, field="treatment_id") from error
            return stored
        return entry

    def get(self, id_: str) -> WaitlistEntry | None:
        """Return one, or None."""
        found = self.entries.find_one({"_id": id_})
        return None if found is None else _entry(found)

    def save(self, entry: WaitlistEntry, event: Any, context: CallContext) -> bool:  # noqa: ANN401
        """Save over ``entry.version``; False when stale."""
        return self._save(entry, event, context)

    def page(
        self, location_id: str, status: EntryStatus | None, cursor: str | None, limit: int
    ) -> tuple[list[WaitlistEntry], str | None]:
        """Return up to ``limit``, the longest waiting first, and the cursor of the next page.

        Raises Invalid for a cursor that is none.
        """
        query: Document = {"location_ids": location_id}
        if status is not None:
            query["status"] = status
        after = paging.decode(cursor, datetime, str)
        if after is not None:
            since, id_ = after
            # The bound lets the index begin where the page does, however deep in the list.
            query["waiting_since"] = {"$gte": since}
            query["$or"] = [{"waiting_since": {"$gt": since}}, {"_id": {"$gt": id_}}]
        found = self.entries.find(query).sort(LONGEST_FIRST).limit(limit + 1)
        documents, following = page_of(found, limit, LONGEST_FIRST)
        return [_entry(each) for each in documents], following

    def waiting_for(
        self, opening: Opening, treatment_ids: Sequence[str]
    ) -> Iterator[WaitlistEntry]:
        """Yield who waits for such a day there, by precedence."""
        day = opening.local_start.date().isoformat()
        query = {
            "location_ids": opening.location_id,
            "status": "waiting",
            "treatment_id": {"$in": list(treatment_ids)},
            "state.windows": {"$elemMatch": {"from": {"$lte": day}, "to": {"$gte": day}}},
        }
        return map(_entry, self.entries.find(query).sort(BY_PRECEDENCE))

    def past(self, day: date, limit: int) -> list[WaitlistEntry]:
        """Return up to ``limit`` of those who wait for days that all lie before one."""
        query = {"status": "waiting", "last_day": {"$lt": day.isoformat()}}
        return [_entry(each) for each in self.entries.find(query).limit(limit)]

    def add_round(self, made: Round) -> Round:
        """Add it, or return the one of that id that is there."""
        document = {"_id": made.id, "version": made.version, **_round_fields(made)}
        try:
            self.rounds.insert_one(document)
        except DuplicateKeyError:
            return self.get_round(made.id) or made
        return made

    def get_round(self, id_: str) -> Round | None:
        """Return one, or None."""
        return _round(self.rounds.find_one({"_id": id_}))

    def round_of(self, token_hash: str) -> Round | None:
        """Return the round of the offer with this token, or None."""
        return _round(self.rounds.find_one({"tokens": token_hash}))

    def take_due(self, now: datetime) -> Round | None:
        """Return the open round due the longest, and keep it from others for half a minute."""
        found = self.rounds.find_one_and_update(
            {"status": "open", "due": {"$lte": now}},
            {"$set": {"due": now + TAKEN_FOR}},
            sort=[("due", ASCENDING)],
            return_document=ReturnDocument.AFTER,
        )
        return _round(found)

    def take_step(self, step: Step, context: CallContext) -> bool:
        """Write a step; False when something in it is stale; raises ClaimTakenError."""
        with self.database.client.start_session() as session:
            try:
                session.with_transaction(lambda session: self._write(step, context, session))
            except StaleError:
                return False
            except DuplicateKeyError as error:
                raise ClaimTakenError from error
        return True

    def figures(
        self, location_ids: Sequence[str] | None, start: datetime, end: datetime
    ) -> list[WaitlistFigures]:
        """Count the times freed in ``[start, end)`` by location; None means every location."""
        query: Document = {"freed_at": {"$gte": start, "$lt": end}}
        if location_ids is not None:
            query["location_id"] = {"$in": list(location_ids)}
        took = {"$dateDiff": {"startDate": "$freed_at", "endDate": "$filled_at", "unit": "minute"}}
        grouped = {
            "_id": "$location_id",
            "freed": {"$sum": 1},
            "offered": {"$sum": {"$cond": ["$offered", 1, 0]}},
            "minutes": {"$push": took},
        }
        rows = self.rounds.aggregate([{"$match": query}, {"$group": grouped}])
        return sorted(map(_figures, rows), key=lambda row: row.location_id)

    def _write(self, step: Step, context: CallContext, session: ClientSession) -> None:
        over = {"_id": step.round.id, "version": step.round.version}
        change = {"$set": _round_fields(step.round), "$inc": {"version": 1}}
        if not self.rounds.update_one(over, change, session=session).matched_count:
            raise StaleError
        for entry, event in step.entries:
            if not self._save(entry, event, context, step.round.opening.location_id, session):
                raise StaleError
        self.appointments.write(step.visits, (), context, session)

    def _save(
        self,
        entry: WaitlistEntry,
        event: Any,  # noqa: ANN401 (any contract event)
        context: CallContext,
        location_id: str = "",
        session: ClientSession | None = None,
    ) -> bool:
        return outbox.update(
            self.entries,
            entry.id,
            entry.version,
            {"$set": _fields(entry)},
            event=event,
            context=context,
            at=clock.now(),
            location_id=location_id or entry.location_ids[0],
            session=session,
        )


def _fields(entry: WaitlistEntry) -> Document:
    return {
        "client_id": entry.client_id,
        "treatment_id": entry.treatment_id,
        "location_ids": list(entry.location_ids),
        "status": entry.status,
        "waits": entry.status in WAITS,
        "rank": RANK[entry.urgency],
        "waiting_since": entry.waiting_since,
        "offered": entry.offered,
        "last_day": last_day(entry).isoformat(),
        "state": dump(entry),
    }


def _entry(found: Document) -> WaitlistEntry:
    return read(WaitlistEntry, {**found["state"], "version": found["version"]})


def _round_fields(round_: Round) -> Document:
    return {
        "status": round_.status,
        "due": round_.due,
        "location_id": round_.opening.location_id,
        "freed_at": round_.freed_at,
        "offered": bool(round_.offers),
        "filled_at": round_.filled_at,
        "tokens": [offer.token_hash for offer in round_.offers],
        "state": dump(round_),
    }


def _round(found: Document | None) -> Round | None:
    return None if found is None else read(Round, {**found["state"], "version": found["version"]})


def _figures(row: Document) -> WaitlistFigures:
    minutes = [each for each in row["minutes"] if each is not None]
    return WaitlistFigures(
        location_id=row["_id"],
        freed=row["freed"],
        offered=row["offered"],
        filled=len(minutes),
        fill_rate=round(100 * len(minutes) / row["freed"]),
        median_minutes_to_fill=round(median(minutes)) if minutes else None,
    )
