"""The books proved against each other, on the server, whatever their size."""

from typing import Any

from pymongo.database import Database

from billing.domain.ledger import AR_CLIENT, AR_PAYER, CASH_CLEARING, LIABILITY_OF
from billing.repository.collections import Document
from billing.repository.day_closes import unreconciled


def findings(database: Database[Document]) -> dict[str, int]:
    """Return how far the books are off; each figure is 0 when all is well.

    ``ledger_imbalance_minor``: minor units, summed over whatever is off so that no two errors
    cancel: each entry's sum of postings; for each invoice, its ledger receivable from the client
    against its balance, and from payers against what is outstanding of its claims. A receivable
    without its invoice counts whole.
    ``receipt_gaps``: receipt numbers that a location skipped, took without a receipt, or gave
    without its counter.
    ``payments_unreceipted``: payments and refunds that succeeded without exactly one receipt that
    is not reversed, and receipts without a payment or refund that succeeded.
    ``payments_unposted_minor``: minor units by which payments and refunds differ from the ledger,
    and what a payment says was refunded of it from its refunds.
    ``prepaid_unposted_minor``: minor units by which what is left of each gift card, package and
    deposit differs from its liability, and from its price less what was used of it.
    ``day_closes_off_minor``: minor units by which closed days differ from the ledger, by method.
    ``remittances_off_minor``: what remittances say that payers paid, against what the ledger has of
    each.
    ``claims_unexplained_minor``: what of claims' amounts is neither paid, written off, moved to the
    client nor outstanding.
    """
    return {
        "ledger_imbalance_minor": _total(database, "ledger", _imbalance()),
        "receipt_gaps": _total(database, "receipts", _gaps()),
        "payments_unreceipted": _total(database, "payments", _unreceipted()),
        "claims_unexplained_minor": _total(database, "claims", _unexplained()),
        "remittances_off_minor": _total(database, "remittances", _remitted()),
        "prepaid_unposted_minor": _total(database, "ledger", _prepaid()),
        "day_closes_off_minor": _total(database, "day_closes", unreconciled()),
        "payments_unposted_minor": _total(database, "ledger", _unposted()),
    }


def _total(database: Database[Document], name: str, pipeline: list[Document]) -> int:
    total = {"$group": {"_id": None, "off": {"$sum": "$off"}}}
    rows = database[name].aggregate([*pipeline, total], allowDiskUse=True)
    return sum(int(row["off"]) for row in rows)


def _imbalance() -> list[Document]:
    receivables = [
        {"$unwind": "$postings"},
        {"$match": {"postings.account": {"$in": [AR_CLIENT, AR_PAYER]}}},
        _side("$postings.account", "$postings.invoice_id", "$currency", "$postings.minor"),
    ]
    balance, amount = "$state.balance", "$state.amount"
    balances = [_side(AR_CLIENT, "$_id", f"{balance}.currency", _minus(f"{balance}.amount_minor"))]
    owed = {"$ifNull": ["$state.outstanding.amount_minor", f"{amount}.amount_minor"]}
    claims = [_side(AR_PAYER, "$state.invoice_id", f"{amount}.currency", {"$multiply": [-1, owed]})]
    return [
        {"$project": {"_id": {"entry": "$_id"}, "minor": {"$sum": "$postings.minor"}}},
        {"$match": {"minor": {"$ne": 0}}},
        {"$unionWith": {"coll": "ledger", "pipeline": receivables}},
        {"$unionWith": {"coll": "invoices", "pipeline": balances}},
        {"$unionWith": {"coll": "claims", "pipeline": claims}},
        {"$group": {"_id": "$_id", "minor": {"$sum": "$minor"}}},
        {"$project": {"off": {"$abs": "$minor"}}},
    ]


def _gaps() -> list[Document]:
    location = {"$arrayElemAt": [{"$split": ["$_id", "|"]}, 1]}
    counters = [
        {"$match": {"_id": {"$regex": r"^receipt\|"}}},
        {"$project": {"_id": location, "taken": "$number"}},
    ]
    return [
        {
            "$group": {
                "_id": "$location_id",
                "receipts": {"$sum": 1},
                "highest": {"$max": "$number"},
            }
        },
        {"$unionWith": {"coll": "counters", "pipeline": counters}},
        {
            "$group": {
                "_id": "$_id",
                "receipts": {"$sum": "$receipts"},
                "highest": {"$sum": "$highest"},
                "taken": {"$sum": "$taken"},
            }
        },
        {
            "$project": {
                "off": {
                    "$add": [
                        {"$abs": {"$subtract": ["$highest", "$receipts"]}},
                        {"$abs": {"$subtract": ["$taken", "$highest"]}},
                    ]
                }
            }
        },
    ]


def _unreceipted() -> list[Document]:
    """Count receipts by payment or refund; one that was reversed and the reversal cancel."""
    kind = {"$ifNull": ["$state.kind", "payment"]}
    of = {"$cond": [{"$eq": [kind, "refund"]}, "$state.refund_id", "$state.payment_id"]}
    counted = {"$cond": [{"$eq": [kind, "reversal"]}, -1, 1]}
    receipts = [{"$project": {"_id": of, "receipts": counted}}]
    succeeded: list[Document] = [
        {"$match": {"state.status": "succeeded"}},
        {"$project": {"payments": {"$literal": 1}}},
    ]
    return [
        *succeeded,
        {"$unionWith": {"coll": "refunds", "pipeline": succeeded}},
        {"$unionWith": {"coll": "receipts", "pipeline": receipts}},
        {
            "$group": {
                "_id": "$_id",
                "payments": {"$sum": "$payments"},
                "receipts": {"$sum": "$receipts"},
            }
        },
        {"$match": {"$or": [{"payments": {"$ne": 1}}, {"receipts": {"$ne": 1}}]}},
        {"$project": {"off": {"$literal": 1}}},
    ]


def _unposted() -> list[Document]:
    debits = {"$filter": {"input": "$postings.minor", "cond": {"$gt": ["$$this", 0]}}}
    succeeded = {"$match": {"state.status": "succeeded"}}
    amount = "$state.amount.amount_minor"

    def posted(prefix: str) -> Document:
        key = {"$concat": [f"{prefix}:", "$_id"]}
        return {"$project": {"_id": key, "minor": _minus(amount)}}

    refunded = {"$project": {"minor": {"$ifNull": ["$state.refunded.amount_minor", 0]}}}
    of_payment = {"$project": {"_id": "$state.payment_id", "minor": _minus(amount)}}
    others = [
        ("payments", [succeeded, posted("payment")]),
        ("refunds", [succeeded, posted("refund")]),
        ("payments", [refunded]),
        ("refunds", [succeeded, of_payment]),
    ]
    return [
        {"$match": {"_id": {"$regex": "^(payment|refund):"}}},
        {"$project": {"minor": {"$sum": debits}}},
        *({"$unionWith": {"coll": name, "pipeline": stages}} for name, stages in others),
        {"$group": {"_id": "$_id", "minor": {"$sum": "$minor"}}},
        {"$project": {"off": {"$abs": "$minor"}}},
    ]


def _remitted() -> list[Document]:
    of_cash = {"$eq": ["$$each.account", CASH_CLEARING]}
    postings = {"$filter": {"input": "$postings", "as": "each", "cond": of_cash}}
    cash: list[Document] = [
        {"$match": {"_id": {"$regex": "^remittance:"}}},
        {"$project": {"postings": postings}},
        {"$project": {"minor": {"$multiply": [-1, {"$sum": "$postings.minor"}]}}},
    ]
    return [
        {"$project": {"_id": {"$concat": ["remittance:", "$_id"]}, "minor": "$paid_minor"}},
        {"$unionWith": {"coll": "ledger", "pipeline": cash}},
        {"$group": {"_id": "$_id", "minor": {"$sum": "$minor"}}},
        {"$project": {"off": {"$abs": "$minor"}}},
    ]


def _unexplained() -> list[Document]:
    known = ("paid", "written_off", "moved_to_client", "outstanding")
    parts = {"$add": [f"$state.{name}.amount_minor" for name in known]}
    off = {"$abs": {"$subtract": ["$state.amount.amount_minor", parts]}}
    return [{"$project": {"off": {"$ifNull": [off, 0]}}}]


def _prepaid() -> list[Document]:
    left = {"$project": {"_id": {"of": "$_id"}, "minor": "$state.balance.amount_minor"}}
    signed = {
        "$map": {
            "input": "$state.uses",
            "in": {
                "$cond": [
                    {"$eq": ["$$this.what", "returned"]},
                    "$$this.value.amount_minor",
                    _minus("$$this.value.amount_minor"),
                ]
            },
        }
    }
    expected = {"$add": ["$state.price.amount_minor", {"$sum": signed}]}
    minor = {"$subtract": ["$state.balance.amount_minor", expected]}
    used = [
        {"$match": {"state.status": {"$ne": "void"}}},
        {"$project": {"_id": {"uses_of": "$_id"}, "minor": minor}},
    ]
    return [
        {"$unwind": "$postings"},
        {"$match": {"postings.account": {"$in": [*LIABILITY_OF.values()]}}},
        {"$project": {"_id": {"of": "$postings.prepaid_id"}, "minor": "$postings.minor"}},
        {"$unionWith": {"coll": "prepaid", "pipeline": [left]}},
        {"$unionWith": {"coll": "prepaid", "pipeline": used}},
        {"$group": {"_id": "$_id", "minor": {"$sum": "$minor"}}},
        {"$project": {"off": {"$abs": "$minor"}}},
    ]


def _side(account: str, invoice_id: str, currency: str, minor: Any) -> Document:  # noqa: ANN401
    """Return the stage that puts one side of a receivable under the other's key."""
    key = {"account": account, "invoice_id": invoice_id, "currency": currency}
    return {"$project": {"_id": key, "minor": minor}}


def _minus(field: str) -> Document:
    return {"$multiply": [-1, field]}
