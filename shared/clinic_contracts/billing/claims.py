"""Claims: what a claim is made of beside its amounts, and what can be asked of it."""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Literal

from clinic_contracts.constraints import (
    UNSET,
    ExpectedVersion,
    Id,
    Instant,
    Items,
    Name,
    PathId,
    Range,
    Text,
    Unset,
)
from clinic_contracts.money import Money

ClaimState = Literal[
    "draft",
    "validated",
    "queued",
    "submitted",
    "received",
    "accepted",
    "pended",
    "adjudicated",
    "paid",
    "partially_paid",
    "denied",
    "rejected",
    "appealed",
    "corrected",
    "voided",
    "closed",
]
"""``rejected`` was never decided and goes out again as new; ``denied`` was decided. ``corrected``
and ``voided`` are over: another claim took their place, or took them back."""
ClaimStage = Literal["to_send", "refused", "waiting"]
"""What a claim waits for: that we send it, that we mend or answer it, or that its payer decides."""
Frequency = Literal["original", "corrected", "void"]
Code = Annotated[str, Text(max=20, pattern=r"[0-9A-Za-z.]+", hint="letters and digits")]
INJURY, INJURY_HINT = r"[0-9A-Z]*", "digits and capital letters"
Reason = Annotated[str, Text(max=500)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimAddress:
    """Where somebody lives; ``region`` is a province or state, ``country`` two letters."""

    line: Name
    city: Name
    region: Annotated[str, Text(min=2, max=3)]
    postal_code: Annotated[str, Text(max=12)]
    country: Annotated[str, Text(min=2, max=2, pattern=r"[A-Z]{2}", hint="such as CA")] = "CA"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimPerson:
    """Whose policy it is; what a payer's form asks for and nothing else does."""

    name: Name | None = None
    birth_date: date | None = None
    sex: Literal["F", "M", "U"] = "U"
    address: ClaimAddress | None = None
    relationship: Literal["self", "spouse", "child", "other"] = "self"
    """What the patient is to that person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimProvider:
    """Who referred; ``number`` as the payer knows them (an NPI, an MSP number)."""

    name: Name
    first_name: Annotated[str, Text(min=0, max=60)] = ""
    number: Annotated[str, Text(min=0, max=20)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimAccident:
    """The injury it is about; ``claim_number`` is the insurer's number of the accident.

    ``body_part``, ``side`` and ``nature`` of an injury at work are WorkSafeBC's codes.
    """

    kind: Literal["auto", "work", "other"]
    day: date
    claim_number: Annotated[str, Text(min=0, max=40)] = ""
    body_part: Annotated[str, Text(min=0, max=5, pattern=INJURY, hint=INJURY_HINT)] = ""
    side: Annotated[str, Text(min=0, max=2, pattern=INJURY, hint=INJURY_HINT)] = ""
    nature: Annotated[str, Text(min=0, max=5, pattern=INJURY, hint=INJURY_HINT)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimLine:
    """A service; ``pointers`` count the claim's diagnoses from 1, ``minutes`` is how long it took.

    ``procedure`` is what the payer calls it: a CPT code, a fee item.
    """

    procedure: Code
    charge: Money
    units: Annotated[int, Range(1, 999)] = 1
    modifiers: Annotated[tuple[Code, ...], Items(10)] = ()
    pointers: Annotated[tuple[Annotated[int, Range(1, 12)], ...], Items(10)] = ()
    minutes: Annotated[int, Range(0, 600)] = 0
    description: Annotated[str, Text(min=0, max=80)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimDetails:
    """What makes it a claim and is nobody else's business: kept sealed, never in an event."""

    lines: Annotated[tuple[ClaimLine, ...], Items(50)] = ()
    diagnoses: Annotated[tuple[Code, ...], Items(12)] = ()
    person: ClaimPerson = field(default_factory=ClaimPerson)
    referring: ClaimProvider | None = None
    accident: ClaimAccident | None = None
    authorization: Annotated[str, Text(min=0, max=50)] = ""
    place_of_service: Annotated[str, Text(min=2, max=2)] = "11"
    note: Annotated[str, Text(min=0, max=400)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimFinding:
    """What is wrong with a claim or a file, where, and how to mend it.

    ``line`` counts the claim's lines from 1 (0: the claim as a whole); ``position`` the file's
    segments or records (0: none). An ``error`` keeps it from being used.
    """

    code: str
    text: str
    where: str = ""
    position: int = 0
    line: int = 0
    reference: str = ""
    fix: str = ""
    severity: Literal["error", "warning"] = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimStep:
    """A change of state: when, by whom, why, and which file says so at which segment or record."""

    at: Instant
    actor: str
    state: str
    cause: str
    file_id: str | None = None
    position: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimAdjustment:
    """Why less was paid than charged: the payer's group (CO, PR, OA, PI) and reason."""

    group: str
    reason: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimSettlement:
    """What one decision of the payer did to what was outstanding of the claim.

    ``overpaid`` is what was paid beyond that. ``undone`` once the payer has reversed the decision.
    """

    remittance_id: str
    file_id: str
    position: int
    paid: Money
    written_off: Money
    moved_to_client: Money
    overpaid: Money
    adjustments: tuple[ClaimAdjustment, ...] = ()
    explanation: tuple[str, ...] = ()
    undone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimContent:
    """What of a claim's details is given; the rest stays as it is."""

    lines: Annotated[tuple[ClaimLine, ...], Items(50, min=1)] | Unset = UNSET
    diagnoses: Annotated[tuple[Code, ...], Items(12)] | Unset = UNSET
    person: ClaimPerson | Unset = UNSET
    referring: ClaimProvider | Unset | None = UNSET
    accident: ClaimAccident | Unset | None = UNSET
    authorization: Annotated[str, Text(min=0, max=50)] | Unset = UNSET
    place_of_service: Annotated[str, Text(min=2, max=2)] | Unset = UNSET
    note: Annotated[str, Text(min=0, max=400)] | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftClaim(ClaimContent):
    """Have the draft of a claim for a payer's part of an invoice, with what is given of it.

    One is made where none stands, as after a void; ``coverage_id`` says which payer's, of several.
    """

    invoice_id: Id
    coverage_id: Id | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeClaim(ClaimContent):
    """Change what is given of a draft's, or a rejected claim's, details; keep the rest."""

    claim_id: PathId
    expected_version: ExpectedVersion | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActOnClaim:
    """Validate or submit a claim, as it is."""

    claim_id: PathId
    expected_version: ExpectedVersion | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActOnClaimBecause:
    """Void, correct, appeal or close a claim, for a reason that its history keeps."""

    claim_id: PathId
    reason: Reason
    expected_version: ExpectedVersion | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GetClaimFile:
    """The claim as the payer gets, or got, it."""

    claim_id: PathId


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimFile:
    """A file; ``content_base64`` holds at most 10 MB."""

    filename: str
    content_type: str
    content_base64: Annotated[str, Text(max=14_000_000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListAlarms:
    """Claims that wait too long for somebody, of all or one location."""

    location_id: Id | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CountWork:
    """How much waits for somebody who bills, of all or one location."""

    location_id: Id | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkCounts:
    """Invoices that clients owe, claims by stage, and the chain's payers' files and decisions.

    Each is counted as far as ``most`` + 1, which says that there are more than ``most``.
    """

    unpaid: int
    to_send: int
    refused: int
    waiting: int
    quarantined: int
    unmatched: int
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimAlarm:
    """A claim that somebody should look at: why, and since when it has been as it is."""

    claim_id: str
    invoice_id: str
    location_id: str
    carrier: str
    state: str
    code: Literal[
        "no_acknowledgement",
        "not_decided",
        "pended_long",
        "rejected",
        "held",
        "file_soon",
        "filed_too_late",
    ]
    text: str
    since: Instant
    outstanding: Money
    client_id: str
    service_date: date
    file_by: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmList:
    """Alarms, the oldest first; ``more`` when there are others."""

    items: tuple[ClaimAlarm, ...]
    more: bool = False
