"""What the use cases need of the outside, said by them."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, Protocol, TypeVar

from billing.domain.claim import Route
from billing.domain.coverage import Usage
from billing.domain.invoice import Facts, Rules
from billing.domain.ledger import Entry
from clinic_contracts.billing.claims import (
    ClaimFinding,
    FileView,
    ListFiles,
    ListUnmatched,
    UnmatchedView,
)
from clinic_contracts.billing.events import ClaimDrafted, CoverageUsed, InvoiceIssued
from clinic_contracts.billing.payments import RefundView
from clinic_contracts.billing.requests import (
    ClaimView,
    InvoiceView,
    ListClaims,
    ListInvoices,
    PaymentView,
    ReceiptView,
)
from clinic_contracts.booking.events import (
    LocationChanged,
    PractitionerChanged,
    TreatmentChanged,
    Visit,
)
from clinic_contracts.client_profile.events import ClientChanged, CoverageChanged
from clinic_contracts.context import CallContext
from clinic_contracts.errors import RetryLater
from payer_formats.answers import Read

Numbered = Literal["invoice", "receipt"]
T = TypeVar("T")
Changed = tuple[T, Any]
"""A record as it is to be over its version, and the event that tells of it, or None."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file of claims in a payer's tongue."""

    name: str
    content_type: str
    raw: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """A claim on its way out: its invoice, and the claims to payers who come before this one."""

    claim: ClaimView
    invoice: InvoiceView
    earlier: Sequence[ClaimView] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Claims that go to a payer in one file; ``control`` is the file's number, used once."""

    id: str
    control: int
    payer_id: str
    claim_ids: tuple[str, ...]
    file: File


class ClaimBooks(Protocol):
    """Claims, payers' files and what they decide, within one transaction."""

    def claim(self, id_: str) -> ClaimView | None:
        """Return one with its details, or None."""

    def is_done(self, claim_id: str, operation_id: str) -> bool:
        """Say whether an operation has changed a claim."""

    def claims_named(
        self, numbers: Iterable[str], payer_references: Iterable[str]
    ) -> Sequence[ClaimView]:
        """Return, without details, the claims by our numbers or the payers'."""

    def claims_of_batches(self, batch_ids: Iterable[str]) -> Sequence[ClaimView]:
        """Return, without details, the claims that went out in any of the batches."""

    def batches(self, *controls: str) -> Sequence[str]:
        """Return the batches that any of the control numbers, as a payer repeats them, are of."""

    def claims_of_invoices(self, ids: Iterable[str]) -> Sequence[ClaimView]:
        """Return, without details, every claim of the invoices."""

    def invoices(self, ids: Iterable[str]) -> Mapping[str, InvoiceView]:
        """Return those there are, by id."""

    def next_control(self) -> int:
        """Take the next number of a file of claims; given back when the transaction fails."""

    def claims(self, ids: Iterable[str]) -> Sequence[ClaimView]:
        """Return those there are, with their details, in the order of their ids."""

    def add_batch(self, batch: Batch, *, due: datetime | None) -> None:
        """Insert a batch that is to be sent from ``due`` on; None: by hand."""

    def end_batch(self, id_: str) -> bool:
        """Note that a batch was sent; False when that is noted already."""

    def add_claim(self, claim: ClaimView, event: Any) -> None:  # noqa: ANN401
        """Insert a claim with its event."""

    def save_claims(self, changed: Sequence[Changed[ClaimView]]) -> None:
        """Save claims that this transaction read; details that were not read stay as they are."""

    def save_invoices(self, changed: Sequence[Changed[InvoiceView]]) -> None:
        """Save invoices that this transaction read."""

    def file(self, id_: str) -> FileView | None:
        """Return what became of a file, or None."""

    def add_file(self, file: FileView, raw: bytes) -> None:
        """Keep a payer's file, sealed, with what became of it."""

    def remittances(self, ids: Iterable[str]) -> Mapping[str, str]:
        """Return the files that brought those of the remittances that there are."""

    def add_remittance(self, id_: str, file_id: str, at: datetime, minor: int) -> None:
        """Note that a remittance was posted; of two who post it at once one starts over."""

    def add_unmatched(self, items: Sequence[UnmatchedView]) -> None:
        """Put decisions into the work-queue."""

    def unmatched(self, id_: str) -> UnmatchedView | None:
        """Return one of the work-queue, or None."""

    def save_unmatched(self, item: UnmatchedView) -> None:
        """Save one that this transaction read."""


class Books(ClaimBooks, Protocol):
    """Invoices, claims, payments, receipts and the ledger, within one transaction."""

    def invoice(self, id_: str) -> InvoiceView | None:
        """Return one, or None."""

    def payment(self, id_: str) -> PaymentView | None:
        """Return one, or None."""

    def client(self, id_: str) -> ClientChanged | None:
        """Return what is known of one now, or None."""

    def location(self, id_: str) -> LocationChanged | None:
        """Return what is known of one now, or None."""

    def practitioner(self, id_: str) -> PractitionerChanged | None:
        """Return what is known of one now, or None."""

    def facts(self, visits: Sequence[Visit]) -> Sequence[Facts | RetryLater]:
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


class ClaimRecords(Protocol):
    """Claims and payers' files to read, outside a transaction."""

    def page(
        self, request: ListClaims, location_ids: Sequence[str] | None
    ) -> tuple[tuple[ClaimView, ...], str | None]:
        """Return a page without details, newest first, and the cursor of the next, if any.

        ``location_ids`` None means of every location. Raises Invalid for a cursor that is none.
        """

    def claim(self, id_: str) -> ClaimView | None:
        """Return one with its details, or None."""

    def queued(self, limit: int) -> Sequence[ClaimView]:
        """Return claims, without details, that wait to go into a batch, the oldest first."""

    def take_batch(self, now: datetime, again: datetime) -> Batch | None:
        """Return a batch that is due and is not so again before ``again``, or None."""

    def waiting(
        self, states: Sequence[str], location_ids: Sequence[str] | None, limit: int
    ) -> Sequence[ClaimView]:
        """Return claims in any of the states, without details, the oldest first."""

    def mail_cursor(self) -> str:
        """Return from where payers' mail is to be fetched; empty at first."""

    def keep_mail_cursor(self, cursor: str) -> None:
        """Keep from where it is to be fetched next."""

    def near(self, member_id: str, day: date | None, charge_minor: int) -> Sequence[ClaimView]:
        """Return a few claims of the policy, or of that day and charge, that were sent."""

    def file(self, id_: str) -> FileView | None:
        """Return what became of a file, or None."""

    def raw(self, id_: str) -> bytes | None:
        """Return a file as it came, or None."""

    def files(self, request: ListFiles) -> tuple[tuple[FileView, ...], str | None]:
        """Return a page as ``page`` does."""

    def unmatched(self, request: ListUnmatched) -> tuple[tuple[UnmatchedView, ...], str | None]:
        """Return a page of the work-queue, newest first."""


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

    def receipt(self, id_: str) -> ReceiptView | None:
        """Return one, or None."""

    def payment(self, id_: str) -> PaymentView | None:
        """Return one, or None."""

    def refund(self, id_: str) -> RefundView | None:
        """Return one, or None."""

    def mark_printed(self, receipt_id: str) -> bool:
        """Count a print of a receipt; say whether it was printed before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """Files a payer has for us, and the cursor from which to ask next."""

    files: Sequence[File]
    cursor: str


class Carrier(Protocol):
    """The way to payers and back; never asked inside a transaction."""

    def send(self, batch: Batch) -> Sequence[File]:
        """Send a batch, once by its id however often asked; return what is answered at once.

        Raises ServiceUnavailable when it is not known to have arrived, ClaimUnfit when the payer
        does not take it.
        """

    def fetch(self, cursor: str) -> Mail:
        """Return what has come since; raises ServiceUnavailable."""

    @property
    def reaches(self) -> Callable[[str], bool]:
        """Say whether a payer, by its id, is reached; else a person sends its files."""


class Cards(Protocol):
    """A card processor, never asked inside a transaction, which may run again or be undone."""

    def charge(self, payment_id: str, token: str, minor: int, currency: str) -> None:
        """Take the money, once per ``payment_id``: asked again, it answers as the first time.

        Raises PaymentRefused (``reason``: the processor's word) when declined, ServiceUnavailable
        when the outcome is not known.
        """

    def refund(self, refund_id: str, payment_id: str, minor: int, currency: str) -> None:
        """Give back money of a payment, once per ``refund_id``; raises as ``charge`` does."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything a use case of billing works with."""

    transact: Callable[[Callable[[Books], Any]], Any]
    """Run a function in one transaction, again when the database asks for it."""
    records: Records
    claims: ClaimRecords
    route: Callable[[CoverageChanged, TreatmentChanged, date], Route]
    """Return how a claim for a service of a day goes to its payer."""
    scrub: Callable[[Leaving], Sequence[ClaimFinding]]
    """Return what keeps a claim from its payer, or might."""
    build_file: Callable[[Sequence[Leaving], str, int], File]
    """Return claims as a file of that number for a payer by its id."""
    read_file: Callable[[bytes, str], Read]
    """Return what a payer's file of a content type holds; never raises for what it holds."""
    rules: Rules
    cards: Cards
    receipt_pdf: Callable[..., bytes]
    """Return a receipt, marked as a ``duplicate`` or not, as a PDF."""
    receipt_html: Callable[..., str]
    """Return the same as a page of HTML."""
    context: CallContext
    now: datetime
    derived_id: Callable[..., str]
    """Return the one id that belongs to a prefix and parts."""
