"""One request's events, and what a service did with those of others."""

from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo.database import Database

from clinic_contracts import envelope
from clinic_contracts.client_profile.events import ClientChanged
from clinic_contracts.tracing import Deliveries, FindDeliveries, ReadTrace
from clinic_runtime import tracing
from clinic_runtime.ids import ulid
from clinic_runtime.journal import ensure_journal
from clinic_runtime.telling import journalled
from clinic_runtime.watching import Watch

Documents = Database[dict[str, Any]]
NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


def made(number: int, request: str, location: str = "") -> envelope.Event:
    named = {"client_id": "cli_1", "name": "Ann", "emails": (), "phones": ()}
    data = ClientChanged(**named, preferred_channel="email", language="en")  # type: ignore[arg-type]  # one dict for two kinds
    return envelope.Event(
        id=f"evt_{ulid()}",
        type=envelope.type_of(ClientChanged),
        subject="cli_1",
        seq=number,
        occurred_at=NOON + timedelta(seconds=number),
        data=data,
        actor="staff:test",
        correlation_id=request,
        location_id=location,
        causation_id="evt_0",
    )


def test_a_request_is_its_events_in_order_without_what_they_say(database: Documents) -> None:
    first, other, second = made(1, "mine"), made(2, "another's"), made(3, "mine")
    journalled(database, first, other, second)
    trace = tracing.read(database, ReadTrace(correlation_id="mine"), None)
    assert [each.id for each in trace.events] == [first.id, second.id]
    shown = trace.events[0]
    assert (shown.at, shown.type, shown.subject) == (first.occurred_at, first.type, "cli_1")
    assert (shown.actor, shown.causation_id) == ("staff:test", "evt_0")
    assert not trace.more
    assert "Ann" not in repr(trace)


def test_events_of_other_locations_or_of_none_are_not_shown(database: Documents) -> None:
    here, elsewhere, nowhere = made(1, "mine", "loc_1"), made(2, "mine", "loc_2"), made(3, "mine")
    journalled(database, here, elsewhere, nowhere)
    trace = tracing.read(database, ReadTrace(correlation_id="mine"), ["loc_1"])
    assert [each.id for each in trace.events] == [here.id]


def test_the_first_are_shown_of_a_request_that_leads_to_very_many(database: Documents) -> None:
    journalled(database, *[made(number, "mine") for number in range(1, 202)])
    trace = tracing.read(database, ReadTrace(correlation_id="mine"), None)
    assert (len(trace.events), trace.more) == (200, True)


def test_a_service_says_what_it_handled_and_what_is_parked(database: Documents) -> None:
    database["inbox"].insert_many([{"_id": "evt_1"}, {"_id": "evt_9"}])
    database["parked"].insert_one({"_id": "evt_2"})
    asked = FindDeliveries(event_ids=("evt_1", "evt_2", "evt_3"))
    assert tracing.deliveries(database, asked) == Deliveries(handled=("evt_1",), parked=("evt_2",))


def test_it_is_found_by_an_index(database: Documents, watched: Documents, watch: Watch) -> None:
    ensure_journal(database)
    journalled(database, *[made(number, f"request {number % 40}") for number in range(200)])
    watch.commands.clear()
    assert len(tracing.read(watched, ReadTrace(correlation_id="request 7"), None).events) == 5
    tracing.deliveries(watched, FindDeliveries(event_ids=("evt_1", "evt_2")))
    assert all(each["totalDocsExamined"] <= 5 for each in watch.explained(database))
