"""The service on a real broker and database, its letters on a real mail server."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from pymongo.database import Database

from clinic_contracts import envelope
from clinic_contracts.booking.events import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentMoved,
)
from clinic_contracts.context import CallContext
from clinic_contracts.notification.requests import ListMessages
from clinic_runtime import topology
from clinic_runtime.clock import now
from clinic_runtime.ids import new_id
from clinic_runtime.link import open_connection
from clinic_runtime.packing import packed
from clinic_runtime.testing import eventually, running
from notification import use_cases
from notification.repository import MongoMessages
from notification.service import NotificationService
from notification.testing import ADA, FERNWOOD, ROBIN, VISIT, WEBHOOK_KEY, event

START = now() + timedelta(days=7)
TOLD_OF = replace(VISIT, appointment_id=new_id("apt"), start=START, end=START + timedelta(hours=1))


def publish(amqp_uri: str, data: Any, seq: int = 1) -> None:
    """Publish an event as its producer's relay would."""
    sent = event(data, seq, at=now())
    (pack,) = packed([envelope.to_wire(sent)])
    connection = open_connection(amqp_uri)
    try:
        channel = connection.channel()
        channel.confirm_select()
        exchange = topology.exchange(sent.source)
        channel.basic_publish_confirm(pack.message, exchange=exchange, routing_key=pack.type)
    finally:
        connection.close()


def test_events_become_letters(
    sink: Callable[..., Any], database: Database[dict[str, Any]], mongo_uri: str, amqp_uri: str
) -> None:
    server = sink()
    smtp = {"host": "127.0.0.1", "port": server.port, "sender": "desk@example.org", "tls": "none"}
    config = {
        "amqp_uri": amqp_uri,
        "mongo_uri": mongo_uri,
        "database": database.name,
        "grace_seconds": 0,
        "webhook_key": WEBHOOK_KEY,
        "smtp": smtp,
    }
    with running(NotificationService, config):
        for known in (FERNWOOD, ROBIN, ADA):
            publish(amqp_uri, known)
        publish(amqp_uri, AppointmentBooked(visit=TOLD_OF))
        eventually(lambda: len(server.heard("DATA")) == 1)
        other_room = replace(TOLD_OF, room_id="room_2")
        publish(amqp_uri, AppointmentMoved(visit=other_room, previous=TOLD_OF), 2)
        cancelled = AppointmentCancelled(visit=other_room, late=False, fee_waived=True)
        publish(amqp_uri, cancelled, 3)
        eventually(lambda: len(server.heard("DATA")) == 2)
        eventually(lambda: database["messages"].count_documents({"state": "sent"}) == 2)
    letters = [heard["message"] for heard in server.heard("DATA")]
    assert "Subject: Your visit on Tuesday, 01 December 2026 at 10:00" in letters[0]
    assert "was cancelled" in letters[1]
    assert all("Fernwood" in letter and "Robin" in letter for letter in letters)
    kinds = {row["kind"]: row["state"] for row in database["messages"].find()}
    assert kinds == {"confirmation": "sent", "reminder": "scheduled", "cancelled": "sent"}
    asked = ListMessages(appointment_id=TOLD_OF.appointment_id)
    caller = CallContext(actor="staff:test", correlation_id="c", operation_id="o")
    sent = [
        m
        for m in use_cases.list_messages(asked, caller, MongoMessages(database)).items
        if m.state == "sent"
    ]
    assert all(m.sent_at is not None and m.due_at <= m.sent_at for m in sent), "not the lease's end"
