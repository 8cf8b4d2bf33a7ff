"""Acknowledgements: what became of a file on its way in, and of each claim in it."""

from collections.abc import Callable, Sequence
from dataclasses import asdict

from billing.claim_ports import Changed
from billing.domain.claim import NEXT, Cause, moved
from billing.ports import Books
from billing.use_cases.entitling import hear_of_question
from clinic_contracts.billing.claims import ClaimFinding, ClaimState
from clinic_contracts.billing.requests import ClaimView
from payer_formats.answers import Acknowledgement, ClaimVerdict, SetVerdict, Verdict
from payer_formats.findings import Finding

CauseOf = Callable[[str], Cause]
CODE = "PAYER_REJECTED"
MOST_TOLD, MOST_QUOTED = 20, 3
OF_SETS: dict[Verdict, ClaimState] = {
    "accepted": "received",
    "accepted_with_errors": "received",
    "rejected": "rejected",
}
OF_CLAIMS: dict[Verdict, ClaimState] = {
    "accepted": "accepted",
    "accepted_with_errors": "accepted",
    "rejected": "rejected",
    "pended": "pended",
}


def acknowledge(
    acknowledgements: Sequence[Acknowledgement], books: Books, cause: CauseOf
) -> list[Finding]:
    """Move the claims that acknowledgements are about; returns what is odd about them.

    One that comes late, when its claim is further on, changes nothing.
    """
    findings: list[Finding] = []
    for each in acknowledgements:
        word = f"acknowledged by {each.kind}"
        findings += _sets(each.sets, books, cause(word))
        findings += _claims(each.claims, books, cause(word))
    return findings


def _sets(verdicts: Sequence[SetVerdict], books: Books, cause: Cause) -> list[Finding]:
    """Apply what is said of whole files; of several levels the one that rejects counts."""
    findings = []
    changed: dict[str, Changed[ClaimView]] = {}
    # Where group and set are both rejected, the set says why.
    for verdict in sorted(verdicts, key=lambda each: (each.verdict != "rejected", not each.errors)):
        # Ours has one group of one set, whose own number (ST02) is the same in every file.
        control = verdict.group or verdict.interchange or verdict.set
        claims = books.claims_of_batches(books.batches(control))
        if not claims and not hear_of_question(verdict, control, books, cause):
            findings.append(_unknown("UNKNOWN_FILE", _of_no_file(control, verdict)))
        state = OF_SETS.get(verdict.verdict)
        for claim in claims:
            if state is not None and claim.id not in changed and state in _next(claim):
                said = [each for each in verdict.errors if each.reference in {"", claim.number}]
                changed[claim.id] = moved(claim, [state], cause, **_why(state, said, verdict.codes))
    books.save_claims([*changed.values()])
    return findings


def _of_no_file(control: str, verdict: SetVerdict) -> str:
    """Return that a verdict is about no file of ours, and what it says all the same."""
    text = f"no file of ours has the number {control}" if control else "it names no file of ours"
    said = [each.text for each in verdict.errors[:MOST_QUOTED] if each.text]
    return ": ".join([text, "; ".join(said)] if said else [text])


def _claims(verdicts: Sequence[ClaimVerdict], books: Books, cause: Cause) -> list[Finding]:
    findings = []
    changed: dict[str, Changed[ClaimView]] = {}
    named = books.claims_named(
        [each.reference for each in verdicts], [each.payer_reference for each in verdicts]
    )
    by_number = {claim.number: claim for claim in named}
    by_payer = {claim.payer_reference: claim for claim in named if claim.payer_reference}
    for verdict in verdicts:
        # Two payers may give the same number, and each repeats ours.
        claim = by_number.get(verdict.reference) or by_payer.get(verdict.payer_reference)
        state = OF_CLAIMS[verdict.verdict]
        if claim is None:
            text = f"no claim of ours has the number {verdict.reference}"
            findings.append(_unknown("UNKNOWN_CLAIM", text, verdict.reference))
        elif claim.id not in changed and state in _next(claim):
            reference = verdict.payer_reference or claim.payer_reference
            told = [Finding(code=CODE, text=verdict.text)] if verdict.text else []
            why = _why(state, told, verdict.codes)
            changed[claim.id] = moved(claim, [state], cause, payer_reference=reference, **why)
    books.save_claims([*changed.values()])
    return findings


def _why(
    state: ClaimState, said: Sequence[Finding], codes: Sequence[str]
) -> dict[str, tuple[ClaimFinding, ...]]:
    """Return what a rejected claim is to show: the payer's findings, or at least its codes."""
    if state != "rejected":
        return {}
    found = said or [
        Finding(code=CODE, text=f"rejected by the payer: {', '.join(codes) or 'no reason given'}")
    ]
    return {"findings": tuple(ClaimFinding(**asdict(each)) for each in found[:MOST_TOLD])}


def _next(claim: ClaimView) -> frozenset[ClaimState]:
    return NEXT[claim.state]  # type: ignore[index]  # a view's state is any text


def _unknown(code: str, text: str, reference: str = "") -> Finding:
    return Finding(code=code, text=text, reference=reference, severity="warning")
