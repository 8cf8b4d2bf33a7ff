"""Clients, coverages and consents in MongoDB; the health number sealed."""

import heapq
from collections.abc import Sequence
from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from client_profile.domain.clients import Client
from client_profile.ports import HealthNumberKnownError
from client_profile.repository import finding
from client_profile.repository.opening import about, opened
from clinic_contracts.client_profile.events import ClientChanged, ConsentChanged, CoverageChanged
from clinic_contracts.client_profile.requests import ClientName, ConsentView, CoverageView
from clinic_contracts.context import CallContext
from clinic_contracts.errors import ServiceUnavailable
from clinic_contracts.trusted import dump, read
from clinic_runtime import grouped, outbox, paging
from clinic_runtime.clock import now
from clinic_runtime.sealing import Sealer

Document = dict[str, Any]
COLLECTIONS = ("clients", "coverages", "consents")
HEALTH_NUMBER = "health_number"
EVIDENCE_KEPT = 100
TRIES = 60
"""Of those who change one consent at once, one succeeds each time: more than the 50 workers."""


def ensure(database: Database[Document]) -> None:
    """Make every index."""
    clients = database["clients"]
    finding.ensure(clients)
    clients.create_index(
        [("number_digest", ASCENDING)],
        unique=True,
        partialFilterExpression={"number_digest": {"$exists": True}},
    )
    database["coverages"].create_index([("state.client_id", ASCENDING), ("state.order", ASCENDING)])
    database["consents"].create_index([("client_id", ASCENDING), ("at", DESCENDING)])


def counts(database: Database[Document]) -> dict[str, int]:
    """Return how many clients there are."""
    return {"clients": database["clients"].count_documents({})}


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

    def get_plain(self, id_: str) -> Client | None:
        """Return one without the health number, which stays sealed, or None."""
        found = grouped.find_by_id(self.database["clients"], id_)
        return None if found is None else _plain(found, None)

    def place(self, client: Client, event: ClientChanged, context: CallContext) -> bool:
        """Save a client's locations over ``client.version``; False when stale."""
        placed = {
            "state.location_ids": list(client.location_ids),
            **finding.keys(client),
        }
        return outbox.update(
            self.database["clients"],
            client.id,
            client.version,
            {"$set": placed},
            event=event,
            context=context,
            at=now(),
        )

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
        self,
        words: Sequence[str],
        number: str | None,
        cursor: str | None,
        limit: int,
        scope: Sequence[str] | None,
    ) -> tuple[list[Client], str | None]:
        """Return up to ``limit``, by name, whose words begin so, or the health number's owner.

        Of those at one of the locations of ``scope``, or at none; None means of all. With them the
        cursor of the next page, if there is one; raises Invalid for a cursor that is none.
        """
        if number is not None:
            found = self.database["clients"].find({"number_digest": self.sealer.blind(number)})
            if owners := [self._client(document) for document in found]:
                return owners, None
        query = finding.query(words, paging.decode(cursor, str, str), scope)
        rows = self.database["clients"].find(query)
        documents = list(rows.sort(finding.BY_NAME).limit(limit + 1))
        page = documents[:limit]
        more = len(documents) > limit
        last = [page[-1][field] for field, _ in finding.BY_NAME] if more else None
        following = None if last is None else paging.encode(last)
        return [self._client(document) for document in page], following

    def names(self, ids: Sequence[str]) -> list[tuple[ClientName, tuple[str, ...]]]:
        """Return the names of those that are known, and the locations of each."""
        wanted = {"state.name": 1, "state.location_ids": 1}
        rows = self.database["clients"].find({"_id": {"$in": list(ids)}}, wanted)
        return [
            (
                ClientName(id=row["_id"], name=row["state"]["name"]),
                tuple(row["state"].get("location_ids", ())),
            )
            for row in rows
        ]

    def add_coverage(
        self,
        coverage: CoverageView,
        event: CoverageChanged,
        context: CallContext,
    ) -> CoverageView:
        """Add, or return what a first try added."""
        document = {"_id": coverage.id, "state": _state(coverage)}
        try:
            outbox.insert(
                self.database["coverages"], document, event=event, context=context, at=now()
            )
        except DuplicateKeyError:
            stored = self.database["coverages"].find_one({"_id": coverage.id})
            return _coverage(stored or {})
        return coverage

    def coverage(self, id_: str, operation_id: str) -> tuple[CoverageView, bool] | None:
        """Return one and whether this operation was applied to it already, or None."""
        found = self.database["coverages"].find_one({"_id": id_})
        return None if found is None else (_coverage(found), operation_id in found["operations"])

    def save_coverage(
        self, coverage: CoverageView, event: CoverageChanged, context: CallContext
    ) -> bool:
        """Save over ``coverage.version``; False when stale."""
        return outbox.update(
            self.database["coverages"],
            coverage.id,
            coverage.version,
            {"$set": {"state": _state(coverage)}},
            event=event,
            context=context,
            at=now(),
        )

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
        for _try in range(TRIES):
            recorded = self._try_to_record(consent, event, context)
            if recorded is not None:
                return recorded
        raise ServiceUnavailable(f"consent {consent.id} keeps changing; try again", retry_after=1)

    def consents(self, client_id: str) -> list[ConsentView]:
        """Return a client's consents, newest first; of each purpose and channel, as written."""
        found = self.database["consents"].find({"client_id": client_id})
        newest_first = [
            [read(ConsentView, row) for row in reversed(document["evidence"])] for document in found
        ]
        # Merged, not sorted: the last written is in force, whatever another replica's clock says.
        return list(heapq.merge(*newest_first, key=lambda view: view.given_at, reverse=True))

    def _try_to_record(
        self, consent: ConsentView, event: ConsentChanged, context: CallContext
    ) -> ConsentView | None:
        """Return what was recorded, now or by a first try; None when another came in between."""
        collection = self.database["consents"]
        fields: Document = {"client_id": consent.client_id, "at": consent.given_at}
        row = {**dump(consent), "operation_id": context.operation_id}
        told: dict[str, Any] = {"event": event, "context": context, "at": consent.given_at}
        stored = collection.find_one({"_id": consent.id})
        if stored is None:
            try:
                outbox.insert(collection, {"_id": consent.id, **fields, "evidence": [row]}, **told)
            except DuplicateKeyError:
                return None
            return consent
        for known in stored["evidence"]:
            if known["operation_id"] == context.operation_id:
                return read(ConsentView, known)
        evidence = {"$each": [row], "$slice": -EVIDENCE_KEPT}
        changes = {"$set": fields, "$push": {"evidence": evidence}}
        saved = outbox.update(collection, consent.id, stored["version"], changes, **told)
        return consent if saved else None

    def _fields(self, client: Client) -> Document:
        hidden = ("id", "version", "operations", "health_number")
        state = {key: value for key, value in dump(client).items() if key not in hidden}
        document: Document = {
            "state": state,
            **finding.keys(client),
        }
        if client.health_number is not None:
            document["number_sealed"] = self.sealer.seal(
                client.health_number, about(client.id, HEALTH_NUMBER)
            )
            document["number_digest"] = self.sealer.blind(client.health_number)
        return document

    def _client(self, found: Document) -> Client:
        return _plain(found, self._health_number(found))

    def _health_number(self, found: Document) -> str | None:
        sealed = found.get("number_sealed")
        if sealed is None:
            return None
        return opened(self.sealer, sealed, found["_id"], HEALTH_NUMBER)


def _plain(found: Document, health_number: str | None) -> Client:
    document = {
        **found["state"],
        "id": found["_id"],
        "version": found["version"],
        "health_number": health_number,
        "operations": found["operations"],
    }
    return read(Client, document)


def _state(coverage: CoverageView) -> Document:
    return {key: value for key, value in dump(coverage).items() if key not in ("id", "version")}


def _coverage(found: Document) -> CoverageView:
    document = {**found["state"], "id": found["_id"], "version": found["version"]}
    return read(CoverageView, document)
