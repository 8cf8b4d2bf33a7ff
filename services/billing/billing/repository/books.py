"""The books within one transaction."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import datetime
from threading import RLock
from typing import Any, TypeVar

from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from billing.domain.invoice import Facts
from billing.domain.ledger import Entry
from billing.repository.collections import Document
from billing.repository.records import view_of
from clinic_contracts.billing import requests as r
from clinic_contracts.booking.events import (
    LocationChanged,
    PractitionerChanged,
    TreatmentChanged,
    Visit,
)
from clinic_contracts.client_profile.events import ClientChanged, CoverageChanged
from clinic_contracts.context import CallContext
from clinic_contracts.errors import RetryLater, ServiceUnavailable
from clinic_contracts.trusted import dump, read
from clinic_runtime import outbox
from clinic_runtime.clock import now
from clinic_runtime.observability import get_logger

T = TypeVar("T")
log = get_logger(__name__)
ATTEMPTS = 5


class ChangedMeanwhileError(Exception):
    """Another transaction changed the record first."""


_turns: defaultdict[tuple[str, str], RLock] = defaultdict(RLock)
"""Who takes a location's next number, in this process: of two transactions that write the counter
at once the database has one start over, and of many all but one, again and again."""


def transact(
    database: Database[Document], context: CallContext, work: Callable[["MongoBooks"], T]
) -> T:
    """Run ``work`` in one transaction, again when somebody else made the same record first.

    What conflicts while it runs, the driver repeats. A duplicate is seen by the next attempt; one
    that stays is a fault of ours, so attempts are few and the log has the last error.
    Raises ServiceUnavailable when they are used up.
    """
    last: Exception | None = None

    for _attempt in range(ATTEMPTS):
        with database.client.start_session() as session, ExitStack() as turns:
            books = MongoBooks(database, session, context, turns)

            def attempt(_: ClientSession, books: MongoBooks = books) -> T:
                return work(books)

            try:
                return session.with_transaction(attempt)
            except (ChangedMeanwhileError, DuplicateKeyError) as error:
                last = error
    log.error("transaction.given_up", attempts=ATTEMPTS, error=repr(last))
    raise ServiceUnavailable("the record keeps changing; try again", retry_after=1) from last


@dataclass(frozen=True, slots=True)
class MongoBooks:
    """The books within one transaction."""

    database: Database[Document]
    session: ClientSession
    context: CallContext
    turns: ExitStack

    def invoice(self, id_: str) -> r.InvoiceView | None:
        """Return one, or None."""
        found = self._one("invoices", id_)
        return None if found is None else view_of(r.InvoiceView, found)

    def payment(self, id_: str) -> r.PaymentView | None:
        """Return one, or None."""
        found = self._one("payments", id_)
        return None if found is None else read(r.PaymentView, found["state"])

    def practitioner(self, id_: str) -> PractitionerChanged | None:
        """Return what is known of one now, or None."""
        found = self._one("practitioners", id_)
        return None if found is None else read(PractitionerChanged, found["view"])

    def facts(self, visit: Visit) -> Facts:
        """Return what is known of a visit; raises RetryLater when something has not arrived."""
        query = {"view.client_id": visit.client_id}
        coverages = self.database["coverages"].find(query, session=self.session)
        return Facts(
            location=self._known(LocationChanged, "locations", visit.location_id),
            practitioner=self._known(PractitionerChanged, "practitioners", visit.practitioner_id),
            treatment=self._known(TreatmentChanged, "treatments", visit.treatment_id),
            client=self._known(ClientChanged, "clients", visit.client_id),
            coverages=tuple(read(CoverageChanged, each["view"]) for each in coverages),
        )

    def used(self, keys: Mapping[str, str]) -> Mapping[str, int]:
        """Return what of each coverage's benefit year (id to key) is used, in minor units."""
        if not keys:
            return {}
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

    def add_payment(self, payment: r.PaymentView, token: str) -> None:
        """Insert a card payment under way; the token is kept until the payment ends."""
        row = {
            "_id": payment.id,
            "state": dump(payment),
            "card_token": token,
            "context": self.context.to_wire(),
            "asked_at": payment.created_at,
        }
        self.database["payments"].insert_one(row, session=self.session)

    def end_payment(self, payment: r.PaymentView) -> None:
        """Record a payment that succeeded or was canceled, new or under way until now."""
        under_way = {"card_token": "", "context": "", "asked_at": ""}
        self.database["payments"].update_one(
            {"_id": payment.id},
            {"$set": {"state": dump(payment)}, "$unset": under_way},
            upsert=True,
            session=self.session,
        )

    def add_receipt(self, receipt: r.ReceiptView) -> None:
        """Insert a receipt."""
        row = {
            "_id": receipt.id,
            "location_id": receipt.location_id,
            "number": receipt.number,
            "state": dump(receipt),
        }
        self.database["receipts"].insert_one(row, session=self.session)

    def next_number(self, of: str, location_id: str) -> int:
        """Take the location's next running number; given back when the transaction fails."""
        self.turns.enter_context(_turns[of, location_id])
        counter: Document = (
            self.database["counters"].find_one_and_update(
                {"_id": f"{of}|{location_id}"},
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
        postings = [
            {key: value for key, value in asdict(posting).items() if value is not None}
            for posting in entry.postings
        ]
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
        return read(kind, found["view"])


def _state(view: Any) -> Document:  # noqa: ANN401 (an invoice or a claim)
    return {key: value for key, value in dump(view).items() if key not in ("id", "version")}
