"""The journal: positions in the order in which rows become visible, each taken once."""

from typing import Any

import eventlet
import pytest
from eventlet.event import Event
from pymongo.database import Database

from clinic_runtime import relay
from clinic_runtime.journal import DisplacedError, Journal
from clinic_runtime.telling import entry, positions

Documents = Database[dict[str, Any]]


@pytest.fixture
def journals(database: Documents) -> tuple[Journal, Journal]:
    relay.ensure_collections(database, ())
    return Journal(database), Journal(database)


def test_what_is_in_the_journal_already_keeps_its_place(
    journals: tuple[Journal, Journal], database: Documents
) -> None:
    one, other = journals
    one.record([entry("b"), entry("d")])
    other.record([entry(id_) for id_ in "abcdef"])
    found = database["journal"].find().sort("position", 1)
    assert [row["_id"] for row in found] == ["b", "d", "a", "c", "e", "f"]
    assert positions(database) == [1, 2, 3, 4, 5, 6]


def test_a_position_taken_by_another_is_told_from_an_event_that_is_there(
    journals: tuple[Journal, Journal], database: Documents
) -> None:
    one, other = journals
    one.record([entry("a")])
    other.record([entry("b")])
    with pytest.raises(DisplacedError):
        one.record([entry("c")])
    one.record([entry("c")])  # having asked anew
    with pytest.raises(DisplacedError):
        other.record([entry("a"), entry("x")])
    assert positions(database) == [1, 2, 3]


def test_whoever_reads_on_from_a_position_misses_none(
    journals: tuple[Journal, Journal], database: Documents
) -> None:
    over = Event()
    read: list[int] = []

    def reading() -> None:
        while not over.ready() or len(read) < 2_000:
            after = {"position": {"$gt": read[-1] if read else 0}}
            read.extend(row["position"] for row in database["journal"].find(after).sort("position"))

    reader = eventlet.spawn(reading)
    for batch in range(20):
        journals[0].record([entry(f"{batch}|{number}") for number in range(100)])
    over.send(None)
    reader.wait()
    assert read == list(range(1, 2_001))
