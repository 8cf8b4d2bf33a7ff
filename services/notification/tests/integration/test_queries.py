"""What is asked of the database twice a second, or per message, or per page, uses an index."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pymongo.database import Database

from clinic_contracts.booking.events import Visit
from clinic_contracts.client_profile.events import ConsentChanged
from clinic_contracts.context import CallContext
from clinic_contracts.notification.requests import ListMessages
from clinic_runtime.watching import Watch
from notification import repository, use_cases
from notification.domain import Planned
from notification.repository import MongoMessages
from notification.testing import ADA, FERNWOOD, NOW, VISIT, event

VISITS = 150
REFUSED = ConsentChanged(
    client_id="cli_1", purpose="appointments", channel="email", granted=False, given_at=NOW
)


@pytest.fixture
def messages(
    database: Database[dict[str, Any]], watched: Database[dict[str, Any]]
) -> MongoMessages:
    """Return the messages of many visits of few clients: all sent, the last visit's aside."""
    repository.ensure(database)
    plain = MongoMessages(database)
    context = CallContext(actor="staff:x", correlation_id="c", operation_id="o")
    for number in range(VISITS):
        visit = visit_of(number)
        planned = [Planned("confirmation", NOW), Planned("reminder", NOW + timedelta(days=number))]
        plain.known.keep_visit(visit, 1, "booked")
        plain.plan(visit, 1, planned, context)
        sent = {"state": "sent", "first_taken_at": NOW, "told_at": NOW, "told_version": 1}
        if number < VISITS - 1:
            of = {"appointment_id": visit.appointment_id}
            database["messages"].update_many(of, {"$set": sent})
    for number in range(5):
        plain.known.keep(event(replace(ADA, client_id=f"cli_{number}")))
        plain.known.keep(event(replace(FERNWOOD, location_id=f"loc_{number}")))
        refusal = replace(REFUSED, client_id=f"cli_{number}")
        plain.known.keep(event(refusal, subject=f"con_{number}"))
    return MongoMessages(watched)


def visit_of(number: int) -> Visit:
    return replace(
        VISIT,
        appointment_id=f"apt_{number}",
        location_id=f"loc_{number % 3}",
        client_id=f"cli_{number % 5}",
        start=NOW + timedelta(days=number + 1),
        end=NOW + timedelta(days=number + 1, hours=1),
    )


def test_looking_for_what_is_due_reads_no_document_when_nothing_is(
    messages: MongoMessages, watch: Watch, database: Database[dict[str, Any]]
) -> None:
    assert messages.take(NOW - timedelta(hours=1)) is None
    (figures,) = watch.explained(database)
    assert figures["totalDocsExamined"] == 0
    assert figures["totalKeysExamined"] <= 3


def test_taking_and_deciding_read_what_they_need(
    messages: MongoMessages, watch: Watch, database: Database[dict[str, Any]]
) -> None:
    message = messages.take(NOW)
    assert message is not None
    situation = messages.situation(message)
    messages.hand_over(message, situation.visit, situation.version, NOW)
    messages.sent(message, "due", NOW)
    asked = [(name, command[name]) for command in watch.commands for name in list(command)[:1]]
    assert asked == [
        ("findAndModify", "messages"),
        ("find", "visits"),
        ("find", "messages"),
        ("find", "clients"),
        ("find", "consents"),
        ("find", "locations"),
        ("find", "practitioners"),
        ("update", "messages"),
        ("update", "messages"),
    ]
    for figures in watch.explained(database):
        assert figures["totalDocsExamined"] <= 2


@pytest.mark.parametrize("asked", [{"client_id": "cli_1"}, {"appointment_id": "apt_1"}])
@pytest.mark.parametrize("scope", [None, ("loc_1", "loc_2")])
def test_a_page_is_read_in_the_order_of_its_index(
    messages: MongoMessages,
    watch: Watch,
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
        request = ListMessages(**asked, limit=7, cursor=cursor)
        page = use_cases.list_messages(request, context, messages)
        items += [message.id for message in page.items]
        cursor = page.next
        if cursor is None:
            break
    expected = database["messages"].count_documents(
        asked if scope is None else {**asked, "location_id": {"$in": list(scope)}}
    )
    assert len(items) == len(set(items)) == expected
    plans = watch.explained(database)
    deep = plans[-1]["totalDocsExamined"]
    assert deep <= 20, "a later page does not read the earlier ones again"
