"""The reports' longer aggregations of the ledger."""

from billing.domain.ledger import AR_CLIENT, AR_PAYER
from billing.report_ports import Scope
from billing.repository.collections import Document

VOIDED: Document = {"$regex": "^void:"}
INVOICE_ID = {"$arrayElemAt": [{"$split": ["$_id", ":"]}, 1]}


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


def taxed(scope: Scope) -> list[Document]:
    """Return, to run on the invoices, what sums supplies and taxes, less what was voided."""
    base = {"$ifNull": ["$of.taxes.base.amount_minor", "$of.subtotal.amount_minor"]}
    tax = {"$ifNull": ["$of.taxes.amount.amount_minor", 0]}
    by = {
        "location_id": "$of.location_id",
        "tax": "$of.taxes.name",
        "tax_number": "$of.parties.tax_number",
    }
    return [
        *_invoiced(scope),
        # What is sold to be used later is no supply until it is used (Excise Tax Act, s. 181.2).
        {"$match": {"of.kind": {"$ne": "sale"}}},
        {"$unwind": {"path": "$of.taxes", "preserveNullAndEmptyArrays": True}},
        {
            "$group": {
                "_id": by,
                "supplies": {"$sum": {"$multiply": ["$sign", base]}},
                "collected": {"$sum": {"$cond": [{"$gt": ["$sign", 0]}, tax, 0]}},
                "reversed": {"$sum": {"$cond": [{"$lt": ["$sign", 0]}, tax, 0]}},
            }
        },
    ]


def visits(scope: Scope) -> list[Document]:
    """Return, to run on the invoices, what counts visits, less those voided, by what they were."""
    by = {
        "day": "$day",
        "location_id": "$of.location_id",
        "practitioner_id": "$of.practitioner_id",
        "treatment_id": {"$first": "$of.lines.treatment_id"},
    }
    return [
        *_invoiced(scope),
        {"$match": {"of.kind": {"$nin": ["fee", "sale"]}}},
        {"$group": {"_id": by, "count": {"$sum": "$sign"}}},
    ]


def _invoiced(scope: Scope) -> list[Document]:
    """Return what finds invoices of the days, and again, with a sign of -1, those voided on them.

    An invoice is posted on the visit's day, so it need not be looked up from its entry: on 40,000
    that takes most of the time.
    """
    made: Document = {"state.service_date": days_of(scope), "state.total.currency": scope.currency}
    if scope.location_ids is not None:
        made["state.location_id"] = {"$in": list(scope.location_ids)}
    voided = [
        {"$match": {**of_days(scope), "_id": VOIDED}},
        {"$project": {"of": INVOICE_ID, "day": 1}},
        _joined("$of"),
        {"$unwind": "$invoice"},
        {"$project": {"sign": {"$literal": -1}, "day": 1, "of": "$invoice.state"}},
    ]
    return [
        {"$match": made},
        {"$project": {"sign": {"$literal": 1}, "day": "$state.service_date", "of": "$state"}},
        {"$unionWith": {"coll": "ledger", "pipeline": voided}},
    ]


def _joined(by: str) -> Document:
    return {
        "$lookup": {"from": "invoices", "localField": by.removeprefix("$"), "foreignField": "_id",
                    "as": "invoice"}
    }  # fmt: skip
