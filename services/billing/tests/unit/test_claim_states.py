"""The states of a claim: which follow which, and what each change leaves in its history."""

from dataclasses import replace
from itertools import product
from typing import get_args

import pytest

from billing.domain import claim as claims
from billing.domain.claim import NEXT, OVER, STAGES, Cause
from billing.domain.succession import successor
from billing.testing import AT, claim
from clinic_contracts.billing.claims import ClaimDetails, ClaimFinding, ClaimStage, ClaimState
from clinic_contracts.errors import ClaimUnfit, IllegalTransition
from clinic_contracts.money import Money

CAUSE = Cause(word="because", actor="staff:1", at=AT)
STATES: tuple[ClaimState, ...] = get_args(ClaimState)
WRONG = ClaimFinding(code="CHARGE_SUM", text="the lines add up to less", fix="mend them")


@pytest.mark.parametrize(("source", "target"), list(product(STATES, STATES)))
def test_a_claim_moves_where_its_life_leads_and_nowhere_else(
    source: ClaimState, target: ClaimState
) -> None:
    if target not in NEXT[source]:
        with pytest.raises(IllegalTransition) as refused:
            claims.moved(claim(source), [target], CAUSE)
        assert refused.value.extra == {"from": source, "to": target}
        return
    after, event = claims.moved(claim(source), [target], CAUSE)
    assert after.state == target
    assert (event.previous, event.state, event.cause) == (source, target, "because")
    assert after.history[-1].actor == "staff:1"


def test_every_state_can_be_reached_and_two_are_the_end() -> None:
    reached = {"draft"}
    while more := {to for state in reached for to in NEXT[state]} - reached:  # type: ignore[index]
        reached |= more
    assert reached == set(STATES)
    assert {state for state in STATES if not NEXT[state]} == {"corrected", "voided"}


def test_a_claim_is_in_one_stage_at_most_and_in_none_once_it_is_over() -> None:
    staged = [state for states in STAGES.values() for state in states]
    assert len(staged) == len(set(staged))
    assert set(STAGES) == set(get_args(ClaimStage))
    assert set(STATES) - set(staged) == {"paid", "partially_paid", "closed", *OVER}


def test_a_claim_with_an_error_is_not_validated_and_does_not_go() -> None:
    found, event = claims.validated(claim(), [WRONG], CAUSE)
    assert (found.state, found.findings, event) == ("draft", (WRONG,), None)
    with pytest.raises(ClaimUnfit, match="the lines add up to less"):
        claims.queued(found, CAUSE)
    warned, _ = claims.validated(claim(), [replace(WRONG, severity="warning")], CAUSE)
    assert claims.queued(warned, CAUSE)[0].state == "queued"


def test_a_change_has_a_claim_validated_anew() -> None:
    details = ClaimDetails(diagnoses=("M5450",))
    after, event = claims.changed(claim("validated"), details, CAUSE)
    assert (after.state, after.details) == ("draft", details)
    assert event is not None
    with pytest.raises(IllegalTransition):
        claims.changed(claim("submitted"), details, CAUSE)


def test_a_rejected_claim_is_mended_and_goes_out_as_new() -> None:
    mended, _ = claims.validated(claim("rejected"), [], CAUSE)
    assert (mended.state, mended.frequency) == ("validated", "original")


def test_a_correction_names_the_payers_number_and_takes_over_what_is_outstanding() -> None:
    denied = claim("denied", payer_reference="P77", outstanding=Money(amount_minor=4000))
    (over, event), (following, drafted) = successor(denied, "clm_2", "corrected", CAUSE)
    assert (over.state, over.replaced_by, over.outstanding) == (
        "corrected",
        "clm_2",
        Money(amount_minor=0),
    )
    assert (following.frequency, following.payer_reference) == ("corrected", "P77")
    assert following.outstanding == following.amount == drafted.amount == Money(amount_minor=4000)
    assert (following.state, following.replaces, following.version) == ("draft", "clm_1", 1)
    assert event.state == "corrected"


def test_without_the_payers_number_nothing_is_corrected() -> None:
    with pytest.raises(ClaimUnfit, match="number"):
        successor(claim("denied"), "clm_2", "corrected", CAUSE)


def test_a_number_fits_what_payers_take() -> None:
    number = claims.number_of("clm_ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    assert number == "ABCDEFGHIJKLMNOPQR"
    assert len(number) <= 20


def test_a_history_keeps_its_latest_steps() -> None:
    long = claim("submitted")
    for _ in range(claims.STEPS_KEPT + 5):
        long, _ = claims.noted(long, long.state, ["forwarded"], CAUSE)
    assert len(long.history) == claims.STEPS_KEPT
