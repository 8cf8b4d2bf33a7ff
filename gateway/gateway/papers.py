"""Invoices, statements and closed days as pages to print, and the operation behind each call."""

from collections.abc import Mapping

from clinic_contracts.billing import operations as op
from clinic_contracts.billing.statements import GetStatement
from clinic_contracts.operations import Operation
from gateway.routing import OwnCall

HTML = "text/html"

STATEMENT = OwnCall(
    method="GET",
    path="/v1/clients/<client_id>/statement.html",
    name="print_statement",
    summary="A client's statement, as a page to print.",
    tag="Billing",
    action="read",
    request=GetStatement,
    answer=HTML,
    refusals=(404, 422, 503),
)
DAY_CLOSE = OwnCall(
    method="GET",
    path="/v1/day-closes/<day_close_id>.html",
    name="print_day_close",
    summary="A closed day as a page to print.",
    tag="Billing",
    action="read",
    answer=HTML,
    refusals=(404, 422, 503),
)
INVOICE = OwnCall(
    method="GET",
    path="/v1/invoices/<invoice_id>.html",
    name="print_invoice",
    summary="An invoice as a page that explains every cent.",
    tag="Billing",
    action="read",
    answer=HTML,
    refusals=(404, 422, 503),
)
PAPERS: Mapping[OwnCall, Operation] = {
    INVOICE: op.PRINT_INVOICE,
    STATEMENT: op.PRINT_STATEMENT,
    DAY_CLOSE: op.PRINT_DAY_CLOSE,
}
