"""Messages and projections in MongoDB."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pymongo import ASCENDING, DESCENDING, ReturnDocument
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from clinic_contracts.booking.events import Visit
from clinic_contracts.context import CallContext
from clinic_contracts.notification.events import MessageSent, MessageSkipped
from clinic_contracts.notification.requests import MessageView
from clinic_contracts.schemas import dump, load_answer
from clinic_runtime import outbox
from clinic_runtime.ids import derived_id
from clinic_runtime.mongo import project
from notification.domain import Contact, Kind, Planned, Situation
from notification.wording import Place

Document = dict[str, Any]
OUTBOXES = ("messages",)
LEASE = timedelta(seconds=60)
OPEN = ("scheduled", "sending")
TOLD = ("confirmation", "moved", "reminder")


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message and what it tells of."""

    id: str
    row_version: int
    kind: Kind
    visit: Visit
    appointment_version: int
    attempts: int
    planned_at: datetime
    context: CallContext


def ensure(database: Database[Document]) -> None:
    """Make every index."""
    messages = database["messages"]
    messages.create_index([("state", ASCENDING), ("due_at", ASCENDING)])
    for field in ("appointment_id", "client_id", "location_id"):
        messages.create_index([(field, ASCENDING), ("planned_at", DESCENDING), ("_id", DESCENDING)])


class MongoMessages:
    """Messages, and what is known of the visits and people they are about."""

    def __init__(self, database: Database[Document]) -> None:
        self.database = database

    def learn(self, name: str, id_: str, seq: int, fields: Document) -> None:
        """Keep what an event tells, unless a later one was there first."""
        project(self.database[name], id_, seq, fields)

    def plan(
        self, visit: Visit, version: int, planned: Sequence[Planned], context: CallContext
    ) -> None:
        """Schedule messages; one per appointment, version and kind, whatever is redelivered."""
        for each in planned:
            id_ = derived_id("msg", visit.appointment_id, str(version), each.kind)
            document = {
                "_id": id_,
                "kind": each.kind,
                "state": "scheduled",
                "reason": "",
                "due_at": each.due_at,
                "planned_at": each.due_at,
                "attempts": 0,
                "appointment_id": visit.appointment_id,
                "appointment_version": version,
                "client_id": visit.client_id,
                "location_id": visit.location_id,
                "visit": dump(visit),
                "correlation_id": context.correlation_id,
                "actor": context.actor,
            }
            try:
                outbox.insert(self.database["messages"], document, context=context, at=each.due_at)
            except DuplicateKeyError:
                continue

    def take(self, at: datetime) -> Message | None:
        """Take a due message for a minute; one whose sender died is due again after that."""
        found = self.database["messages"].find_one_and_update(
            {"state": {"$in": list(OPEN)}, "due_at": {"$lte": at}},
            {"$set": {"state": "sending", "due_at": at + LEASE}},
            sort=[("due_at", ASCENDING)],
            return_document=ReturnDocument.AFTER,
        )
        if found is None:
            return None
        return Message(
            id=found["_id"],
            row_version=found["version"],
            kind=found["kind"],
            visit=load_answer(Visit, found["visit"]),
            appointment_version=found["appointment_version"],
            attempts=found["attempts"],
            planned_at=found["planned_at"],
            context=CallContext(
                actor=found["actor"],
                correlation_id=found["correlation_id"],
                operation_id=found["_id"],
            ),
        )

    def situation(self, message: Message) -> Situation:
        """Return what is true of a message's visit and client now."""
        visit = self.database["visits"].find_one({"_id": message.visit.appointment_id})
        told = self.database["messages"].find_one(
            {
                "appointment_id": message.visit.appointment_id,
                "state": "sent",
                "kind": {"$in": list(TOLD)},
            },
            {"_id": 1},
        )
        return Situation(
            visit=None if visit is None else load_answer(Visit, visit["visit"]),
            status="" if visit is None else visit["status"],
            contact=self._contact(message.visit.client_id),
            location_known=self._known("locations", message.visit.location_id) is not None,
            told_before=told is not None,
        )

    def place(self, visit: Visit) -> Place:
        """Return where and with whom a visit is."""
        location = self._known("locations", visit.location_id) or {}
        practitioner = self._known("practitioners", visit.practitioner_id) or {}
        return Place(
            location=location.get("name", ""),
            address=location.get("address", ""),
            practitioner=practitioner.get("name", ""),
        )

    def sent(self, message: Message, reason: str, at: datetime) -> None:
        """Record that a message went out, with its event."""
        event = MessageSent(
            message_id=message.id,
            kind=message.kind,
            channel="email",
            client_id=message.visit.client_id,
            appointment_id=message.visit.appointment_id,
            sent_at=at,
        )
        self._close(message, {"state": "sent", "reason": reason, "sent_at": at}, event, at)

    def skipped(self, message: Message, reason: str, at: datetime, state: str = "skipped") -> None:
        """Record that a message was not sent, and why."""
        event = MessageSkipped(
            message_id=message.id,
            kind=message.kind,
            channel="email",
            client_id=message.visit.client_id,
            appointment_id=message.visit.appointment_id,
            reason=reason,
        )
        self._close(message, {"state": state, "reason": reason}, event, at)

    def delay(self, message: Message, until: datetime, reason: str, attempts: int) -> None:
        """Have a message come up again."""
        self.database["messages"].update_one(
            {"_id": message.id, "version": message.row_version},
            {
                "$set": {
                    "state": "scheduled",
                    "due_at": until,
                    "reason": reason,
                    "attempts": attempts,
                }
            },
        )

    def page(self, query: Document, after: list[Any] | None, limit: int) -> list[Document]:
        """Return up to ``limit`` messages, newest first."""
        if after is not None:
            at, id_ = after
            later = [{"planned_at": {"$lt": at}}, {"planned_at": at, "_id": {"$lt": id_}}]
            query = {**query, "$or": later}
        order = [("planned_at", DESCENDING), ("_id", DESCENDING)]
        return list(self.database["messages"].find(query).sort(order).limit(limit))

    def _close(self, message: Message, fields: Document, event: Any, at: datetime) -> None:  # noqa: ANN401
        outbox.update(
            self.database["messages"],
            message.id,
            message.row_version,
            {"$set": fields},
            event=event,
            context=message.context,
            at=at,
            location_id=message.visit.location_id,
        )

    def _contact(self, client_id: str) -> Contact | None:
        client = self._known("clients", client_id)
        if client is None:
            return None
        consent = self._known("consents", derived_id("con", client_id, "appointments", "email"))
        emails = client["emails"]
        return Contact(
            name=client["name"],
            email=emails[0] if emails else None,
            wants_email=client["preferred_channel"] != "none"
            and (consent is None or bool(consent["granted"])),
        )

    def _known(self, name: str, id_: str) -> Document | None:
        found = self.database[name].find_one({"_id": id_})
        return None if found is None else found["view"]


def view_of(found: Document) -> MessageView:
    """Return a message as callers see it."""
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
        due_at=found["due_at"],
        sent_at=found.get("sent_at"),
    )
