"""Billing's collections: what a transaction writes to, the ledger's validator, every index."""

import json
from dataclasses import fields
from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.database import Database
from pymongo.errors import OperationFailure

from billing.domain.ledger import Posting
from clinic_contracts.booking.events import LocationChanged, PractitionerChanged, TreatmentChanged
from clinic_contracts.client_profile.events import ClientChanged, CoverageChanged
from clinic_contracts.envelope import Event
from clinic_contracts.trusted import dump
from clinic_runtime.mongo import ensure_collection, project

Document = dict[str, Any]
OUTBOXES = ("invoices", "claims", "benefit_years", "prepaid", "day_closes")
KEPT: dict[type, str] = {
    LocationChanged: "locations",
    PractitionerChanged: "practitioners",
    TreatmentChanged: "treatments",
    ClientChanged: "clients",
    CoverageChanged: "coverages",
}
"""The collection in which the latest event of each kind is kept, by subject."""
PROJECTIONS = tuple(KEPT.values())
WRITTEN_IN_TRANSACTIONS = (
    *OUTBOXES,
    "payments",
    "refunds",
    "receipts",
    "ledger",
    "counters",
    "files",
    "remittances",
    "unmatched",
    "batches",
    "pay_rates",
    "eligibility",
)
NEWEST_FIRST = [("at", DESCENDING), ("_id", DESCENDING)]
LISTED_BY = {
    "invoices": (
        (),
        ("location_id",),
        ("location_id", "status"),
        ("client_id",),
        ("appointment_id",),
        ("status",),
    ),
    "claims": (
        (),
        ("location_id",),
        ("location_id", "state"),
        ("client_id",),
        ("invoice_id",),
        ("state",),
    ),
    "files": ((), ("state",), ("location_ids",)),
    "unmatched": (("state",), ("location_ids",)),
    "prepaid": (("client_id",),),
    "day_closes": (("location_id",),),
    "pay_rates": (("location_id",),),
    "eligibility": (("coverage_id",),),
}
UNDER_WAY: Document = {"asked_at": {"$exists": True}}
CARD_EVENTS = "card_events"
CARD_EVENT_KEPT_SECONDS = 40 * 86_400
"""Stripe sends one again for three days, and by hand for thirty."""
UNAUTHORIZED = 13
NAMED_BY_POSTINGS = tuple(f.name for f in fields(Posting) if f.name not in {"account", "minor"})
BALANCED: Document = {
    "$jsonSchema": {
        "bsonType": "object",
        "required": ["currency", "postings"],
        "properties": {
            "currency": {"bsonType": "string", "pattern": "^[A-Z]{3}$"},
            "postings": {
                "bsonType": "array",
                "minItems": 2,
                "items": {
                    "bsonType": "object",
                    "required": ["account", "minor"],
                    "additionalProperties": False,
                    "properties": {
                        "account": {"bsonType": "string"},
                        "minor": {"bsonType": ["int", "long"]},
                        **{name: {"bsonType": "string"} for name in NAMED_BY_POSTINGS},
                    },
                },
            },
        },
    },
    "$expr": {"$eq": [{"$sum": "$postings.minor"}, 0]},
}
"""An entry has one currency: a posting has no field for another."""


class LedgerBoundOtherwiseError(Exception):
    """The ledger refuses what this release writes, and the account may not change that."""


def ensure(database: Database[Document]) -> None:
    """Make every collection a transaction writes to, the ledger's validator, every index."""
    ensure_collection(database, "ledger", BALANCED)
    _bind_ledger(database)
    for name in WRITTEN_IN_TRANSACTIONS:
        ensure_collection(database, name)
    for name, lists in LISTED_BY.items():
        for listed_by in lists:
            by = [(f"state.{field}", ASCENDING) for field in listed_by]
            database[name].create_index([*by, *NEWEST_FIRST])
    number = [("state.location_id", ASCENDING), ("state.number", ASCENDING)]
    database["invoices"].create_index(number, unique=True)
    database["invoices"].create_index([("state.service_date", ASCENDING)])
    database["receipts"].create_index(
        [("location_id", ASCENDING), ("number", ASCENDING)], unique=True
    )
    for name in ("batches", "eligibility"):
        database[name].create_index([("control", ASCENDING)], unique=True)
    database["remittances"].create_index(
        [("body", ASCENDING)], unique=True, partialFilterExpression={"body": {"$exists": True}}
    )
    database["files"].create_index(
        [("unlooked", ASCENDING)], partialFilterExpression={"unlooked": {"$exists": True}}
    )
    for name in ("batches", "eligibility"):
        database[name].create_index(
            [("due", ASCENDING)], partialFilterExpression={"due": {"$exists": True}}
        )
    by_service = [("state.service_date", ASCENDING), ("state.charge.amount_minor", ASCENDING)]
    database["claims"].create_index(by_service)
    for name in ("number", "payer_reference", "batch_id", "member_id"):
        database["claims"].create_index([(f"state.{name}", ASCENDING)])
    day = [("state.location_id", ASCENDING), ("state.day", ASCENDING)]
    database["day_closes"].create_index(
        day, unique=True, partialFilterExpression={"state.status": "closed"}
    )
    database["pay_rates"].create_index([("of", ASCENDING), ("state.from", ASCENDING)], unique=True)
    database["pay_rates"].create_index([("state.from", ASCENDING)])
    closed = ("state.status", "state.day", "state.location_id")
    database["day_closes"].create_index([(name, ASCENDING) for name in closed])
    database["ledger"].create_index([("postings.invoice_id", ASCENDING)])
    database["ledger"].create_index([("postings.location_id", ASCENDING), ("day", ASCENDING)])
    database["ledger"].create_index([("day", ASCENDING)])
    database["prepaid"].create_index([("state.invoice_id", ASCENDING)], unique=True)
    database["prepaid"].create_index([("state.status", ASCENDING), ("state.expires_on", ASCENDING)])
    for name in ("payments", "refunds"):
        database[name].create_index([("asked_at", ASCENDING)], partialFilterExpression=UNDER_WAY)
        of_invoice = [("state.invoice_id", ASCENDING), ("state.created_at", ASCENDING)]
        database[name].create_index(of_invoice)
    database["coverages"].create_index([("view.client_id", ASCENDING)])
    database[CARD_EVENTS].create_index(
        [("at", ASCENDING)], expireAfterSeconds=CARD_EVENT_KEPT_SECONDS
    )


def _bind_ledger(database: Database[Document]) -> None:
    """Have a ledger of an earlier release take what entries hold now.

    Where the service's account may not, it does not start: else no entry would be taken, and every
    invoice be parked. Raises LedgerBoundOtherwiseError.
    """
    if database["ledger"].options().get("validator") == BALANCED:
        return
    try:
        database.command("collMod", "ledger", validator=BALANCED)
    except OperationFailure as error:
        if error.code != UNAUTHORIZED:
            raise
        message = (
            "the ledger's validator is of another release; have an administrator run on "
            f"{database.name}: {{collMod: 'ledger', validator: {json.dumps(BALANCED)}}}"
        )
        raise LedgerBoundOtherwiseError(message) from error


def counts(database: Database[Document]) -> dict[str, int]:
    """Return how many invoices, payments, claims and receipts there are."""
    names = ("invoices", "payments", "refunds", "prepaid", "claims", "receipts")
    return {name: database[name].count_documents({}) for name in names}


def keep(database: Database[Document], event: Event) -> None:
    """Keep what an event of ``KEPT`` says, unless a later one was there first."""
    collection = database[KEPT[type(event.data)]]
    project(collection, event.subject, event.seq, {"view": dump(event.data)})
