"""The reports' longer aggregations of the ledger."""

from billing.domain.ledger import AR_CLIENT, AR_PAYER
from billing.report_ports import Scope
from billing.repository.collections import Document

INVOICED: Document = {"$regex": "^(invoice|void):"}
"""The keys of entries of whole invoices: made, and undone."""
INVOICE_ID = {"$arrayElemAt": [{"$split": ["$_id", ":"]}, 1]}
IS_VOID = {"$eq": [{"$substrCP": ["$_id", 0, 5]}, "void:"]}


def days_of(scope: Scope) -> Document:
    """Return what matches the days of a period."""
    return {"$gte": scope.first.isoformat(), "$lte": scope.last.isoformat()}


def there(scope: Scope) -> Document:
    """Return what matches postings at the locations asked for."""
    if scope.location_ids is None:
        return {}
    return {"postings.location_id": {"$in": list(scope.location_ids)}}


def of_days(scope: Scope) -> Document:
    """Return what matches entries of a period; one without a day is in none."""
    return {**there(scope), "day": days_of(scope), "currency": scope.currency}


def owed(entries: Document, place: Document) -> list[Document]:
    """Return what sums receivables that are not 0, with their invoice's day and client.

    ``issued`` is the invoice's day, ``first`` the earliest of an invoice's whose own entry is not
    among them.
    """
    day = {"$ifNull": ["$day", {"$dateToString": {"date": "$at", "format": "%Y-%m-%d"}}]}
    is_own = {"$eq": ["$_id", {"$concat": ["invoice:", "$postings.invoice_id"]}]}
    by = {"invoice": "$postings.invoice_id", "payer": "$postings.payer"}
    return [
        {"$match": entries},
        {"$unwind": "$postings"},
        {"$match": {**place, "postings.account": {"$in": [AR_CLIENT, AR_PAYER]}}},
        {
            "$group": {
                "_id": by,
                "minor": {"$sum": "$postings.minor"},
                "issued": {"$max": {"$cond": [is_own, day, None]}},
                "first": {"$min": day},
            }
        },
        {
            "$group": {
                "_id": "$_id.invoice",
                "owes": {"$push": {"payer": "$_id.payer", "minor": "$minor"}},
                "issued": {"$max": "$issued"},
                "first": {"$min": "$first"},
            }
        },
        {"$unwind": "$owes"},
        {"$match": {"owes.minor": {"$ne": 0}}},
        _joined("$_id"),
        {"$set": {"client_id": {"$first": "$invoice.state.client_id"}}},
        {"$unset": "invoice"},
    ]


def taxed(entries: Document) -> list[Document]:
    """Return what sums supplies and taxes of invoices; what was voided counts against them."""
    sign = {"$cond": [IS_VOID, -1, 1]}
    base = {"$ifNull": ["$taxes.base.amount_minor", "$subtotal"]}
    tax = {"$ifNull": ["$taxes.amount.amount_minor", 0]}
    return [
        {"$match": entries},
        {"$project": {"sign": sign, "of": INVOICE_ID}},
        _joined("$of"),
        {"$unwind": "$invoice"},
        # What is sold to be used later is no supply until it is used (Excise Tax Act, s. 181.2).
        {"$match": {"invoice.state.kind": {"$ne": "sale"}}},
        {
            "$project": {
                "sign": 1,
                "location_id": "$invoice.state.location_id",
                "tax_number": "$invoice.state.parties.tax_number",
                "subtotal": "$invoice.state.subtotal.amount_minor",
                "taxes": "$invoice.state.taxes",
            }
        },
        {"$unwind": {"path": "$taxes", "preserveNullAndEmptyArrays": True}},
        {
            "$group": {
                "_id": {
                    "location_id": "$location_id",
                    "tax": "$taxes.name",
                    "tax_number": "$tax_number",
                },
                "supplies": {"$sum": {"$multiply": ["$sign", base]}},
                "collected": {"$sum": {"$cond": [{"$gt": ["$sign", 0]}, tax, 0]}},
                "reversed": {"$sum": {"$cond": [{"$lt": ["$sign", 0]}, tax, 0]}},
            }
        },
    ]


def visits(entries: Document) -> list[Document]:
    """Return what counts visits invoiced, less those voided, by what they were and where."""
    return [
        {"$match": {**entries, "_id": INVOICED}},
        {"$project": {"sign": {"$cond": [IS_VOID, -1, 1]}, "of": INVOICE_ID, "day": 1}},
        _joined("$of"),
        {"$unwind": "$invoice"},
        {"$set": {"of": "$invoice.state"}},
        {"$match": {"of.kind": {"$nin": ["fee", "sale"]}}},
        {
            "$group": {
                "_id": {
                    "day": "$day",
                    "location_id": "$of.location_id",
                    "practitioner_id": "$of.practitioner_id",
                    "treatment_id": {"$first": "$of.lines.treatment_id"},
                },
                "count": {"$sum": "$sign"},
            }
        },
    ]


def _joined(by: str) -> Document:
    return {
        "$lookup": {"from": "invoices", "localField": by.removeprefix("$"), "foreignField": "_id",
                    "as": "invoice"}
    }  # fmt: skip
