"""Messages on a real database: one each, whatever is redelivered or dies."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo.database import Database

from clinic_contracts.booking.events import Visit
from clinic_contracts.context import CallContext
from clinic_contracts.money import Money
from clinic_contracts.schemas import dump
from notification import domain, repository, sending
from notification.channels.email import NotDeliveredError
from notification.repository import MongoMessages
from notification.wording import Letter

NOW = datetime(2026, 11, 24, 18, tzinfo=UTC)
GRACE = timedelta(minutes=3)
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
CONTEXT = CallContext(actor="staff:test", correlation_id="c", operation_id="evt_1")


class Desk:
    """A notification service whose clock stands where the test puts it."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self.database = database
        repository.ensure(database)
        self.messages = MongoMessages(database)
        self.letters: list[Letter] = []
        self.broken = False
        client = {
            "name": "Ada",
            "emails": ["ada@example.org"],
            "preferred_channel": "email",
        }
        self.messages.learn("clients", "cli_1", 1, {"view": client})
        place = {"name": "Fernwood", "address": "1 Main"}
        self.messages.learn("locations", "loc_1", 1, {"view": place})

    def book(self) -> None:
        fields = {"visit": dump(VISIT), "status": "booked"}
        self.messages.learn("visits", "apt_1", 1, fields)
        self.messages.plan(VISIT, 1, domain.plan_booked(VISIT, NOW, GRACE), CONTEXT)

    def run(self, at: datetime) -> int:
        return sending.send_due(self.messages, self.send, lambda: at)

    def send(self, letter: Letter) -> None:
        if self.broken:
            raise NotDeliveredError("ConnectionRefusedError")
        self.letters.append(letter)

    def states(self) -> dict[str, str]:
        return {row["kind"]: row["state"] for row in self.database["messages"].find()}


@pytest.fixture
def desk(database: Database[dict[str, Any]]) -> Desk:
    return Desk(database)


def test_nothing_is_sent_within_the_grace_and_one_message_after_it(desk: Desk) -> None:
    desk.book()
    desk.book()
    assert desk.run(NOW + timedelta(minutes=2)) == 0
    desk.run(NOW + GRACE)
    desk.run(NOW + GRACE)
    assert [letter.subject for letter in desk.letters] == [
        "Your visit on Tuesday, 01 December 2026 at 10:00"
    ]
    assert desk.states() == {"confirmation": "sent", "reminder": "scheduled"}


def test_a_visit_undone_within_the_grace_is_told_to_nobody(desk: Desk) -> None:
    desk.book()
    desk.messages.learn("visits", "apt_1", 2, {"visit": dump(VISIT), "status": "cancelled"})
    desk.messages.plan(VISIT, 2, domain.plan_cancelled(NOW), CONTEXT)
    desk.run(NOW + GRACE)
    assert desk.letters == []
    assert desk.states() == {
        "confirmation": "skipped",
        "cancelled": "skipped",
        "reminder": "scheduled",
    }


def test_a_move_after_the_confirmation_is_told(desk: Desk) -> None:
    desk.book()
    desk.run(NOW + GRACE)
    moved = replace(VISIT, start=VISIT.start + timedelta(hours=1))
    desk.messages.learn("visits", "apt_1", 2, {"visit": dump(moved), "status": "booked"})
    desk.messages.plan(moved, 2, domain.plan_moved(moved, NOW + GRACE, GRACE), CONTEXT)
    desk.run(NOW + 2 * GRACE)
    assert [letter.subject.split(" on ")[0] for letter in desk.letters][1].startswith(
        "Your visit was moved"
    )


def test_a_message_whose_sender_died_is_sent_again_under_the_same_id(desk: Desk) -> None:
    desk.book()
    taken = desk.messages.take(NOW + GRACE)
    assert taken is not None
    assert desk.run(NOW + GRACE) == 0
    desk.run(NOW + GRACE + repository.LEASE)
    assert [letter.message_id for letter in desk.letters] == [taken.id]


def test_a_mail_server_that_is_away_is_tried_again_then_given_up(desk: Desk) -> None:
    desk.book()
    desk.broken = True
    at = NOW + GRACE
    for _ in range(sending.TRIES):
        desk.run(at)
        at += timedelta(hours=1)
    assert desk.states()["confirmation"] == "failed"
    events = desk.database["messages"].find_one({"kind": "confirmation"})
    assert events is not None
    assert events["outbox"][0]["event"]["type"] == "notification.message_skipped.v1"


def test_a_client_who_arrives_late_is_waited_for(desk: Desk) -> None:
    desk.database["clients"].delete_many({})
    desk.book()
    desk.run(NOW + GRACE)
    assert desk.states()["confirmation"] == "scheduled"
    client = {"name": "Ada", "emails": ["a@example.org"], "preferred_channel": "email"}
    desk.messages.learn("clients", "cli_1", 1, {"view": client})
    desk.run(NOW + GRACE + timedelta(seconds=5))
    assert desk.states()["confirmation"] == "sent"


def test_the_due_list_has_its_index(desk: Desk) -> None:
    desk.book()
    query = {"state": {"$in": list(repository.OPEN)}, "due_at": {"$lte": NOW}}
    plan = desk.database["messages"].find(query).sort("due_at", 1).explain()
    assert "COLLSCAN" not in str(plan["queryPlanner"]["winningPlan"])
