"""What somebody keys in from a payer's statement; it must add up as any other remittance."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from payer_formats.answers import ProviderAdjustment, Remittance, RemittedClaim
from payer_formats.balance import imbalances
from payer_formats.findings import Finding
from payer_formats.portal.forms import money

MOST_CLAIMS = 1000
_NOTHING_PAID = frozenset({"denied", "refused", "pended"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyed:
    """What somebody keyed in from a payer's statement.

    ``trace`` is the number of the payment: a cheque's, a transfer's, a statement's. The claims
    are as the model has them, charge less adjustments = paid.
    """

    payer_id: str
    payer_name: str
    trace: str
    paid_minor: int
    currency: str
    claims: tuple[RemittedClaim, ...]
    paid_on: date | None = None
    method: str = ""
    provider_adjustments: tuple[ProviderAdjustment, ...] = ()


def keyed(result: Keyed) -> Remittance:
    """Return keyed-in results as a remittance, with a finding for all that does not add up.

    The identity is the payer's payment number: the same one keyed twice is the same remittance.
    """
    remittance = Remittance(
        identity=f"{result.payer_id}:keyed:{result.trace.strip()}",
        payer_id=result.payer_id,
        payer_name=result.payer_name,
        paid_minor=result.paid_minor,
        currency=result.currency,
        claims=result.claims[:MOST_CLAIMS],
        trace=result.trace.strip(),
        paid_on=result.paid_on,
        method=result.method,
        provider_adjustments=result.provider_adjustments,
    )
    return replace(remittance, findings=(*_doubts(result), *imbalances(remittance)))


def _doubts(result: Keyed) -> Iterator[Finding]:
    """Return what the keyed figures lack or contradict besides their sums."""
    if not result.trace.strip():
        text = "a payment has a number, by which it is known when it is keyed twice"
        yield Finding(code="KEYED_TRACE", text=text, where="trace")
    if not 1 <= len(result.claims) <= MOST_CLAIMS:
        text = f"a payment is for 1 to {MOST_CLAIMS} claims, not {len(result.claims)}"
        yield Finding(code="KEYED_CLAIMS", text=text, where="claims")
    seen: set[str] = set()
    for claim in result.claims[:MOST_CLAIMS]:
        yield from _claim(claim, seen)
        if claim.decision != "reversed":
            seen.add(claim.reference)


def _claim(claim: RemittedClaim, seen: set[str]) -> Iterator[Finding]:
    if not claim.reference:
        yield _doubt(claim, "KEYED_REFERENCE", "a claim is named by its number")
    elif claim.reference in seen and claim.decision != "reversed":
        yield _doubt(claim, "KEYED_TWICE", "the claim is keyed twice")
    if claim.decision in _NOTHING_PAID and claim.paid_minor:
        text = f"a claim that was {claim.decision} is paid {money(claim.paid_minor)}"
        yield _doubt(claim, "KEYED_DECISION", text)
    if claim.decision == "reversed" and claim.paid_minor > 0:
        text = "a reversal takes money back: its amounts are below nothing"
        yield _doubt(claim, "KEYED_DECISION", text)


def _doubt(claim: RemittedClaim, code: str, text: str) -> Finding:
    return Finding(
        code=code, text=text, where="claims", position=claim.position, reference=claim.reference
    )
