"""Alerts and referrals in MongoDB, each a document; their words, which tell of health, sealed."""

from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from client_profile.ports import C
from client_profile.repository.opening import about, opened
from clinic_contracts.client_profile.alerts import AlertView
from clinic_contracts.client_profile.referrals import ReferralView
from clinic_contracts.context import CallContext
from clinic_contracts.trusted import dump, read
from clinic_runtime import outbox
from clinic_runtime.clock import now
from clinic_runtime.sealing import Sealer

Document = dict[str, Any]
COLLECTIONS: dict[type, str] = {AlertView: "alerts", ReferralView: "referrals"}
SEALED: dict[type, str] = {AlertView: "kind", ReferralView: "referrer"}
"""The field of each that is kept sealed."""


def ensure(database: Database[Document]) -> None:
    """Make the index by which a client's are found, in the order in which they came."""
    for name in COLLECTIONS.values():
        database[name].create_index([("client_id", ASCENDING), ("at", ASCENDING)])


class MongoCharts:
    """Alerts and referrals."""

    def __init__(self, database: Database[Document], sealer: Sealer) -> None:
        self.database = database
        self.sealer = sealer

    def add(self, view: C, event: Any, context: CallContext) -> C:  # noqa: ANN401
        """Add, or return what a first try added."""
        at = now()
        document = {"_id": view.id, "client_id": view.client_id, "at": at, **self._fields(view)}
        collection = self.database[COLLECTIONS[type(view)]]
        try:
            outbox.insert(collection, document, event=event, context=context, at=at)
        except DuplicateKeyError:
            return self._view(type(view), collection.find_one({"_id": view.id}) or {})
        return view

    def get(self, kind: type[C], id_: str, operation_id: str) -> tuple[C, bool] | None:
        """Return one and whether this operation was applied to it already, or None."""
        found = self.database[COLLECTIONS[kind]].find_one({"_id": id_})
        if found is None:
            return None
        return self._view(kind, found), operation_id in found["operations"]

    def save(self, view: C, event: Any, context: CallContext) -> bool:  # noqa: ANN401
        """Save over ``view.version``; False when stale."""
        return outbox.update(
            self.database[COLLECTIONS[type(view)]],
            view.id,
            view.version,
            {"$set": self._fields(view)},
            event=event,
            context=context,
            at=now(),
        )

    def of(self, kind: type[C], client_id: str) -> list[C]:
        """Return a client's, in the order in which they came."""
        found = self.database[COLLECTIONS[kind]].find({"client_id": client_id})
        return [self._view(kind, document) for document in found.sort("at", ASCENDING)]

    def _fields(self, view: C) -> Document:
        state, secret = dump(view), SEALED[type(view)]
        text = state.pop(secret)
        plain = {key: value for key, value in state.items() if key not in ("id", "version")}
        return {"state": plain, "sealed": self.sealer.seal(text, about(view.id, secret))}

    def _view(self, kind: type[C], found: Document) -> C:
        secret = SEALED[kind]
        text = opened(self.sealer, found["sealed"], found["_id"], secret)
        document = {"id": found["_id"], "version": found["version"], **found["state"]}
        return read(kind, {**document, secret: text})
