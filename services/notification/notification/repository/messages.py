"""Messages in MongoDB: planned, listed, taken, closed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from pymongo import ASCENDING, DESCENDING, ReturnDocument
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from clinic_contracts.booking.events import OfferMade, Visit
from clinic_contracts.context import CallContext
from clinic_contracts.notification.events import MessageSent, MessageSkipped
from clinic_contracts.notification.requests import ListMessages, MessageView
from clinic_contracts.trusted import dump, read
from clinic_runtime import grouped, outbox, paging
from clinic_runtime.ids import derived_id
from notification.domain import (
    Message,
    Planned,
    Situation,
    Told,
    schedule,
    visit_to_tell,
)
from notification.offers import Offered
from notification.ports import AlreadyRemindedError, TakenOverError
from notification.repository.known import CHANNEL, Known

Document = dict[str, Any]
NEWEST_FIRST = [("planned_at", DESCENDING), ("_id", DESCENDING)]
LATEST_TOLD = [("told_version", DESCENDING), ("told_at", DESCENDING)]
TAKEN: Document = {"first_taken_at": {"$exists": True}}
LEASE = timedelta(seconds=60)
OPEN = ("scheduled", "sending")
TELLING = ("confirmation", "moved", "corrected", "reminder")


def ensure(database: Database[Document]) -> None:
    """Make every index."""
    messages = database["messages"]
    messages.create_index([("state", ASCENDING), ("due_at", ASCENDING)])
    messages.create_index(
        [("appointment_id", ASCENDING), *LATEST_TOLD], partialFilterExpression=TAKEN
    )
    messages.create_index(
        [("appointment_id", ASCENDING), ("reminds_of", ASCENDING)],
        unique=True,
        partialFilterExpression={"reminds_of": {"$exists": True}},
    )
    for field in ("appointment_id", "client_id"):
        messages.create_index([(field, ASCENDING), *NEWEST_FIRST])


def counts(database: Database[Document], due_by: datetime) -> dict[str, int]:
    """Return how many messages there are, were sent, failed, and are due by an instant."""
    messages = database["messages"]
    due = [{"state": "sending"}, {"state": "scheduled", "due_at": {"$lte": due_by}}]
    return {
        "messages": messages.count_documents({}),
        "messages_sent": messages.count_documents({"state": "sent"}),
        "messages_failed": messages.count_documents({"state": "failed"}),
        "messages_due": messages.count_documents({"$or": due}),
    }


class MongoMessages:
    """Messages, each a document of its own."""

    def __init__(self, database: Database[Document], lease: timedelta = LEASE) -> None:
        """Take how long a sender that is not heard of has a message to itself."""
        self.database = database
        self.lease = lease
        self.known = Known(database)

    def plan(
        self, visit: Visit, version: int, planned: Sequence[Planned], context: CallContext
    ) -> None:
        """Schedule messages; one per appointment, version and kind, whatever is redelivered."""
        of = {
            "appointment_id": visit.appointment_id,
            "appointment_version": version,
            "visit": dump(visit),
        }
        documents = [
            {
                "_id": derived_id("msg", visit.appointment_id, str(version), each.kind),
                **_planned(each, visit, context),
                **of,
            }
            for each in planned
        ]
        grouped.insert_missing(self.database["messages"], documents)

    def plan_offer(self, offer: OfferMade, at: datetime, context: CallContext) -> None:
        """Schedule the letter of an offer, due at once; one per offer."""
        document = {
            "_id": derived_id("msg", offer.offer_id),
            **_planned(Planned("offer", at), offer, context),
            # It is about no visit yet.
            "appointment_id": "",
            "appointment_version": 0,
            "offer": dump(offer),
        }
        grouped.insert_missing(self.database["messages"], [document])

    def page(
        self, request: ListMessages, location_ids: Sequence[str] | None
    ) -> tuple[tuple[MessageView, ...], str | None]:
        """Return a page, newest first, and the cursor of the next one, if there is one.

        ``location_ids`` None means of every location. Raises Invalid for a cursor that is none.
        """
        asked = {"client_id": request.client_id, "appointment_id": request.appointment_id}
        query: Document = {field: id_ for field, id_ in asked.items() if id_ is not None}
        if location_ids is not None:
            query["location_id"] = {"$in": list(location_ids)}
        after = paging.decode(request.cursor, datetime, str)
        if after is not None:
            at, id_ = after
            query["$or"] = [{"planned_at": {"$lt": at}}, {"planned_at": at, "_id": {"$lt": id_}}]
        found = self.database["messages"].find(query).sort(NEWEST_FIRST).limit(request.limit + 1)
        documents = list(found)
        page = documents[: request.limit]
        more = len(documents) > request.limit
        following = paging.encode([page[-1][field] for field, _ in NEWEST_FIRST]) if more else None
        return tuple(_view(document) for document in page), following

    def take(self, now: datetime) -> Message | None:
        """Take the message due the longest for the time of a lease, counting the attempt.

        One whose sender died is due again after that.
        """
        found = self.database["messages"].find_one_and_update(
            {"state": {"$in": list(OPEN)}, "due_at": {"$lte": now}},
            {
                "$set": {"state": "sending", "due_at": now + self.lease},
                "$min": {"first_taken_at": now},
                "$inc": {"attempts": 1},
            },
            sort=[("due_at", ASCENDING)],
            return_document=ReturnDocument.AFTER,
        )
        if found is None:
            return None
        return Message(
            id=found["_id"],
            version=found["version"],
            kind=found["kind"],
            appointment_id=found["appointment_id"],
            client_id=found["client_id"],
            location_id=found["location_id"],
            subject=found["offer"] if found["kind"] == "offer" else found["visit"],
            attempts=found["attempts"],
            first_taken_at=found["first_taken_at"],
            context=CallContext(
                actor=found["actor"],
                correlation_id=found["correlation_id"],
                operation_id=found["_id"],
            ),
        )

    def situation(self, message: Message) -> Situation:
        """Return what is true of a message's visit and client now."""
        planned = read(Visit, message.subject)
        visit, version, status = self.known.visit(message.appointment_id)
        told = self._told(message)
        return Situation(
            planned=planned,
            visit=visit,
            version=version,
            status=status,
            contact=self.known.contact(message.client_id),
            place=self.known.place(visit_to_tell(message.kind, visit, told)),
            told=told,
        )

    def offered(self, message: Message) -> Offered:
        """Return what is true of a message's offer and client now."""
        offer = read(OfferMade, message.subject)
        return Offered(
            offer=offer,
            status=self.known.offer_status(offer.offer_id),
            contact=self.known.contact(message.client_id),
            place=self.known.place(offer),
        )

    def hand_over(self, message: Message, visit: Visit | None, version: int, now: datetime) -> None:
        """Record, before it is sent, that the client may know of ``visit`` from now on.

        ``version`` is that of the visit as it was looked at. Renews the lease. A unique index
        lets one message remind of a schedule. Raises TakenOverError when another sender took the
        message meanwhile, AlreadyRemindedError.
        """
        fields: Document = {"told_at": now, "told_version": version, "due_at": now + self.lease}
        if message.kind == "reminder" and visit is not None:
            start, *where = schedule(visit)
            fields["reminds_of"] = "|".join((start.isoformat(), *where))
        try:
            found = self.database["messages"].update_one(_held(message), {"$set": fields})
        except DuplicateKeyError as error:
            raise AlreadyRemindedError from error
        if not found.matched_count:
            raise TakenOverError

    def sent(self, message: Message, reason: str, now: datetime) -> None:
        """Record that a message went out, with its event."""
        event = MessageSent(
            message_id=message.id,
            kind=message.kind,
            channel=CHANNEL,
            client_id=message.client_id,
            appointment_id=message.appointment_id,
            sent_at=now,
        )
        self._close(message, {"state": "sent", "reason": reason, "sent_at": now}, event, now)

    def ended(self, message: Message, state: str, reason: str, now: datetime) -> None:
        """Record that a message was skipped, or failed, and why."""
        event = MessageSkipped(
            message_id=message.id,
            kind=message.kind,
            channel=CHANNEL,
            client_id=message.client_id,
            appointment_id=message.appointment_id,
            reason=reason,
        )
        self._close(message, {"state": state, "reason": reason}, event, now)

    def delay(self, message: Message, until: datetime, reason: str, *, attempts: int) -> None:
        """Have a message come up again, unless another sender has it by now."""
        fields = {"state": "scheduled", "due_at": until, "reason": reason, "attempts": attempts}
        self.database["messages"].update_one(_held(message), {"$set": fields})

    def _close(self, message: Message, fields: Document, event: Any, now: datetime) -> None:  # noqa: ANN401
        outbox.update(
            self.database["messages"],
            message.id,
            message.version,
            {"$set": fields},
            event=event,
            context=message.context,
            at=now,
            location_id=message.location_id,
        )

    def _told(self, message: Message) -> Told | None:
        """Return what another message told last, or may be telling just now.

        Last is what told of the latest version: two may tell at one instant.
        Certain is what was handed over and is sent, or will be tried until it is.
        """
        handed_over = [{"told_at": {"$exists": True}}, {"state": "sending"}]
        found = self.database["messages"].find_one(
            {
                "appointment_id": message.appointment_id,
                "_id": {"$ne": message.id},
                "kind": {"$in": list(TELLING)},
                **TAKEN,  # as either of these is, and as the index says
                "$or": handed_over,
            },
            {"visit": 1, "state": 1, "told_at": 1},
            sort=LATEST_TOLD,
        )
        if found is None:
            return None
        certain = "told_at" in found and found["state"] in {"sent", *OPEN}
        return Told(visit=read(Visit, found["visit"]), certain=certain)


def _planned(each: Planned, about: Visit | OfferMade, context: CallContext) -> Document:
    return {
        "kind": each.kind,
        "state": "scheduled",
        "reason": "",
        "due_at": each.due_at,
        "planned_at": each.due_at,
        "attempts": 0,
        "client_id": about.client_id,
        "location_id": about.location_id,
        "correlation_id": context.correlation_id,
        "actor": context.actor,
        **outbox.first_version(context),
    }


def _held(message: Message) -> Document:
    """Match a message only as long as nobody closed it or took it after this sender did."""
    return {
        "_id": message.id,
        "version": message.version,
        "attempts": message.attempts,
        "state": "sending",
    }


def _view(found: Document) -> MessageView:
    # While a sender has it, and after, the document's due_at is the end of the sender's lease.
    waits = found["state"] == "scheduled"
    return MessageView(
        id=found["_id"],
        kind=found["kind"],
        channel=CHANNEL,
        state=found["state"],
        reason=found["reason"],
        location_id=found["location_id"],
        client_id=found["client_id"],
        appointment_id=found["appointment_id"],
        appointment_version=found["appointment_version"],
        due_at=found["due_at"] if waits else found["planned_at"],
        sent_at=found.get("sent_at"),
    )
