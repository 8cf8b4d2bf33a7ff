"""Messages and projections in MongoDB."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from pymongo import ASCENDING, DESCENDING, ReturnDocument
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from clinic_contracts.booking.events import Visit
from clinic_contracts.context import CallContext
from clinic_contracts.notification.events import MessageSent, MessageSkipped
from clinic_contracts.schemas import dump, load_answer
from clinic_runtime import outbox
from clinic_runtime.ids import derived_id
from clinic_runtime.mongo import project
from notification.domain import (
    AlreadyRemindedError,
    Contact,
    Message,
    Place,
    Planned,
    Situation,
    TakenOverError,
    Told,
    schedule,
)

Document = dict[str, Any]
OUTBOXES = ("messages",)
LEASE = timedelta(seconds=60)
OPEN = ("scheduled", "sending")
TELLING = ("confirmation", "moved", "reminder")


def ensure(database: Database[Document]) -> None:
    """Make every index."""
    messages = database["messages"]
    messages.create_index([("state", ASCENDING), ("due_at", ASCENDING)])
    messages.create_index([("appointment_id", ASCENDING), ("told_at", DESCENDING)])
    messages.create_index(
        [("appointment_id", ASCENDING), ("reminds_of", ASCENDING)],
        unique=True,
        partialFilterExpression={"reminds_of": {"$exists": True}},
    )
    for field in ("appointment_id", "client_id"):
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
        """Take the message due the longest for a minute, counting the attempt.

        One whose sender died is due again after that.
        """
        found = self.database["messages"].find_one_and_update(
            {"state": {"$in": list(OPEN)}, "due_at": {"$lte": at}},
            {
                "$set": {"state": "sending", "due_at": at + LEASE},
                "$min": {"first_taken_at": at},
                "$inc": {"attempts": 1},
            },
            sort=[("due_at", ASCENDING)],
            return_document=ReturnDocument.AFTER,
        )
        if found is None:
            return None
        return Message(
            id=found["_id"],
            row_version=found["version"],
            kind=found["kind"],
            appointment_id=found["appointment_id"],
            client_id=found["client_id"],
            location_id=found["location_id"],
            attempts=found["attempts"],
            since=found["first_taken_at"],
            context=CallContext(
                actor=found["actor"],
                correlation_id=found["correlation_id"],
                operation_id=found["_id"],
            ),
        )

    def situation(self, message: Message) -> Situation:
        """Return what is true of a message's visit and client now."""
        row = self.database["messages"].find_one({"_id": message.id}, {"visit": 1}) or {}
        visit = self.database["visits"].find_one({"_id": message.appointment_id}) or {}
        now = load_answer(Visit, visit["visit"])
        return Situation(
            planned=load_answer(Visit, row["visit"]),
            visit=now,
            version=visit["seq"],
            status=visit["status"],
            contact=self._contact(message.client_id),
            location_known=self._known("locations", now.location_id) is not None,
            told=self._told(message),
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

    def hand_over(self, message: Message, visit: Visit, at: datetime) -> None:
        """Record, before it is sent, that the client may know of ``visit`` from now on.

        Renews the lease. A unique index lets one message remind of a schedule. Raises
        TakenOverError when another sender took the message meanwhile, AlreadyRemindedError.
        """
        fields: Document = {"told_at": at, "due_at": at + LEASE}
        if message.kind == "reminder":
            start, *where = schedule(visit)
            fields["reminds_of"] = "|".join((start.isoformat(), *where))
        try:
            found = self.database["messages"].update_one(_held(message), {"$set": fields})
        except DuplicateKeyError as error:
            raise AlreadyRemindedError from error
        if not found.matched_count:
            raise TakenOverError

    def sent(self, message: Message, reason: str, at: datetime) -> None:
        """Record that a message went out, with its event."""
        event = MessageSent(
            message_id=message.id,
            kind=message.kind,
            channel="email",
            client_id=message.client_id,
            appointment_id=message.appointment_id,
            sent_at=at,
        )
        self._close(message, {"state": "sent", "reason": reason, "sent_at": at}, event, at)

    def ended(self, message: Message, state: str, reason: str, at: datetime) -> None:
        """Record that a message was skipped, or failed, and why."""
        event = MessageSkipped(
            message_id=message.id,
            kind=message.kind,
            channel="email",
            client_id=message.client_id,
            appointment_id=message.appointment_id,
            reason=reason,
        )
        self._close(message, {"state": state, "reason": reason}, event, at)

    def delay(self, message: Message, until: datetime, reason: str, *, attempts: int) -> None:
        """Have a message come up again, unless another sender has it by now."""
        fields = {"state": "scheduled", "due_at": until, "reason": reason, "attempts": attempts}
        self.database["messages"].update_one(_held(message), {"$set": fields})

    def _close(self, message: Message, fields: Document, event: Any, at: datetime) -> None:  # noqa: ANN401
        outbox.update(
            self.database["messages"],
            message.id,
            message.row_version,
            {"$set": fields},
            event=event,
            context=message.context,
            at=at,
            location_id=message.location_id,
        )

    def _told(self, message: Message) -> Told | None:
        """Return what another message told last, or may be telling just now.

        Certain is what was handed over and is sent, or will be tried until it is.
        """
        handed_over = [{"told_at": {"$exists": True}}, {"state": "sending"}]
        found = self.database["messages"].find_one(
            {
                "appointment_id": message.appointment_id,
                "_id": {"$ne": message.id},
                "kind": {"$in": list(TELLING)},
                "$or": handed_over,
            },
            {"visit": 1, "state": 1, "told_at": 1},
            sort=[("told_at", DESCENDING)],
        )
        if found is None:
            return None
        certain = "told_at" in found and found["state"] in {"sent", *OPEN}
        return Told(visit=load_answer(Visit, found["visit"]), certain=certain)

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


def _held(message: Message) -> Document:
    """Match a message only as long as nobody closed it or took it after this sender did."""
    return {
        "_id": message.id,
        "version": message.row_version,
        "attempts": message.attempts,
        "state": "sending",
    }
