"""What the use cases need of the outside for claims: books, records, files, the way to payers."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol, TypeVar

from clinic_contracts.billing.claims import ClaimFinding
from clinic_contracts.billing.payer_files import FileView, ListFiles, ListUnmatched, UnmatchedView
from clinic_contracts.billing.requests import ClaimView, InvoiceView, ListClaims
from clinic_contracts.client_profile.events import ClientChanged, CoverageChanged
from payer_formats.answers import Remittance
from payer_formats.findings import Finding

T = TypeVar("T")
Changed = tuple[T, Any]
"""A record as it is to be over its version, and the event that tells of it, or None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file of claims in a payer's tongue."""

    name: str
    content_type: str
    raw: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """By what numbers a payer will answer of a claim: ours as it repeats it, and its own."""

    reference: str
    payer_reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A file, and the claims in it by our numbers; one that could not be written is not.

    ``findings`` tell why. ``next_sequence`` is the number of the next record that is ever sent,
    where the tongue numbers them.
    """

    file: File
    named: Mapping[str, Named]
    findings: Sequence[Finding] = ()
    next_sequence: int | None = None


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
    opinion: str | None = None
    """Why it goes without a second opinion, empty where it is approved of; None: not asked yet."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a library says of a file. ``given`` is false when it says nothing; ``reason``, why.

    A file is approved of when an opinion is given and finds nothing. The findings are warnings:
    ``payer_formats`` decides what keeps a file from being used.
    """

    given: bool
    findings: tuple[Finding, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Unlooked:
    """A payer's file on which there is no second opinion yet."""

    id: str
    kind: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class Policy:
    """A coverage and whose it is."""

    coverage: CoverageChanged
    client: ClientChanged


@dataclass(frozen=True, slots=True)
class Posted:
    """A remittance that was posted: by which file, and the digest of all it said, if known."""

    file_id: str
    body: str = ""


class ClaimBooks(Protocol):
    """Claims, payers' files and what they decide, within one transaction."""

    def claim(self, id_: str) -> ClaimView | None:
        """Return one with its details, or None."""

    def is_done(self, claim_id: str, operation_id: str) -> bool:
        """Say whether an operation has changed a claim."""

    def claims_named(
        self, numbers: Iterable[str], payer_references: Iterable[str]
    ) -> Sequence[ClaimView]:
        """Return, without details, the caller's claims by our numbers or the payers'."""

    def claims_of_batches(self, batch_ids: Iterable[str]) -> Sequence[ClaimView]:
        """Return, without details, the caller's claims that went out in any of the batches."""

    def batches(self, control: str) -> Sequence[str]:
        """Return the batch of a control number, as a payer repeats it, if there is one."""

    def claims_of_invoices(self, ids: Iterable[str]) -> Sequence[ClaimView]:
        """Return, without details, every claim of the invoices."""

    def invoices(self, ids: Iterable[str]) -> Mapping[str, InvoiceView]:
        """Return those there are, by id."""

    def next_control(self) -> int:
        """Take the next number of a file of claims; given back when the transaction fails."""

    def sequence(self) -> int:
        """Return the number of the next record, in the tongue that numbers them."""

    def keep_sequence(self, following: int) -> None:
        """Keep the number of the record after those of a file."""

    def claims(self, ids: Iterable[str]) -> Sequence[ClaimView]:
        """Return those there are, with their details, in the order of their ids."""

    def add_batch(self, batch: Batch, *, due: datetime | None) -> None:
        """Insert a batch that is to be sent from ``due`` on; None: by hand."""

    def end_batch(self, id_: str) -> bool:
        """Note that a batch was sent; False when that is noted already."""

    def note_opinion(self, id_: str, said: str) -> bool:
        """Note that a batch may go; False when it is not to be sent any more."""

    def refuse_batch(self, id_: str) -> bool:
        """Note that a batch may not go; False when it may, or is not to be sent any more."""

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

    def save_file(self, file: FileView) -> None:
        """Save what became of a file that was kept aside before."""

    def remittances(self, ids: Iterable[str]) -> Mapping[str, Posted]:
        """Return those of the remittances that there are, each by its id and by its body."""

    def add_remittance(self, id_: str, file_id: str, at: datetime, remittance: Remittance) -> None:
        """Note that a remittance was posted; of two who post it at once one starts over."""

    def add_unmatched(self, items: Sequence[UnmatchedView]) -> None:
        """Put decisions into the work-queue."""

    def unmatched(self, id_: str) -> UnmatchedView | None:
        """Return one of the work-queue, or None."""

    def save_unmatched(self, item: UnmatchedView) -> None:
        """Save one that this transaction read."""


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

    def policy(self, coverage_id: str) -> Policy | None:
        """Return a coverage with its client, as they are now, or None."""

    def queued(self, limit: int) -> Sequence[ClaimView]:
        """Return claims, without details, that wait to go into a batch, the oldest first."""

    def take_batch(self, now: datetime, again: datetime) -> Batch | None:
        """Return a batch that is due and is not so again before ``again``, or None."""

    def waiting(
        self, states: Sequence[str], location_ids: Sequence[str] | None, limit: int
    ) -> Sequence[ClaimView]:
        """Return claims in any of the states, without details, the oldest first."""

    def count_claims(
        self, states: Sequence[str], location_ids: Sequence[str] | None, most: int
    ) -> int:
        """Return how many claims are in any of the states, ``most`` at most."""

    def count_quarantined(self, most: int) -> int:
        """Return how many files are kept aside, ``most`` at most."""

    def count_unmatched(self, most: int) -> int:
        """Return how many decisions wait in the work-queue, ``most`` at most."""

    def mail_cursor(self) -> str:
        """Return from where payers' mail is to be fetched; empty at first."""

    def keep_mail_cursor(self, cursor: str) -> None:
        """Keep from where it is to be fetched next."""

    def near(self, member_id: str, day: date | None, charge_minor: int) -> Sequence[ClaimView]:
        """Return a few claims of the policy, or of that day and charge, that were sent."""

    def of_invoice(self, invoice_id: str) -> Sequence[ClaimView]:
        """Return, without details, every claim of an invoice, the oldest first."""

    def file(self, id_: str) -> FileView | None:
        """Return what became of a file, or None."""

    def raw(self, id_: str) -> bytes | None:
        """Return a file as it came, or None."""

    def take_unlooked(self, now: datetime, again: datetime) -> Unlooked | None:
        """Return a file to be looked at, which is not so again before ``again``, or None."""

    def keep_opinion(self, id_: str, told: Sequence[ClaimFinding], reason: str) -> None:
        """Add to a file's findings what was found; ``reason`` is why nothing was said."""

    def files(
        self, request: ListFiles, scope: Sequence[str] | None
    ) -> tuple[tuple[FileView, ...], str | None]:
        """Return a page as ``page`` does, of what is wholly within the scope."""

    def one_unmatched(self, id_: str) -> UnmatchedView | None:
        """Return one of the work-queue, or None."""

    def unmatched(
        self, request: ListUnmatched, scope: Sequence[str] | None
    ) -> tuple[tuple[UnmatchedView, ...], str | None]:
        """Return a page of the work-queue, newest first, of what is wholly within the scope."""


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
