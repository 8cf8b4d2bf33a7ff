"""What receipts say, on paper as on a screen."""

from decimal import Decimal

from babel.numbers import format_currency

from clinic_contracts.billing.requests import InvoiceTax, ReceiptView
from clinic_contracts.money import Money

MINOR_PER_UNIT = 100
BASIS_POINTS_A_PERCENT = 100
TITLES = {"payment": "Receipt", "refund": "Refund receipt", "reversal": "Reversing receipt"}
MOVED = {"payment": "Paid", "refund": "Refunded", "reversal": "Reversed"}


def amount(money: Money) -> str:
    """Return money as a Canadian reads it."""
    units = Decimal(money.amount_minor) / MINOR_PER_UNIT
    return str(format_currency(units, money.currency, locale="en_CA"))


def title(receipt: ReceiptView) -> str:
    """Return what a receipt is called, with its number."""
    return f"{TITLES[receipt.kind]} {receipt.number}"


def moved(receipt: ReceiptView) -> tuple[str, str]:
    """Return what was paid, given back or taken for reversed, and how."""
    method = receipt.method.replace("_", " ")
    return f"{MOVED[receipt.kind]} ({method})", amount(receipt.amount_paid)


def facts(receipt: ReceiptView) -> list[tuple[str, str]]:
    """Return what a receipt states besides money, each with its label."""
    paid_on = receipt.paid_on or receipt.issued_at.date()
    corrects = "Replaces receipt" if receipt.kind == "payment" else "Corrects receipt"
    stated = [
        (f"Date of {'refund' if receipt.kind == 'refund' else 'payment'}", paid_on.isoformat()),
        ("Date of service", receipt.service_date.isoformat()),
        ("Client", receipt.client_name),
        ("Treatment" if receipt.minutes else "For", _given(receipt)),
        ("Therapist", receipt.practitioner_name),
        ("Registration", f"{receipt.college} {receipt.registration_number}"),
        ("Invoice", receipt.invoice_number),
        (corrects, "" if receipt.corrects_number is None else str(receipt.corrects_number)),
        ("Reason", receipt.reason),
    ]
    return [(label, value) for label, value in stated if value.strip()]


def amounts(receipt: ReceiptView) -> list[tuple[str, str]]:
    """Return the amounts of the invoice that a receipt is of, each with its label."""
    taxes = [(_tax(tax, receipt.tax_number), tax.amount) for tax in receipt.taxes]
    total = sum((due for _, due in taxes), start=receipt.fee)
    rows = [("Fee", receipt.fee), *taxes, ("Total", total)]
    if receipt.payer_portion is not None and receipt.payer_portion.amount_minor:
        rows.append(("Of this, the insurer's part", receipt.payer_portion))
    return [(label, amount(money)) for label, money in rows]


def _given(receipt: ReceiptView) -> str:
    minutes = f", {receipt.minutes} minutes" if receipt.minutes else ""
    return f"{receipt.treatment}{minutes}"


def _tax(tax: InvoiceTax, number: str) -> str:
    rate = f"{tax.name} {Decimal(tax.rate_bp) / BASIS_POINTS_A_PERCENT} %"
    return f"{rate} (no. {number})" if number else rate
