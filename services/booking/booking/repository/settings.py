"""Locations, practitioners and treatments in MongoDB."""

import time
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, TypeVar, cast

from pymongo import ASCENDING
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from booking.ports import S, Settable
from booking.repository.pages import page_of
from clinic_contracts.booking import requests as r
from clinic_contracts.context import CallContext
from clinic_contracts.trusted import dump, read
from clinic_runtime import clock, outbox, paging

Document = dict[str, Any]
COLLECTIONS: dict[type, str] = {
    r.LocationView: "locations",
    r.PractitionerView: "practitioners",
    r.TreatmentView: "treatments",
}
AT: dict[type, str] = {r.LocationView: "_id", r.PractitionerView: "state.location_ids"}
"""Where the locations stand that have it; treatments are the whole chain's."""
BY_NAME = [("name_key", ASCENDING), ("_id", ASCENDING)]
RECENT_SECONDS = 1.0
RECENT_KEPT = 10_000
T = TypeVar("T")


class Recent:
    """What this process read of the settings in the last second, until it changes one itself.

    Each visit asks for the same few, and reading one into its form costs more than a visit's own
    write. Another process's change is seen within the second.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.kept: dict[Hashable, tuple[float, Any]] = {}
        self.changes = 0

    def read(self, key: Hashable, look: Callable[[], T]) -> T:
        """Return what was read under the key at most a second ago, or look now."""
        at, found = self.kept.get(key, (-RECENT_SECONDS, None))
        if self.clock() - at < RECENT_SECONDS:
            return cast("T", found)
        began, changes = self.clock(), self.changes
        looked = look()
        if changes == self.changes:  # else it may be older than the change
            if len(self.kept) >= RECENT_KEPT:
                self.kept.clear()
            self.kept[key] = began, looked
        return looked

    def forget(self) -> None:
        """Know nothing any more: one of them is about to change, or has."""
        self.changes += 1
        self.kept.clear()


def ensure(database: Database[Document]) -> None:
    """Make the indexes of the lists by name."""
    for name in COLLECTIONS.values():
        database[name].create_index(BY_NAME)
    database["practitioners"].create_index([("state.location_ids", ASCENDING), *BY_NAME])


class MongoSettings:
    """Locations, practitioners and treatments, each a document with its state as on the wire."""

    def __init__(self, database: Database[Document], recent: Recent) -> None:
        self.database = database
        self.recent = recent

    def known(self, kind: type[S], id_: str) -> S | None:
        """Return one, or None, as it was at most a second ago."""
        return self.recent.read((kind, id_), lambda: self.get(kind, id_))

    def add(self, view: Settable, event: Any, context: CallContext) -> Settable:  # noqa: ANN401
        """Add it, or return the one a first try of the same operation added."""
        collection = self.database[COLLECTIONS[type(view)]]
        document = {"_id": view.id, "name_key": view.name.casefold(), "state": _state(view)}
        try:
            outbox.insert(collection, document, event=event, context=context, at=clock.now())
        except DuplicateKeyError:
            stored = collection.find_one({"_id": view.id})
            if stored is None:
                raise
            return _view(type(view), stored)  # type: ignore[type-var]
        finally:
            self.recent.forget()
        return view

    def get(self, kind: type[S], id_: str) -> S | None:
        """Return one, or None."""
        found = self.database[COLLECTIONS[kind]].find_one({"_id": id_})
        return None if found is None else _view(kind, found)

    def save(self, view: Settable, event: Any, context: CallContext) -> bool:  # noqa: ANN401
        """Replace the stored version by the next; False when the stored one is another."""
        changes = {"$set": {"name_key": view.name.casefold(), "state": _state(view)}}
        collection = self.database[COLLECTIONS[type(view)]]
        try:
            return outbox.update(
                collection,
                view.id,
                view.version,
                changes,
                event=event,
                context=context,
                at=clock.now(),
            )
        finally:
            self.recent.forget()

    def get_for_change(self, kind: type[S], id_: str, operation_id: str) -> tuple[S, bool] | None:
        """Return one and whether this operation was applied to it already, or None."""
        found = self.database[COLLECTIONS[kind]].find_one({"_id": id_})
        return None if found is None else (_view(kind, found), operation_id in found["operations"])

    def page(
        self, kind: type[S], cursor: str | None, limit: int, scope: Sequence[str] | None
    ) -> tuple[tuple[S, ...], str | None]:
        """Return up to ``limit``, by name, of those that locations of the scope have.

        With it the cursor of the next page, if there is one; raises Invalid for a cursor that
        is none.
        """
        all_of_them = scope is None or kind not in AT
        query: Document = {} if all_of_them else {AT[kind]: {"$in": list(scope or ())}}
        after = paging.decode(cursor, str, str)
        if after is not None:
            name, id_ = after
            query["name_key"] = {"$gte": name}
            query["$or"] = [{"name_key": {"$gt": name}}, {"_id": {"$gt": id_}}]
        found = self.database[COLLECTIONS[kind]].find(query).sort(BY_NAME).limit(limit + 1)
        page, following = page_of(found, limit, BY_NAME)
        return tuple(_view(kind, document) for document in page), following

    def names(self, kind: type[S], ids: Iterable[str]) -> dict[str, str]:
        """Return the names of those of the ids that exist."""
        query = {"_id": {"$in": list(ids)}}
        found = self.database[COLLECTIONS[kind]].find(query, {"state.name": 1})
        return {document["_id"]: document["state"]["name"] for document in found}

    def colleagues(self, location_id: str) -> list[r.PractitionerView]:
        """Return who works at the location, as it was at most a second ago."""
        return self.recent.read(location_id, lambda: self.practitioners_at(location_id))

    def practitioners_at(self, location_id: str) -> list[r.PractitionerView]:
        """Return who works at the location, by name."""
        query = {"state.location_ids": location_id}
        found = self.database["practitioners"].find(query).sort(BY_NAME)
        return [_view(r.PractitionerView, document) for document in found]


def _state(view: Settable) -> Document:
    document = dump(view)
    return {key: value for key, value in document.items() if key not in ("id", "version")}


def _view(kind: type[S], found: Document) -> S:
    document = {**found["state"], "id": found["_id"], "version": found["version"]}
    return read(kind, document)
