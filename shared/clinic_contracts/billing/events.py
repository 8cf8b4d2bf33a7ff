"""What billing tells the world."""

from dataclasses import dataclass
from datetime import date

from clinic_contracts.envelope import event
from clinic_contracts.money import Money


@event("billing.invoice_issued.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceIssued:
    """A visit, fee or sale was invoiced; the client's and the payers' parts add up to the total."""

    invoice_id: str
    appointment_id: str
    client_id: str
    total: Money
    client_portion: Money
    payer_portion: Money


@event("billing.invoice_voided.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceVoided:
    """An invoice was called off; nobody owes anything of it."""

    invoice_id: str
    appointment_id: str
    client_id: str
    total: Money
    reason: str


@event("billing.payment_received.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentReceived:
    """A payment succeeded and its receipt was issued; ``balance`` is what the client still owes."""

    payment_id: str
    invoice_id: str
    receipt_id: str
    method: str
    amount: Money
    balance: Money


@event("billing.payment_refunded.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRefunded:
    """Money was given back to a client; ``balance`` is what the client owes again."""

    refund_id: str
    payment_id: str
    invoice_id: str
    receipt_id: str
    method: str
    amount: Money
    balance: Money


@event("billing.receipt_corrected.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptCorrected:
    """A receipt was reversed by another, and a third stands for it."""

    receipt_id: str
    reversal_id: str
    replacement_id: str
    invoice_id: str


@event("billing.prepaid_changed.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class PrepaidChanged:
    """A gift card, package or deposit as it stands now: sold, paid for, used, ended."""

    prepaid_id: str
    kind: str
    status: str
    client_id: str
    balance: Money
    units_left: int


@event("billing.day_closed.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class DayClosed:
    """A location's day was counted; ``difference`` is by how much that is not the ledger's sum."""

    day_close_id: str
    location_id: str
    day: date
    counted: Money
    difference: Money


@event("billing.day_reopened.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class DayReopened:
    """A closed day is open again, and its difference reversed."""

    day_close_id: str
    location_id: str
    day: date
    reason: str


@event("billing.claim_drafted.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimDrafted:
    """A claim for a payer's part was drafted."""

    claim_id: str
    invoice_id: str
    coverage_id: str
    amount: Money


@event("billing.claim_changed.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimChanged:
    """A claim came to another state, or to other amounts.

    ``through`` are the states it passed on the way; ``cause`` is why, in a word; ``file_id`` and
    ``position`` say which file of the payer tells so, at which of its segments or records.
    """

    claim_id: str
    invoice_id: str
    client_id: str
    previous: str
    state: str
    cause: str
    paid: Money
    outstanding: Money
    through: tuple[str, ...] = ()
    file_id: str | None = None
    position: int = 0


@event("billing.coverage_used.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageUsed:
    """What is used of a coverage in the benefit year, or injury, that began on ``year_from``.

    ``left`` is None when the coverage has no annual maximum; ``visits_used`` are the visits it paid
    for in part or whole, at any location, and those paid for elsewhere. ``visits_left`` is None
    without a limit of visits; when it is 0, another is refused for ``limit_code``. ``period_to`` is
    the last day of the limits' period, after which ``window_code`` is why no visit is paid for; of
    a benefit year, the next one begins. ``one_a_day``: a second visit on a day is not paid for.
    ``disciplines`` empty means all; ``rule`` sets the limits.
    """

    coverage_id: str
    client_id: str
    year_from: date
    used: Money
    left: Money | None
    visits_used: int
    visits_left: int | None = None
    limit_code: str | None = None
    period_to: date | None = None
    window_code: str | None = None
    one_a_day: bool = False
    disciplines: tuple[str, ...] = ()
    rule: str = ""
