"""The books within one transaction."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from datetime import date
from threading import RLock
from typing import Any, TypeVar

from pymongo import ReturnDocument, UpdateOne
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import BulkWriteError, DuplicateKeyError

from billing.domain.coverage import Usage
from billing.domain.invoice import Facts, Surrounded
from billing.domain.ledger import Entry, Posting
from billing.ports import Issued, Used
from billing.repository.claim_books import ClaimBooks
from billing.repository.claims import claim_document, state_of
from billing.repository.collections import KEPT, Document
from billing.repository.day_closes import DayCloseBooks
from billing.repository.eligibility import EligibilityBooks
from billing.repository.facts import facts_of
from billing.repository.pay import PayBooks
from billing.repository.payments import PaymentBooks
from billing.repository.prepaid import PrepaidBooks
from billing.repository.records import view_of
from billing.repository.transaction import ChangedMeanwhileError
from clinic_contracts.billing import requests as r
from clinic_contracts.booking.events import (
    LocationChanged,
    PractitionerChanged,
    TreatmentChanged,
)
from clinic_contracts.client_profile.events import ClientChanged
from clinic_contracts.context import CallContext
from clinic_contracts.errors import RetryLater, ServiceUnavailable
from clinic_contracts.trusted import read
from clinic_runtime import outbox
from clinic_runtime.clock import now
from clinic_runtime.grouped import write_error
from clinic_runtime.observability import get_logger
from clinic_runtime.sealing import Sealer

T = TypeVar("T")
log = get_logger(__name__)
ATTEMPTS = 5


_turns: defaultdict[tuple[str, str], RLock] = defaultdict(RLock)
"""Who takes a location's next number, in this process: of two transactions that write the counter
at once the database has one start over, and of many all but one, again and again. Who waited for a
turn keeps it, and so starts over once at most."""


def transact(
    database: Database[Document],
    context: CallContext,
    sealer: Sealer,
    work: Callable[["MongoBooks"], T],
) -> T:
    """Run ``work`` in one transaction, again when somebody else made the same record first.

    What conflicts while it runs, the driver repeats. A duplicate is seen by the next attempt; one
    that stays is a fault of ours, so attempts are few and the log has the last error.
    Raises ServiceUnavailable when they are used up.
    """
    last: Exception | None = None

    for _attempt in range(ATTEMPTS):
        with database.client.start_session() as session, ExitStack() as turns:
            books = MongoBooks(database, session, context, sealer, turns=turns)

            def attempt(_: ClientSession, books: MongoBooks = books) -> T:
                books.after.clear()
                return work(books)

            try:
                result = session.with_transaction(attempt)
            except (ChangedMeanwhileError, DuplicateKeyError) as error:
                last = error
            except BulkWriteError as error:
                last = write_error(error.details["writeErrors"][0])
                if not isinstance(last, DuplicateKeyError):
                    raise last from None
            else:
                for do in books.after:
                    do()
                return result
    log.error("transaction.given_up", attempts=ATTEMPTS, error=repr(last))
    raise ServiceUnavailable("the record keeps changing; try again", retry_after=1) from last


@dataclass(frozen=True, slots=True)
class MongoBooks(ClaimBooks, PaymentBooks, PrepaidBooks, DayCloseBooks, PayBooks, EligibilityBooks):
    """The books within one transaction."""

    turns: ExitStack = field(default_factory=ExitStack)

    def invoice(self, id_: str) -> r.InvoiceView | None:
        """Return one, or None."""
        found = self._one("invoices", id_)
        return None if found is None else view_of(r.InvoiceView, found)

    def client(self, id_: str) -> ClientChanged | None:
        """Return what is known of one now, or None."""
        return self._known(ClientChanged, id_)

    def location(self, id_: str) -> LocationChanged | None:
        """Return what is known of one now, or None."""
        return self._known(LocationChanged, id_)

    def treatment(self, id_: str) -> TreatmentChanged | None:
        """Return what is known of one now, or None."""
        return self._known(TreatmentChanged, id_)

    def practitioner(self, id_: str) -> PractitionerChanged | None:
        """Return what is known of one now, or None."""
        return self._known(PractitionerChanged, id_)

    def facts(self, visits: Sequence[Surrounded]) -> Sequence[Facts | RetryLater]:
        """Return what is known of each visit, RetryLater of one when something has not arrived.

        To be asked first: it is read before the transaction, which holds up nobody meanwhile.
        """
        return facts_of(self.database, visits)

    def invoiced(self, ids: Sequence[str]) -> frozenset[str]:
        """Return those of the invoices that there are."""
        query = {"_id": {"$in": list(ids)}}
        rows = self.database["invoices"].find(query, {"_id": 1}, session=self.session)
        return frozenset(row["_id"] for row in rows)

    def used(self, years: Collection[str]) -> Mapping[str, Usage]:
        """Return what is used of each benefit year of which anything is."""
        if not years:
            return {}
        query = {"_id": {"$in": list(years)}}
        rows = self.database["benefit_years"].find(query, session=self.session)
        return {row["_id"]: _usage(row) for row in rows}

    def use(self, years: Sequence[Used]) -> None:
        """Save benefit years, each with its event; who changes one at once tries again."""
        statements = {
            each.year: outbox.changing(
                each.year,
                each.usage.version,
                {"$set": _used(each.usage)},
                event=each.event,
                context=each.context,
                at=now(),
            )
            for each in years
        }
        if statements:
            collection = self.database["benefit_years"]
            self.after.append(outbox.upsert_together(collection, statements, self.session))

    def add_invoices(self, issued: Sequence[Issued]) -> None:
        """Insert invoices and their claims, each with its event."""
        claims = [
            _new(claim_document(claim, self.sealer), claim, drafted, each.context)
            for each in issued
            for claim, drafted in each.claims
        ]
        invoices = [
            _new(_invoice_document(each.invoice), each.invoice, each.event, each.context)
            for each in issued
        ]
        for name, documents in (("claims", claims), ("invoices", invoices)):
            if documents:
                collection = self.database[name]
                self.after.append(outbox.insert_together(collection, documents, self.session))

    def save_invoice(self, invoice: r.InvoiceView, event: Any) -> None:  # noqa: ANN401
        """Save over ``invoice.version``; a concurrent change makes one of the two try again."""
        saved = outbox.update(
            self.database["invoices"],
            invoice.id,
            invoice.version,
            {"$set": {"state": state_of(invoice)}},
            event=event,
            context=self.context,
            at=now(),
            location_id=invoice.location_id,
            session=self.session,
        )
        if not saved:
            raise ChangedMeanwhileError

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

    def next_numbers(self, of: str, counts: Mapping[str, int]) -> Mapping[str, Iterator[int]]:
        """Take so many running numbers of each location as ``next_number`` takes one."""
        taken = {f"{of}|{location_id}": count for location_id, count in counts.items()}
        self._add("counters", "number", taken)
        query = {"_id": {"$in": list(taken)}}
        rows = self.database["counters"].find(query, session=self.session)
        last = {row["_id"]: int(row["number"]) for row in rows}
        return {
            location_id: iter(range(last[key] - count + 1, last[key] + 1))
            for location_id, (key, count) in zip(counts, taken.items(), strict=True)
        }

    def entry(self, key: str) -> Entry | None:
        """Return a journal entry, or None."""
        rows = self.database["ledger"].aggregate([{"$match": {"_id": key}}], session=self.session)
        for row in rows:
            return Entry(
                key=key,
                currency=row["currency"],
                postings=tuple(Posting(**posting) for posting in row["postings"]),
                day=date.fromisoformat(row["day"]) if "day" in row else None,
            )
        return None

    def post(self, entries: Sequence[Entry]) -> None:
        """Add journal entries; the database refuses one that does not balance."""
        rows = [
            {
                "_id": entry.key,
                "at": now(),
                "currency": entry.currency,
                **({} if entry.day is None else {"day": entry.day.isoformat()}),
                "postings": [_known_fields(posting) for posting in entry.postings],
            }
            for entry in entries
            if entry.postings
        ]
        if rows:
            self.database["ledger"].insert_many(rows, session=self.session)

    def _add(self, name: str, of: str, amounts: Mapping[str, int]) -> None:
        """Add to the counts of documents by their ids, from 0 where there is none."""
        statements = [
            UpdateOne({"_id": id_}, {"$inc": {of: amount}}, upsert=True)
            for id_, amount in amounts.items()
        ]
        if statements:
            self.database[name].bulk_write(statements, session=self.session)

    def _known(self, kind: type[T], id_: str) -> T | None:
        found = self._one(KEPT[kind], id_)
        return None if found is None else read(kind, found["view"])


def _invoice_document(invoice: r.InvoiceView) -> Document:
    return {"_id": invoice.id, "at": invoice.issued_at, "state": state_of(invoice)}


def _new(document: Document, view: Any, event: Any, context: CallContext) -> Document:  # noqa: ANN401
    return outbox.new(
        document, event=event, context=context, at=document["at"], location_id=view.location_id
    )


def _used(usage: Usage) -> Document:
    days = [day.isoformat() for day in usage.days]
    row = {"used": usage.minor, "visits": usage.visits, "coverage_seq": usage.coverage_seq}
    return {**row, "days": days} if days else row


def _usage(row: Document) -> Usage:
    # Years counted before they told of it have neither a version nor their visits.
    return Usage(
        minor=int(row["used"]),
        visits=int(row.get("visits", 0)),
        days=tuple(date.fromisoformat(day) for day in row.get("days", ())),
        coverage_seq=int(row.get("coverage_seq", 0)),
        version=int(row.get("version", 0)),
    )


def _known_fields(posting: Posting) -> Document:
    return {key: value for key, value in asdict(posting).items() if value is not None}
