"""Eligibility checks: what is said of a client's cover is sealed, whose and when is not."""

from collections.abc import Sequence
from datetime import datetime

from pymongo import ASCENDING
from pymongo.database import Database

from billing.claim_ports import File
from billing.eligibility_ports import Question
from billing.repository.collections import Document
from billing.repository.records import newest
from billing.repository.transaction import ChangedMeanwhileError, Transaction
from clinic_contracts.billing.eligibility import EligibilityView, ListEligibility
from clinic_contracts.trusted import dump, read
from clinic_runtime.sealing import Sealer
from clinic_runtime.wire import decode, encode

COLLECTION = "eligibility"
IN_THE_CLEAR = ("state", "client_id", "coverage_id", "location_id", "payer_id")


class EligibilityBooks(Transaction):
    """The part of the books that asks before a visit."""

    __slots__ = ()

    def check(self, id_: str) -> EligibilityView | None:
        """Return one, or None."""
        found = self._one(COLLECTION, id_)
        return None if found is None else _view(found, self.sealer)

    def check_of_file(self, control: str) -> EligibilityView | None:
        """Return the caller's whose question went out under a control number, or None."""
        if not (control.isascii() and control.isdigit()):
            return None
        query = {"control": int(control[:9])}
        found = self.database[COLLECTION].find_one(query, session=self.session)
        check = None if found is None else _view(found, self.sealer)
        return check if check and self.context.sees(check.location_id) else None

    def add_check(
        self, check: EligibilityView, question: File, *, control: int, due: datetime
    ) -> None:
        """Insert one with its question, sealed, to be asked again from ``due`` on."""
        row = {
            "_id": check.id,
            "version": 1,
            "at": check.asked_at,
            "due": due,
            "control": control,
            "name": question.name,
            "content_type": question.content_type,
            "raw": self.sealer.seal_bytes(question.raw, f"{check.id} question"),
            **_kept(check, self.sealer),
        }
        self.database[COLLECTION].insert_one(row, session=self.session)

    def save_check(self, check: EligibilityView, due: datetime | None = None) -> None:
        """Save one that this transaction read; it is due never again where ``due`` is None."""
        values = {**_kept(check, self.sealer), "version": check.version + 1}
        change: Document = {"$set": values, "$unset": {"due": ""}}
        if due is not None:
            change = {"$set": {**values, "due": due}}
        query = {"_id": check.id, "version": check.version}
        done = self.database[COLLECTION].update_one(query, change, session=self.session)
        if not done.modified_count:
            raise ChangedMeanwhileError


class EligibilityRecords:
    """Eligibility checks to read, outside a transaction."""

    def __init__(self, database: Database[Document], sealer: Sealer) -> None:
        self.database = database
        self.sealer = sealer

    def one(self, id_: str) -> EligibilityView | None:
        """Return one, or None."""
        found = self.database[COLLECTION].find_one({"_id": id_})
        return None if found is None else _view(found, self.sealer)

    def page(
        self, request: ListEligibility, location_ids: Sequence[str] | None
    ) -> tuple[tuple[EligibilityView, ...], str | None]:
        """Return a page, the latest first, and the cursor of the next, if any; raises Invalid."""
        query: Document = {
            "state.coverage_id": request.coverage_id,
            "state.client_id": request.client_id,
        }
        if location_ids is not None:
            query["state.location_id"] = {"$in": list(location_ids)}
        collection = self.database[COLLECTION]
        page, following = newest(collection, query, request.cursor, request.limit, ("raw",))
        return tuple(_view(row, self.sealer) for row in page), following

    def take_due(self, now: datetime, again: datetime) -> Question | None:
        """Return a question that is due and is not so again before ``again``, or None."""
        found = self.database[COLLECTION].find_one_and_update(
            {"due": {"$lte": now}}, {"$set": {"due": again}}, sort=[("due", ASCENDING)]
        )
        if found is None:
            return None
        raw = self.sealer.open_bytes(found["raw"], f"{found['_id']} question")
        return Question(
            id=found["_id"],
            payer_id=found["state"]["payer_id"],
            file=File(name=found["name"], content_type=found["content_type"], raw=raw),
        )


def _kept(check: EligibilityView, sealer: Sealer) -> Document:
    said = dump(check)
    return {
        "state": {name: said[name] for name in IN_THE_CLEAR},
        "sealed": sealer.seal(encode(said).decode(), check.id),
    }


def _view(found: Document, sealer: Sealer) -> EligibilityView:
    said = decode(sealer.open(found["sealed"], found["_id"]))
    return read(EligibilityView, {**said, "version": found["version"]})
