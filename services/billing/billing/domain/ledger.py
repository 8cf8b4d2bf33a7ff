"""The double-entry ledger: debits positive, credits negative, each entry summing to zero."""

from dataclasses import dataclass

from clinic_contracts.billing.requests import InvoiceView
from clinic_contracts.money import Money


@dataclass(frozen=True, slots=True)
class Posting:
    """So many minor units to an account; debit positive, credit negative."""

    account: str
    minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A journal entry; ``key`` is unique, so that a cause is posted once."""

    key: str
    currency: str
    postings: tuple[Posting, ...]


def of_invoice(invoice: InvoiceView) -> Entry:
    """Return what an invoice posts: receivables against revenue and tax."""
    tax = invoice.tax_total.amount_minor
    postings = [
        Posting("ar_client", invoice.client_portion.amount_minor),
        Posting("ar_payer", invoice.payer_portion.amount_minor),
        Posting("revenue", -invoice.subtotal.amount_minor),
        Posting("sales_tax_payable", -tax),
    ]
    kept = tuple(posting for posting in postings if posting.minor)
    return Entry(key=f"invoice:{invoice.id}", currency=invoice.total.currency, postings=kept)


def of_payment(payment_id: str, method: str, amount: Money) -> Entry:
    """Return what a client's payment posts: money against the receivable."""
    account = "cash" if method == "cash" else "card_clearing"
    postings = (
        Posting(account, amount.amount_minor),
        Posting("ar_client", -amount.amount_minor),
    )
    return Entry(key=f"payment:{payment_id}", currency=amount.currency, postings=postings)
