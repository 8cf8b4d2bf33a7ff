"""Many aggregates changed by one command, each on its own condition."""

from datetime import UTC, datetime
from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database

from clinic_contracts.context import CallContext
from clinic_contracts.notification.events import MessageSkipped
from clinic_runtime import outbox

AT = datetime(2026, 12, 1, tzinfo=UTC)
CONTEXT = CallContext(actor="system:test", correlation_id="c", operation_id="o")
EVENT = MessageSkipped(
    message_id="m", kind="k", channel="email", client_id="cli_1", appointment_id="apt_1", reason=""
)


def test_each_is_changed_or_left_by_itself_and_in_order(database: Database[dict[str, Any]]) -> None:
    things = database["things"]
    things.create_index([("place", ASCENDING)], unique=True)
    # Two move up, each to where the one before was; one is stale; one goes where somebody stays.
    wanted = {"a": (1, 0), "b": (1, 1), "stale": (7, 50), "blocked": (1, 9), "stays": None}
    for place, id_ in enumerate(wanted, start=1):
        place = 9 if id_ == "stays" else place  # noqa: PLW2901
        outbox.insert(things, {"_id": id_, "place": place}, context=CONTEXT, at=AT)
    statements = {
        (id_, to[0]): outbox.changing(
            id_, to[0], {"$set": {"place": to[1]}}, event=EVENT, context=CONTEXT, at=AT
        )
        for id_, to in wanted.items()
        if to is not None
    }
    assert outbox.update_many(things, statements) == {"a", "b"}
    found = {each["_id"]: each for each in things.find()}
    assert {id_: (each["version"], each["place"]) for id_, each in found.items()} == {
        "a": (2, 0), "b": (2, 1), "stale": (1, 3), "blocked": (1, 4), "stays": (1, 9),
    }  # fmt: skip
    assert {id_: len(each["outbox"]) for id_, each in found.items() if each["outbox"]} == {
        "a": 1, "b": 1,
    }  # fmt: skip
    assert outbox.update_many(things, statements) == set()
