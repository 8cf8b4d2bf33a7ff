"""Joined commands: each caller's own outcome, whoever it shared a command with."""

from collections import Counter
from typing import Any

import eventlet
import pytest
from bson.errors import InvalidDocument
from eventlet.event import Event
from pymongo.database import Database
from pymongo.errors import BulkWriteError, DocumentTooLarge, DuplicateKeyError, WriteError

from clinic_runtime import grouped
from clinic_runtime.mongo import project, said
from clinic_runtime.watching import Watch

Store = Database[dict[str, Any]]
CROWD = 300


def outcome(collection: Any, document: dict[str, Any]) -> str:
    try:
        grouped.insert(collection, document)
    except Exception as error:  # noqa: BLE001 (the outcome is what is looked at)
        return type(error).__name__
    return "inserted"


def sent(watch: Watch, name: str) -> int:
    return sum(next(iter(command)) == name for command in watch.commands)


def all_at_once(collection: Any, documents: list[dict[str, Any]]) -> list[str]:
    pool = eventlet.GreenPool(CROWD)
    return list(pool.imap(lambda document: outcome(collection, document), documents))


def test_a_crowd_shares_few_commands_and_each_is_answered_for_itself(
    watched: Store, watch: Watch
) -> None:
    watched["things"].create_index("claims", unique=True)
    documents = [{"_id": str(n), "claims": [n // 3]} for n in range(CROWD)]
    outcomes = all_at_once(watched["things"], documents)
    assert Counter(outcomes) == {"inserted": CROWD // 3, "DuplicateKeyError": CROWD * 2 // 3}
    stored = {each["_id"] for each in watched["things"].find()}
    assert stored == {str(n) for n, told in enumerate(outcomes) if told == "inserted"}
    assert sent(watch, "insert") <= CROWD // 20


def test_what_cannot_be_written_hurts_nobody_else(database: Store) -> None:
    database.create_collection("things", validator={"kind": {"$ne": "refused"}})
    documents: list[dict[str, Any]] = [{"_id": str(n)} for n in range(100)]
    documents[7]["kind"] = object()
    documents[8]["kind"] = "x" * (17 * 1024 * 1024)
    documents[9]["kind"] = "refused"
    outcomes = all_at_once(database["things"], documents)
    assert outcomes[7:10] == ["InvalidDocument", "DocumentTooLarge", "WriteError"]
    assert Counter(outcomes)["inserted"] == database["things"].count_documents({}) == 97


def test_a_command_refused_as_a_whole_is_tried_one_by_one(database: Store) -> None:
    documents: list[dict[str, Any]] = [{"_id": str(n)} for n in range(50)]
    documents[3]["_id"] = ["an id may not be a list, which the server says of the whole"]
    documents[4]["$bad"] = {"$also": 1}
    outcomes = all_at_once(database["things"], documents)
    stored = {str(each["_id"]) for each in database["things"].find()}
    assert stored == {
        str(each["_id"])
        for each, told in zip(documents, outcomes, strict=True)
        if told == "inserted"
    }
    assert outcomes[3] != "inserted"
    assert Counter(outcomes)["inserted"] >= 48


def test_errors_are_those_of_the_driver_and_name_what_refused(database: Store) -> None:
    grouped.insert(database["things"], {"_id": "one"})
    with pytest.raises(DuplicateKeyError) as refused:
        grouped.insert(database["things"], {"_id": "one"})
    assert refused.value.details is not None
    assert refused.value.details["keyValue"] == {"_id": "one"}
    with pytest.raises(InvalidDocument):
        grouped.insert(database["things"], {"_id": object()})
    with pytest.raises(DocumentTooLarge):
        grouped.insert(database["things"], {"_id": "two", "x": b"x" * (16 * 1024 * 1024)})
    assert issubclass(DuplicateKeyError, WriteError)


def test_a_crowd_of_readers_shares_few_queries(watched: Store, watch: Watch) -> None:
    watched["things"].insert_many([{"_id": str(n), "n": n} for n in range(50)])
    pool = eventlet.GreenPool(CROWD)
    ids = [str(n % 60) for n in range(CROWD)]
    found = list(pool.imap(lambda id_: grouped.find_by_id(watched["things"], id_), ids))
    for id_, document in zip(ids, found, strict=True):
        assert document == ({"_id": id_, "n": int(id_)} if int(id_) < 50 else None)
    assert sent(watch, "find") <= CROWD // 20


def test_a_crowd_of_searches_shares_few_queries_and_each_gets_its_own(
    watched: Store, watch: Watch
) -> None:
    watched["things"].insert_many(
        [{"_id": str(n), "of": f"a{n % 25}", "in": f"b{n % 10}"} for n in range(50)]
    )
    asked = [("of", f"a{n % 30}") if n % 2 else ("in", f"b{n % 12}") for n in range(CROWD)]
    pool = eventlet.GreenPool(CROWD)
    found = list(pool.imap(lambda each: grouped.find_by(watched["things"], *each), asked))
    assert sent(watch, "find") <= CROWD // 10
    for (field, text), documents in zip(asked, found, strict=True):
        stored = [each["_id"] for each in watched["things"].find({field: text})]
        assert sorted(each["_id"] for each in documents) == sorted(stored)


def test_who_asks_while_one_looks_is_told_what_the_next_look_finds(watched: Store) -> None:
    things, looks = watched["things"], 0
    has_seen, may_end = Event(), Event()

    def find() -> list[Any]:
        nonlocal looks
        looks += 1
        found = list(things.find())
        if looks == 1:
            has_seen.send()
            may_end.wait()
        return found

    first = eventlet.spawn(grouped.look, things, "all", find)
    has_seen.wait()
    things.insert_one({"_id": "late"})
    later = [eventlet.spawn(grouped.look, things, "all", find) for _ in range(10)]
    may_end.send()
    assert first.wait() == []
    assert [thread.wait() for thread in later] == [[{"_id": "late"}]] * 10
    assert looks == 2
    assert not grouped._looks[watched.client]


def test_a_look_waits_for_none_for_something_else(watched: Store) -> None:
    may_end = Event()

    def fails() -> list[Any]:
        may_end.wait()
        raise KeyError("fault")

    failing = eventlet.spawn(grouped.look, watched["things"], "faulty", fails)
    assert grouped.look(watched["things"], "good", lambda: [1]) == [1]
    may_end.send()
    with pytest.raises(KeyError):
        failing.wait()


def test_racing_updates_are_each_told_the_truth(watched: Store, watch: Watch) -> None:
    """Three race for each document: two for its version, one for a version that never was."""
    things = watched["things"]
    things.create_index("claims", unique=True)
    things.insert_many([{"_id": str(n), "version": 1, "claims": [n]} for n in range(100)])
    things.insert_one({"_id": "holder", "claims": [-1]})

    def move(number: int) -> str:
        id_, version = number // 3, 99 if number % 3 == 2 else 1
        taken = id_ % 10 == 0  # every tenth wants what another holds
        change = {"$set": {"claims": [-1 if taken else 1_000 + id_], "by": number}}
        query = {"_id": str(id_), "version": version}
        try:
            return str(grouped.update(things, query, {**change, "$inc": {"version": 1}}))
        except DuplicateKeyError:
            return "taken"

    outcomes = list(eventlet.GreenPool(CROWD).imap(move, range(CROWD)))
    assert Counter(outcomes) == {"True": 90, "False": 190, "taken": 20}
    for each in things.find({"_id": {"$ne": "holder"}}):
        if int(each["_id"]) % 10:
            assert outcomes[each["by"]] == "True"
    assert sent(watch, "update") <= CROWD // 20


def test_upserts_of_a_crowd_keep_the_latest_and_tell_who_came_late(
    watched: Store, watch: Watch
) -> None:
    def keep(number: int) -> bool:
        return project(watched["things"], str(number % 10), number, {"n": number})

    numbers = list(reversed(range(100, 200)))
    outcomes = list(eventlet.GreenPool(CROWD).imap(keep, numbers))
    assert [each["n"] for each in watched["things"].find().sort("_id")] == list(range(190, 200))
    assert outcomes == [number >= 190 for number in numbers]
    assert sent(watch, "update") <= 20


def test_the_first_word_of_a_subject_is_an_insert_and_laid_out_as_an_upsert(
    watched: Store, watch: Watch
) -> None:
    things = watched["things"]

    def keep(id_: str, seq: int) -> bool:
        return project(things, id_, seq, {"word": seq, "about": id_})

    first = list(eventlet.GreenPool(CROWD).imap(lambda n: keep(str(n), 1), range(CROWD)))
    assert all(first)
    assert not sent(watch, "update")
    assert keep("late", 2)
    assert not keep("late", 1), "which comes after what follows it"
    assert not keep("0", 1), "which comes twice"
    assert keep("1", 2)
    layouts = {tuple(each) for each in things.find()}
    assert layouts == {("_id", "about", "seq", "word")}


def test_what_is_new_is_inserted_with_the_crowd_whatever_came_twice_or_in_another_order(
    watched: Store, watch: Watch
) -> None:
    """Of every third subject the first event comes twice; of every third the second precedes it."""

    def keep(told: tuple[str, int]) -> bool:
        subject, seq = told
        return project(watched["things"], subject, seq, {"n": seq})

    told = [(str(n), seq) for n in range(90) for seq in {0: (1,), 1: (1, 1), 2: (2, 1)}[n % 3]]
    outcomes = list(eventlet.GreenPool(CROWD).imap(keep, told))
    assert {each["_id"]: each["seq"] for each in watched["things"].find()} == {
        str(n): 2 if n % 3 == 2 else 1 for n in range(90)
    }
    # Who comes first of two is told so by the database; that a second event is kept, always.
    assert all(outcomes[i] for i, (n, seq) in enumerate(told) if int(n) % 3 == 0 or seq == 2)
    assert sum(outcomes[i] for i, (n, _seq) in enumerate(told) if int(n) % 3 == 1) == 30
    assert sent(watch, "insert") <= 5
    statements = sum(len(each["updates"]) for each in watch.commands if "update" in each)
    assert 30 <= statements <= 2 * 30, "what is new costs no upsert"


def test_an_error_does_not_hold_the_document_it_is_about(database: Store) -> None:
    things = database["things"]
    grouped.insert(things, {"_id": "1"})
    with pytest.raises(DuplicateKeyError) as told:
        grouped.insert(things, {"_id": "1", "name": "Ada"})
    assert "Ada" not in str(told.value)
    with pytest.raises(BulkWriteError) as all_told:
        things.insert_many([{"_id": "1", "name": "Ada"}])
    assert "Ada" in str(all_told.value)
    assert said(all_told.value) == "BulkWriteError: batch op errors occurred"
