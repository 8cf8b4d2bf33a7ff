"""Messages on a real database: one each, whatever is redelivered, fails or dies."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from clinic_contracts.booking.events import (
    AppointmentBooked,
    AppointmentMoved,
)
from clinic_contracts.context import CallContext
from notification import repository, sending
from notification.channels.email import Mailer, Smtp
from notification.domain import Planned
from notification.ports import (
    AlreadyRemindedError,
    NotDeliveredError,
    TakenOverError,
    UndeliverableError,
)
from notification.testing import ADA, GRACE, NOW, VISIT, event, later

DUE = NOW + GRACE
MOVED = later(2)


def test_nothing_is_sent_within_the_grace_and_one_message_after_it(office: Any) -> None:
    office.book()
    office.book()
    assert office.run(NOW + timedelta(minutes=2)) == 0
    office.run(DUE)
    office.run(DUE)
    assert office.post.told == ["booked 10:00 ?"]
    assert (office.state("confirmation"), office.state("reminder")) == ("sent", "scheduled")


def test_a_message_whose_sender_died_is_sent_again_under_the_same_id(office: Any) -> None:
    office.book()
    taken = office.messages.take(DUE)
    assert taken is not None
    assert office.run(DUE) == 0
    office.run(DUE + repository.LEASE)
    assert [letter.message_id for letter in office.post.letters] == [taken.id]


def test_how_long_a_dead_sender_has_its_message_is_a_setting(office: Any) -> None:
    office.messages = repository.MongoMessages(office.database, timedelta(seconds=5))
    office.book()
    taken = office.messages.take(DUE)
    office.messages.hand_over(taken, VISIT, 1, DUE + timedelta(seconds=4))
    assert office.run(DUE + timedelta(seconds=8)) == 0
    assert office.run(DUE + timedelta(seconds=9)) == 1


def test_a_cancellation_is_told_where_a_sender_died_before_recording(office: Any) -> None:
    office.book()
    taken = office.messages.take(DUE)
    assert taken is not None
    office.messages.hand_over(taken, VISIT, 1, DUE)
    office.cancel()
    office.run(DUE + repository.LEASE * 2)
    assert office.post.told == ["cancelled 10:00 ?"]
    assert office.state("confirmation") == "skipped"


def test_a_cancellation_is_told_while_a_sender_has_the_confirmation(office: Any) -> None:
    office.book()
    office.messages.take(DUE)
    office.cancel()
    office.run(DUE)
    assert office.post.told == ["cancelled 10:00 ?"]


def test_a_cancellation_is_not_told_where_the_mail_server_was_away_all_the_time(
    office: Any,
) -> None:
    office.book()
    office.post.away = True
    office.run(DUE)
    office.post.away = False
    office.cancel()
    office.run(DUE + timedelta(hours=1))
    assert office.post.told == []
    assert office.state("cancelled") == "skipped"


def test_a_move_back_is_told_when_what_was_told_may_be_lost(office: Any) -> None:
    """The confirmation was handed over and refused; then moved, and back before that was told."""
    office.book()
    office.post.broken = NotDeliveredError("SMTPDataError 451")
    office.run(DUE)
    office.post.broken = None
    office.follow(2, AppointmentMoved(visit=MOVED, previous=VISIT))
    office.database["messages"].update_many({"appointment_version": 2}, {"$set": {"state": "held"}})
    office.run(DUE + timedelta(minutes=1))
    assert office.state("confirmation") == "skipped"
    office.follow(3, AppointmentMoved(visit=VISIT, previous=MOVED))
    office.run(DUE + timedelta(minutes=2))
    assert office.post.told == ["booked 10:00 ?"]


@pytest.mark.parametrize("first", [1, 2])
def test_of_two_messages_handed_over_at_one_instant_the_later_version_was_told(
    office: Any, first: int
) -> None:
    versions = {1: VISIT, 2: MOVED}
    context = CallContext(actor="staff:x", correlation_id="c", operation_id="o")
    for version in (first, 3 - first):
        planned = [Planned("moved", NOW)]
        office.messages.plan(versions[version], version, planned, context)
        taken = office.messages.take(NOW)
        office.messages.hand_over(taken, versions[version], version, NOW)
        office.messages.sent(taken, "", NOW)
    office.messages.known.keep_visit(MOVED, 3, "cancelled")
    office.messages.plan(MOVED, 3, [Planned("cancelled", NOW)], context)
    asking = office.messages.take(NOW)
    assert office.messages.situation(asking).told.visit == MOVED


def test_a_sender_that_was_too_slow_sends_nothing(office: Any) -> None:
    office.book()
    slow = office.messages.take(DUE)
    fast = office.messages.take(DUE + repository.LEASE)
    assert slow is not None
    assert fast is not None
    with pytest.raises(TakenOverError):
        office.messages.hand_over(slow, VISIT, 1, DUE + repository.LEASE)
    office.messages.delay(slow, NOW, "late", attempts=0)
    office.messages.hand_over(fast, VISIT, 1, DUE + repository.LEASE)
    assert office.row("confirmation")["attempts"] == 2


def test_two_senders_with_reminders_of_one_schedule_send_one(office: Any) -> None:
    office.book()
    office.follow(2, AppointmentMoved(visit=MOVED, previous=VISIT))
    office.follow(3, AppointmentMoved(visit=VISIT, previous=MOVED))
    office.run(DUE)
    due = VISIT.start - timedelta(hours=24)
    first, second = office.messages.take(due), office.messages.take(due)
    assert first is not None
    assert second is not None
    assert first.kind == second.kind == "reminder"
    office.messages.hand_over(first, VISIT, 1, due)
    with pytest.raises(AlreadyRemindedError):
        office.messages.hand_over(second, VISIT, 1, due)


def test_a_mail_server_that_is_away_is_tried_again_then_given_up(office: Any) -> None:
    office.book()
    office.post.away = True
    at = DUE
    for _ in range(sending.TRIES):
        assert office.state("confirmation") == "scheduled"
        office.run(at)
        at += timedelta(hours=2)
    row = office.row("confirmation")
    assert row["state"] == "failed"
    assert row["reason"] == "the mail server did not take it: ConnectionRefusedError"
    assert row["outbox"][0]["event"]["type"] == "notification.message_skipped.v1"


def test_what_can_never_be_delivered_fails_at_once(office: Any) -> None:
    office.book()
    office.post.broken = UndeliverableError("the mail server refused the address (550)")
    office.run(DUE)
    assert office.state("confirmation") == "failed"


@pytest.mark.parametrize(
    "address", ["ada@example.org\r\nBcc: eve@example.org", "jürgen@example.org", '"ada@example.org']
)
def test_an_address_that_is_none_fails_at_once_and_is_not_quoted(office: Any, address: str) -> None:
    named = replace(ADA, name="Ada\r\nBcc: eve@example.org", emails=(address,))
    office.known.keep(event(named, 2))
    office.book()
    with Mailer(Smtp(host="127.0.0.1", port=1, sender="desk@example.org")) as office.post:
        office.run(DUE)
    row = office.row("confirmation")
    assert row["state"] == "failed"
    assert row["reason"] == "the client's e-mail address is not one that mail reaches"
    assert "told_at" not in row


def test_one_poisoned_message_does_not_hold_up_the_others(office: Any) -> None:
    office.book("apt_bad")
    office.book("apt_1")
    poison = {"$set": {"visit": {"client": "Ada Secret"}}}
    of = {"appointment_id": "apt_bad", "kind": "confirmation"}
    office.database["messages"].update_one(of, poison)
    office.run(DUE)
    assert office.state("confirmation", "apt_1") == "sent"
    at = DUE
    for _ in range(sending.TRIES):
        at += timedelta(hours=2)
        office.run(at)
    row = office.row("confirmation", "apt_bad")
    assert (row["state"], row["reason"]) == ("failed", "an error of ours: KeyError")
    assert office.reports == [f"{row['_id']} KeyError"] * sending.TRIES


def test_a_message_that_ends_its_senders_is_given_up(office: Any) -> None:
    office.book()
    at = DUE
    for _ in range(sending.TRIES):
        assert office.messages.take(at) is not None
        at += repository.LEASE
    office.run(at)
    row = office.row("confirmation")
    assert (row["state"], office.post.told) == ("failed", [])
    assert row["reason"] == "given up: 10 senders ended while they had it"


def test_a_client_who_arrives_late_is_waited_for_without_counting(office: Any) -> None:
    office.database["clients"].delete_many({})
    office.book()
    for second in range(0, 60, 2):
        office.run(DUE + timedelta(seconds=second))
    assert (office.state("confirmation"), office.row("confirmation")["attempts"]) == (
        "scheduled",
        0,
    )
    office.known.keep(event(ADA))
    office.run(DUE + timedelta(minutes=2))
    assert office.state("confirmation") == "sent"


@pytest.mark.parametrize("unknown", ["client", "location"])
def test_who_never_becomes_known_is_a_failure(office: Any, unknown: str) -> None:
    """The half hour begins when it is looked at: a service that was away asks too."""
    office.database[f"{unknown}s"].delete_many({})
    office.book()
    began = DUE + timedelta(hours=5)
    office.run(began)
    assert office.state("confirmation") == "scheduled"
    office.run(began + timedelta(minutes=31))
    row = office.row("confirmation")
    assert (row["state"], row["reason"]) == ("failed", f"the {unknown} never became known")


def test_a_reminder_retried_in_quiet_hours_goes_out_in_the_morning(office: Any) -> None:
    early = replace(VISIT, start=datetime(2026, 12, 1, 18, tzinfo=UTC))
    office.follow(1, AppointmentBooked(visit=early))
    office.run(DUE)
    at_eleven = datetime(2026, 12, 1, 6, tzinfo=UTC)
    office.run(at_eleven)
    row = office.row("reminder")
    assert (row["state"], row["attempts"]) == ("scheduled", 0)
    assert row["due_at"] == datetime(2026, 12, 1, 15, tzinfo=UTC)
    office.run(row["due_at"])
    assert office.state("reminder") == "sent"
