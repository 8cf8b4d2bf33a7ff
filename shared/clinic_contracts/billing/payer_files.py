"""Payers' files, and what they decided of no claim that is known."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from clinic_contracts.billing.claims import ClaimAdjustment, ClaimFinding
from clinic_contracts.constraints import ExpectedVersion, Id, Instant, PathId, Range, Text
from clinic_contracts.money import Money

FileState = Literal["posted", "quarantined", "duplicate"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeFile:
    """A payer's file as it came, at most 10 MB."""

    content_base64: Annotated[str, Text(min=0, max=14_000_000)]
    content_type: Annotated[str, Text(max=100)]


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePosting:
    """What a file did: to a claim, or (``claim_id`` None) to money that no claim is known for."""

    claim_id: str | None
    invoice_id: str | None
    account: str
    amount: Money
    position: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FileView:
    """A payer's file and what became of it.

    ``posted``: all of it was taken in; ``quarantined``: nothing of it was, for the errors among the
    findings; ``duplicate``: it, or the same remittance in other bytes, had been taken in already,
    and ``first_id`` says where. The file itself is kept in each case.

    ``location_ids`` are those of who handed it in, None the whole chain's: it may speak of any
    claim there, and of none elsewhere, so who does not see them all does not see the file.
    """

    id: str
    state: FileState
    kind: str
    format: str
    received_at: Instant
    findings: tuple[ClaimFinding, ...] = ()
    postings: tuple[FilePosting, ...] = ()
    unmatched: int = 0
    first_id: str | None = None
    location_ids: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GetFile:
    """One file a payer sent."""

    file_id: PathId


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFiles:
    """Files payers sent, newest first."""

    state: FileState | None = None
    limit: Annotated[int, Range(1, 200)] = 50
    cursor: Annotated[str, Text(max=400)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePage:
    """A page of files."""

    items: tuple[FileView, ...]
    next: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A claim that a remitted one may be, ``score`` of 100, and why."""

    claim_id: str
    score: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmatchedView:
    """A decision in a remittance that no claim is known for, and what may be meant.

    It is seen by those who see its file.
    """

    id: str
    version: int
    state: Literal["open", "assigned"]
    remittance_id: str
    file_id: str
    position: int
    reference: str
    payer_reference: str
    decision: str
    charge: Money
    paid: Money
    day: date | None
    adjustments: tuple[ClaimAdjustment, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    claim_id: str | None = None
    location_ids: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListUnmatched:
    """What remittances decided and no claim is known for, oldest first."""

    state: Literal["open", "assigned"] = "open"
    limit: Annotated[int, Range(1, 200)] = 50
    cursor: Annotated[str, Text(max=400)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GetUnmatched:
    """One decision of the work-queue."""

    unmatched_id: PathId


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmatchedPage:
    """A page of the work-queue."""

    items: tuple[UnmatchedView, ...]
    next: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignUnmatched:
    """Say which claim a decision is about; it is posted to it as if it had named it."""

    unmatched_id: PathId
    claim_id: Id
    expected_version: ExpectedVersion | None = None
