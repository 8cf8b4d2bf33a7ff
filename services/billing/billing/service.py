"""The billing service. Entrypoints translate; the use cases decide."""

import base64
from datetime import datetime
from typing import Any, TypeVar

from billing import repository, sweeping, use_cases
from billing.cards import SimulatedCards
from billing.ports import Desk
from billing.rules import tax_rules
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
from clinic_contracts.errors import NotFound
from clinic_contracts.operations import Verification, Verify
from clinic_contracts.schemas import load_answer
from clinic_runtime import paging
from clinic_runtime.clock import now
from clinic_runtime.events import handles
from clinic_runtime.ids import derived_id
from clinic_runtime.mongo import MongoDatabase
from clinic_runtime.outbox import Outbox
from clinic_runtime.rpc import command
from clinic_runtime.timers import every
from clinic_runtime.verify import base_counts

T = TypeVar("T")
SWEEP_SECONDS = 5.0
PROJECTIONS: dict[type, str] = {
    LocationChanged: "locations",
    PractitionerChanged: "practitioners",
    TreatmentChanged: "treatments",
    ClientChanged: "clients",
    CoverageChanged: "coverages",
}


class BillingService:
    """Invoices, payments, receipts, claims and the ledger."""

    name = "billing"
    database = MongoDatabase(repository.ensure)
    outbox = Outbox(*repository.OUTBOXES)

    @handles(*PROJECTIONS)
    def keep(self, event: Event) -> None:
        """Keep what others tell of themselves."""
        name = PROJECTIONS[type(event.data)]
        repository.keep(self.database, name, event.subject, event.seq, event.data)

    @handles(AppointmentFulfilled)
    def invoice_visit(self, event: Event) -> None:
        """Invoice a fulfilled visit."""
        use_cases.invoice_visit(event.data.visit, self._desk(event.caused()))

    @every(SWEEP_SECONDS)
    def resume_payments(self) -> None:
        """Go on with the card payments that a process left when it ended."""
        sweeping.resume_payments(self.database, self._desk, now())

    @command(op.LIST_INVOICES)
    def list_invoices(self, request: r.ListInvoices, context: CallContext) -> r.InvoicePage:
        """Return a page of invoices."""
        fields = ("client_id", "appointment_id", "status")
        items, following = self._page("invoices", request, fields, r.InvoiceView, context)
        return r.InvoicePage(items=items, next=following)

    @command(op.GET_INVOICE)
    def get_invoice(self, request: r.GetInvoice, context: CallContext) -> r.InvoiceView:
        """Return an invoice."""
        return self._get("invoices", request.invoice_id, r.InvoiceView, context)

    @command(op.PAY_INVOICE)
    def pay_invoice(self, request: r.PayInvoice, context: CallContext) -> r.PaymentView:
        """Take a payment."""
        return use_cases.pay_invoice(request, self._desk(context))

    @command(op.GET_RECEIPT)
    def get_receipt(self, request: r.GetReceipt, context: CallContext) -> r.ReceiptView:
        """Return a receipt."""
        return self._receipt(request.receipt_id, context)

    @command(op.PRINT_RECEIPT)
    def print_receipt(self, request: r.GetReceipt, context: CallContext) -> r.ReceiptDocument:
        """Return a receipt as a PDF; every print after the first says DUPLICATE."""
        # Only here, since its library takes 20 MB that a process which prints nothing can spare.
        from billing import printing  # noqa: PLC0415

        receipt = self._receipt(request.receipt_id, context)
        before = self.database["receipts"].find_one_and_update(
            {"_id": receipt.id}, {"$inc": {"prints": 1}}
        )
        pdf = printing.receipt_pdf(receipt, duplicate=bool((before or {}).get("prints")))
        return r.ReceiptDocument(
            filename=f"receipt-{receipt.number}.pdf",
            content_type="application/pdf",
            content_base64=base64.b64encode(pdf).decode(),
        )

    @command(op.LIST_CLAIMS)
    def list_claims(self, request: r.ListClaims, context: CallContext) -> r.ClaimPage:
        """Return a page of claims."""
        fields = ("client_id", "invoice_id", "state")
        items, following = self._page("claims", request, fields, r.ClaimView, context)
        return r.ClaimPage(items=items, next=following)

    @command(op.GET_CLAIM)
    def get_claim(self, request: r.GetClaim, context: CallContext) -> r.ClaimView:
        """Return a claim."""
        return self._get("claims", request.claim_id, r.ClaimView, context)

    @command(op.VERIFY)
    def verify(self, _request: Verify, _context: CallContext) -> Verification:
        """Prove the ledger, invoices, claims, payments and receipts against each other."""
        findings, counts = base_counts(self.database, repository.OUTBOXES)
        findings |= repository.findings(self.database)
        for name in ("invoices", "payments", "claims", "receipts"):
            counts[name] = self.database[name].count_documents({})
        return Verification(service=self.name, findings=findings, counts=counts)

    def _desk(self, context: CallContext) -> Desk:
        return Desk(
            transact=lambda work: repository.transact(self.database, context, work),
            rules=tax_rules(),
            cards=SimulatedCards(),
            context=context,
            now=now(),
            new_id=derived_id,
        )

    def _page(
        self,
        name: str,
        request: r.ListInvoices | r.ListClaims,
        fields: tuple[str, ...],
        kind: type[T],
        context: CallContext,
    ) -> tuple[tuple[T, ...], str | None]:
        query: dict[str, Any] = {
            f"state.{field}": getattr(request, field)
            for field in fields
            if getattr(request, field) is not None
        }
        if request.location_id is not None:
            if not context.sees(request.location_id):
                raise NotFound(f"there is no location {request.location_id}")
            query["state.location_id"] = request.location_id
        elif context.location_scope is not None:
            query["state.location_id"] = {"$in": list(context.location_scope)}
        after = paging.decode(request.cursor, datetime, str)
        rows = repository.page(self.database, name, query, after, request.limit + 1)
        shown = rows[: request.limit]
        more = len(rows) > request.limit
        following = paging.encode([shown[-1]["at"], shown[-1]["_id"]]) if more else None
        return tuple(repository.view_of(kind, row) for row in shown), following

    def _get(self, name: str, id_: str, kind: type[T], context: CallContext) -> T:
        found = self.database[name].find_one({"_id": id_})
        if found is None or not context.sees(found["state"]["location_id"]):
            raise NotFound(f"there is no {id_}")
        return repository.view_of(kind, found)

    def _receipt(self, id_: str, context: CallContext) -> r.ReceiptView:
        found = self.database["receipts"].find_one({"_id": id_})
        if found is None or not context.sees(found["location_id"]):
            raise NotFound(f"there is no receipt {id_}")
        return load_answer(r.ReceiptView, found["state"])
