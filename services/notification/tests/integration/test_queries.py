"""What is asked of the database twice a second, or per message, or per page, uses an index."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.database import Database
from pymongo.monitoring import CommandListener, CommandStartedEvent

from clinic_contracts.booking.events import Visit
from clinic_contracts.context import CallContext
from clinic_contracts.money import Money
from clinic_contracts.notification.requests import ListMessages
from clinic_contracts.schemas import dump
from notification import listing, repository
from notification.domain import Planned
from notification.repository import MongoMessages

NOW = datetime(2026, 11, 24, 18, tzinfo=UTC)
VISITS = 150
READS = ("find", "findAndModify", "aggregate", "update")


class Heard(CommandListener):
    """Keeps the commands that the driver sends."""

    def __init__(self) -> None:
        self.commands: list[tuple[str, dict[str, Any]]] = []

    def started(self, event: CommandStartedEvent) -> None:
        if event.command_name in READS:
            self.commands.append((event.command_name, dict(event.command)))

    def succeeded(self, event: Any) -> None:
        """Nothing to keep."""

    def failed(self, event: Any) -> None:
        """Nothing to keep."""


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def messages(
    mongo_uri: str, database: Database[dict[str, Any]], heard: Heard
) -> Iterator[MongoMessages]:
    """Yield the messages of many visits of few clients: all sent, the last visit's aside."""
    client: MongoClient[dict[str, Any]] = MongoClient(
        mongo_uri, tz_aware=True, event_listeners=[heard]
    )
    repository.ensure(database)
    plain = MongoMessages(database)
    context = CallContext(actor="staff:x", correlation_id="c", operation_id="o")
    for number in range(VISITS):
        visit = visit_of(number)
        planned = [Planned("confirmation", NOW), Planned("reminder", NOW + timedelta(days=number))]
        plain.learn("visits", visit.appointment_id, 1, {"visit": dump(visit), "status": "booked"})
        plain.plan(visit, 1, planned, context)
        sent = {"state": "sent", "told_at": NOW}
        if number < VISITS - 1:
            of = {"appointment_id": visit.appointment_id}
            database["messages"].update_many(of, {"$set": sent})
    yield MongoMessages(client[database.name])
    client.close()


def visit_of(number: int) -> Visit:
    return Visit(
        appointment_id=f"apt_{number}",
        location_id=f"loc_{number % 3}",
        practitioner_id="prac_1",
        room_id="room_1",
        client_id=f"cli_{number % 5}",
        treatment_id="trt_1",
        start=NOW + timedelta(days=number + 1),
        end=NOW + timedelta(days=number + 1, hours=1),
        local_start=datetime(2026, 12, 1, 10),
        timezone="America/Vancouver",
        price=Money(amount_minor=11500),
    )


def stages(plan: dict[str, Any]) -> set[str]:
    """Return the names of all the stages of a plan."""
    names = {plan["stage"]} if "stage" in plan else set()
    for value in plan.values():
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, dict):
                names |= stages(part)
    return names


def explained(database: Database[dict[str, Any]], heard: Heard) -> list[dict[str, Any]]:
    """Explain, with figures, each command heard; it fails when one scans or sorts in memory."""
    commands, plans = heard.commands, []
    for name, command in commands:
        asked = {
            key: value
            for key, value in command.items()
            if not key.startswith("$") and key not in {"lsid", "txnNumber", "writeConcern"}
        }
        plan = database.command("explain", asked, verbosity="executionStats")
        seen = stages(plan["queryPlanner"]["winningPlan"])
        assert not {"COLLSCAN", "SORT"} & seen, (name, asked, seen)
        plans.append(plan["executionStats"])
    assert commands
    return plans


def test_looking_for_what_is_due_reads_no_document_when_nothing_is(
    messages: MongoMessages, heard: Heard, database: Database[dict[str, Any]]
) -> None:
    assert messages.take(NOW - timedelta(hours=1)) is None
    (figures,) = explained(database, heard)
    assert figures["totalDocsExamined"] == 0
    assert figures["totalKeysExamined"] <= 3


def test_taking_and_deciding_read_what_they_need(
    messages: MongoMessages, heard: Heard, database: Database[dict[str, Any]]
) -> None:
    message = messages.take(NOW)
    assert message is not None
    situation = messages.situation(message)
    messages.place(situation.visit)
    messages.hand_over(message, situation.visit, NOW)
    messages.delay(message, NOW, "", attempts=1)
    for figures in explained(database, heard):
        assert figures["totalDocsExamined"] <= 2


@pytest.mark.parametrize("asked", [{"client_id": "cli_1"}, {"appointment_id": "apt_1"}])
@pytest.mark.parametrize("scope", [None, ("loc_1", "loc_2")])
def test_a_page_is_read_in_the_order_of_its_index(
    messages: MongoMessages,
    heard: Heard,
    database: Database[dict[str, Any]],
    asked: dict[str, str],
    scope: tuple[str, ...] | None,
) -> None:
    context = CallContext(
        actor="staff:x", correlation_id="c", operation_id="o", location_scope=scope
    )
    items: list[str] = []
    cursor = None
    for _page in range(VISITS):
        page = listing.page(
            messages.database, ListMessages(**asked, limit=7, cursor=cursor), context
        )
        items += [message.id for message in page.items]
        cursor = page.next
        if cursor is None:
            break
    expected = database["messages"].count_documents(
        asked if scope is None else {**asked, "location_id": {"$in": list(scope)}}
    )
    assert len(items) == len(set(items)) == expected
    plans = explained(database, heard)
    deep = plans[-1]["totalDocsExamined"]
    assert deep <= 20, "a later page does not read the earlier ones again"
