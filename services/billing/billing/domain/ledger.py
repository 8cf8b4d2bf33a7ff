"""The double-entry ledger: debits positive, credits negative, each entry summing to zero."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from clinic_contracts.billing.payments import RefundView
from clinic_contracts.billing.prepaid import PrepaidView
from clinic_contracts.billing.requests import InvoiceView, PaymentView
from clinic_contracts.money import Money

CLIENT = "client"
"""The payer of revenue that the client is billed for."""
AR_CLIENT = "ar_client"
AR_PAYER = "ar_payer"
CASH = "cash"
"""The drawer of a location."""
CARD_CLEARING = "card_clearing"
"""What the card processor owes until it settles."""
CASH_CLEARING = "cash_clearing"
"""What payers sent, until it is seen at the bank."""
REVENUE = "revenue"
CONTRACTUAL_ADJUSTMENT = "contractual_adjustment"
WRITE_OFF = "write_off"
UNAPPLIED = "unapplied"
"""Money of a payer or client that is not known to pay anything yet."""
REFUNDS = "refunds"
"""What was given back of visits that stand: less revenue, and no receivable again."""
CASH_OVER_SHORT = "cash_over_short"
GIFT_CARD_LIABILITY = "gift_card_liability"
PACKAGE_LIABILITY = "package_liability"
DEPOSIT_LIABILITY = "deposit_liability"
LIABILITY_OF = {
    "gift_card": GIFT_CARD_LIABILITY,
    "package": PACKAGE_LIABILITY,
    "deposit": DEPOSIT_LIABILITY,
}
PACKAGE_DISCOUNT = "package_discount"
"""By how much a package's unit was cheaper than the visit that it paid: less revenue."""
BREAKAGE = "breakage"
"""What expired unused of what was paid in advance: revenue."""


@dataclass(frozen=True, slots=True)
class Posting:
    """So many minor units to an account; debit positive, credit negative.

    A receivable names its invoice and a liability what it is owed on (``prepaid_id``), so that the
    books can be proved one by one. The other ids are what reports group by.
    """

    account: str
    minor: int
    invoice_id: str | None = None
    prepaid_id: str | None = None
    location_id: str | None = None
    practitioner_id: str | None = None
    treatment_id: str | None = None
    payer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A journal entry; ``key`` is unique, so that a cause is posted once.

    ``day`` is the day at the location, by which days are closed; None where there is no location.
    """

    key: str
    currency: str
    postings: tuple[Posting, ...]
    day: date | None = None


def tax_payable(name: str) -> str:
    """Return the account of a tax: GST's is ``gst_payable``."""
    return f"{name.lower()}_payable"


def money_account(method: str) -> str:
    """Return the account that a way of paying fills."""
    return CASH if method == "cash" else CARD_CLEARING


def entry(key: str, currency: str, postings: Iterable[Posting], day: date | None = None) -> Entry:
    """Return an entry of those postings that are of anything."""
    kept = tuple(posting for posting in postings if posting.minor)
    return Entry(key=key, currency=currency, postings=kept, day=day)


def contra(of: Entry, key: str, day: date | None) -> Entry:
    """Return the entry that undoes another."""
    postings = tuple(replace(posting, minor=-posting.minor) for posting in of.postings)
    return Entry(key=key, currency=of.currency, postings=postings, day=day)


def of_invoice(invoice: InvoiceView) -> Entry:
    """Return what an invoice posts: receivables against revenue and each tax."""
    at = invoice.location_id
    payers = [part for part in invoice.split if part.coverage_id is not None]
    postings = [
        Posting(AR_CLIENT, invoice.client_portion.amount_minor, invoice.id, location_id=at),
        *(
            Posting(
                AR_PAYER, part.amount.amount_minor, invoice.id, location_id=at, payer=part.payer
            )
            for part in payers
        ),
        *(earned(invoice, payer, minor) for payer, minor in billed_to(invoice).items()),
        *(
            Posting(tax_payable(tax.name), -tax.amount.amount_minor, location_id=at)
            for tax in invoice.taxes
        ),
    ]
    day = invoice.service_date
    return entry(f"invoice:{invoice.id}", invoice.total.currency, postings, day)


def billed_to(invoice: InvoiceView) -> dict[str, int]:
    """Return the fee before tax, in minor units, by who is billed for it: payers, then CLIENT."""
    parts: dict[str, int] = defaultdict(int)
    for part in invoice.split:
        if part.coverage_id is not None:
            parts[part.payer] += part.amount.amount_minor - part.tax.amount_minor
    parts[CLIENT] += invoice.subtotal.amount_minor - sum(parts.values())
    return dict(parts)


def earned(invoice: InvoiceView, payer: str, minor: int) -> Posting:
    """Return revenue of an invoice that somebody is billed for."""
    return Posting(
        REVENUE,
        -minor,
        location_id=invoice.location_id,
        practitioner_id=invoice.practitioner_id,
        treatment_id=invoice.lines[0].treatment_id,
        payer=payer,
    )


def of_payment(payment: PaymentView, invoice: InvoiceView, day: date) -> Entry:
    """Return what a client's payment posts: what it was paid by against the receivable."""
    minor, at = payment.amount.amount_minor, invoice.location_id
    postings = (
        *_paid_by(payment, payment.value or payment.amount, minor, invoice),
        Posting(AR_CLIENT, -minor, payment.invoice_id, location_id=at),
    )
    return entry(f"payment:{payment.id}", payment.amount.currency, postings, day)


def _paid_by(
    payment: PaymentView, value: Money, minor: int, invoice: InvoiceView
) -> tuple[Posting, ...]:
    at = invoice.location_id
    if payment.prepaid_id is None:
        return (Posting(money_account(payment.method), minor, location_id=at),)
    liability = LIABILITY_OF[payment.method]
    cheaper_by = minor - value.amount_minor
    return (
        Posting(liability, value.amount_minor, prepaid_id=payment.prepaid_id, location_id=at),
        Posting(
            PACKAGE_DISCOUNT,
            cheaper_by,
            location_id=at,
            practitioner_id=invoice.practitioner_id,
            treatment_id=invoice.lines[0].treatment_id,
        ),
    )


def of_sale(invoice: InvoiceView, prepaid: PrepaidView, day: date) -> Entry:
    """Return what the sale of what is used later posts: a receivable against the liability."""
    minor, at = invoice.total.amount_minor, invoice.location_id
    postings = (
        Posting(AR_CLIENT, minor, invoice.id, location_id=at),
        Posting(LIABILITY_OF[prepaid.kind], -minor, prepaid_id=prepaid.id, location_id=at),
    )
    return entry(f"invoice:{invoice.id}", invoice.total.currency, postings, day)


def of_expiry(prepaid: PrepaidView) -> Entry:
    """Return what the end of what is left posts: the liability becomes revenue."""
    minor, at = prepaid.balance.amount_minor, prepaid.location_id
    postings = (
        Posting(LIABILITY_OF[prepaid.kind], minor, prepaid_id=prepaid.id, location_id=at),
        Posting(BREAKAGE, -minor, location_id=at),
    )
    key = f"expiry:{prepaid.id}"
    return entry(key, prepaid.balance.currency, postings, prepaid.expires_on)


def of_refund(refund: RefundView, payment: PaymentView, invoice: InvoiceView, day: date) -> Entry:
    """Return what a refund posts: the receivable again, against what was given back."""
    minor, at = refund.amount.amount_minor, refund.location_id
    # A package's visit is given back whole, and with it what the visit was sold for.
    value = payment.value if payment.method == "package" else refund.amount
    given = _paid_by(payment, value or refund.amount, minor, invoice)
    postings = (
        Posting(AR_CLIENT, minor, refund.invoice_id, location_id=at),
        *(replace(each, minor=-each.minor) for each in given),
    )
    return entry(f"refund:{refund.id}", refund.amount.currency, postings, day)


def of_prepaid_refund(refund: RefundView, prepaid: PrepaidView, day: date) -> Entry:
    """Return what giving back what is left posts: the liability against money."""
    minor, at = refund.amount.amount_minor, refund.location_id
    postings = (
        Posting(LIABILITY_OF[prepaid.kind], minor, prepaid_id=prepaid.id, location_id=at),
        Posting(money_account(refund.method), -minor, location_id=at),
    )
    return entry(f"refund:{refund.id}", refund.amount.currency, postings, day)
