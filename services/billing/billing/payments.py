"""Payments and receipts: money, ledger, number and balance change in one transaction."""

import base64
from datetime import date, datetime
from typing import Any

from fpdf import FPDF
from pymongo.client_session import ClientSession

from billing.repository import Db, Document, needed, post, transact
from clinic_contracts.billing import requests as r
from clinic_contracts.billing.events import PaymentReceived
from clinic_contracts.context import CallContext
from clinic_contracts.errors import (
    IllegalTransition,
    Invalid,
    NotFound,
    PaymentRefused,
    RegistrationLapsed,
)
from clinic_contracts.money import Money
from clinic_contracts.schemas import dump, load
from clinic_runtime import outbox
from clinic_runtime.ids import derived_id


def simulate_card(token: str | None) -> None:
    """Charge at the simulator: only ``tok_visa`` succeeds."""
    if token is None:
        raise Invalid("a card payment needs a card", errors={"card_token": ["is required"]})
    if token != "tok_visa":  # noqa: S105 (the simulator's public test token)
        raise PaymentRefused("the card was declined", reason="card_declined")


def invoice_view(row: Document) -> r.InvoiceView:
    """Return an invoice with its present version, status and balance."""
    view = dict(row["view"])
    currency = view["total"]["currency"]
    owed = view["client_portion"]["amount_minor"] - row["paid_minor"]
    view |= {"version": row["version"], "status": row["status"]}
    view["paid"] = {"amount_minor": row["paid_minor"], "currency": currency}
    view["balance"] = {"amount_minor": owed, "currency": currency}
    return load(r.InvoiceView, view)


def find(db: Db, name: str, id_: str, context: CallContext) -> Document:
    """Return a document the caller may see; raises NotFound."""
    row = db[name].find_one({"_id": id_})
    if row is None or not context.sees(row["location_id"]):
        raise NotFound(f"there is no such {name.removesuffix('s')}")
    return row


def pay(db: Db, request: r.PayInvoice, context: CallContext, at: datetime) -> r.PaymentView:
    """Take a payment once per operation; a retry gets the same answer."""
    id_ = derived_id("pay", context.operation_id)
    find(db, "invoices", request.invoice_id, context)

    def work(session: ClientSession) -> r.PaymentView:
        known = db["payments"].find_one({"_id": id_}, session=session)
        if known:
            return load(r.PaymentView, known["view"])
        return _pay(db, session, request, id_, context, at)

    return transact(db, work)


def _amount(request: r.PayInvoice, invoice: r.InvoiceView) -> Money:
    if invoice.status != "open":
        raise IllegalTransition("invoice", invoice.status, "paid")
    amount = request.amount or invoice.balance
    if amount.currency != invoice.balance.currency or amount.amount_minor <= 0:
        said = f"must be positive and in {invoice.balance.currency}"
        raise Invalid(f"the amount {said}", errors={"amount": [said]})
    if amount.amount_minor > invoice.balance.amount_minor:
        raise PaymentRefused("the amount exceeds the balance", reason="amount_exceeds_balance")
    return amount


def _pay(  # noqa: PLR0913, PLR0917 (private, called in one way)
    db: Db, session: ClientSession, request: r.PayInvoice, id_: str, context: CallContext,
    at: datetime,
) -> r.PaymentView:  # fmt: skip
    row = db["invoices"].find_one({"_id": request.invoice_id}, session=session) or {}
    invoice = invoice_view(row)
    amount = _amount(request, invoice)
    therapist = needed(db, "practitioners", invoice.practitioner_id)
    until = therapist.get("registration_valid_to")
    if until and date.fromisoformat(until) < invoice.service_date:
        raise RegistrationLapsed("the registration had lapsed on the day of service")
    if request.method == "card":
        simulate_card(request.card_token)
    balance = invoice.balance - amount
    receipt_id = derived_id("rcp", id_)
    _receipt(db, session, (invoice, id_, receipt_id, request.method, amount, balance), row, at)
    view = r.PaymentView(id=id_, invoice_id=invoice.id, status="succeeded", method=request.method,
                         amount=amount, receipt_id=receipt_id, created_at=at)  # fmt: skip
    document = {"_id": id_, "invoice_id": invoice.id, "at": at, "view": dump(view)}
    db["payments"].insert_one(document, session=session)
    minor = amount.amount_minor
    entry = {"cash_clearing": minor, "ar_client": -minor}
    post(db, session, f"payment:{id_}", amount.currency, at, entry)
    received = PaymentReceived(payment_id=id_, invoice_id=invoice.id, receipt_id=receipt_id,
                               method=request.method, amount=amount, balance=balance)  # fmt: skip
    status = "open" if balance.amount_minor else "paid"
    outbox.update(
        db["invoices"], invoice.id, row["version"],
        {"$set": {"status": status, "paid_minor": row["paid_minor"] + minor}},
        event=received, context=context, at=at, location_id=invoice.location_id, session=session,
    )  # fmt: skip
    return view


def _receipt(db: Db, session: ClientSession, facts: Any, row: Document, at: datetime) -> None:  # noqa: ANN401
    invoice, payment_id, id_, method, amount, balance = facts
    place = needed(db, "locations", invoice.location_id)
    therapist = needed(db, "practitioners", invoice.practitioner_id)
    number = db["receipt_numbers"].find_one_and_update(
        {"_id": place["_id"]}, {"$inc": {"last": 1}}, upsert=True, return_document=True,
        session=session,
    )["last"]  # fmt: skip
    view = r.ReceiptView(
        id=id_, number=number, invoice_id=invoice.id, payment_id=payment_id,
        location_id=place["_id"], location_name=place["name"], location_address=place["address"],
        client_id=invoice.client_id, client_name=needed(db, "clients", invoice.client_id)["name"],
        service_date=invoice.service_date, treatment=invoice.lines[0].description,
        minutes=row["minutes"], fee=invoice.subtotal, taxes=invoice.taxes, tax_number="",
        practitioner_name=therapist["name"], college=therapist["college"],
        registration_number=therapist["registration_number"], method=method,
        amount_paid=amount, balance=balance, issued_at=at,
    )  # fmt: skip
    db["receipts"].insert_one(
        {"_id": id_, "location_id": place["_id"], "number": number, "view": dump(view)},
        session=session,
    )


def print_receipt(db: Db, row: Document, context: CallContext, at: datetime) -> r.ReceiptDocument:
    """Return the PDF: the first print is the original, every later one says DUPLICATE."""
    view = load(r.ReceiptView, row["view"])
    first = db["receipt_prints"].update_one(
        {"_id": view.id}, {"$push": {"prints": {"at": at, "actor": context.actor}}}, upsert=True
    )
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("Helvetica", size=12)
    title = "Receipt" if first.upserted_id else "Receipt - DUPLICATE"
    money = [f"{name}: {m.amount_minor // 100}.{m.amount_minor % 100:02d} {m.currency}"
             for name, m in (("Fee", view.fee), *((t.name, t.amount) for t in view.taxes),
                             ("Paid", view.amount_paid), ("Balance", view.balance))]  # fmt: skip
    lines = [f"{title} {view.number}", view.location_name, view.location_address, view.client_name,
             f"{view.service_date} {view.treatment}, {view.minutes} minutes",
             f"{view.practitioner_name}, {view.college} {view.registration_number}",
             *money]  # fmt: skip
    text = "\n".join(lines).encode("latin-1", "replace").decode("latin-1")
    pdf.multi_cell(0, 8, text)
    content = base64.b64encode(bytes(pdf.output())).decode()
    return r.ReceiptDocument(filename=f"receipt-{view.number}.pdf",
                             content_type="application/pdf", content_base64=content)  # fmt: skip
