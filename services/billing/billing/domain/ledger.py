"""The double-entry ledger: debits positive, credits negative, each entry summing to zero."""

from dataclasses import dataclass

from clinic_contracts.billing.requests import InvoiceView, PaymentView

AR_CLIENT = "ar_client"
AR_PAYER = "ar_payer"


@dataclass(frozen=True, slots=True)
class Posting:
    """So many minor units to an account; debit positive, credit negative.

    A receivable names its invoice, so that the books can be proved invoice by invoice.
    """

    account: str
    minor: int
    invoice_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A journal entry; ``key`` is unique, so that a cause is posted once."""

    key: str
    currency: str
    postings: tuple[Posting, ...]


def of_invoice(invoice: InvoiceView) -> Entry:
    """Return what an invoice posts: receivables against revenue and tax."""
    postings = [
        Posting(AR_CLIENT, invoice.client_portion.amount_minor, invoice.id),
        Posting(AR_PAYER, invoice.payer_portion.amount_minor, invoice.id),
        Posting("revenue", -invoice.subtotal.amount_minor),
        Posting("sales_tax_payable", -invoice.tax_total.amount_minor),
    ]
    kept = tuple(posting for posting in postings if posting.minor)
    return Entry(key=f"invoice:{invoice.id}", currency=invoice.total.currency, postings=kept)


def of_payment(payment: PaymentView) -> Entry:
    """Return what a client's payment posts: money against the receivable."""
    minor = payment.amount.amount_minor
    postings = (
        Posting("cash" if payment.method == "cash" else "card_clearing", minor),
        Posting(AR_CLIENT, -minor, payment.invoice_id),
    )
    return Entry(key=f"payment:{payment.id}", currency=payment.amount.currency, postings=postings)
