"""The billing service. Entrypoints translate; the use cases decide."""

from functools import cached_property

from billing import repository, sweeping, together
from billing.cards import SimulatedCards
from billing.ports import Desk
from billing.rules import tax_rules
from billing.use_cases import paying, records
from billing.use_cases.invoicing import Fulfilled
from clinic_contracts.billing import operations as op
from clinic_contracts.billing import requests as r
from clinic_contracts.booking.events import AppointmentFulfilled
from clinic_contracts.context import CallContext
from clinic_contracts.envelope import Event
from clinic_contracts.operations import Verification, Verify
from clinic_runtime.clock import now
from clinic_runtime.events import handles
from clinic_runtime.ids import derived_id
from clinic_runtime.mongo import MongoDatabase
from clinic_runtime.operations import Operable
from clinic_runtime.outbox import Outbox
from clinic_runtime.rpc import command
from clinic_runtime.timers import every
from clinic_runtime.verify import base_counts

SWEEP_SECONDS = 5.0


class BillingService(Operable):
    """Invoices, payments, receipts, claims and the ledger."""

    name = "billing"
    database = MongoDatabase(repository.ensure)
    outbox = Outbox(*repository.OUTBOXES)
    projections = repository.PROJECTIONS

    @handles(*repository.KEPT)
    def keep(self, event: Event) -> None:
        """Keep what other services say of theirs."""
        repository.keep(self.database, event)

    @handles(AppointmentFulfilled)
    def invoice_visit(self, event: Event) -> None:
        """Invoice a fulfilled visit."""
        self.visits.submit(Fulfilled(event.data.visit, event.caused()))

    @cached_property
    def visits(self) -> together.Visits:
        """What invoices visits, in groups."""
        return together.visits(self._desk)

    @every(SWEEP_SECONDS)
    def resume_payments(self) -> None:
        """Go on with the card payments that a process left when it ended."""
        sweeping.resume_payments(self.database, self._desk, now())

    @command(op.LIST_INVOICES)
    def list_invoices(self, request: r.ListInvoices, context: CallContext) -> r.InvoicePage:
        """Return a page of invoices."""
        return records.list_invoices(request, self._desk(context))

    @command(op.GET_INVOICE)
    def get_invoice(self, request: r.GetInvoice, context: CallContext) -> r.InvoiceView:
        """Return an invoice."""
        return records.get_invoice(request.invoice_id, self._desk(context))

    @command(op.PAY_INVOICE)
    def pay_invoice(self, request: r.PayInvoice, context: CallContext) -> r.PaymentView:
        """Take a payment."""
        return paying.pay_invoice(request, self._desk(context))

    @command(op.GET_RECEIPT)
    def get_receipt(self, request: r.GetReceipt, context: CallContext) -> r.ReceiptView:
        """Return a receipt."""
        return records.get_receipt(request.receipt_id, self._desk(context))

    @command(op.PRINT_RECEIPT)
    def print_receipt(self, request: r.GetReceipt, context: CallContext) -> r.ReceiptDocument:
        """Return a receipt as a PDF; every print after the first says DUPLICATE."""
        return records.print_receipt(request.receipt_id, self._desk(context))

    @command(op.LIST_CLAIMS)
    def list_claims(self, request: r.ListClaims, context: CallContext) -> r.ClaimPage:
        """Return a page of claims."""
        return records.list_claims(request, self._desk(context))

    @command(op.GET_CLAIM)
    def get_claim(self, request: r.GetClaim, context: CallContext) -> r.ClaimView:
        """Return a claim."""
        return records.get_claim(request.claim_id, self._desk(context))

    @command(op.VERIFY)
    def verify(self, _request: Verify, _context: CallContext) -> Verification:
        """Prove the ledger, invoices, claims, payments and receipts against each other."""
        findings, counts = base_counts(self.database, repository.OUTBOXES)
        return Verification(
            service=self.name,
            findings=findings | repository.findings(self.database),
            counts=counts | repository.counts(self.database),
        )

    def _desk(self, context: CallContext) -> Desk:
        return Desk(
            transact=lambda work: repository.transact(self.database, context, work),
            records=repository.MongoRecords(self.database),
            rules=tax_rules(),
            cards=SimulatedCards(),
            receipt_pdf=_receipt_pdf,
            context=context,
            now=now(),
            derived_id=derived_id,
        )


def _receipt_pdf(receipt: r.ReceiptView, *, duplicate: bool) -> bytes:
    # Only here, since its library takes 20 MB that a process which prints nothing can spare.
    from billing import printing  # noqa: PLC0415

    return printing.receipt_pdf(receipt, duplicate=duplicate)
