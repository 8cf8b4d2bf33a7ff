"""Invoices, claims and receipts to read: one function per question."""

import base64

from billing.ports import Desk
from clinic_contracts.billing import requests as r
from clinic_contracts.billing.payments import ListPayments, PaymentList, PrintReceipt
from clinic_contracts.errors import NotFound


def list_invoices(request: r.ListInvoices, desk: Desk) -> r.InvoicePage:
    """Return a page of the invoices the caller may see, newest first."""
    location_ids = location_ids_of(request.location_id, desk)
    items, following = desk.records.invoices(request, location_ids)
    return r.InvoicePage(items=items, next=following)


def list_claims(request: r.ListClaims, desk: Desk) -> r.ClaimPage:
    """Return a page of the claims the caller may see, newest first."""
    items, following = desk.claims.page(request, location_ids_of(request.location_id, desk))
    return r.ClaimPage(items=items, next=following)


def get_invoice(id_: str, desk: Desk) -> r.InvoiceView:
    """Return an invoice the caller may see; raises NotFound."""
    found = desk.records.invoice(id_)
    if found is None or not desk.context.sees(found.location_id):
        raise NotFound(f"there is no {id_}")
    return found


def get_receipt(id_: str, desk: Desk) -> r.ReceiptView:
    """Return a receipt the caller may see; raises NotFound."""
    found = desk.records.receipt(id_)
    if found is None or not desk.context.sees(found.location_id):
        raise NotFound(f"there is no receipt {id_}")
    return found


def get_payment(id_: str, desk: Desk) -> r.PaymentView:
    """Return a payment the caller may see; raises NotFound."""
    found = desk.records.payment(id_)
    invoice = None if found is None else desk.records.invoice(found.invoice_id)
    if found is None or invoice is None or not desk.context.sees(invoice.location_id):
        raise NotFound(f"there is no payment {id_}")
    return found


def list_payments(request: ListPayments, desk: Desk) -> PaymentList:
    """Return what was paid on an invoice the caller may see, and given back; raises NotFound."""
    invoice = get_invoice(request.invoice_id, desk)
    return PaymentList(
        items=tuple(desk.records.payments_of(invoice.id)),
        refunds=tuple(desk.records.refunds_of(invoice.id)),
    )


def print_receipt(request: PrintReceipt, desk: Desk) -> r.ReceiptDocument:
    """Return a receipt as a PDF or as HTML; every print after the first says DUPLICATE."""
    receipt = get_receipt(request.receipt_id, desk)
    duplicate = desk.records.mark_printed(receipt.id)
    if request.form == "pdf":
        content_type, content = "application/pdf", desk.receipt_pdf(receipt, duplicate=duplicate)
    else:
        content_type = "text/html; charset=utf-8"
        content = desk.receipt_html(receipt, duplicate=duplicate).encode()
    return r.ReceiptDocument(
        filename=f"receipt-{receipt.number}.{request.form}",
        content_type=content_type,
        content_base64=base64.b64encode(content).decode(),
    )


def location_ids_of(location_id: str | None, desk: Desk) -> tuple[str, ...] | None:
    """Return the locations to look at, None: every one; raises NotFound for one not seen."""
    if location_id is None:
        return desk.context.location_scope
    if not desk.context.sees(location_id):
        raise NotFound(f"there is no location {location_id}")
    return (location_id,)
