"""What earlier payers made of an 837P claim (2320, 2330, and 2430 by way of its lines)."""

from collections.abc import Sequence

from payer_formats.claim import PriorPayment
from payer_formats.findings import quoted
from payer_formats.x12.professional_elements import BLANK, Elements, first
from payer_formats.x12.professional_lines import PaidLine, adjustments_of
from payer_formats.x12.professional_parties import RELATED, parties_of, payer_of, subscriber_of
from payer_formats.x12.syntax import Segment


def priors_of(
    others: Sequence[Sequence[Segment]], paid: Sequence[PaidLine], elements: Elements
) -> tuple[PriorPayment, ...]:
    """Return what earlier payers decided; another payer that has decided nothing is left out."""
    priors: list[PriorPayment] = []
    known: set[str] = set()
    for loop in others:
        parties = parties_of(loop)
        before, payer = parties[""], parties.get("PR", ())
        amount, number = first(before, "AMT", "D"), payer_of(payer).id
        lines = [each for each in paid if each.payer_id == number and number not in known]
        known.add(number)
        adjustments = adjustments_of(before, elements)
        if amount is BLANK and not adjustments and not lines:
            continue
        day = elements.dated(first(payer, "DTP", "573"))
        related = RELATED.get(before[0].at(2), "other")
        priors.append(
            PriorPayment(
                payer=payer_of(payer),
                subscriber=subscriber_of(before[0], parties, elements, related),
                paid_minor=0 if amount is BLANK else elements.amount(amount, 2),
                paid_on=day or next((each.day for each in lines if each.day), None),
                payer_reference=first(payer, "REF", "F8").at(2),
                adjustments=adjustments,
                lines=tuple(each.line for each in lines),
            )
        )
    for each in paid:
        if each.payer_id not in known:
            text = f"SVD01 is {quoted(each.payer_id)}, the id of no payer before"
            elements.find("COB_PAYER", text, each.segment, "SVD01")
    return tuple(priors)
