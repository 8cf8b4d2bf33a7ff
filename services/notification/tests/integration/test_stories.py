"""What a client is told in each story, by the real database."""

from dataclasses import replace
from typing import Any

from pymongo.database import Database

from clinic_contracts.envelope import Event
from notification import repository, use_cases
from notification.testing import ADA, FERNWOOD, GRACE, ROBIN, event


def test_a_client_is_told_what_is_true_once(
    story: Any, play: Any, database: Database[dict[str, Any]]
) -> None:
    repository.ensure(database)
    known, messages = repository.Known(database), repository.MongoMessages(database)
    sam = replace(ROBIN, practitioner_id="prac_2", name="Sam")
    for data in (ADA, FERNWOOD, ROBIN, sam):
        known.keep(event(data))

    def follow(of_visit: Event) -> None:
        for _delivery in range(2):
            use_cases.follow_visit(of_visit, GRACE, known, messages)

    assert tuple(play(story, messages, follow)) == story.told
    assert set(database["messages"].distinct("state")) <= {"sent", "skipped"}
