"""What is read outside a transaction: pages of lists, and the payments a process left."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from pymongo import ASCENDING
from pymongo.collection import Collection
from pymongo.database import Database

from billing.repository.collections import NEWEST_FIRST, Document
from clinic_contracts.billing import requests as r
from clinic_contracts.billing.payments import RefundView
from clinic_contracts.context import CallContext
from clinic_contracts.trusted import read
from clinic_runtime import paging

T = TypeVar("T")
MOST_PAYMENTS = 200
"""Of one invoice that are listed."""


@dataclass(frozen=True, slots=True)
class LeftPayment:
    """A card payment under way, and in whose name it was begun."""

    payment: r.PaymentView
    token: str
    context: CallContext


@dataclass(frozen=True, slots=True)
class LeftRefund:
    """A refund under way, and in whose name it was begun."""

    refund: RefundView
    context: CallContext


class MongoRecords:
    """Invoices and receipts to read, outside a transaction."""

    def __init__(self, database: Database[Document]) -> None:
        self.database = database

    def invoices(
        self, request: r.ListInvoices, location_ids: Sequence[str] | None
    ) -> tuple[tuple[r.InvoiceView, ...], str | None]:
        """Return a page, newest first, and the cursor of the next one, if there is one.

        ``location_ids`` None means of every location. Raises Invalid for a cursor that is none.
        """
        query = asked_for(request, ("client_id", "appointment_id", "status"), location_ids)
        page, following = newest(self.database["invoices"], query, request.cursor, request.limit)
        return tuple(view_of(r.InvoiceView, document) for document in page), following

    def invoice(self, id_: str) -> r.InvoiceView | None:
        """Return one, or None."""
        found = self.database["invoices"].find_one({"_id": id_})
        return None if found is None else view_of(r.InvoiceView, found)

    def count_open_invoices(self, location_ids: Sequence[str] | None, most: int) -> int:
        """Return how many invoices clients still owe something of, ``most`` at most."""
        query: Document = {"state.status": "open"}
        if location_ids is not None:
            query["state.location_id"] = {"$in": list(location_ids)}
        return self.database["invoices"].count_documents(query, limit=most)

    def receipt(self, id_: str) -> r.ReceiptView | None:
        """Return one, or None."""
        found = self.database["receipts"].find_one({"_id": id_})
        return None if found is None else read(r.ReceiptView, found["state"])

    def payment(self, id_: str) -> r.PaymentView | None:
        """Return one, or None."""
        found = self.database["payments"].find_one({"_id": id_})
        return None if found is None else read(r.PaymentView, found["state"])

    def refund(self, id_: str) -> RefundView | None:
        """Return one, or None."""
        found = self.database["refunds"].find_one({"_id": id_})
        return None if found is None else read(RefundView, found["state"])

    def payments_of(self, invoice_id: str) -> Sequence[r.PaymentView]:
        """Return an invoice's payments, the oldest first."""
        return self._of_invoice("payments", r.PaymentView, invoice_id)

    def refunds_of(self, invoice_id: str) -> Sequence[RefundView]:
        """Return the refunds of an invoice's payments, the oldest first."""
        return self._of_invoice("refunds", RefundView, invoice_id)

    def _of_invoice(self, name: str, kind: type[T], invoice_id: str) -> Sequence[T]:
        found = self.database[name].find({"state.invoice_id": invoice_id}, {"state": 1})
        rows = found.sort([("state.created_at", ASCENDING)]).limit(MOST_PAYMENTS)
        return tuple(read(kind, row["state"]) for row in rows)

    def mark_printed(self, receipt_id: str) -> bool:
        """Count a print of a receipt; say whether it was printed before."""
        before = self.database["receipts"].find_one_and_update(
            {"_id": receipt_id}, {"$inc": {"prints": 1}}, {"prints": 1}
        )
        return bool(before and before.get("prints"))


def view_of(kind: type[T], found: Document) -> T:
    """Return an invoice or a claim of its document."""
    return read(kind, {**found["state"], "id": found["_id"], "version": found["version"]})


def newest(
    collection: Collection[Document],
    query: Document,
    cursor: str | None,
    limit: int,
    leaving_out: Sequence[str] = (),
) -> tuple[list[Document], str | None]:
    """Return a page, newest first, and the cursor of the next one, if there is one.

    Raises Invalid for a cursor that is none.
    """
    after = paging.decode(cursor, datetime, str)
    if after is not None:
        at, id_ = after
        query["$or"] = [{"at": {"$lt": at}}, {"at": at, "_id": {"$lt": id_}}]
    left_out = dict.fromkeys(leaving_out, 0) or None
    documents = list(collection.find(query, left_out).sort(NEWEST_FIRST).limit(limit + 1))
    page = documents[:limit]
    more = len(documents) > limit
    following = paging.encode([page[-1][field] for field, _ in NEWEST_FIRST]) if more else None
    return page, following


def take_left_payment(
    database: Database[Document], before: datetime, now: datetime
) -> LeftPayment | None:
    """Return a card payment that nobody has asked the processor about since ``before``, or None.

    It counts as asked about ``now``, so that one sweep takes it, and a later one again if need be.
    """
    found = _take_left(database, "payments", before, now)
    return None if found is None else left_payment(found)


def take_left_refund(
    database: Database[Document], before: datetime, now: datetime
) -> LeftRefund | None:
    """Return a refund as ``take_left_payment`` returns a payment."""
    found = _take_left(database, "refunds", before, now)
    return None if found is None else left_refund(found)


def left_payment(document: Document) -> LeftPayment:
    """Return a card payment under way, as it is kept."""
    return LeftPayment(
        payment=read(r.PaymentView, document["state"]),
        token=document["card_token"],
        context=CallContext.from_wire(document["context"]),
    )


def left_refund(document: Document) -> LeftRefund:
    """Return a refund under way, as it is kept."""
    context = CallContext.from_wire(document["context"])
    return LeftRefund(refund=read(RefundView, document["state"]), context=context)


def _take_left(
    database: Database[Document], name: str, before: datetime, now: datetime
) -> Document | None:
    return database[name].find_one_and_update(
        {"asked_at": {"$lt": before}}, {"$set": {"asked_at": now}}, sort=[("asked_at", ASCENDING)]
    )


def asked_for(
    request: r.ListInvoices | r.ListClaims,
    fields: Sequence[str],
    location_ids: Sequence[str] | None,
) -> Document:
    """Return the query for what a list asks for, of those locations (None: of every one)."""
    asked = {field: getattr(request, field) for field in fields}
    query: Document = {f"state.{field}": v for field, v in asked.items() if v is not None}
    if location_ids is not None:
        query["state.location_id"] = {"$in": list(location_ids)}
    return query
