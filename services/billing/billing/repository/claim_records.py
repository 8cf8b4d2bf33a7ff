"""Claims and payers' files to read, outside a transaction."""

from collections.abc import Sequence
from datetime import date, datetime

from pymongo import ASCENDING
from pymongo.database import Database

from billing.claim_ports import Batch, File, Policy, Unlooked
from billing.domain.claim import STAGES
from billing.repository.claims import claim_of
from billing.repository.collections import KEPT, Document
from billing.repository.records import asked_for, newest, view_of
from clinic_contracts.billing.claims import ClaimFinding
from clinic_contracts.billing.payer_files import FileView, ListFiles, ListUnmatched, UnmatchedView
from clinic_contracts.billing.requests import ClaimView, ListClaims
from clinic_contracts.client_profile.events import ClientChanged, CoverageChanged
from clinic_contracts.trusted import dump, read
from clinic_runtime.sealing import Sealer

FEW = 20
MAIL = "payers' mail"


class MongoClaimRecords:
    """Claims and payers' files to read."""

    def __init__(self, database: Database[Document], sealer: Sealer) -> None:
        self.database = database
        self.sealer = sealer

    def page(
        self, request: ListClaims, location_ids: Sequence[str] | None
    ) -> tuple[tuple[ClaimView, ...], str | None]:
        """Return a page without details, newest first, and the cursor of the next, if any.

        ``location_ids`` None means of every location. Raises Invalid for a cursor that is none.
        """
        query = asked_for(request, ("client_id", "invoice_id", "state"), location_ids)
        if request.stage is not None:
            in_stage = {"$in": list(STAGES[request.stage])}
            query["$and"] = [{"state.state": in_stage}]
        collection = self.database["claims"]
        page, following = newest(collection, query, request.cursor, request.limit, ("sealed",))
        return tuple(view_of(ClaimView, document) for document in page), following

    def claim(self, id_: str) -> ClaimView | None:
        """Return one with its details, or None."""
        found = self.database["claims"].find_one({"_id": id_})
        return None if found is None else claim_of(found, self.sealer)

    def policy(self, coverage_id: str) -> Policy | None:
        """Return a coverage with its client, as they are now, or None."""
        found = self.database[KEPT[CoverageChanged]].find_one({"_id": coverage_id})
        if found is None:
            return None
        coverage = read(CoverageChanged, found["view"])
        whose = self.database[KEPT[ClientChanged]].find_one({"_id": coverage.client_id})
        return None if whose is None else Policy(coverage, read(ClientChanged, whose["view"]))

    def queued(self, limit: int) -> Sequence[ClaimView]:
        """Return claims, without details, that wait to go into a batch, the oldest first."""
        query = {"state.state": "queued", "state.batch_id": None}
        found = self.database["claims"].find(query, {"sealed": 0})
        rows = found.sort([("at", ASCENDING), ("_id", ASCENDING)]).limit(limit)
        return tuple(view_of(ClaimView, row) for row in rows)

    def take_batch(self, now: datetime, again: datetime) -> Batch | None:
        """Return a batch that is due and is not so again before ``again``, or None."""
        found = self.database["batches"].find_one_and_update(
            {"due": {"$lte": now}}, {"$set": {"due": again}}, sort=[("due", ASCENDING)]
        )
        if found is None:
            return None
        raw = self.sealer.open_bytes(found["raw"], found["_id"])
        return Batch(
            id=found["_id"],
            control=found["control"],
            payer_id=found["payer_id"],
            claim_ids=tuple(found["claim_ids"]),
            file=File(name=found["name"], content_type=found["content_type"], raw=raw),
            opinion=found.get("opinion"),
        )

    def waiting(
        self, states: Sequence[str], location_ids: Sequence[str] | None, limit: int
    ) -> Sequence[ClaimView]:
        """Return claims in any of the states, without details, the oldest first."""
        query: Document = {"state.state": {"$in": list(states)}}
        if location_ids is not None:
            query["state.location_id"] = {"$in": list(location_ids)}
        found = self.database["claims"].find(query, {"sealed": 0})
        rows = found.sort([("at", ASCENDING), ("_id", ASCENDING)]).limit(limit)
        return tuple(view_of(ClaimView, row) for row in rows)

    def count_claims(
        self, states: Sequence[str], location_ids: Sequence[str] | None, most: int
    ) -> int:
        """Return how many claims are in any of the states, ``most`` at most."""
        query: Document = {"state.state": {"$in": list(states)}}
        if location_ids is not None:
            query["state.location_id"] = {"$in": list(location_ids)}
        return self.database["claims"].count_documents(query, limit=most)

    def count_quarantined(self, most: int) -> int:
        """Return how many files are kept aside, ``most`` at most."""
        return self.database["files"].count_documents({"state.state": "quarantined"}, limit=most)

    def count_unmatched(self, most: int) -> int:
        """Return how many decisions wait in the work-queue, ``most`` at most."""
        return self.database["unmatched"].count_documents({"state.state": "open"}, limit=most)

    def mail_cursor(self) -> str:
        """Return from where payers' mail is to be fetched; empty at first."""
        found = self.database["cursors"].find_one({"_id": MAIL})
        return "" if found is None else str(found["cursor"])

    def keep_mail_cursor(self, cursor: str) -> None:
        """Keep from where it is to be fetched next."""
        change = {"$set": {"cursor": cursor}}
        self.database["cursors"].update_one({"_id": MAIL}, change, upsert=True)

    def near(self, member_id: str, day: date | None, charge_minor: int) -> Sequence[ClaimView]:
        """Return a few claims of the policy, or of that day and charge."""
        alike: list[Document] = []
        if member_id:
            alike.append({"state.member_id": member_id})
        if day is not None:
            of_day = {"state.service_date": day.isoformat()}
            alike.append({**of_day, "state.charge.amount_minor": abs(charge_minor)})
        rows = [
            row
            for query in alike
            for row in self.database["claims"].find(query, {"sealed": 0}).limit(FEW)
        ]
        return tuple({row["_id"]: view_of(ClaimView, row) for row in rows}.values())

    def of_invoice(self, invoice_id: str) -> Sequence[ClaimView]:
        """Return, without details, every claim of an invoice, the oldest first."""
        query = {"state.invoice_id": invoice_id}
        rows = self.database["claims"].find(query, {"sealed": 0}).sort([("at", 1), ("_id", 1)])
        return tuple(view_of(ClaimView, row) for row in rows)

    def file(self, id_: str) -> FileView | None:
        """Return what became of a file, or None."""
        found = self.database["files"].find_one({"_id": id_}, {"raw": 0})
        return None if found is None else view_of(FileView, found)

    def raw(self, id_: str) -> bytes | None:
        """Return a file as it came, or None."""
        found = self.database["files"].find_one({"_id": id_}, {"raw": 1})
        return None if found is None else self.sealer.open_bytes(found["raw"], id_)

    def take_unlooked(self, now: datetime, again: datetime) -> Unlooked | None:
        """Return a file to be looked at, which is not so again before ``again``, or None."""
        found = self.database["files"].find_one_and_update(
            {"unlooked": {"$lte": now}},
            {"$set": {"unlooked": again}},
            sort=[("unlooked", ASCENDING)],
        )
        if found is None:
            return None
        raw = self.sealer.open_bytes(found["raw"], found["_id"])
        return Unlooked(id=found["_id"], kind=found["state"]["format"], raw=raw)

    def keep_opinion(self, id_: str, told: Sequence[ClaimFinding], reason: str) -> None:
        """Add to a file's findings what was found; ``reason`` is why nothing was said."""
        change: Document = {"$unset": {"unlooked": ""}, "$set": {"opinion": reason}}
        if told:
            change["$push"] = {"state.findings": {"$each": [dump(each) for each in told]}}
        query = {"_id": id_, "unlooked": {"$exists": True}}
        self.database["files"].update_one(query, change)

    def files(
        self, request: ListFiles, scope: Sequence[str] | None
    ) -> tuple[tuple[FileView, ...], str | None]:
        """Return a page as ``page`` does, of what is wholly within the scope."""
        query: Document = {} if request.state is None else {"state.state": request.state}
        query |= _within(scope)
        collection = self.database["files"]
        page, following = newest(collection, query, request.cursor, request.limit, ("raw",))
        return tuple(view_of(FileView, row) for row in page), following

    def one_unmatched(self, id_: str) -> UnmatchedView | None:
        """Return one of the work-queue, or None."""
        found = self.database["unmatched"].find_one({"_id": id_})
        return None if found is None else view_of(UnmatchedView, found)

    def unmatched(
        self, request: ListUnmatched, scope: Sequence[str] | None
    ) -> tuple[tuple[UnmatchedView, ...], str | None]:
        """Return a page of the work-queue, newest first, of what is wholly within the scope."""
        query: Document = {"state.state": request.state, **_within(scope)}
        collection = self.database["unmatched"]
        page, following = newest(collection, query, request.cursor, request.limit)
        return tuple(view_of(UnmatchedView, row) for row in page), following


def _within(scope: Sequence[str] | None) -> Document:
    """Return the query of what was handed in for locations that are all of a scope."""
    if scope is None:
        return {}
    theirs = list(scope)
    others = {"$elemMatch": {"$nin": theirs}}
    return {"state.location_ids": {"$in": theirs, "$not": others}}
