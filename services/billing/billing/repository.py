"""Billing's collections: indexes, the ledger's validator, and its books within a transaction."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, TypeVar

from pymongo import ASCENDING, DESCENDING, ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from billing.domain.invoice import Facts
from billing.domain.ledger import Entry
from clinic_contracts.billing import requests as r
from clinic_contracts.booking.events import (
    LocationChanged,
    PractitionerChanged,
    TreatmentChanged,
)
from clinic_contracts.client_profile.events import ClientChanged, CoverageChanged
from clinic_contracts.context import CallContext
from clinic_contracts.errors import RetryLater
from clinic_contracts.schemas import dump, load_answer
from clinic_runtime import outbox
from clinic_runtime.clock import now
from clinic_runtime.mongo import ensure_collection, project

Document = dict[str, Any]
T = TypeVar("T")
OUTBOXES = ("invoices", "claims")
BALANCED: Document = {
    "$jsonSchema": {
        "bsonType": "object",
        "required": ["currency", "postings"],
        "properties": {
            "currency": {"bsonType": "string"},
            "postings": {
                "bsonType": "array",
                "minItems": 2,
                "items": {
                    "bsonType": "object",
                    "required": ["account", "minor"],
                    "properties": {"minor": {"bsonType": ["int", "long"]}},
                },
            },
        },
    },
    "$expr": {"$eq": [{"$sum": "$postings.minor"}, 0]},
}


class ChangedMeanwhileError(Exception):
    """Another transaction changed the record first."""


def ensure(database: Database[Document]) -> None:
    """Make every collection a transaction writes to, the ledger's validator, every index."""
    for name in ("invoices", "claims", "payments", "receipts", "benefit_years", "counters"):
        ensure_collection(database, name)
    ensure_collection(database, "ledger", BALANCED)
    for name in OUTBOXES:
        for field in ("location_id", "client_id", "appointment_id", "invoice_id"):
            database[name].create_index(
                [(f"state.{field}", ASCENDING), ("at", DESCENDING), ("_id", DESCENDING)]
            )
        database[name].create_index([("at", DESCENDING), ("_id", DESCENDING)])
    database["coverages"].create_index([("client_id", ASCENDING)])
    database["receipts"].create_index(
        [("location_id", ASCENDING), ("number", ASCENDING)], unique=True
    )


def keep(database: Database[Document], name: str, id_: str, seq: int, view: Any) -> None:  # noqa: ANN401
    """Keep what an event tells of a location, practitioner, treatment, client or coverage."""
    fields: Document = {"view": dump(view)}
    if isinstance(view, CoverageChanged):
        fields["client_id"] = view.client_id
    project(database[name], id_, seq, fields)


def transact(
    database: Database[Document], context: CallContext, work: Callable[["MongoBooks"], T]
) -> T:
    """Run ``work`` in one transaction, again when somebody else changed the same records."""

    def attempt(session: ClientSession) -> T:
        return work(MongoBooks(database, session, context))

    for _attempt in range(20):
        with database.client.start_session() as session:
            try:
                return session.with_transaction(attempt)
            except (ChangedMeanwhileError, DuplicateKeyError):
                continue
    raise RetryLater("the record keeps changing")


@dataclass(frozen=True, slots=True)
class MongoBooks:
    """The books within one transaction."""

    database: Database[Document]
    session: ClientSession
    context: CallContext

    def invoice(self, id_: str) -> r.InvoiceView | None:
        """Return one, or None."""
        found = self._one("invoices", id_)
        return None if found is None else view_of(r.InvoiceView, found)

    def payment(self, id_: str) -> r.PaymentView | None:
        """Return one, or None."""
        found = self._one("payments", id_)
        return None if found is None else load_answer(r.PaymentView, found["state"])

    def facts(self, practitioner_id: str, invoice_of: Mapping[str, str]) -> Facts:
        """Return what is known; raises RetryLater when something has not arrived."""
        client_id = invoice_of["client_id"]
        rows = self.database["coverages"].find({"client_id": client_id}, session=self.session)
        return Facts(
            location=self._known(LocationChanged, "locations", invoice_of["location_id"]),
            practitioner=self._known(PractitionerChanged, "practitioners", practitioner_id),
            treatment=self._known(TreatmentChanged, "treatments", invoice_of["treatment_id"]),
            client=self._known(ClientChanged, "clients", client_id),
            coverages=tuple(load_answer(CoverageChanged, row["view"]) for row in rows),
        )

    def used(self, keys: Mapping[str, str]) -> Mapping[str, int]:
        """Return what of each coverage's benefit year (id to key) is used, in minor units."""
        query = {"_id": {"$in": list(keys.values())}}
        rows = self.database["benefit_years"].find(query, session=self.session)
        found = {row["_id"]: int(row["used"]) for row in rows}
        return {coverage: found.get(key, 0) for coverage, key in keys.items()}

    def use(self, key: str, invoice_id: str, minor: int) -> None:
        """Take from a benefit year; a concurrent taker makes one of the two try again."""
        self.database["benefit_years"].update_one(
            {"_id": key},
            {"$inc": {"used": minor}, "$set": {"last_invoice_id": invoice_id}},
            upsert=True,
            session=self.session,
        )

    def add_invoice(self, invoice: r.InvoiceView, event: Any) -> None:  # noqa: ANN401
        """Insert an invoice with its event."""
        self._insert("invoices", invoice, invoice.issued_at, event)

    def add_claim(self, claim: r.ClaimView, event: Any) -> None:  # noqa: ANN401
        """Insert a claim with its event."""
        self._insert("claims", claim, claim.created_at, event)

    def save_invoice(self, invoice: r.InvoiceView, event: Any) -> None:  # noqa: ANN401
        """Save over ``invoice.version``; a concurrent change makes one of the two try again."""
        saved = outbox.update(
            self.database["invoices"],
            invoice.id,
            invoice.version,
            {"$set": {"state": _state(invoice)}},
            event=event,
            context=self.context,
            at=now(),
            location_id=invoice.location_id,
            session=self.session,
        )
        if not saved:
            raise ChangedMeanwhileError

    def add_payment(self, payment: r.PaymentView, receipt: r.ReceiptView) -> None:
        """Insert a payment and its receipt."""
        row = {"_id": payment.id, "state": dump(payment)}
        self.database["payments"].insert_one(row, session=self.session)
        kept = {
            "_id": receipt.id,
            "location_id": receipt.location_id,
            "number": receipt.number,
            "state": dump(receipt),
        }
        self.database["receipts"].insert_one(kept, session=self.session)

    def next_receipt_number(self, location_id: str) -> int:
        """Take the location's next receipt number; given back when the transaction fails."""
        counter: Document = (
            self.database["counters"].find_one_and_update(
                {"_id": f"receipt|{location_id}"},
                {"$inc": {"number": 1}},
                upsert=True,
                return_document=ReturnDocument.AFTER,
                session=self.session,
            )
            or {}
        )
        return int(counter["number"])

    def post(self, entry: Entry) -> None:
        """Add a journal entry; the database refuses one that does not balance."""
        if not entry.postings:
            return
        row = {"_id": entry.key, "at": now(), "currency": entry.currency}
        postings = [asdict(posting) for posting in entry.postings]
        self.database["ledger"].insert_one({**row, "postings": postings}, session=self.session)

    def _insert(self, name: str, view: Any, at: datetime, event: Any) -> None:  # noqa: ANN401
        outbox.insert(
            self.database[name],
            {"_id": view.id, "at": at, "state": _state(view)},
            event=event,
            context=self.context,
            at=at,
            location_id=view.location_id,
            session=self.session,
        )

    def _one(self, name: str, id_: str) -> Document | None:
        return self.database[name].find_one({"_id": id_}, session=self.session)

    def _known(self, kind: type[T], name: str, id_: str) -> T:
        found = self._one(name, id_)
        if found is None:
            raise RetryLater(f"{name}: {id_} has not arrived yet")
        return load_answer(kind, found["view"])


def page(
    database: Database[Document], name: str, query: Document, after: list[Any] | None, limit: int
) -> list[Document]:
    """Return up to ``limit`` documents of a list, newest first."""
    if after is not None:
        at, id_ = after
        query = {**query, "$or": [{"at": {"$lt": at}}, {"at": at, "_id": {"$lt": id_}}]}
    order = [("at", DESCENDING), ("_id", DESCENDING)]
    return list(database[name].find(query).sort(order).limit(limit))


def imbalance(database: Database[Document]) -> int:
    """Return how far the ledger is off: entries that do not sum to zero, and invoices against it.

    The receivable of clients in the ledger must be what their invoices' balances say.
    """
    entries = database["ledger"].aggregate(
        [
            {"$project": {"off": {"$abs": {"$sum": "$postings.minor"}}}},
            {"$group": {"_id": None, "off": {"$sum": "$off"}}},
        ]
    )
    owed = database["ledger"].aggregate(
        [
            {"$unwind": "$postings"},
            {"$match": {"postings.account": "ar_client"}},
            {"$group": {"_id": None, "minor": {"$sum": "$postings.minor"}}},
        ]
    )
    balances = database["invoices"].aggregate(
        [{"$group": {"_id": None, "minor": {"$sum": "$state.balance.amount_minor"}}}]
    )
    receivable = sum(row["minor"] for row in owed) - sum(row["minor"] for row in balances)
    return int(sum(row["off"] for row in entries)) + abs(int(receivable))


def view_of(kind: type[T], found: Document) -> T:
    """Return an invoice or a claim of its document."""
    return load_answer(kind, {**found["state"], "id": found["_id"], "version": found["version"]})


def _state(view: Any) -> Document:  # noqa: ANN401 (an invoice or a claim)
    return {key: value for key, value in dump(view).items() if key not in ("id", "version")}
