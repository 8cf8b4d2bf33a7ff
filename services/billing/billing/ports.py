"""What the use cases need of the outside, said by them."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, Protocol

from billing.claim_ports import Built, ClaimBooks, ClaimRecords, Leaving, Opinion
from billing.day_close_ports import DayCloseBooks, DayCloseRecords
from billing.domain.claim import Route
from billing.domain.coverage import Usage
from billing.domain.invoice import Facts, Rules, Surrounded
from billing.domain.ledger import Entry
from billing.eligibility_ports import EligibilityBooks, EligibilityRecords, Inquire
from billing.pay_ports import PayBooks, PayRecords
from billing.prepaid_ports import PrepaidBooks, PrepaidRecords
from billing.report_ports import ReportRecords
from billing.statement_ports import StatementRecords
from clinic_contracts.billing.claims import (
    ClaimFinding,
)
from clinic_contracts.billing.day_closes import DayCloseView
from clinic_contracts.billing.events import ClaimDrafted, CoverageUsed, InvoiceIssued
from clinic_contracts.billing.payments import RefundView
from clinic_contracts.billing.requests import (
    ClaimView,
    InvoiceView,
    ListInvoices,
    PaymentView,
    ReceiptView,
)
from clinic_contracts.billing.statements import StatementView
from clinic_contracts.booking.events import (
    LocationChanged,
    PractitionerChanged,
    TreatmentChanged,
)
from clinic_contracts.client_profile.events import ClientChanged, CoverageChanged
from clinic_contracts.context import CallContext
from clinic_contracts.errors import RetryLater
from payer_formats.answers import Read, Remittance

Numbered = Literal["invoice", "receipt"]


@dataclass(frozen=True, slots=True)
class Issued:
    """An invoice with its claims, what tells of each, and what caused them."""

    invoice: InvoiceView
    event: InvoiceIssued
    claims: Sequence[tuple[ClaimView, ClaimDrafted]]
    context: CallContext


@dataclass(frozen=True, slots=True)
class Used:
    """A benefit year, or an injury, as it is to be over ``usage.version``.

    With what tells of it, and what caused it.
    """

    year: str
    usage: Usage
    event: CoverageUsed
    context: CallContext


class Books(ClaimBooks, EligibilityBooks, PrepaidBooks, DayCloseBooks, PayBooks, Protocol):
    """Invoices, claims, payments, receipts and the ledger, within one transaction."""

    def invoice(self, id_: str) -> InvoiceView | None:
        """Return one, or None."""

    def payment(self, id_: str) -> PaymentView | None:
        """Return one, or None."""

    def client(self, id_: str) -> ClientChanged | None:
        """Return what is known of one now, or None."""

    def location(self, id_: str) -> LocationChanged | None:
        """Return what is known of one now, or None."""

    def treatment(self, id_: str) -> TreatmentChanged | None:
        """Return what is known of one now, or None."""

    def practitioner(self, id_: str) -> PractitionerChanged | None:
        """Return what is known of one now, or None."""

    def facts(self, visits: Sequence[Surrounded]) -> Sequence[Facts | RetryLater]:
        """Return what is known of each visit, RetryLater of one when something has not arrived.

        To be asked first: it is read before the transaction, which holds up nobody meanwhile.
        """

    def invoiced(self, ids: Sequence[str]) -> frozenset[str]:
        """Return those of the invoices that there are."""

    def used(self, years: Collection[str]) -> Mapping[str, Usage]:
        """Return what is used of each benefit year of which anything is."""

    def use(self, years: Sequence[Used]) -> None:
        """Save benefit years, each with its event; who changes one at once tries again."""

    def add_invoices(self, issued: Sequence[Issued]) -> None:
        """Insert invoices and their claims, each with its event."""

    def save_invoice(self, invoice: InvoiceView, event: Any) -> None:  # noqa: ANN401
        """Save over ``invoice.version``; a concurrent change makes one of the two try again."""

    def add_payment(self, payment: PaymentView, token: str) -> None:
        """Insert a card payment under way; the token is kept until the payment ends."""

    def end_payment(self, payment: PaymentView) -> None:
        """Record a payment that succeeded or was canceled, new or under way until now."""

    def save_payment(self, payment: PaymentView) -> None:
        """Record what changed of a payment that has ended."""

    def refund(self, id_: str) -> RefundView | None:
        """Return one, or None."""

    def begin_refund(self, refund: RefundView) -> None:
        """Insert a refund of a card payment under way."""

    def end_refund(self, refund: RefundView) -> None:
        """Record a refund that succeeded or failed, new or under way until now."""

    def receipt(self, id_: str) -> ReceiptView | None:
        """Return one, or None."""

    def add_receipt(self, receipt: ReceiptView) -> None:
        """Insert a receipt."""

    def next_number(self, of: Numbered, location_id: str) -> int:
        """Take the location's next running number; given back when the transaction fails."""

    def next_numbers(self, of: Numbered, counts: Mapping[str, int]) -> Mapping[str, Iterator[int]]:
        """Take so many running numbers of each location as ``next_number`` takes one."""

    def entry(self, key: str) -> Entry | None:
        """Return a journal entry, or None."""

    def post(self, entries: Sequence[Entry]) -> None:
        """Add journal entries; the database refuses one that does not balance."""


class Records(Protocol):
    """Invoices and receipts to read, outside a transaction."""

    def invoices(
        self, request: ListInvoices, location_ids: Sequence[str] | None
    ) -> tuple[tuple[InvoiceView, ...], str | None]:
        """Return a page, newest first, and the cursor of the next one, if there is one.

        ``location_ids`` None means of every location. Raises Invalid for a cursor that is none.
        """

    def invoice(self, id_: str) -> InvoiceView | None:
        """Return one, or None."""

    def count_open_invoices(self, location_ids: Sequence[str] | None, most: int) -> int:
        """Return how many invoices clients still owe something of, ``most`` at most."""

    def receipt(self, id_: str) -> ReceiptView | None:
        """Return one, or None."""

    def payment(self, id_: str) -> PaymentView | None:
        """Return one, or None."""

    def refund(self, id_: str) -> RefundView | None:
        """Return one, or None."""

    def payments_of(self, invoice_id: str) -> Sequence[PaymentView]:
        """Return an invoice's payments, the oldest first."""

    def refunds_of(self, invoice_id: str) -> Sequence[RefundView]:
        """Return the refunds of an invoice's payments, the oldest first."""

    def mark_printed(self, receipt_id: str) -> bool:
        """Count a print of a receipt; say whether it was printed before."""


@dataclass(frozen=True, slots=True)
class InvoicePaper:
    """An invoice and its claims, to be explained on paper."""

    invoice: InvoiceView
    claims: Sequence[ClaimView]


class Cards(Protocol):
    """A card processor, never asked inside a transaction, which may run again or be undone."""

    def charge(self, payment_id: str, token: str, minor: int, currency: str) -> str:
        """Take the money, once per ``payment_id``: asked again, it answers as the first time.

        Returns the processor's id of the charge.
        Raises PaymentRefused (``reason``: the processor's word) when declined, ServiceUnavailable
        when the outcome is not known.
        """

    def refund(self, refund_id: str, reference: str, minor: int, currency: str) -> None:
        """Give back money of a charge, once per ``refund_id``; raises as ``charge`` does."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything a use case of billing works with."""

    transact: Callable[[Callable[[Books], Any]], Any]
    """Run a function in one transaction, again when the database asks for it."""
    records: Records
    prepaid: PrepaidRecords
    day_closes: DayCloseRecords
    statements: StatementRecords
    reports: ReportRecords
    pay: PayRecords
    claims: ClaimRecords
    eligibility: EligibilityRecords
    inquire: Inquire
    """Return the payer of a coverage and a question to it about its eligibility."""
    route: Callable[[CoverageChanged, TreatmentChanged, date], Route]
    """Return how a claim for a service of a day goes to its payer."""
    scrub: Callable[[Leaving], Sequence[ClaimFinding]]
    """Return what keeps a claim from its payer, or might."""
    claims_a_file: Callable[[str], int]
    """Return how many claims a payer, by its id, takes in one file."""
    build_file: Callable[[Sequence[Leaving], str, int, int], Built]
    """Return claims as a file for a payer by its id: the file's number, its first record's."""
    is_paid: Callable[[Remittance], bool]
    """Say whether a remittance pays this clinic, as far as it says whom it pays."""
    read_file: Callable[[bytes, str], Read]
    """Return what a payer's file of a content type holds; never raises for what it holds."""
    second_opinion: Callable[[str, bytes], Opinion]
    """Return what a library says of a file of a kind (``x12``, ``fhir``); never raises."""
    looks_at: Callable[[str], bool]
    """Say whether files for a payer, by its id, get one before they are carried."""
    rules: Rules
    cards: Cards
    receipt_pdf: Callable[..., bytes]
    """Return a receipt, marked as a ``duplicate`` or not, as a PDF."""
    receipt_html: Callable[..., str]
    """Return the same as a page of HTML."""
    paper_html: Callable[[StatementView | DayCloseView | InvoicePaper], str]
    """Return a statement or a closed day as a page of HTML."""
    context: CallContext
    now: datetime
    derived_id: Callable[..., str]
    """Return the one id that belongs to a prefix and parts."""
