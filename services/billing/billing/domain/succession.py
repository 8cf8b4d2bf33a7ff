"""Claims that take another's place: they correct or void what the payer decided.

What is outstanding, what is the client's and what was written off go over to the latest of them,
also when the payer takes back later what it paid for an earlier one (X12 CLP02 22).
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from billing.domain.claim import (
    NEXT,
    UNDECIDED,
    Cause,
    moved,
    noted,
    nothing,
    number_of,
    outstanding,
    step,
)
from billing.domain.relief import relieved
from billing.domain.settlement import Settled, Source, settle, standing
from clinic_contracts.billing.claims import ClaimSettlement, ClaimState
from clinic_contracts.billing.events import ClaimChanged, ClaimDrafted
from clinic_contracts.billing.requests import ClaimView
from clinic_contracts.errors import ClaimUnfit
from payer_formats.answers import RemittedClaim

GIVEN_UP = frozenset({"voided", "closed"})
"""Nothing more is expected of the payer for a claim in these states."""


def successor(
    claim: ClaimView, id_: str, state: ClaimState, cause: Cause
) -> tuple[tuple[ClaimView, ClaimChanged], tuple[ClaimView, ClaimDrafted]]:
    """Return the claim as corrected or voided, and the one that tells the payer so.

    That one names the payer's number of the first, and what was not paid goes over to it.
    Raises IllegalTransition, ClaimUnfit while the payer has given no number.
    """
    if not claim.payer_reference:
        raise ClaimUnfit(
            f"the payer has given no number for it yet, which a {state} claim must name",
            findings=[],
        )
    none, rest = nothing(claim.amount), outstanding(claim)
    client, off = claim.moved_to_client, claim.written_off
    over, event = moved(
        claim,
        [state],
        cause,
        replaced_by=id_,
        amount=claim.amount - rest - client - off,
        outstanding=none,
        moved_to_client=none,
        written_off=none,
    )
    following = replace(
        claim,
        id=id_,
        version=1,
        state="draft",
        frequency="corrected" if state == "corrected" else "void",
        number=number_of(id_),
        replaces=claim.id,
        replaced_by=None,
        created_at=cause.at,
        amount=rest + client + off,
        outstanding=rest,
        paid=none,
        written_off=off,
        moved_to_client=client,
        batch_id=None,
        findings=(),
        settlements=(),
        history=(step("draft", cause),),
    )
    drafted = ClaimDrafted(
        claim_id=id_,
        invoice_id=claim.invoice_id,
        coverage_id=claim.coverage_id,
        amount=following.amount,
    )
    return (over, event), (following, drafted)


def taken_back_from(claim: ClaimView, paid: int, known: Mapping[str, ClaimView]) -> ClaimView:
    """Return of a claim and those before it the latest with a payment of so many minor units.

    A payer that takes it back may give it the number of the claim that asked for that.
    """
    at: ClaimView | None = claim
    while at is not None and standing(at, paid) is None:
        at = known.get(at.replaces or "")
    return claim if at is None else at


def settled(
    claim: ClaimView, decided: RemittedClaim, heir: ClaimView, source: Source
) -> tuple[Settled, ...]:
    """Return the claim after a decision, as ``settle`` does, and its heir where it has one.

    What a payer takes back of a claim that was replaced is outstanding of the latest in its place,
    its heir. One that voids it is done then, one that was given up already is: what was taken back
    is the client's to pay.
    """
    one = settle(claim, decided, source)
    if not one.undone or heir.id == claim.id:
        return (one,)
    over = one.claim
    rest = outstanding(over)
    client, off, none = over.moved_to_client, over.written_off, nothing(rest)
    left = replace(
        over,
        amount=over.amount - rest - client - off,
        outstanding=none,
        moved_to_client=none,
        written_off=none,
    )
    more = replace(
        heir,
        amount=heir.amount + rest + client + off,
        outstanding=outstanding(heir) + rest,
        moved_to_client=heir.moved_to_client + client,
        written_off=heir.written_off + off,
    )
    return (replace(one, claim=left), _inherited(more, source))


def _inherited(heir: ClaimView, source: Source) -> Settled:
    heir, back = relieved(heir)
    rest = outstanding(heir)
    none = nothing(rest)
    posted = ClaimSettlement(
        remittance_id=source.remittance_id,
        file_id=source.cause.file_id or "",
        position=source.cause.position,
        paid=none,
        written_off=back.written_off,
        moved_to_client=back.moved_to_client,
        overpaid=none,
        explanation=("the payer took back what it paid for the claim that this one replaces",),
    )
    given_up = heir.state in GIVEN_UP
    path = _to_its_end(heir) if heir.frequency == "void" and not given_up else ()
    if not path and not given_up:
        told, event = noted(heir, heir.state, ["reversed"], source.cause)
        return Settled(claim=told, event=event, settlement=posted)
    kept = replace(posted, written_off=none, moved_to_client=rest)
    changes: dict[str, Any] = {
        "outstanding": none,
        "moved_to_client": heir.moved_to_client + rest,
        "settlements": (*heir.settlements, kept),
    }
    if given_up:
        told = replace(heir, **changes)
        ended, event = noted(told, heir.state, ["reversed"], source.cause)
    else:
        ended, event = moved(heir, path, source.cause, **changes)
    posted = replace(posted, moved_to_client=back.moved_to_client + rest)
    return Settled(claim=ended, event=event, settlement=posted)


def _to_its_end(heir: ClaimView) -> tuple[ClaimState, ...]:
    """Return the states by which a claim that voids another ends; none before it was sent."""
    if heir.state in {*UNDECIDED, "queued"}:
        return ()
    following = NEXT[heir.state]  # type: ignore[index]  # a view's state is any text
    return ("voided",) if "voided" in following else ("adjudicated", "voided")
