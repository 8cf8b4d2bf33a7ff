"""A claim for a payer's part of an invoice: its states, and what moves it from one to another.

draft, validated, queued, submitted, received, accepted (perhaps pended), adjudicated, then paid,
partially paid or denied, and closed. What is rejected was never decided: it is mended and goes out
as new. What was decided is corrected, voided or appealed; a reversal brings it back to adjudicated.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any, Literal

from clinic_contracts.billing.claims import (
    ClaimContent,
    ClaimDetails,
    ClaimFinding,
    ClaimLine,
    ClaimSettlement,
    ClaimStage,
    ClaimState,
    ClaimStep,
)
from clinic_contracts.billing.events import ClaimChanged, ClaimDrafted
from clinic_contracts.billing.requests import ClaimView, InvoiceView, SplitPart
from clinic_contracts.client_profile.events import CoverageChanged
from clinic_contracts.constraints import given
from clinic_contracts.errors import ClaimUnfit, IllegalTransition
from clinic_contracts.money import Money

Charges = Literal["fee", "expected"]
NEXT: Mapping[ClaimState, frozenset[ClaimState]] = {
    "draft": frozenset({"validated", "voided"}),
    "validated": frozenset({"draft", "queued", "voided"}),
    "queued": frozenset({"validated", "submitted"}),
    "submitted": frozenset({"received", "accepted", "pended", "rejected", "adjudicated"}),
    "received": frozenset({"accepted", "pended", "rejected", "adjudicated"}),
    "accepted": frozenset({"pended", "rejected", "adjudicated"}),
    "pended": frozenset({"accepted", "rejected", "adjudicated"}),
    "rejected": frozenset({"draft", "validated", "voided"}),
    "adjudicated": frozenset({"paid", "partially_paid", "denied", "corrected", "voided"}),
    "paid": frozenset({"adjudicated", "corrected", "voided", "closed"}),
    "partially_paid": frozenset({"adjudicated", "corrected", "voided", "appealed", "closed"}),
    "denied": frozenset({"adjudicated", "corrected", "voided", "appealed", "closed"}),
    "appealed": frozenset({"adjudicated"}),
    "closed": frozenset({"adjudicated"}),
    "corrected": frozenset(),
    "voided": frozenset(),
}
"""Which states follow which. A payer may take money back after the claim was closed."""
OPEN_TO_CHANGE = frozenset({"draft", "validated", "rejected"})
STAGES: Mapping[ClaimStage, tuple[ClaimState, ...]] = {
    "to_send": ("draft", "validated"),
    "refused": ("rejected", "denied"),
    "waiting": (
        "queued",
        "submitted",
        "received",
        "accepted",
        "pended",
        "adjudicated",
        "appealed",
    ),
}
"""Whose turn it is; the states in none are over, or paid as far as they will be."""
UNDECIDED = frozenset({"draft", "validated", "rejected"})
"""The payer has nothing to take back: it never had the claim, or refused to have it."""
OVER = frozenset({"corrected", "voided"})
"""Another took its place, or nothing more is expected of it."""
SECOND_OPINION = "SECOND_OPINION"
"""What a second opinion finds; a claim that has such a finding goes as somebody says it shall."""
STEPS_KEPT = 200
NUMBER_LENGTH = 18
"""A payer takes 20 characters (X12 CLM01)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why a claim changes: in a word, by whom, when, and which file of the payer says so where."""

    word: str
    actor: str
    at: datetime
    file_id: str | None = None
    position: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """How a payer is spoken to: its id, its tongue, and the last day on which it takes the claim.

    ``procedure`` is what it calls the treatment. It is charged the whole fee, or what is expected
    of it alone, where it pays by a fee item of its own (MSP).
    """

    payer_id: str
    tongue: str
    file_by: date | None = None
    procedure: str = ""
    charges: Charges = "fee"


def draft(  # noqa: PLR0913 (a claim is made of this many facts)
    *,
    id_: str,
    invoice: InvoiceView,
    part: SplitPart,
    coverage: CoverageChanged,
    route: Route,
    cause: Cause,
) -> tuple[ClaimView, ClaimDrafted]:
    """Return the claim for a payer's part, and the event that tells of it."""
    line = invoice.lines[0]
    charge = part.amount if route.charges == "expected" else invoice.subtotal
    service = ClaimLine(
        procedure=route.procedure,
        charge=charge,
        minutes=line.minutes,
        description=line.description[:80],
    )
    claim = ClaimView(
        id=id_,
        version=1,
        state="draft",
        carrier=coverage.carrier,
        coverage_id=coverage.coverage_id,
        member_id=coverage.member_id,
        group_number=coverage.group_number,
        invoice_id=invoice.id,
        location_id=invoice.location_id,
        client_id=invoice.client_id,
        practitioner_id=invoice.practitioner_id,
        service_date=invoice.service_date,
        charge=charge,
        amount=part.amount,
        created_at=cause.at,
        number=number_of(id_),
        payer_id=route.payer_id,
        tongue=route.tongue,
        outstanding=part.amount,
        paid=nothing(part.amount),
        written_off=nothing(part.amount),
        moved_to_client=nothing(part.amount),
        file_by=route.file_by,
        history=(step("draft", cause),),
        details=ClaimDetails(lines=(service,)),
    )
    event = ClaimDrafted(
        claim_id=claim.id,
        invoice_id=claim.invoice_id,
        coverage_id=claim.coverage_id,
        amount=claim.amount,
    )
    return claim, event


def number_of(id_: str) -> str:
    """Return what the payer is told a claim's number is: 18 characters, as unique as its id."""
    return id_.partition("_")[2][:NUMBER_LENGTH]


def outstanding(claim: ClaimView) -> Money:
    """Return what the payer still owes; claims of earlier days were kept without it."""
    return claim.amount if claim.outstanding is None else claim.outstanding


def moved(
    claim: ClaimView,
    to: Sequence[ClaimState],
    cause: Cause,
    **changes: Any,  # noqa: ANN401 (fields)
) -> tuple[ClaimView, ClaimChanged]:
    """Return the claim after it passed the states in turn, and the event that tells of it.

    Raises IllegalTransition naming both states.
    """
    state = claim.state
    for following in to:
        if following not in NEXT[state]:  # type: ignore[index]  # a view's state is any text
            raise IllegalTransition("claim", state, following)
        state = following
    return noted(replace(claim, state=state, **changes), claim.state, to, cause)


def noted(
    claim: ClaimView, previous: str, to: Sequence[str], cause: Cause
) -> tuple[ClaimView, ClaimChanged]:
    """Return the claim with steps in its history, and the event that tells of the last one."""
    steps = (*claim.history, *(step(state, cause) for state in to))
    event = ClaimChanged(
        claim_id=claim.id,
        invoice_id=claim.invoice_id,
        client_id=claim.client_id,
        previous=previous,
        state=claim.state,
        through=tuple(to[:-1]),
        cause=cause.word,
        paid=claim.paid,
        outstanding=outstanding(claim),
        file_id=cause.file_id,
        position=cause.position,
    )
    return replace(claim, history=steps[-STEPS_KEPT:]), event


def earlier(claim: ClaimView, invoice: InvoiceView, others: Iterable[ClaimView]) -> list[ClaimView]:
    """Return the claims of the invoice whose payers come before this one's, in their order.

    Of a claim that another took the place of, that other.
    """
    order = {part.coverage_id: number for number, part in enumerate(invoice.split)}
    mine = order.get(claim.coverage_id, 0)
    before = [
        each
        for each in others
        if order.get(each.coverage_id, mine) < mine and each.replaced_by is None
    ]
    return sorted(before, key=lambda each: order[each.coverage_id])


def decision(claim: ClaimView) -> ClaimSettlement | None:
    """Return the payer's latest decision that stands, if there is one."""
    return next((each for each in reversed(claim.settlements) if not each.undone), None)


def with_content(now: ClaimDetails | None, told: ClaimContent) -> ClaimDetails:
    """Return a claim's details with what is told of them; what is not told stays."""
    kept = now or ClaimDetails()
    return ClaimDetails(**{
        each.name: given(getattr(told, each.name), getattr(kept, each.name))
        for each in fields(ClaimContent)
    })  # fmt: skip


def changed(claim: ClaimView, details: ClaimDetails, cause: Cause) -> tuple[ClaimView, Any]:
    """Return a claim that is to be validated anew; raises IllegalTransition once it is queued."""
    if claim.state not in OPEN_TO_CHANGE:
        raise IllegalTransition("claim", claim.state, "draft")
    changes: dict[str, Any] = {"details": details, "findings": ()}
    if claim.state == "draft":
        return replace(claim, **changes), None
    return moved(claim, ["draft"], cause, **changes)


def validated(
    claim: ClaimView, findings: Sequence[ClaimFinding], cause: Cause
) -> tuple[ClaimView, Any]:
    """Return the claim with what the scrubber found: validated when it found no error.

    Raises IllegalTransition once it is queued.
    """
    if claim.state not in OPEN_TO_CHANGE:
        raise IllegalTransition("claim", claim.state, "validated")
    kept = tuple(findings)
    wrong = any(each.severity == "error" for each in findings)
    if wrong:
        back = ["draft"] if claim.state != "draft" else []
        return _to(claim, back, cause, findings=kept)  # type: ignore[arg-type]  # one state
    return _to(claim, [] if claim.state == "validated" else ["validated"], cause, findings=kept)


def held(
    claim: ClaimView, told: Sequence[ClaimFinding], cause: Cause
) -> tuple[ClaimView, ClaimChanged]:
    """Return a queued claim whose file is not carried, for somebody to look at what was found."""
    return moved(claim, ["validated"], cause, findings=tuple(told), batch_id=None)


def insisted(claim: ClaimView) -> tuple[ClaimFinding, ...]:
    """Return what a second opinion found of it; submitted after that, it goes all the same."""
    return tuple(each for each in claim.findings if each.code == SECOND_OPINION)


def queued(claim: ClaimView, cause: Cause) -> tuple[ClaimView, ClaimChanged]:
    """Return the claim ready to go; raises IllegalTransition, ClaimUnfit with the errors found."""
    errors = [each for each in claim.findings if each.severity == "error"]
    if errors:
        raise ClaimUnfit(
            f"the claim has {len(errors)} errors: {errors[0].text}",
            findings=[{"code": each.code, "text": each.text, "fix": each.fix} for each in errors],
        )
    return moved(claim, ["queued"], cause, batch_id=None)


def appealed(claim: ClaimView, cause: Cause) -> tuple[ClaimView, ClaimChanged]:
    """Return the claim under appeal; raises IllegalTransition."""
    return moved(claim, ["appealed"], cause)


def _to(
    claim: ClaimView,
    to: Sequence[ClaimState],
    cause: Cause,
    **changes: Any,  # noqa: ANN401 (fields)
) -> tuple[ClaimView, Any]:
    return moved(claim, to, cause, **changes) if to else (replace(claim, **changes), None)


def step(state: str, cause: Cause) -> ClaimStep:
    """Return a step of a claim's history."""
    return ClaimStep(
        at=cause.at,
        actor=cause.actor,
        state=state,
        cause=cause.word,
        file_id=cause.file_id,
        position=cause.position,
    )


def nothing(like: Money) -> Money:
    """Return no money, in the currency of some."""
    return Money(amount_minor=0, currency=like.currency)
