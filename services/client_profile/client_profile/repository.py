"""Clients, coverages and consents in MongoDB; the health number sealed."""

import heapq
from collections.abc import Sequence
from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from client_profile import domain
from client_profile.domain import Client
from client_profile.ports import HealthNumberKnownError
from client_profile.sealing import CannotOpenError, Sealer
from clinic_contracts.client_profile.events import ClientChanged, ConsentChanged, CoverageChanged
from clinic_contracts.client_profile.requests import ConsentView, CoverageView
from clinic_contracts.context import CallContext
from clinic_contracts.errors import ServiceUnavailable
from clinic_contracts.schemas import dump, load_answer
from clinic_runtime import outbox
from clinic_runtime.clock import now
from clinic_runtime.observability import get_logger

Document = dict[str, Any]
log = get_logger(__name__)
OUTBOXES = ("clients", "coverages", "consents")
EVIDENCE_KEPT = 100
TRIES = 60
"""More than a process has workers: each round, one of them is done."""


def ensure(database: Database[Document]) -> None:
    """Make every index."""
    clients = database["clients"]
    clients.create_index([("tokens", ASCENDING), ("name_key", ASCENDING), ("_id", ASCENDING)])
    clients.create_index([("name_key", ASCENDING), ("_id", ASCENDING)])
    clients.create_index(
        [("number_digest", ASCENDING)],
        unique=True,
        partialFilterExpression={"number_digest": {"$exists": True}},
    )
    database["coverages"].create_index([("state.client_id", ASCENDING), ("state.order", ASCENDING)])
    database["consents"].create_index([("client_id", ASCENDING), ("at", DESCENDING)])


class MongoClients:
    """Each client, coverage and consent a document of its own."""

    def __init__(self, database: Database[Document], sealer: Sealer) -> None:
        self.database = database
        self.sealer = sealer

    def add(self, client: Client, event: ClientChanged, context: CallContext) -> Client:
        """Add, or return what a first try added; raises HealthNumberKnownError."""
        document = {"_id": client.id, **self._fields(client)}
        try:
            outbox.insert(
                self.database["clients"], document, event=event, context=context, at=now()
            )
        except DuplicateKeyError as error:
            stored = self.get(client.id)
            if stored is None:
                raise HealthNumberKnownError from error
            return stored
        return client

    def get(self, id_: str) -> Client | None:
        """Return one, or None."""
        found = self.database["clients"].find_one({"_id": id_})
        return None if found is None else self._client(found)

    def done(self, id_: str, operation_id: str) -> bool:
        """Say whether this operation was applied already."""
        query = {"_id": id_, "operations": operation_id}
        return self.database["clients"].find_one(query, {"_id": 1}) is not None

    def save(self, client: Client, event: ClientChanged, context: CallContext) -> bool:
        """Save over ``client.version``; False when stale; raises HealthNumberKnownError."""
        changes: Document = {"$set": self._fields(client)}
        if client.health_number is None:
            changes["$unset"] = {"number_digest": "", "number_sealed": ""}
        try:
            return outbox.update(
                self.database["clients"],
                client.id,
                client.version,
                changes,
                event=event,
                context=context,
                at=now(),
            )
        except DuplicateKeyError as error:
            raise HealthNumberKnownError from error

    def search(
        self, words: Sequence[str], number: str | None, after: Sequence[Any] | None, limit: int
    ) -> list[Client]:
        """Return up to ``limit`` by name whose words begin so, or the health number's owner."""
        if number is not None:
            found = self.database["clients"].find({"number_digest": self.sealer.blind(number)})
            owners = [self._client(document) for document in found]
            if owners:
                return owners
        rows = self.database["clients"].find(search_document(words, after))
        order = [("name_key", ASCENDING), ("_id", ASCENDING)]
        return [self._client(document) for document in rows.sort(order).limit(limit)]

    def add_coverage(
        self,
        coverage: CoverageView,
        event: CoverageChanged,
        context: CallContext,
    ) -> CoverageView:
        """Add, or return what a first try added."""
        state = {k: v for k, v in dump(coverage).items() if k not in ("id", "version")}
        document = {"_id": coverage.id, "state": state}
        try:
            outbox.insert(
                self.database["coverages"], document, event=event, context=context, at=now()
            )
        except DuplicateKeyError:
            stored = self.database["coverages"].find_one({"_id": coverage.id})
            return _coverage(stored or {})
        return coverage

    def coverages(self, client_id: str) -> list[CoverageView]:
        """Return a client's coverages in order of payment."""
        found = self.database["coverages"].find({"state.client_id": client_id})
        return [_coverage(document) for document in found.sort("state.order", ASCENDING)]

    def record_consent(
        self, consent: ConsentView, event: ConsentChanged, context: CallContext
    ) -> ConsentView:
        """Put a consent in force; one document per client, purpose and channel.

        Returns what a first try of the same operation recorded; raises ServiceUnavailable.
        """
        collection = self.database["consents"]
        id_ = consent.id
        fields: Document = {"client_id": consent.client_id, "at": consent.given_at}
        row = {**dump(consent), "operation_id": context.operation_id}
        for _attempt in range(TRIES):
            stored = collection.find_one({"_id": id_})
            if stored is None:
                document = {"_id": id_, **fields, "evidence": [row]}
                try:
                    outbox.insert(
                        collection, document, event=event, context=context, at=consent.given_at
                    )
                except DuplicateKeyError:
                    continue
                return consent
            for known in stored["evidence"]:
                if known.get("operation_id") == context.operation_id:
                    return load_answer(ConsentView, known)
            changes = {
                "$set": fields,
                "$push": {"evidence": {"$each": [row], "$slice": -EVIDENCE_KEPT}},
            }
            if outbox.update(
                collection,
                id_,
                stored["version"],
                changes,
                event=event,
                context=context,
                at=consent.given_at,
            ):
                return consent
        raise ServiceUnavailable(f"consent {id_} keeps changing; try again", retry_after=1)

    def consents(self, client_id: str) -> list[ConsentView]:
        """Return a client's consents, newest first; of each purpose and channel, as written."""
        found = self.database["consents"].find({"client_id": client_id})
        newest_first = [
            [load_answer(ConsentView, row) for row in reversed(document["evidence"])]
            for document in found
        ]
        # Merged, not sorted: the last written is in force, whatever another replica's clock says.
        return list(heapq.merge(*newest_first, key=lambda view: view.given_at, reverse=True))

    def _fields(self, client: Client) -> Document:
        hidden = ("id", "version", "health_number")
        state = {key: value for key, value in dump(client).items() if key not in hidden}
        document: Document = {
            "state": state,
            "name_key": domain.folded(client.name),
            "tokens": domain.tokens(client),
        }
        if client.health_number is not None:
            document["number_sealed"] = self.sealer.seal(client.health_number, _about(client.id))
            document["number_digest"] = self.sealer.blind(client.health_number)
        return document

    def _client(self, found: Document) -> Client:
        document = {
            **found["state"],
            "id": found["_id"],
            "version": found["version"],
            "health_number": self._health_number(found),
        }
        return load_answer(Client, document)

    def _health_number(self, found: Document) -> str | None:
        sealed = found.get("number_sealed")
        if sealed is None:
            return None
        try:
            return self.sealer.open(sealed, _about(found["_id"]))
        except CannotOpenError as error:
            reason = str(error)  # whole: a traceback would add nothing
            log.error("health_number.unopened", client_id=found["_id"], error=reason)  # noqa: TRY400
            detail = "a health number cannot be opened; the log says why"
            raise ServiceUnavailable(detail, retry_after=60) from error


def search_document(words: Sequence[str], after: Sequence[Any] | None) -> Document:
    """Return the Mongo query of a search: each word begins one of the client's."""
    clauses: list[Document] = [{"tokens": word} for word in words]
    if after is not None:
        name, id_ = after
        later = [{"name_key": {"$gt": name}}, {"name_key": name, "_id": {"$gt": id_}}]
        clauses.append({"$or": later})
    return {"$and": clauses} if clauses else {}


def _coverage(found: Document) -> CoverageView:
    document = {**found["state"], "id": found["_id"], "version": found["version"]}
    return load_answer(CoverageView, document)


def _about(client_id: str) -> str:
    return f"{client_id}/health_number"
