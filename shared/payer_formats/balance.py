"""Whether a remittance adds up, to the cent: lines, claims, and the payment as a whole.

ASC X12 005010X221A1 section 1.10.2.1 (balancing), which holds in any tongue.
"""

from collections.abc import Iterator

from payer_formats.amounts import text_of
from payer_formats.answers import Remittance, RemittedClaim, RemittedLine
from payer_formats.claim import Adjustment
from payer_formats.findings import Finding

ASK = "ask the payer for a remittance that adds up"
PATIENT = "PR"
"""The group of adjustments that are the patient's to pay."""


def imbalances(remittance: Remittance) -> Iterator[Finding]:
    """Yield an error for each sum that does not come out; no error means that it balances.

    Adjustments may be negative (they pay more); a payment below nothing is prohibited. What the
    patient owes is only warned of: nothing is paid by it. ``where`` is as X12 names it.
    """
    for claim in remittance.claims:
        yield from _of_claim(claim)
    paid = sum(claim.paid_minor for claim in remittance.claims)
    kept = sum(each.minor for each in remittance.provider_adjustments)
    if paid - kept != remittance.paid_minor:
        told = _sum("claims paid", paid, "provider adjustments", kept)
        yield Finding(
            code="REMIT_TOTAL_BALANCE",
            text=f"{told}, the payment is {text_of(remittance.paid_minor)}",
            where="BPR02",
            fix=ASK,
        )
    if remittance.paid_minor < 0:
        detail = f"a payment cannot be below nothing: {text_of(remittance.paid_minor)}"
        yield Finding(code="REMIT_NEGATIVE", text=detail, where="BPR02", fix=ASK)


def _of_claim(claim: RemittedClaim) -> Iterator[Finding]:
    for number, line in enumerate(claim.lines, start=1):
        yield from _of_line(claim, number, line)
    adjusted = sum(each.minor for each in _all(claim))
    if claim.charge_minor - adjusted != claim.paid_minor:
        told = _sum("charged", claim.charge_minor, "adjustments", adjusted)
        yield Finding(
            code="REMIT_CLAIM_BALANCE",
            text=f"{told}, paid is {text_of(claim.paid_minor)}",
            where="CLP04",
            fix=ASK,
            position=claim.position,
            reference=claim.reference,
        )
    owed = sum(each.minor for each in _all(claim) if each.group == PATIENT)
    if claim.client_minor not in {0, owed}:
        told = f"{text_of(claim.client_minor)}, the adjustments say {text_of(owed)}"
        yield Finding(
            code="REMIT_PATIENT_SHARE",
            text=f"the patient is said to owe {told}",
            where="CLP05",
            position=claim.position,
            reference=claim.reference,
            severity="warning",
        )
    charged = sum(line.charge_minor for line in claim.lines)
    if claim.lines and charged != claim.charge_minor:
        told = f"{text_of(charged)}, the claim's {text_of(claim.charge_minor)}"
        yield Finding(
            code="REMIT_LINE_SUM",
            text=f"the lines' charges come to {told}",
            where="CLP03",
            fix=ASK,
            position=claim.position,
            reference=claim.reference,
        )


def _of_line(claim: RemittedClaim, number: int, line: RemittedLine) -> Iterator[Finding]:
    adjusted = _adjusted(line)
    if line.charge_minor - adjusted != line.paid_minor:
        told = _sum("charged", line.charge_minor, "adjustments", adjusted)
        yield Finding(
            code="REMIT_LINE_BALANCE",
            text=f"{told}, paid is {text_of(line.paid_minor)}",
            where="SVC03",
            fix=ASK,
            position=claim.position,
            line=number,
            reference=claim.reference,
        )


def _all(claim: RemittedClaim) -> Iterator[Adjustment]:
    yield from claim.adjustments
    for line in claim.lines:
        yield from line.adjustments


def _adjusted(line: RemittedLine) -> int:
    return sum(each.minor for each in line.adjustments)


def _sum(what: str, minor: int, less: str, taken: int) -> str:
    left = text_of(minor - taken)
    return f"{what} {text_of(minor)} less {less} {text_of(taken)} is {left}"
