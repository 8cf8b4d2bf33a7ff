"""What billing can be asked, and how it answers."""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Literal

from clinic_contracts.billing.claims import (
    ClaimDetails,
    ClaimFinding,
    ClaimSettlement,
    ClaimStage,
    ClaimStep,
    Frequency,
)
from clinic_contracts.constraints import Cursor, Id, Instant, Limit, PathId, Text
from clinic_contracts.money import Money

NOTHING = Money(amount_minor=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListInvoices:
    """Invoices by location, client, appointment or status, newest first."""

    location_id: Id | None = None
    client_id: Id | None = None
    appointment_id: Id | None = None
    status: Literal["open", "paid", "void"] | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GetInvoice:
    """One invoice."""

    invoice_id: PathId


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine:
    """A line before tax; ``minutes`` is how long the treatment took.

    ``kind`` is the discipline of a treatment or ``retail_goods``: what taxes go by.
    """

    description: str
    treatment_id: str
    quantity: int
    unit_price: Money
    amount: Money
    minutes: int = 0
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceTax:
    """A tax over the taxable lines; ``rate_bp`` is basis points, ``rule`` names its source."""

    name: str
    rate_bp: int
    base: Money
    amount: Money
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitStep:
    """One step of how a part came about: the rule, its version, the numbers it used."""

    rule: str
    version: str
    text: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitPart:
    """Who owes how much, and why, step by step; ``payer`` is ``client`` or the carrier.

    ``tax`` is what of the amount is tax. ``code`` says why a payer pays nothing, such as AUTH_LIMIT
    (``domain.refusal`` of billing lists them). ``rule`` and its ``version`` are the payer's rule,
    ``fee_item`` its item in the payer's schedule of fees.
    """

    payer: str
    coverage_id: str | None
    amount: Money
    explanation: tuple[SplitStep, ...]
    tax: Money = NOTHING
    code: str | None = None
    rule: str = ""
    version: str = ""
    fee_item: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceParties:
    """Who treated whom and where, as it was known when the visit was invoiced.

    Receipts print these, so that a later change of a name rewrites no history. ``tax_number`` is
    the therapist's, empty when no tax was charged.
    """

    location_name: str = ""
    location_address: str = ""
    timezone: str = "UTC"
    client_name: str = ""
    practitioner_name: str = ""
    college: str = ""
    registration_number: str = ""
    tax_number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceAdjustment:
    """What a payer's decision changed: an amount moved to the client, or written off.

    A negative amount takes an earlier one back.
    """

    kind: Literal["moved_to_client", "moved_to_payer", "written_off", "payer_paid"]
    amount: Money
    text: str
    claim_id: str
    remittance_id: str
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncounted:
    """What of a payer's part no longer counts towards its limits: its claim ended without it.

    ``visit`` when nothing was paid, so that the visit does not count either.
    """

    coverage_id: str
    amount: Money
    visit: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceView:
    """An invoice; ``balance`` is what the client still owes of the client portion.

    ``kind``: of a ``visit``, of the ``fee`` for one that was not kept, or of a ``sale`` of what is
    used later. ``reserved`` is what card payments under way will take of the balance.
    ``adjustments`` tell what payers' decisions made of the payer portion: total = client portion +
    payer portion + written off, of which payers have paid ``payer_paid``. ``uncounted`` is what of
    the split was given back to payers' limits.
    """

    id: str
    version: int
    number: str
    status: str
    location_id: str
    client_id: str
    practitioner_id: str
    appointment_id: str
    service_date: date
    issued_at: Instant
    lines: tuple[InvoiceLine, ...]
    taxes: tuple[InvoiceTax, ...]
    split: tuple[SplitPart, ...]
    subtotal: Money
    tax_total: Money
    total: Money
    client_portion: Money
    payer_portion: Money
    paid: Money
    balance: Money
    claim_ids: tuple[str, ...]
    reserved: Money = NOTHING
    parties: InvoiceParties = field(default_factory=InvoiceParties)
    payer_paid: Money = NOTHING
    written_off: Money = NOTHING
    adjustments: tuple[InvoiceAdjustment, ...] = ()
    kind: Literal["visit", "fee", "sale"] = "visit"
    void_reason: str | None = None
    uncounted: tuple[Uncounted, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicePage:
    """A page of invoices."""

    items: tuple[InvoiceView, ...]
    next: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PayInvoice:
    """Pay some or (``amount`` left out) all of the balance.

    In cash, by card, or by what was paid in advance: ``prepaid_id`` is the gift card, the package,
    of which a visit is taken, or the deposit.

    ``card_token`` stands for the card at the processor; the simulator takes ``tok_visa`` and
    refuses ``tok_declined``.
    """

    invoice_id: PathId
    method: Literal["cash", "card", "gift_card", "package", "deposit"]
    amount: Money | None = None
    card_token: Annotated[str, Text(max=200)] | None = None
    prepaid_id: Id | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentView:
    """A payment; ``status`` follows a payment intent, ``succeeded`` when the money is ours.

    ``processing`` while the card's processor is asked; ``canceled`` for the ``reason`` it gave.
    ``refunded`` is what was given back of it, ``refunding`` what refunds under way will. ``value``
    is what it took of ``prepaid_id``: of a package, what the visit was sold for. ``reference`` is
    the card processor's id of the charge.
    """

    id: str
    invoice_id: str
    status: str
    method: str
    amount: Money
    receipt_id: str | None
    created_at: Instant
    reason: str | None = None
    refunded: Money = NOTHING
    refunding: Money = NOTHING
    prepaid_id: str | None = None
    value: Money | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GetReceipt:
    """One receipt."""

    receipt_id: PathId


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptView:
    """A receipt, immutable; ``number`` is gapless per location.

    ``paid_on`` is the day of the payment at the clinic; ``payer_portion`` is the insurers' part of
    the invoice; ``tax_number`` is the therapist's, empty when no tax was charged.
    ``kind`` ``refund``: ``amount_paid`` was given back; ``reversal``: the receipt that it corrects
    is not valid any more, and the ``payment`` receipt that corrects the same one stands for it.
    """

    id: str
    number: int
    invoice_id: str
    payment_id: str
    location_id: str
    location_name: str
    location_address: str
    client_id: str
    client_name: str
    service_date: date
    treatment: str
    minutes: int
    fee: Money
    taxes: tuple[InvoiceTax, ...]
    tax_number: str
    practitioner_name: str
    college: str
    registration_number: str
    method: str
    amount_paid: Money
    balance: Money
    issued_at: Instant
    invoice_number: str = ""
    paid_on: date | None = None
    payer_portion: Money | None = None
    kind: Literal["payment", "refund", "reversal"] = "payment"
    corrects_id: str | None = None
    corrects_number: int | None = None
    refund_id: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptDocument:
    """A receipt as a file, PDF or HTML, in base64; marked DUPLICATE when a reprint."""

    filename: str
    content_type: str
    content_base64: Annotated[str, Text(max=2_000_000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListClaims:
    """Claims by location, client, invoice, state or stage, newest first.

    ``stage`` is of several states: ``to_send`` draft and validated, ``refused`` rejected and
    denied, ``waiting`` what its payer has to answer.
    """

    location_id: Id | None = None
    client_id: Id | None = None
    invoice_id: Id | None = None
    state: Annotated[str, Text(max=30)] | None = None
    stage: ClaimStage | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GetClaim:
    """One claim."""

    claim_id: PathId


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimView:
    """A claim for a payer's part of an invoice.

    ``charge`` is the fee before tax, ``amount`` what the invoice expects of this payer,
    ``outstanding`` what of that is neither paid, written off nor moved to the client; ``number``
    is what the payer is told it is. ``details`` are left out of lists. ``file_by`` is the last day
    on which the payer takes it.
    """

    id: str
    version: int
    state: str
    carrier: str
    coverage_id: str
    member_id: str
    group_number: str
    invoice_id: str
    location_id: str
    client_id: str
    practitioner_id: str
    service_date: date
    charge: Money
    amount: Money
    created_at: Instant
    number: str = ""
    payer_id: str = ""
    tongue: str = ""
    frequency: Frequency = "original"
    payer_reference: str = ""
    outstanding: Money | None = None
    paid: Money = NOTHING
    written_off: Money = NOTHING
    moved_to_client: Money = NOTHING
    replaces: str | None = None
    replaced_by: str | None = None
    file_by: date | None = None
    batch_id: str | None = None
    findings: tuple[ClaimFinding, ...] = ()
    history: tuple[ClaimStep, ...] = ()
    settlements: tuple[ClaimSettlement, ...] = ()
    details: ClaimDetails | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimPage:
    """A page of claims."""

    items: tuple[ClaimView, ...]
    next: str | None = None
