"""Billing's collections: indexes, the ledger's validator, invoices made in one transaction."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import yaml
from pymongo.client_session import ClientSession
from pymongo.database import Database

from billing import rating
from clinic_contracts.billing.events import ClaimDrafted, InvoiceIssued
from clinic_contracts.billing.requests import ClaimView, InvoiceLine, InvoiceView, SplitPart
from clinic_contracts.booking.events import Visit
from clinic_contracts.client_profile.events import CoverageChanged
from clinic_contracts.context import CallContext
from clinic_contracts.errors import RetryLater
from clinic_contracts.money import Money
from clinic_contracts.schemas import dump, load
from clinic_runtime import outbox
from clinic_runtime.ids import derived_id

Db = Database[dict[str, Any]]
Document = dict[str, Any]
T = TypeVar("T")
OUTBOXES = ("invoices", "claims")
PROJECTIONS = ("locations", "practitioners", "treatments", "clients", "coverages")
RULES = tuple(
    rating.TaxRule(**row)
    for row in yaml.safe_load((Path(__file__).parent / "rules" / "rates.yaml").read_text("utf-8"))
)
BALANCED: Document = {
    "$jsonSchema": {
        "required": ["key", "currency", "postings"],
        "properties": {"postings": {"bsonType": "array", "minItems": 2}},
    },
    "$expr": {
        "$and": [
            {"$eq": [{"$sum": "$postings.minor"}, 0]},
            {"$eq": [{"$setUnion": ["$postings.currency", []]}, ["$currency"]]},
        ]
    },
}


def ensure(db: Db) -> None:
    """Make the ledger's validator and every list's index; safe to run again."""
    if "ledger" not in db.list_collection_names():
        db.create_collection("ledger", validator=BALANCED)
    db["ledger"].create_index("key", unique=True)
    for name in OUTBOXES:
        for field in ("location_id", "client_id", "invoice_id", "appointment_id", "status"):
            db[name].create_index([(field, 1), ("at", -1), ("_id", -1)])
        db[name].create_index([("at", -1), ("_id", -1)])
    db["coverages"].create_index("client_id")
    db["receipts"].create_index([("location_id", 1), ("number", 1)], unique=True)


def transact(db: Db, work: Callable[[ClientSession], T]) -> T:
    """Run ``work`` in one transaction, again when the database asks for it."""
    with db.client.start_session() as session:
        return session.with_transaction(work)


def post(  # noqa: PLR0913, PLR0917 (one entry states everything)
    db: Db, session: ClientSession, key: str, currency: str, at: datetime, minor: dict[str, int]
) -> None:
    """Add a journal entry of signed minor units per account; the database refuses imbalance."""
    postings = [
        {"account": account, "minor": amount, "currency": currency}
        for account, amount in minor.items()
        if amount
    ]
    if postings:
        entry = {"_id": key, "key": key, "currency": currency, "at": at, "postings": postings}
        db["ledger"].insert_one(entry, session=session)


def needed(db: Db, name: str, id_: str) -> Document:
    """Return a projection; raises RetryLater until it has arrived."""
    found = db[name].find_one({"_id": id_})
    if found is None:
        raise RetryLater(f"{name} {id_} has not arrived yet")
    return found


def issue_invoice(db: Db, visit: Visit, context: CallContext, at: datetime) -> None:
    """Invoice a fulfilled visit once: invoice, ledger, claims and benefit use together."""
    facts = tuple(
        needed(db, name, id_)
        for name, id_ in (
            ("locations", visit.location_id),
            ("practitioners", visit.practitioner_id),
            ("treatments", visit.treatment_id),
            ("clients", visit.client_id),
        )
    )
    transact(db, lambda session: _issue(db, session, visit, facts, context, at))


def _issue(  # noqa: PLR0913, PLR0917 (private, called in one way)
    db: Db,
    session: ClientSession,
    visit: Visit,
    facts: tuple[Document, ...],
    context: CallContext,
    at: datetime,
) -> None:
    location, practitioner, treatment, _client = facts
    id_ = derived_id("inv", visit.appointment_id)
    if db["invoices"].find_one({"_id": id_}, session=session):
        return
    day = visit.start.astimezone(ZoneInfo(location["timezone"])).date()
    discipline, fee = treatment["discipline"], visit.price
    taxes = rating.taxes(
        RULES, location["tax_region"], discipline, day, fee, gst=practitioner["gst_registered"]
    )
    tax = Money(amount_minor=sum(t.amount.amount_minor for t in taxes), currency=fee.currency)
    rows = db["coverages"].find({"client_id": visit.client_id}, session=session)
    every = (load(CoverageChanged, row["view"]) for row in rows)
    coverages = tuple(c for c in every if rating.applies(c, discipline, day))
    keys = {c.coverage_id: f"{c.coverage_id}|{rating.benefit_year(c, day)}" for c in coverages}
    used = {c: _used(db, session, key) for c, key in keys.items()}
    parts = rating.split(fee, tax, coverages, used)
    claims = [p for p in parts if p.coverage_id and p.amount.amount_minor > 0]
    client = parts[-1].amount
    payer, zero = fee + tax - client, fee - fee
    view = InvoiceView(
        id=id_, version=1, number=id_[4:14], status="open" if client.amount_minor else "paid",
        location_id=visit.location_id, client_id=visit.client_id,
        practitioner_id=visit.practitioner_id, appointment_id=visit.appointment_id,
        service_date=day, issued_at=at, taxes=taxes, split=parts, subtotal=fee, tax_total=tax,
        lines=(InvoiceLine(description=treatment["name"], treatment_id=visit.treatment_id,
                           quantity=1, unit_price=fee, amount=fee),),
        total=fee + tax, client_portion=client, payer_portion=payer, paid=zero, balance=client,
        claim_ids=tuple(derived_id("clm", id_, p.coverage_id or "") for p in claims),
    )  # fmt: skip
    document = {
        "_id": id_, "at": at, "status": view.status, "location_id": visit.location_id,
        "client_id": visit.client_id, "appointment_id": visit.appointment_id,
        "paid_minor": 0, "minutes": treatment["duration"], "view": dump(view),
    }  # fmt: skip
    issued = InvoiceIssued(
        invoice_id=id_, appointment_id=visit.appointment_id, client_id=visit.client_id,
        total=view.total, client_portion=client, payer_portion=payer,
    )  # fmt: skip
    outbox.insert(db["invoices"], document, event=issued, context=context, at=at,
                  location_id=visit.location_id, session=session)  # fmt: skip
    entry = {
        "ar_client": client.amount_minor, "ar_payer": payer.amount_minor,
        "revenue": -fee.amount_minor, "gst_payable": -tax.amount_minor,
    }  # fmt: skip
    post(db, session, f"invoice:{id_}", fee.currency, at, entry)
    for part in claims:
        key = keys[part.coverage_id or ""]
        change = {"$inc": {"used_minor": part.amount.amount_minor, "version": 1},
                  "$set": {f"entries.{id_}": part.amount.amount_minor}}  # fmt: skip
        db["benefit_usage"].update_one({"_id": key}, change, upsert=True, session=session)
        coverage = next(c for c in coverages if c.coverage_id == part.coverage_id)
        _draft(db, session, view, part, coverage, context)


def _used(db: Db, session: ClientSession, key: str) -> int:
    found = db["benefit_usage"].find_one({"_id": key}, session=session)
    return int(found["used_minor"]) if found else 0


def _draft(  # noqa: PLR0913, PLR0917 (private, called in one way)
    db: Db,
    session: ClientSession,
    invoice: InvoiceView,
    part: SplitPart,
    coverage: CoverageChanged,
    context: CallContext,
) -> None:
    at = invoice.issued_at
    id_ = derived_id("clm", invoice.id, coverage.coverage_id)
    view = ClaimView(
        id=id_, version=1, state="draft", carrier=coverage.carrier,
        coverage_id=coverage.coverage_id, member_id=coverage.member_id,
        group_number=coverage.group_number, invoice_id=invoice.id,
        location_id=invoice.location_id, client_id=invoice.client_id,
        practitioner_id=invoice.practitioner_id, service_date=invoice.service_date,
        charge=invoice.subtotal, amount=part.amount, created_at=at,
    )  # fmt: skip
    drafted = ClaimDrafted(claim_id=id_, invoice_id=invoice.id,
                           coverage_id=coverage.coverage_id, amount=part.amount)  # fmt: skip
    document = {
        "_id": id_, "at": at, "status": "draft", "location_id": invoice.location_id,
        "client_id": invoice.client_id, "invoice_id": invoice.id, "view": dump(view),
    }  # fmt: skip
    outbox.insert(db["claims"], document, event=drafted, context=context, at=at,
                  location_id=invoice.location_id, session=session)  # fmt: skip
