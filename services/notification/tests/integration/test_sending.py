"""Messages on a real database: one each, whatever is redelivered, fails or dies."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo.database import Database

from clinic_contracts.booking.events import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentMoved,
    Visit,
)
from clinic_contracts.context import CallContext
from clinic_contracts.money import Money
from clinic_contracts.schemas import dump
from notification import domain, repository, sending
from notification.channels.email import Mailer, Smtp
from notification.domain import AlreadyRemindedError, TakenOverError, UndeliverableError
from notification.repository import MongoMessages
from notification.sending import Sender

NOW = datetime(2026, 11, 24, 18, tzinfo=UTC)
GRACE = timedelta(minutes=3)
DUE = NOW + GRACE
VISIT = Visit(
    appointment_id="apt_1",
    location_id="loc_1",
    practitioner_id="prac_1",
    room_id="room_1",
    client_id="cli_1",
    treatment_id="trt_1",
    start=datetime(2026, 12, 1, 17, tzinfo=UTC),
    end=datetime(2026, 12, 1, 18, tzinfo=UTC),
    local_start=datetime(2026, 12, 1, 10),
    timezone="America/Vancouver",
    price=Money(amount_minor=11500),
)
MOVED = replace(VISIT, start=VISIT.start + timedelta(hours=2))
ADA = {"name": "Ada", "emails": ["ada@example.org"], "preferred_channel": "email"}


class Desk:
    """A notification service whose clock stands where the test puts it."""

    def __init__(self, database: Database[dict[str, Any]], post: Any) -> None:
        self.database = database
        self.post = post
        repository.ensure(database)
        self.messages = MongoMessages(database)
        self.reports: list[str] = []
        self.messages.learn("clients", "cli_1", 1, {"view": ADA})
        place = {"name": "Fernwood", "address": "1 Main"}
        self.messages.learn("locations", "loc_1", 1, {"view": place})

    def follow(self, version: int, event: Any, status: str = "booked") -> None:
        visit = event.visit
        fields = {"visit": dump(visit), "status": status}
        context = CallContext(actor="staff:test", correlation_id="c", operation_id="evt_1")
        self.messages.learn("visits", visit.appointment_id, version, fields)
        self.messages.plan(visit, version, domain.plan(event, NOW, GRACE), context)

    def book(self, appointment_id: str = "apt_1") -> None:
        self.follow(1, AppointmentBooked(visit=replace(VISIT, appointment_id=appointment_id)))

    def cancel(self, visit: Visit = VISIT, version: int = 2) -> None:
        event = AppointmentCancelled(visit=visit, late=False, fee_waived=True)
        self.follow(version, event, "cancelled")

    def run(self, at: datetime) -> int:
        def report(message_id: str, error: Exception) -> None:
            self.reports.append(f"{message_id} {type(error).__name__}")

        return Sender(
            messages=self.messages, channel=self.post, clock=lambda: at, report=report
        ).send_due()

    def row(self, kind: str, appointment_id: str = "apt_1") -> dict[str, Any]:
        found = self.database["messages"].find_one(
            {"kind": kind, "appointment_id": appointment_id}, sort=[("appointment_version", -1)]
        )
        assert found is not None
        return found

    def state(self, kind: str, appointment_id: str = "apt_1") -> str:
        return str(self.row(kind, appointment_id)["state"])


@pytest.fixture
def desk(database: Database[dict[str, Any]], post: Any) -> Desk:
    return Desk(database, post)


def test_nothing_is_sent_within_the_grace_and_one_message_after_it(desk: Desk) -> None:
    desk.book()
    desk.book()
    assert desk.run(NOW + timedelta(minutes=2)) == 0
    desk.run(DUE)
    desk.run(DUE)
    assert desk.post.told == ["booked 10:00 ?"]
    assert (desk.state("confirmation"), desk.state("reminder")) == ("sent", "scheduled")


def test_a_message_whose_sender_died_is_sent_again_under_the_same_id(desk: Desk) -> None:
    desk.book()
    taken = desk.messages.take(DUE)
    assert taken is not None
    assert desk.run(DUE) == 0
    desk.run(DUE + repository.LEASE)
    assert [letter.message_id for letter in desk.post.letters] == [taken.id]


def test_a_cancellation_is_told_where_a_sender_died_before_recording(desk: Desk) -> None:
    desk.book()
    taken = desk.messages.take(DUE)
    assert taken is not None
    desk.messages.hand_over(taken, VISIT, DUE)
    desk.cancel()
    desk.run(DUE + repository.LEASE * 2)
    assert desk.post.told == ["cancelled 10:00 ?"]
    assert desk.state("confirmation") == "skipped"


def test_a_cancellation_is_told_while_a_sender_has_the_confirmation(desk: Desk) -> None:
    desk.book()
    desk.messages.take(DUE)
    desk.cancel()
    desk.run(DUE)
    assert desk.post.told == ["cancelled 10:00 ?"]


def test_a_cancellation_is_not_told_where_the_mail_server_was_away_all_the_time(
    desk: Desk,
) -> None:
    desk.book()
    desk.post.away = True
    desk.run(DUE)
    desk.post.away = False
    desk.cancel()
    desk.run(DUE + timedelta(hours=1))
    assert desk.post.told == []
    assert desk.state("cancelled") == "skipped"


def test_a_move_back_is_told_when_what_was_told_may_be_lost(desk: Desk) -> None:
    """The confirmation was handed over and refused; then moved, and back before that was told."""
    desk.book()
    desk.post.broken = domain.NotDeliveredError("SMTPDataError 451")
    desk.run(DUE)
    desk.post.broken = None
    desk.follow(2, AppointmentMoved(visit=MOVED, previous=VISIT))
    desk.database["messages"].update_many({"appointment_version": 2}, {"$set": {"state": "held"}})
    desk.run(DUE + timedelta(minutes=1))
    assert desk.state("confirmation") == "skipped"
    desk.follow(3, AppointmentMoved(visit=VISIT, previous=MOVED))
    desk.run(DUE + timedelta(minutes=2))
    assert desk.post.told == ["booked 10:00 ?"]


def test_a_sender_that_was_too_slow_sends_nothing(desk: Desk) -> None:
    desk.book()
    slow = desk.messages.take(DUE)
    fast = desk.messages.take(DUE + repository.LEASE)
    assert slow is not None
    assert fast is not None
    with pytest.raises(TakenOverError):
        desk.messages.hand_over(slow, VISIT, DUE + repository.LEASE)
    desk.messages.delay(slow, NOW, "late", attempts=0)
    desk.messages.hand_over(fast, VISIT, DUE + repository.LEASE)
    assert desk.row("confirmation")["attempts"] == 2


def test_two_senders_with_reminders_of_one_schedule_send_one(desk: Desk) -> None:
    desk.book()
    desk.follow(2, AppointmentMoved(visit=MOVED, previous=VISIT))
    desk.follow(3, AppointmentMoved(visit=VISIT, previous=MOVED))
    desk.run(DUE)
    due = VISIT.start - timedelta(hours=24)
    first, second = desk.messages.take(due), desk.messages.take(due)
    assert first is not None
    assert second is not None
    assert first.kind == second.kind == "reminder"
    desk.messages.hand_over(first, VISIT, due)
    with pytest.raises(AlreadyRemindedError):
        desk.messages.hand_over(second, VISIT, due)


def test_a_mail_server_that_is_away_is_tried_again_then_given_up(desk: Desk) -> None:
    desk.book()
    desk.post.away = True
    at = DUE
    for _ in range(sending.TRIES):
        assert desk.state("confirmation") == "scheduled"
        desk.run(at)
        at += timedelta(hours=2)
    row = desk.row("confirmation")
    assert row["state"] == "failed"
    assert row["reason"] == "the mail server did not take it: ConnectionRefusedError"
    assert row["outbox"][0]["event"]["type"] == "notification.message_skipped.v1"


def test_what_can_never_be_delivered_fails_at_once(desk: Desk) -> None:
    desk.book()
    desk.post.broken = UndeliverableError("the mail server refused the address (550)")
    desk.run(DUE)
    assert desk.state("confirmation") == "failed"


@pytest.mark.parametrize(
    "address", ["ada@example.org\r\nBcc: eve@example.org", "jürgen@example.org", '"ada@example.org']
)
def test_an_address_that_is_none_fails_at_once_and_is_not_quoted(desk: Desk, address: str) -> None:
    named = {"name": "Ada\r\nBcc: eve@example.org", "emails": [address]}
    desk.messages.learn("clients", "cli_1", 2, {"view": {**ADA, **named}})
    desk.book()
    with Mailer(Smtp(host="127.0.0.1", port=1, sender="desk@example.org")) as desk.post:
        desk.run(DUE)
    row = desk.row("confirmation")
    assert row["state"] == "failed"
    assert row["reason"] == "the client's e-mail address is not one that mail reaches"
    assert "told_at" not in row


def test_one_poisoned_message_does_not_hold_up_the_others(desk: Desk) -> None:
    desk.book("apt_bad")
    desk.book("apt_1")
    poison = {"$set": {"visit": {"client": "Ada Secret"}}}
    of = {"appointment_id": "apt_bad", "kind": "confirmation"}
    desk.database["messages"].update_one(of, poison)
    desk.run(DUE)
    assert desk.state("confirmation", "apt_1") == "sent"
    at = DUE
    for _ in range(sending.TRIES):
        at += timedelta(hours=2)
        desk.run(at)
    row = desk.row("confirmation", "apt_bad")
    assert (row["state"], row["reason"]) == ("failed", "an error of ours: ValidationError")
    assert desk.reports == [f"{row['_id']} ValidationError"] * sending.TRIES


def test_a_message_that_ends_its_senders_is_given_up(desk: Desk) -> None:
    desk.book()
    at = DUE
    for _ in range(sending.TRIES):
        assert desk.messages.take(at) is not None
        at += repository.LEASE
    desk.run(at)
    row = desk.row("confirmation")
    assert (row["state"], desk.post.told) == ("failed", [])
    assert row["reason"] == "given up: 10 senders ended while they had it"


def test_a_client_who_arrives_late_is_waited_for_without_counting(desk: Desk) -> None:
    desk.database["clients"].delete_many({})
    desk.book()
    for second in range(0, 60, 2):
        desk.run(DUE + timedelta(seconds=second))
    assert (desk.state("confirmation"), desk.row("confirmation")["attempts"]) == ("scheduled", 0)
    desk.messages.learn("clients", "cli_1", 1, {"view": ADA})
    desk.run(DUE + timedelta(minutes=2))
    assert desk.state("confirmation") == "sent"


@pytest.mark.parametrize("unknown", ["client", "location"])
def test_who_never_becomes_known_is_a_failure(desk: Desk, unknown: str) -> None:
    """The half hour begins when it is looked at: a service that was away asks too."""
    desk.database[f"{unknown}s"].delete_many({})
    desk.book()
    began = DUE + timedelta(hours=5)
    desk.run(began)
    assert desk.state("confirmation") == "scheduled"
    desk.run(began + timedelta(minutes=31))
    row = desk.row("confirmation")
    assert (row["state"], row["reason"]) == ("failed", f"the {unknown} never became known")


def test_a_reminder_retried_in_quiet_hours_goes_out_in_the_morning(desk: Desk) -> None:
    early = replace(VISIT, start=datetime(2026, 12, 1, 18, tzinfo=UTC))
    desk.follow(1, AppointmentBooked(visit=early))
    desk.run(DUE)
    at_eleven = datetime(2026, 12, 1, 6, tzinfo=UTC)
    desk.run(at_eleven)
    row = desk.row("reminder")
    assert (row["state"], row["attempts"]) == ("scheduled", 0)
    assert row["due_at"] == datetime(2026, 12, 1, 15, tzinfo=UTC)
    desk.run(row["due_at"])
    assert desk.state("reminder") == "sent"
