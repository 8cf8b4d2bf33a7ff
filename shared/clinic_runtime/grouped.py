"""Commands to the database joined: what waits while one is in flight goes out as the next one.

Nothing lingers: alone, a command goes out at once. Many at once cost the database one command,
one flush of its log and one answer between them.
"""

import contextlib
from collections import deque
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

import bson
import eventlet
from bson.raw_bson import RawBSONDocument
from eventlet.event import Event
from pymongo import MongoClient, UpdateOne
from pymongo.collection import Collection
from pymongo.errors import (
    BulkWriteError,
    DocumentTooLarge,
    DuplicateKeyError,
    OperationFailure,
    WriteConcernError,
    WriteError,
)

from clinic_runtime.ids import ulid

Document = dict[str, Any]
I = TypeVar("I")  # noqa: E741 (the item)
R = TypeVar("R")
MOST_IN_A_COMMAND = 64
LARGEST_DOCUMENT = 16 * 1024 * 1024
DUPLICATE_KEY = 11_000
QUOTES = {"op", "errInfo"}
"""What of an error holds the document, or values of it."""


class Grouped(Generic[I, R]):
    """Runs ``execute(items)`` for one group at a time; each submitter gets its own outcome."""

    def __init__(self, execute: Callable[[Sequence[I]], Sequence[R | Exception]]) -> None:
        """Take what does a group at once: an answer or an error for each item, in order."""
        self.execute = execute
        self.waiting: deque[tuple[I, Event]] = deque()
        self.busy = False

    def submit(self, item: I) -> R:
        """Return the item's answer, or raise its error, once a group that holds it is done."""
        return self.hand_in(item)()

    def hand_in(self, item: I) -> Callable[[], R]:
        """Have the item done; what is returned waits for it as ``submit`` does."""
        done = Event()
        self.waiting.append((item, done))
        if not self.busy:
            self.busy = True
            eventlet.spawn_n(self._run)
        wait: Callable[[], R] = done.wait
        return wait

    def _run(self) -> None:
        try:
            while self.waiting:
                size = min(len(self.waiting), MOST_IN_A_COMMAND)
                group = [self.waiting.popleft() for _ in range(size)]
                for (_item, done), outcome in zip(
                    group, self._outcomes([item for item, _done in group]), strict=True
                ):
                    if isinstance(outcome, Exception):
                        done.send_exception(outcome)
                    else:
                        done.send(outcome)
        finally:
            self.busy = False

    def _outcomes(self, items: Sequence[I]) -> Sequence[R | Exception]:
        try:
            return self.execute(items)
        except Exception as error:  # noqa: BLE001 (whatever it is, each of them is told)
            return [error] * len(items)


_Insert = tuple[Collection[Document], RawBSONDocument]
_Upsert = tuple[Collection[Document], Document, Document]
_Update = tuple[Collection[Document], Document, Document, str]
_Read = tuple[Collection[Document], str]
_Search = tuple[Collection[Document], str, str]
_Look = Callable[[], Sequence[Any]]


def insert(collection: Collection[Document], document: Mapping[str, Any]) -> None:
    """Insert a document; what others insert into the collection meanwhile shares the command.

    Raises what ``insert_one`` raises, for this document: DuplicateKeyError, DocumentTooLarge …
    """
    _hand_in(collection, document)()


def insert_missing(
    collection: Collection[Document], documents: Sequence[Mapping[str, Any]]
) -> None:
    """Insert those of the documents whose like is not there yet, all in one command.

    Raises what ``insert_one`` raises but for DuplicateKeyError.
    """
    waits = [_hand_in(collection, document) for document in documents]
    for wait in waits:
        with contextlib.suppress(DuplicateKeyError):
            wait()


def _hand_in(collection: Collection[Document], document: Mapping[str, Any]) -> Callable[[], None]:
    # What cannot be sent is refused alone: the server would refuse the whole command for it.
    encoded = bson.encode(document, codec_options=collection.codec_options)
    if len(encoded) > LARGEST_DOCUMENT:
        message = f"a document of {len(encoded)} bytes, more than {LARGEST_DOCUMENT}"
        raise DocumentTooLarge(message)
    group = _group(_inserts, collection, _insert_all)
    return group.hand_in((collection, RawBSONDocument(encoded)))


def upsert(collection: Collection[Document], query: Document, change: Document) -> None:
    """Update the document that matches or insert it; shares the command as ``insert`` does.

    Raises DuplicateKeyError when there is one by that id which does not match.
    """
    _group(_upserts, collection, _upsert_all).submit((collection, query, change))


def update(collection: Collection[Document], query: Document, change: Document) -> bool:
    """Update the document of ``query["_id"]`` if it matches; say whether it did.

    Shares the command as ``insert`` does. ``change`` is marked with an id of its own, in ``write``.
    Raises what ``update_one`` raises, for this document.
    """
    mark = ulid()
    marked = {**change, "$set": {**change.get("$set", {}), "write": mark}}
    return _group(_updates, collection, _update_all).submit((collection, query, marked, mark))


def find_by_id(collection: Collection[Document], id_: str) -> Document | None:
    """Return a document or None; what others look for meanwhile is found by the same query.

    Who asks at once for the same one may be given the same dict: it is to be read only.
    """
    return _group(_reads, collection, _find_all).submit((collection, id_))


def find_by(collection: Collection[Document], field: str, text: str) -> list[Document]:
    """Return the documents whose field is ``text``; shares the query as ``find_by_id`` does.

    They are to be read only.
    """
    group = _group(_searches, collection, _find_all_by, field)
    return group.submit((collection, field, text))


def look(
    collection: Collection[Document], what: Hashable, find: Callable[[], Sequence[R]]
) -> Sequence[R]:
    """Return what ``find`` finds; who asks for ``what`` while one looks shares the next look.

    So nobody is told what was so before they asked. It is to be read only.
    """
    groups = _looks.setdefault(collection.database.client, {})
    name = (collection.full_name, what)
    group = groups.setdefault(name, Grouped(_look_once))
    try:
        return group.submit(find)
    finally:
        if not group.busy and groups.get(name) is group:
            del groups[name]


# By client, so that it goes with it: neither groups nor what waits in them outlive their work.
_inserts: WeakKeyDictionary[MongoClient[Any], dict[str, Grouped[_Insert, None]]]
_upserts: WeakKeyDictionary[MongoClient[Any], dict[str, Grouped[_Upsert, None]]]
_updates: WeakKeyDictionary[MongoClient[Any], dict[str, Grouped[_Update, bool]]]
_reads: WeakKeyDictionary[MongoClient[Any], dict[str, Grouped[_Read, Document | None]]]
_searches: WeakKeyDictionary[MongoClient[Any], dict[str, Grouped[_Search, list[Document]]]]
_looks: WeakKeyDictionary[MongoClient[Any], dict[Hashable, Grouped[_Look, Sequence[Any]]]]
_inserts, _upserts, _updates, _reads, _searches, _looks = (WeakKeyDictionary() for _ in range(6))


def _group(
    kept: WeakKeyDictionary[MongoClient[Any], dict[str, Grouped[I, R]]],
    collection: Collection[Document],
    execute: Callable[[Sequence[I]], Sequence[R | Exception]],
    field: str = "_id",
) -> Grouped[I, R]:
    """Return the one group that all users of a client share for the collection and field."""
    groups = kept.setdefault(collection.database.client, {})
    name = f"{collection.full_name} {field}"
    if name not in groups:
        groups[name] = Grouped(execute)
    return groups[name]


def _insert_all(items: Sequence[_Insert]) -> list[Exception | None]:
    collection = items[0][0]
    outcomes: list[Exception | None] = [None] * len(items)
    try:
        collection.insert_many([document for _, document in items], ordered=False)
    except BulkWriteError as error:
        _tell(error, outcomes)
    except OperationFailure:
        if len(items) == 1:
            raise
        # Refused as a whole: one by one, only the one it is about is refused.
        return [_insert_alone(collection, document) for _, document in items]
    return outcomes


def _upsert_all(items: Sequence[_Upsert]) -> list[Exception | None]:
    outcomes: list[Exception | None] = [None] * len(items)
    statements = [UpdateOne(query, change, upsert=True) for _, query, change in items]
    try:
        items[0][0].bulk_write(statements, ordered=False)
    except BulkWriteError as error:
        _tell(error, outcomes)
    return outcomes


def _update_all(items: Sequence[_Update]) -> list[bool | Exception]:
    """Update in waves of one statement a document, so that a mark tells whose was the last."""
    outcomes: dict[str, bool | Exception] = {}
    left = list(items)
    while left:
        wave = {str(item[1]["_id"]): item for item in reversed(left)}
        outcomes |= _update_wave(list(wave.values()))
        left = [item for item in left if item[3] not in outcomes]
    return [outcomes[mark] for *_, mark in items]


def _update_wave(items: Sequence[_Update]) -> dict[str, bool | Exception]:
    collection = items[0][0]
    outcomes: list[Exception | None] = [None] * len(items)
    statements = [UpdateOne(query, change) for _, query, change, _ in items]
    try:
        matched = collection.bulk_write(statements, ordered=False).matched_count
    except BulkWriteError as error:
        _tell(error, outcomes)
        matched = error.details["nMatched"]
    marks = [mark for *_, mark in items]
    done = set(marks)
    if matched != outcomes.count(None):
        # The server tells how many matched, not which.
        ids = [query["_id"] for _, query, _, _ in items]
        rows = collection.find({"_id": {"$in": ids}}, {"write": 1})
        done = {row["write"] for row in rows if "write" in row}
    return {
        mark: mark in done if outcome is None else outcome
        for mark, outcome in zip(marks, outcomes, strict=True)
    }


def _tell(error: BulkWriteError, outcomes: list[Exception | None]) -> None:
    """Say of each item what became of it."""
    if error.details["writeConcernErrors"]:
        # Written, and not known to last: what was refused is refused, the rest unknown.
        unknown = error.details["writeConcernErrors"][0]
        told = WriteConcernError(str(unknown.get("errmsg")), details=unknown)
        outcomes[:] = [told] * len(outcomes)
    for each in error.details["writeErrors"]:
        outcomes[each["index"]] = write_error(each)


def _insert_alone(collection: Collection[Document], document: Any) -> Exception | None:  # noqa: ANN401
    try:
        collection.insert_one(document)
    except Exception as error:  # noqa: BLE001 (told to the one it is about)
        return error
    return None


def _find_all(items: Sequence[_Read]) -> list[Document | Exception | None]:
    collection, first = items[0]
    if len(items) == 1:
        return [collection.find_one({"_id": first})]
    wanted = {id_ for _, id_ in items}
    found = {each["_id"]: each for each in collection.find({"_id": {"$in": [*wanted]}})}
    return [found.get(id_) for _, id_ in items]


def _find_all_by(items: Sequence[_Search]) -> list[list[Document] | Exception]:
    collection, field, first = items[0]
    found: dict[str, list[Document]] = {text: [] for _, _, text in items}
    wanted: Any = first if len(found) == 1 else {"$in": [*found]}
    for each in collection.find({field: wanted}):
        found[each[field]].append(each)
    return [found[text] for _, _, text in items]


def _look_once(items: Sequence[_Look]) -> list[Sequence[Any] | Exception]:
    return [items[-1]()] * len(items)


def write_error(found: Mapping[str, Any]) -> WriteError:
    """Return what the server said of a write, without the document, which may name a client."""
    kind = DuplicateKeyError if found["code"] == DUPLICATE_KEY else WriteError
    return kind(found["errmsg"], found["code"], {k: v for k, v in found.items() if k not in QUOTES})
