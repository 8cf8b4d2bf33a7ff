"""What a client is told in each story, by the real database."""

from datetime import datetime, timedelta
from typing import Any

from pymongo.database import Database

from clinic_contracts.context import CallContext
from clinic_contracts.schemas import dump
from notification import domain, repository
from notification.repository import MongoMessages

GRACE = timedelta(minutes=3)


def test_a_client_is_told_what_is_true_once(
    story: Any, play: Any, database: Database[dict[str, Any]]
) -> None:
    repository.ensure(database)
    messages = MongoMessages(database)
    client = {"name": "Ada", "emails": ["ada@example.org"], "preferred_channel": "email"}
    messages.learn("clients", "cli_1", 1, {"view": client})
    messages.learn("locations", "loc_1", 1, {"view": {"name": "Fernwood", "address": "1 Main"}})
    for id_, name in (("prac_1", "Robin"), ("prac_2", "Sam")):
        messages.learn("practitioners", id_, 1, {"view": {"name": name}})

    def follow(version: int, event: Any, status: str, at: datetime) -> None:
        context = CallContext(actor="staff:x", correlation_id="c", operation_id=f"evt_{version}")
        fields = {"visit": dump(event.visit), "status": status}
        messages.learn("visits", "apt_1", version, fields)
        for _delivery in range(2):
            messages.plan(event.visit, version, domain.plan(event, at, GRACE), context)

    assert tuple(play(story, messages, follow)) == story.told
    assert set(database["messages"].distinct("state")) <= {"sent", "skipped"}
