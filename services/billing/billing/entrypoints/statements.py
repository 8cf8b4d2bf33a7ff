"""Statements of clients, and papers."""

from billing.entrypoints.base import Entrypoints
from billing.use_cases import stating
from clinic_contracts.billing import operations as op
from clinic_contracts.billing import requests as r
from clinic_contracts.billing import statements as c
from clinic_contracts.billing.day_closes import GetDayClose
from clinic_contracts.context import CallContext
from clinic_runtime.rpc import command


class Statements(Entrypoints):
    """What clients were charged, paid and owe."""

    @command(op.GET_STATEMENT)
    def get_statement(self, request: c.GetStatement, context: CallContext) -> c.StatementView:
        """Return a client's statement."""
        return stating.get_statement(request, self._desk(context))

    @command(op.PRINT_INVOICE)
    def print_invoice(self, request: r.GetInvoice, context: CallContext) -> c.PaperDocument:
        """Return an invoice as a page that explains every cent."""
        return stating.print_invoice(request.invoice_id, self._desk(context))

    @command(op.PRINT_STATEMENT)
    def print_statement(self, request: c.GetStatement, context: CallContext) -> c.PaperDocument:
        """Return a client's statement as a page."""
        return stating.print_statement(request, self._desk(context))

    @command(op.PRINT_DAY_CLOSE)
    def print_day_close(self, request: GetDayClose, context: CallContext) -> c.PaperDocument:
        """Return a closed day as a page."""
        return stating.print_day_close(request, self._desk(context))
