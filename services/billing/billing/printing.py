"""Receipts on paper."""

from decimal import Decimal

from babel.numbers import format_currency
from fpdf import FPDF

from clinic_contracts.billing.requests import ReceiptView
from clinic_contracts.money import Money

LINE = 8
MINOR_PER_UNIT = 100


def receipt_pdf(receipt: ReceiptView, *, duplicate: bool) -> bytes:
    """Return a receipt as a PDF of one page; a reprint says DUPLICATE."""
    pdf = FPDF(format="Letter")
    pdf.add_page()
    pdf.set_font("Helvetica", "B", 16)
    pdf.cell(0, 12, _latin(receipt.location_name), new_x="LMARGIN", new_y="NEXT")
    pdf.set_font("Helvetica", "", 11)
    rows = [
        ("", receipt.location_address),
        ("Receipt", f"{receipt.number}{' - DUPLICATE' if duplicate else ''}"),
        ("Client", receipt.client_name),
        ("Date of service", receipt.service_date.isoformat()),
        ("Treatment", f"{receipt.treatment} ({receipt.minutes} minutes)"),
        ("Therapist", receipt.practitioner_name),
        ("Registration", f"{receipt.college} {receipt.registration_number}"),
        ("Fee", amount(receipt.fee)),
        *[(tax.name, amount(tax.amount)) for tax in receipt.taxes],
        ("Paid", f"{amount(receipt.amount_paid)} ({receipt.method})"),
        ("Balance", amount(receipt.balance)),
    ]
    for label, value in rows:
        pdf.cell(45, LINE, _latin(label))
        pdf.cell(0, LINE, _latin(value), new_x="LMARGIN", new_y="NEXT")
    return bytes(pdf.output())


def amount(money: Money) -> str:
    """Return money as a Canadian reads it."""
    units = Decimal(money.amount_minor) / MINOR_PER_UNIT
    return str(format_currency(units, money.currency, locale="en_CA"))


def _latin(text: str) -> str:
    return text.encode("latin-1", "replace").decode("latin-1")
