"""The billing service: entrypoints translate; the domain and repositories decide."""

from datetime import datetime
from typing import Any

from billing import payments, repository
from clinic_contracts.billing import operations as op
from clinic_contracts.billing import requests as r
from clinic_contracts.booking.events import (
    AppointmentFulfilled,
    LocationChanged,
    PractitionerChanged,
    TreatmentChanged,
)
from clinic_contracts.client_profile.events import ClientChanged, CoverageChanged
from clinic_contracts.context import CallContext
from clinic_contracts.envelope import Event
from clinic_contracts.operations import Verification, Verify
from clinic_contracts.schemas import dump, load
from clinic_runtime import paging
from clinic_runtime.clock import now
from clinic_runtime.events import handles
from clinic_runtime.mongo import MongoDatabase, project
from clinic_runtime.outbox import Outbox
from clinic_runtime.rpc import command
from clinic_runtime.verify import base_counts

COLLECTIONS = {LocationChanged: "locations", PractitionerChanged: "practitioners",
               TreatmentChanged: "treatments", ClientChanged: "clients"}  # fmt: skip


class BillingService:
    """Invoices, payments, receipts, claims and the ledger."""

    name = "billing"
    database = MongoDatabase(repository.ensure)
    outbox = Outbox(*repository.OUTBOXES)

    @handles(LocationChanged, PractitionerChanged, TreatmentChanged, ClientChanged)
    def remember(self, event: Event) -> None:
        """Keep what invoices and receipts print."""
        name = COLLECTIONS[type(event.data)]
        project(self.database[name], event.subject, event.seq, dump(event.data))

    @handles(CoverageChanged)
    def remember_coverage(self, event: Event) -> None:
        """Keep a coverage's terms."""
        fields = {"client_id": event.data.client_id, "view": dump(event.data)}
        project(self.database["coverages"], event.subject, event.seq, fields)

    @handles(AppointmentFulfilled)
    def invoice_visit(self, event: Event) -> None:
        """Invoice a visit, once."""
        repository.issue_invoice(self.database, event.data.visit, event.caused(), now())

    @command(op.LIST_INVOICES)
    def list_invoices(self, request: r.ListInvoices, context: CallContext) -> r.InvoicePage:
        """Return a page of invoices."""
        names = ("location_id", "client_id", "appointment_id", "status")
        where = {n: getattr(request, n) for n in names if getattr(request, n) is not None}
        rows, following = self._page("invoices", where, request, context)
        return r.InvoicePage(items=tuple(map(payments.invoice_view, rows)), next=following)

    @command(op.GET_INVOICE)
    def get_invoice(self, request: r.GetInvoice, context: CallContext) -> r.InvoiceView:
        """Return an invoice."""
        row = payments.find(self.database, "invoices", request.invoice_id, context)
        return payments.invoice_view(row)

    @command(op.PAY_INVOICE)
    def pay_invoice(self, request: r.PayInvoice, context: CallContext) -> r.PaymentView:
        """Take a payment."""
        return payments.pay(self.database, request, context, now())

    @command(op.GET_RECEIPT)
    def get_receipt(self, request: r.GetReceipt, context: CallContext) -> r.ReceiptView:
        """Return a receipt."""
        row = payments.find(self.database, "receipts", request.receipt_id, context)
        return load(r.ReceiptView, row["view"])

    @command(op.PRINT_RECEIPT)
    def print_receipt(self, request: r.GetReceipt, context: CallContext) -> r.ReceiptDocument:
        """Return a receipt as PDF."""
        row = payments.find(self.database, "receipts", request.receipt_id, context)
        return payments.print_receipt(self.database, row, context, now())

    @command(op.LIST_CLAIMS)
    def list_claims(self, request: r.ListClaims, context: CallContext) -> r.ClaimPage:
        """Return a page of claims."""
        names = ("location_id", "client_id", "invoice_id")
        where = {n: getattr(request, n) for n in names if getattr(request, n) is not None}
        where |= {"status": request.state} if request.state else {}
        rows, following = self._page("claims", where, request, context)
        return r.ClaimPage(items=tuple(load(r.ClaimView, x["view"]) for x in rows), next=following)

    @command(op.GET_CLAIM)
    def get_claim(self, request: r.GetClaim, context: CallContext) -> r.ClaimView:
        """Return a claim."""
        return load(
            r.ClaimView, payments.find(self.database, "claims", request.claim_id, context)["view"]
        )

    @command(op.VERIFY)
    def verify(self, _request: Verify, _context: CallContext) -> Verification:
        """Prove from the postings alone that the ledger balances."""
        findings, counts = base_counts(self.database, repository.OUTBOXES)
        total = {"$group": {"_id": None, "minor": {"$sum": "$postings.minor"}}}
        rows = list(self.database["ledger"].aggregate([{"$unwind": "$postings"}, total]))
        findings["ledger_imbalance_minor"] = abs(sum(row["minor"] for row in rows))
        for name in ("invoices", "payments", "claims", "receipts"):
            counts[name] = self.database[name].count_documents({})
        return Verification(service=self.name, findings=findings, counts=counts)

    def _page(
        self, name: str, where: dict[str, Any], request: Any, context: CallContext  # noqa: ANN401
    ) -> tuple[list[dict[str, Any]], str | None]:
        clauses = [where]
        if context.location_scope is not None:
            clauses.append({"location_id": {"$in": list(context.location_scope)}})
        if request.cursor is not None:
            at, id_ = paging.decode(request.cursor)
            when = datetime.fromisoformat(at)
            clauses.append({"$or": [{"at": {"$lt": when}}, {"at": when, "_id": {"$lt": id_}}]})
        found = self.database[name].find({"$and": clauses}).sort([("at", -1), ("_id", -1)])
        rows = list(found.limit(request.limit + 1))
        page = rows[: request.limit]
        more = len(rows) > request.limit
        return page, paging.encode([page[-1]["at"].isoformat(), page[-1]["_id"]]) if more else None
