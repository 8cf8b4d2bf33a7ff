"""What payers answer: acknowledgements of what was sent, and remittances of what was decided.

Amounts are minor units of the one currency of the file.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from payer_formats.claim import Adjustment
from payer_formats.findings import Finding

Verdict = Literal["accepted", "accepted_with_errors", "rejected", "pended"]
"""Of a file, a group or a claim on its way in: accepted is not paid, rejected is not denied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimVerdict:
    """What a payer says of one claim before deciding it.

    ``reference`` is our number of the claim; ``codes`` are the payer's own, such as ``A3:21``.
    """

    reference: str
    verdict: Verdict
    codes: tuple[str, ...] = ()
    text: str = ""
    payer_reference: str = ""
    amount_minor: int | None = None
    day: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetVerdict:
    """What is said of an interchange, a group or a transaction set by its control numbers.

    ``level`` says which; ``group`` and ``set`` are empty above their level. ``errors`` name the
    segments and elements, in the payer's codes.
    """

    level: Literal["interchange", "group", "set"]
    verdict: Verdict
    interchange: str = ""
    group: str = ""
    set: str = ""
    codes: tuple[str, ...] = ()
    errors: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """A TA1, 999, 277CA or their like; ``kind`` names it, ``identity`` tells it from others."""

    kind: str
    identity: str
    sets: tuple[SetVerdict, ...] = ()
    claims: tuple[ClaimVerdict, ...] = ()
    findings: tuple[Finding, ...] = ()


Decision = Literal["paid", "denied", "reversed", "pended", "forwarded", "predetermined", "refused"]
"""``refused`` is before adjudication (Teleplan C12, S03): mended and sent as new."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemittedLine:
    """A service line as decided: charge less adjustments = paid.

    ``allowed_minor`` is what the payer's plan or fee schedule allows for it, None where untold.
    """

    procedure: str
    charge_minor: int
    paid_minor: int
    adjustments: tuple[Adjustment, ...] = ()
    modifiers: tuple[str, ...] = ()
    units: int = 1
    day: date | None = None
    reference: str = ""
    remarks: tuple[str, ...] = ()
    allowed_minor: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemittedClaim:
    """A claim as decided: charge less adjustments of claim and lines = paid.

    ``reference`` is our number as the payer repeats it, ``payer_reference`` the payer's own.
    ``client_minor`` is what the payer says the patient owes. ``position`` is where in the file it
    stands, counted in segments or records from 1. ``code`` is the payer's word (CLP02, S01).
    """

    reference: str
    decision: Decision
    charge_minor: int
    paid_minor: int
    client_minor: int = 0
    payer_reference: str = ""
    adjustments: tuple[Adjustment, ...] = ()
    lines: tuple[RemittedLine, ...] = ()
    remarks: tuple[str, ...] = ()
    code: str = ""
    member_id: str = ""
    patient_name: str = ""
    day: date | None = None
    position: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderAdjustment:
    """What the payer keeps back (positive) or adds (negative) besides the claims (X12 PLB)."""

    reason: str
    minor: int
    reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remittance:
    """One payment and what it is for: Σ claims' paid less Σ provider adjustments = paid.

    ``identity`` is what makes it the same remittance when it comes again: payer, trace number,
    originator, set number, date and amount. ``paid_on`` is None where the date cannot be read.
    ``payee_id`` is who is paid by the number the payer knows them by, such as an NPI, and
    ``payee_other_ids`` by others, such as a tax number.
    """

    identity: str
    payer_id: str
    payer_name: str
    paid_minor: int
    currency: str
    claims: tuple[RemittedClaim, ...]
    body: str = ""
    """A digest of what it says, its number in the file (ST02) left out; empty if none is made."""
    trace: str = ""
    paid_on: date | None = None
    method: str = ""
    payee_id: str = ""
    payee_other_ids: tuple[str, ...] = ()
    provider_adjustments: tuple[ProviderAdjustment, ...] = ()
    findings: tuple[Finding, ...] = ()
    """What is wrong with it; one error keeps the whole remittance from being posted."""
    is_payment: bool = True
    """False where it tells what was decided, and the money comes by another (a ClaimResponse)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Benefit:
    """One thing an eligibility answer says: ``kind`` is active, inactive, copay, limit and so on.

    ``services`` are the payer's service types; ``in_network`` None where it is not told.
    """

    kind: str
    code: str
    services: tuple[str, ...] = ()
    minor: int | None = None
    percent: int | None = None
    quantity: int | None = None
    in_network: bool | None = None
    period: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Eligibility:
    """Whether a policy is in force, and what it gives (271, CoverageEligibilityResponse).

    ``rejected_in`` are the loops of the ``rejections``, in their order, where the tongue has loops;
    the same answer in another loop is the same.
    """

    payer_id: str
    member_id: str
    active: bool | None
    benefits: tuple[Benefit, ...] = ()
    subscriber_name: str = ""
    group_number: str = ""
    trace: str = ""
    rejections: tuple[str, ...] = ()
    rejected_in: tuple[str, ...] = field(default=(), compare=False)
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """All that a file holds, and what is wrong with the file as a whole.

    An error among ``findings`` means that nothing of it may be used.
    """

    format: str
    acknowledgements: tuple[Acknowledgement, ...] = ()
    remittances: tuple[Remittance, ...] = ()
    eligibilities: tuple[Eligibility, ...] = ()
    findings: tuple[Finding, ...] = ()
