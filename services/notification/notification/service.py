"""The notification service. Entrypoints translate; ``domain`` and ``sending`` decide."""

import traceback
from datetime import timedelta
from pathlib import Path

from clinic_contracts.booking import events as booking
from clinic_contracts.client_profile.events import ClientChanged, ConsentChanged
from clinic_contracts.context import CallContext
from clinic_contracts.envelope import Event
from clinic_contracts.notification import operations as op
from clinic_contracts.notification import requests as r
from clinic_contracts.operations import Verification, Verify
from clinic_contracts.schemas import dump
from clinic_runtime.clock import now
from clinic_runtime.config import Setting
from clinic_runtime.events import handles
from clinic_runtime.mongo import MongoDatabase
from clinic_runtime.observability import get_logger
from clinic_runtime.outbox import Outbox
from clinic_runtime.rpc import command
from clinic_runtime.timers import every
from clinic_runtime.verify import base_counts
from notification import domain, listing, repository
from notification.channels.server import MailServer
from notification.repository import MongoMessages
from notification.sending import Sender

log = get_logger(__name__)

PROJECTIONS: dict[type, str] = {
    booking.LocationChanged: "locations",
    booking.PractitionerChanged: "practitioners",
    ClientChanged: "clients",
    ConsentChanged: "consents",
}
STATUSES: dict[type, str] = {
    booking.AppointmentBooked: "booked",
    booking.AppointmentMoved: "booked",
    booking.AppointmentCancelled: "cancelled",
    booking.AppointmentArrived: "arrived",
    booking.AppointmentUnarrived: "booked",
    booking.AppointmentFulfilled: "fulfilled",
    booking.AppointmentMissed: "noshow",
}


class NotificationService:
    """Messages to clients."""

    name = "notification"
    database = MongoDatabase(repository.ensure)
    outbox = Outbox(*repository.OUTBOXES)
    grace_seconds = Setting("grace_seconds")
    mailer = MailServer()

    @handles(*PROJECTIONS)
    def learn(self, event: Event) -> None:
        """Keep what others tell of themselves."""
        name = PROJECTIONS[type(event.data)]
        self._messages().learn(name, event.subject, event.seq, {"view": dump(event.data)})

    @handles(*STATUSES)
    def follow_visit(self, event: Event) -> None:
        """Follow a visit, and plan the messages that it asks for."""
        visit = event.data.visit
        fields = {"visit": dump(visit), "status": STATUSES[type(event.data)]}
        self._messages().learn("visits", event.subject, event.seq, fields)
        grace = timedelta(seconds=float(self.grace_seconds))
        planned = domain.plan(event.data, event.occurred_at, grace)
        self._messages().plan(visit, event.seq, planned, event.caused())

    @every(0.5)
    def send_due(self) -> None:
        """Send what is due."""
        with self.mailer as channel:
            Sender(messages=self._messages(), channel=channel, clock=now, report=_report).send_due()

    @command(op.LIST_MESSAGES)
    def list_messages(self, request: r.ListMessages, context: CallContext) -> r.MessagePage:
        """Return a page of a client's or an appointment's messages."""
        return listing.page(self.database, request, context)

    @command(op.VERIFY)
    def verify(self, _request: Verify, _context: CallContext) -> Verification:
        """Check the service's own books."""
        findings, counts = base_counts(self.database, repository.OUTBOXES)
        messages = self.database["messages"]
        counts["messages"] = messages.count_documents({})
        for state in ("sent", "failed"):
            counts[f"messages_{state}"] = messages.count_documents({"state": state})
        soon = now() + timedelta(seconds=float(self.grace_seconds))
        due = [{"state": "sending"}, {"state": "scheduled", "due_at": {"$lte": soon}}]
        counts["messages_due"] = messages.count_documents({"$or": due})
        return Verification(service=self.name, findings=findings, counts=counts)

    def _messages(self) -> MongoMessages:
        return MongoMessages(self.database)


def _report(message_id: str, error: Exception) -> None:
    """Log where an error happened, not what it says: that may quote the client."""
    frames = traceback.extract_tb(error.__traceback__)
    where = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames]
    log.error("message.failed", message_id=message_id, error=type(error).__name__, where=where)
