"""The notification service. Entrypoints translate; ``domain`` and ``sending`` decide."""

from datetime import datetime, timedelta
from typing import Any

from clinic_contracts.booking import events as booking
from clinic_contracts.client_profile.events import ClientChanged, ConsentChanged
from clinic_contracts.context import CallContext
from clinic_contracts.envelope import Event
from clinic_contracts.errors import Invalid
from clinic_contracts.notification import operations as op
from clinic_contracts.notification import requests as r
from clinic_contracts.operations import Verification, Verify
from clinic_contracts.schemas import dump
from clinic_runtime import paging
from clinic_runtime.clock import now
from clinic_runtime.config import Setting
from clinic_runtime.events import handles
from clinic_runtime.mongo import MongoDatabase
from clinic_runtime.outbox import Outbox
from clinic_runtime.rpc import command
from clinic_runtime.timers import every
from clinic_runtime.verify import base_counts
from notification import domain, repository, sending
from notification.channels.email import Smtp
from notification.repository import MongoMessages

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
    smtp = Setting("smtp")

    @handles(*PROJECTIONS)
    def learn(self, event: Event) -> None:
        """Keep what others tell of themselves."""
        name = PROJECTIONS[type(event.data)]
        self._messages().learn(name, event.subject, event.seq, {"view": dump(event.data)})

    @handles(*STATUSES)
    def follow_visit(self, event: Event) -> None:
        """Follow a visit, and plan the messages that it asks for."""
        visit, at = event.data.visit, event.occurred_at
        fields = {"visit": dump(visit), "status": STATUSES[type(event.data)]}
        self._messages().learn("visits", event.subject, event.seq, fields)
        grace = timedelta(seconds=float(self.grace_seconds))
        planned: list[domain.Planned] = []
        if isinstance(event.data, booking.AppointmentBooked):
            planned = domain.plan_booked(visit, at, grace)
        elif isinstance(event.data, booking.AppointmentMoved):
            planned = domain.plan_moved(visit, at, grace)
        elif isinstance(event.data, booking.AppointmentCancelled):
            planned = domain.plan_cancelled(at)
        self._messages().plan(visit, event.seq, planned, event.caused())

    @every(0.5)
    def send_due(self) -> None:
        """Send what is due."""
        sending.send_due(self._messages(), Smtp(**self.smtp).send, now)

    @command(op.LIST_MESSAGES)
    def list_messages(self, request: r.ListMessages, context: CallContext) -> r.MessagePage:
        """Return a page of a client's or an appointment's messages."""
        if request.client_id is None and request.appointment_id is None:
            detail = "give client_id or appointment_id"
            raise Invalid(detail, errors={"client_id": [detail]})
        query: dict[str, Any] = {}
        for field in ("client_id", "appointment_id"):
            if getattr(request, field) is not None:
                query[field] = getattr(request, field)
        if context.location_scope is not None:
            query["location_id"] = {"$in": list(context.location_scope)}
        after = paging.decode(request.cursor, datetime, str)
        rows = self._messages().page(query, after, request.limit + 1)
        shown = rows[: request.limit]
        more = len(rows) > request.limit
        last = [shown[-1]["planned_at"], shown[-1]["_id"]] if more else []
        items = tuple(repository.view_of(row) for row in shown)
        return r.MessagePage(items=items, next=paging.encode(last) if more else None)

    @command(op.VERIFY)
    def verify(self, _request: Verify, _context: CallContext) -> Verification:
        """Check the service's own books."""
        findings, counts = base_counts(self.database, repository.OUTBOXES)
        messages = self.database["messages"]
        counts["messages"] = messages.count_documents({})
        counts["messages_sent"] = messages.count_documents({"state": "sent"})
        soon = now() + timedelta(seconds=float(self.grace_seconds))
        due = {"state": {"$in": list(repository.OPEN)}, "due_at": {"$lte": soon}}
        counts["messages_due"] = messages.count_documents(due)
        return Verification(service=self.name, findings=findings, counts=counts)

    def _messages(self) -> MongoMessages:
        return MongoMessages(self.database)
