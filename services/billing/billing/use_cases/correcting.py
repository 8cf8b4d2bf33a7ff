"""Receipts corrected: never changed, but reversed by one and replaced by another."""

from dataclasses import replace

from billing.domain import receipt as receipts
from billing.ports import Books, Desk
from clinic_contracts.billing import requests as r
from clinic_contracts.billing.events import ReceiptCorrected
from clinic_contracts.billing.payments import CorrectReceipt
from clinic_contracts.errors import NotFound


def correct_receipt(request: CorrectReceipt, desk: Desk) -> r.ReceiptView:
    """Reverse a receipt and return the one that stands for it, with the names as they are now.

    Each takes a number of its own. A repeated operation answers as the first did.
    Raises NotFound, IllegalTransition.
    """
    id_ = desk.derived_id("rcp", desk.context.operation_id, "replacement")

    def work(books: Books) -> r.ReceiptView:
        done = books.receipt(id_)
        if done is not None:
            return done
        receipt = books.receipt(request.receipt_id)
        if receipt is None or not desk.context.sees(receipt.location_id):
            raise NotFound(f"there is no receipt {request.receipt_id}")
        payment, invoice = books.payment(receipt.payment_id), books.invoice(receipt.invoice_id)
        if payment is None or invoice is None:
            raise NotFound(f"there is no payment {receipt.payment_id}")
        receipts.check_correctable(receipt, payment)
        reversal = receipts.reversal(
            receipt,
            id_=desk.derived_id("rcp", desk.context.operation_id, "reversal"),
            number=books.next_number("receipt", receipt.location_id),
            reason=request.reason,
            now=desk.now,
        )
        parties = _parties_now(books, invoice)
        replacement = receipts.replacement(
            receipt,
            parties,
            id_=id_,
            number=books.next_number("receipt", receipt.location_id),
            now=desk.now,
        )
        books.add_receipt(reversal)
        books.add_receipt(replacement)
        books.save_payment(replace(payment, receipt_id=replacement.id))
        event = ReceiptCorrected(
            receipt_id=receipt.id,
            reversal_id=reversal.id,
            replacement_id=replacement.id,
            invoice_id=invoice.id,
        )
        books.save_invoice(replace(invoice, parties=parties), event)
        return replacement

    corrected: r.ReceiptView = desk.transact(work)
    return corrected


def _parties_now(books: Books, invoice: r.InvoiceView) -> r.InvoiceParties:
    """Return an invoice's parties as they are known now; what is not known stays as it was."""
    parties = invoice.parties
    if (location := books.location(invoice.location_id)) is not None:
        parties = replace(parties, location_name=location.name, location_address=location.address)
    if (client := books.client(invoice.client_id)) is not None:
        parties = replace(parties, client_name=client.name)
    if (therapist := books.practitioner(invoice.practitioner_id)) is not None:
        tax_number = (therapist.gst_number or parties.tax_number) if invoice.taxes else ""
        parties = replace(
            parties,
            practitioner_name=therapist.name,
            college=therapist.college,
            registration_number=therapist.registration_number,
            tax_number=tax_number,
        )
    return parties
