"""What a payer's adjudication of a claim or a line comes to: charge less adjustments = paid.

FHIR R4B, ClaimResponse.item.adjudication and its example code system (submitted, eligible, copay,
deductible, benefit, eligpercent). A payer that also gives X12's own group and reason codes as
category and reason is taken at its word; of one that does not, what is not paid is the client's,
since nothing in the standard says that anybody forgives it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from payer_formats.claim import Adjustment
from payer_formats.fhir import systems
from payer_formats.fhir.element import Element

_REASONS = {"deductible": "1", "copay": "3"}
"""Claim adjustment reason codes (X12 external list 139)."""
COINSURANCE, ABOVE_ALLOWED, UNEXPLAINED = "2", "45", "192"


@dataclass(frozen=True, slots=True)
class Adjudicated:
    """What an array of adjudications says, in minor units; None where it says nothing."""

    submitted: int | None
    eligible: int | None
    benefit: int | None
    adjustments: tuple[Adjustment, ...] = ()
    reason: str = ""
    percent: bool = False
    coded: bool = False
    """Whether the adjustments are the payer's own, in X12's codes."""


def adjudicated(entries: Iterable[Element]) -> Adjudicated:
    """Return what adjudications say, without deciding what follows from it."""
    amounts: dict[str, int] = {}
    adjustments: list[Adjustment] = []
    reason, percent, coded = "", False, False
    for entry in entries:
        category = entry.concept("category")
        if not category:
            entry.missing("category")
        minor = entry.money("amount")
        why = entry.concept("reason")
        if entry.system("category") == systems.ADJUSTMENT_GROUP:
            coded = True
            quantity = entry.decimal("value") or 0
            if minor is not None:
                adjustments.append(
                    Adjustment(group=category, reason=why, minor=minor, quantity=int(quantity))
                )
        elif category in _REASONS and minor:
            adjustments.append(Adjustment(group="PR", reason=_REASONS[category], minor=minor))
        elif category == "eligpercent":
            percent = True
        elif minor is not None:
            amounts[category] = amounts.get(category, 0) + minor
            reason = why if category == "benefit" else reason
    return Adjudicated(
        submitted=amounts.get("submitted"),
        eligible=amounts.get("eligible"),
        benefit=amounts.get("benefit"),
        adjustments=tuple(adjustments),
        reason=reason,
        percent=percent,
        coded=coded,
    )


def completed(
    said: Adjudicated, charge: int, paid: int, *, besides: int = 0
) -> tuple[Adjustment, ...]:
    """Return the adjustments that explain what is not paid; ``besides`` is explained elsewhere.

    A payer's own are left as they are, so that they can be found not to add up.
    """
    rest = charge - paid - besides - sum(each.minor for each in said.adjustments)
    if said.coded or not rest:
        return said.adjustments
    explained = list(said.adjustments)
    if said.eligible is not None and 0 < charge - said.eligible <= rest:
        above = charge - said.eligible
        explained.append(Adjustment(group="PR", reason=ABOVE_ALLOWED, minor=above))
        rest -= above
    if rest:
        reason = said.reason or (COINSURANCE if said.percent else UNEXPLAINED)
        explained.append(Adjustment(group="PR", reason=reason, minor=rest))
    return tuple(explained)


def clients(adjustments: Sequence[Adjustment]) -> int:
    """Return what of adjustments the patient owes (group PR)."""
    return sum(each.minor for each in adjustments if each.group == "PR")
