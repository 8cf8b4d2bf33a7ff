"""Statements of clients, and papers of these and of closed days."""

import base64

from billing.domain.statement import statement
from billing.ports import Desk, InvoicePaper
from billing.use_cases.clients import seen_client
from billing.use_cases.closing import get_day_close
from billing.use_cases.records import get_invoice
from clinic_contracts.billing.day_closes import GetDayClose
from clinic_contracts.billing.statements import GetStatement, PaperDocument, StatementView


def get_statement(request: GetStatement, desk: Desk) -> StatementView:
    """Return a statement of the locations the caller may see; raises NotFound, Invalid."""
    client = seen_client(desk.statements.client(request.client_id), request.client_id, desk)
    moved = desk.statements.moved(request.client_id, desk.context.location_scope, request.currency)
    return statement(request, client.name, moved, desk.now.date())


def print_statement(request: GetStatement, desk: Desk) -> PaperDocument:
    """Return a statement as a page; raises as ``get_statement``."""
    found = get_statement(request, desk)
    return _paper(f"statement-{found.as_of.isoformat()}", desk.paper_html(found))


def print_day_close(request: GetDayClose, desk: Desk) -> PaperDocument:
    """Return a closed day as a page; raises NotFound."""
    found = get_day_close(request.day_close_id, desk)
    return _paper(f"day-{found.day.isoformat()}", desk.paper_html(found))


def print_invoice(id_: str, desk: Desk) -> PaperDocument:
    """Return an invoice as a page that explains every cent; raises NotFound."""
    invoice = get_invoice(id_, desk)
    claims = desk.claims.of_invoice(id_)
    paper = desk.paper_html(InvoicePaper(invoice, claims))
    return _paper(f"invoice-{invoice.number}", paper)


def _paper(name: str, html: str) -> PaperDocument:
    return PaperDocument(
        filename=f"{name}.html",
        content_type="text/html; charset=utf-8",
        content_base64=base64.b64encode(html.encode()).decode(),
    )
