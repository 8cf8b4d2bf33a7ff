"""Which claim a payer decided: by its own number of it, by ours, by the service; never by a guess.

What names no claim, or several, goes to the work-queue with suggestions, for a biller to decide.
"""

from collections.abc import Iterable, Sequence

from clinic_contracts.billing.payer_files import Suggestion
from clinic_contracts.billing.requests import ClaimView
from payer_formats.answers import RemittedClaim

MOST_SUGGESTIONS = 5
BY_REFERENCE, BY_MEMBER, BY_DAY, BY_CHARGE = 40, 25, 20, 15


def match(decided: RemittedClaim, candidates: Sequence[ClaimView]) -> ClaimView | None:
    """Return the one claim that was decided, or None.

    ``candidates`` are the claims whose numbers, the payer's or ours, it names. The payer's own
    number tells it (X12 CLP07), unless of another day; ours (CLP01) together with charge and day
    of service, since a payer may cut or repeat it.
    """
    # Two payers may have given the same number: the claim that ours names says whose it is.
    payers = {each.payer_id for each in candidates if each.number == decided.reference}
    by_payer = [
        each
        for each in candidates
        if decided.payer_reference
        and each.payer_reference == decided.payer_reference
        and _same_day(decided, each)
        and (not payers or each.payer_id in payers)
    ]
    if len(by_payer) == 1:
        return by_payer[0]
    ours = [each for each in by_payer or candidates if each.number == decided.reference]
    alike = [each for each in ours if _same_service(decided, each)]
    return alike[0] if len(alike) == 1 else None


def suggestions(decided: RemittedClaim, near: Iterable[ClaimView]) -> tuple[Suggestion, ...]:
    """Return the claims it may be about, the likeliest first, each with why."""
    scored = []
    for claim in near:
        day = _day(decided)
        told = [
            (BY_REFERENCE, _resembles(decided.reference, claim.number), "the number is nearly its"),
            (BY_MEMBER, _same(decided.member_id, claim.member_id), "the policy's number is its"),
            (BY_DAY, day is not None and claim.service_date == day, "it is of the same day"),
            (
                BY_CHARGE,
                abs(decided.charge_minor) == claim.charge.amount_minor,
                "the charge is its",
            ),
        ]
        score = sum(points for points, holds, _ in told if holds)
        if score:
            why = ", ".join(text for _, holds, text in told if holds)
            scored.append(Suggestion(claim_id=claim.id, score=score, why=why))
    scored.sort(key=lambda each: (-each.score, each.claim_id))
    return tuple(scored[:MOST_SUGGESTIONS])


def _same_service(decided: RemittedClaim, claim: ClaimView) -> bool:
    return abs(decided.charge_minor) == claim.charge.amount_minor and _same_day(decided, claim)


def _same_day(decided: RemittedClaim, claim: ClaimView) -> bool:
    return _day(decided) in {None, claim.service_date}


def _day(decided: RemittedClaim) -> object:
    return decided.day or next((line.day for line in decided.lines if line.day), None)


def _same(one: str, other: str) -> bool:
    return bool(one) and one.replace("-", "").casefold() == other.replace("-", "").casefold()


def _resembles(told: str, number: str) -> bool:
    """Say whether one is the beginning or the end of the other: payers cut and pad."""
    told = told.strip().lstrip("0")
    return bool(told) and bool(number) and (told in number or number in told)
