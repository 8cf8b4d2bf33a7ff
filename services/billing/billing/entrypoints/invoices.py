"""Invoices, made of visits."""

from functools import cached_property

from billing import together
from billing.entrypoints.base import Entrypoints
from billing.use_cases import fees, rebilling, records
from billing.use_cases.invoicing import Fulfilled
from clinic_contracts.billing import invoices as i
from clinic_contracts.billing import operations as op
from clinic_contracts.billing import requests as r
from clinic_contracts.booking.events import (
    AppointmentCancelled,
    AppointmentFulfilled,
    AppointmentMissed,
)
from clinic_contracts.context import CallContext
from clinic_contracts.envelope import Event
from clinic_runtime.events import handles
from clinic_runtime.rpc import command


class Invoices(Entrypoints):
    """A fulfilled visit becomes an invoice, and the fee of one that was not kept."""

    @handles(AppointmentFulfilled)
    def invoice_visit(self, event: Event) -> None:
        """Invoice a fulfilled visit."""
        self.visits.submit(Fulfilled(event.data.visit, event.caused()))

    @handles(AppointmentCancelled, AppointmentMissed)
    def invoice_fee(self, event: Event) -> None:
        """Invoice the fee of a visit that was not kept; one that was waived is none."""
        told = event.data
        if told.fee is not None and told.fee_reason is not None:
            owed = fees.Owed(told.visit, told.fee, told.fee_reason)
            fees.invoice_fee(owed, self._desk(event.caused()))

    @cached_property
    def visits(self) -> together.Visits:
        """What invoices visits, in groups."""
        return together.visits(self._desk)

    @command(op.LIST_INVOICES)
    def list_invoices(self, request: r.ListInvoices, context: CallContext) -> r.InvoicePage:
        """Return a page of invoices."""
        return records.list_invoices(request, self._desk(context))

    @command(op.GET_INVOICE)
    def get_invoice(self, request: r.GetInvoice, context: CallContext) -> r.InvoiceView:
        """Return an invoice."""
        return records.get_invoice(request.invoice_id, self._desk(context))

    @command(op.VOID_INVOICE)
    def void_invoice(self, request: i.VoidInvoice, context: CallContext) -> r.InvoiceView:
        """Call an invoice off, while nothing was paid or claimed on it."""
        return fees.void_invoice(request, self._desk(context))

    @command(op.REBILL_INVOICE)
    def rebill_invoice(self, request: i.RebillInvoice, context: CallContext) -> r.InvoiceView:
        """Bill a visit to the payers that take it by what is known now."""
        return rebilling.rebill_invoice(request, self._desk(context))
