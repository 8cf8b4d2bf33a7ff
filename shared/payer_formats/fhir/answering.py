"""What a payer answers, written: ClaimResponse, PaymentReconciliation (FHIR R4B).

Adjustments are written with X12's own group and reason codes, so that nothing of them is lost.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from payer_formats.answers import ClaimVerdict, Remittance, RemittedClaim, RemittedLine
from payer_formats.claim import Adjustment
from payer_formats.fhir import systems
from payer_formats.fhir.building import Json, concept, identifier, iso, money
from payer_formats.fhir.syntax import written

DECIDED = ("paid", "denied", "reversed", "predetermined")
OUTCOMES = {
    "accepted": "queued",
    "accepted_with_errors": "queued",
    "pended": "partial",
    "rejected": "error",
}


def verdict_bytes(verdict: ClaimVerdict, *, payer_id: str, created: date, currency: str) -> bytes:
    """Return a ClaimResponse that says what has become of a claim that is not decided yet."""
    response = _envelope(verdict.reference, verdict.payer_reference, payer_id, created)
    asked = verdict.amount_minor
    errors = verdict.codes if verdict.verdict == "rejected" else ()
    response |= {
        "outcome": OUTCOMES[verdict.verdict],
        "disposition": verdict.text,
        "total": [] if asked is None else [_total("submitted", asked, currency)],
        "error": [{"code": concept(code)} for code in errors],
    }
    return written(response)


def remittance_bytes(remittance: Remittance, *, created: date) -> bytes:
    """Return a Bundle of a PaymentReconciliation and the ClaimResponses that it pays.

    The provider adjustments become details of their own, as ``adjustment``.
    """
    currency = remittance.currency
    responses = [
        claim_response(claim, remittance.payer_id, created, currency) for claim in remittance.claims
    ]
    details = [
        {
            "type": concept("payment", systems.PAYMENT_TYPE),
            "request": {"identifier": identifier(claim.reference)},
            "response": {"reference": f"ClaimResponse/{_id(claim.payer_reference)}"},
            "amount": money(claim.paid_minor, currency),
        }
        for claim in remittance.claims
    ]
    details += [
        {
            "identifier": identifier(each.reference),
            "type": concept("adjustment", systems.PAYMENT_TYPE),
            "amount": money(-each.minor, currency),
        }
        for each in remittance.provider_adjustments
    ]
    payment = {
        "resourceType": "PaymentReconciliation",
        "id": _id(remittance.trace),
        "status": "active",
        "created": iso(created),
        "paymentIssuer": {
            "identifier": identifier(remittance.payer_id),
            "display": remittance.payer_name,
        },
        "outcome": "complete",
        "paymentDate": iso(remittance.paid_on),
        "paymentAmount": money(remittance.paid_minor, currency),
        "paymentIdentifier": identifier(remittance.trace),
        "detail": details,
    }
    entries = [{"resource": each} for each in (payment, *responses)]
    return written({"resourceType": "Bundle", "type": "collection", "entry": entries})


def response_bytes(claim: RemittedClaim, *, payer_id: str, created: date, currency: str) -> bytes:
    """Return a ClaimResponse that decides a claim, before anything of it is paid."""
    return written(claim_response(claim, payer_id, created, currency))


def claim_response(claim: RemittedClaim, payer_id: str, created: date, currency: str) -> Json:
    """Return a decided claim as a ClaimResponse.

    An item repeats a line's number alone: procedure, modifiers, units and day have no place in it.
    Raises ValueError for a claim that is not decided; ``verdict_bytes`` says that.
    """
    if claim.decision not in DECIDED:
        raise ValueError(claim.decision)
    response = _envelope(claim.reference, claim.payer_reference, payer_id, created)
    if claim.decision == "predetermined":
        response["use"] = "predetermination"
    response["patient"] = {"display": claim.patient_name or claim.reference}
    texts = dict.fromkeys(each for line in claim.lines for each in line.remarks)
    notes = {text: number for number, text in enumerate(texts, start=1)}
    favoured = claim.decision == "paid" and not claim.paid_minor
    return response | {
        "outcome": "complete",
        "disposition": claim.remarks[0] if claim.remarks else "",
        "processNote": [
            *({"text": text} for text in claim.remarks[1:]),
            *({"number": number, "text": text} for text, number in notes.items()),
        ],
        "item": [
            {
                "itemSequence": int(line.reference) if line.reference.isdecimal() else at,
                "noteNumber": [notes[each] for each in line.remarks],
                "adjudication": _adjudications(line, currency),
            }
            for at, line in enumerate(claim.lines, start=1)
        ],
        "adjudication": _header(claim, currency),
        "total": [
            _total("submitted", claim.charge_minor, currency),
            *([_total("eligible", claim.charge_minor, currency)] if favoured else []),
            _total("benefit", claim.paid_minor, currency),
        ],
    }


def _header(claim: RemittedClaim, currency: str) -> list[Json]:
    """Return what is adjudicated of a claim as a whole, so that total = items + header."""
    entries = _adjustments(claim.adjustments, currency)
    besides = claim.paid_minor - sum(line.paid_minor for line in claim.lines)
    if claim.lines and besides:
        entries.append(_total("benefit", besides, currency))
    return entries


def _envelope(claim: str, number: str, payer_id: str, created: date) -> Json:
    return {
        "resourceType": "ClaimResponse",
        "id": _id(number or claim),
        "identifier": [identifier(number)],
        "status": "active",
        "type": concept("professional", systems.CLAIM_TYPE),
        "use": "claim",
        "patient": {"display": claim},
        "created": iso(created),
        "insurer": {"identifier": identifier(payer_id)},
        "request": {"identifier": identifier(claim)},
    }


def _id(text: str) -> str:
    """Return a resource id (letters, digits, ``-`` and ``.``, at most 64) for a number."""
    kept = "".join(each if each.isascii() and each.isalnum() else "-" for each in text)
    return kept[:64] or "1"


def _total(category: str, minor: int, currency: str) -> Json:
    return {
        "category": concept(category, systems.ADJUDICATION),
        "amount": money(minor, currency),
    }


def _adjudications(line: RemittedLine, currency: str) -> list[Json]:
    return [
        _total("submitted", line.charge_minor, currency),
        *_adjustments(line.adjustments, currency),
        _total("benefit", line.paid_minor, currency),
    ]


def _adjustments(adjustments: Sequence[Adjustment], currency: str) -> list[Json]:
    return [
        {
            "category": concept(each.group, systems.ADJUSTMENT_GROUP),
            "reason": concept(each.reason, systems.ADJUSTMENT_REASON),
            "amount": money(each.minor, currency),
            **({"value": Decimal(each.quantity)} if each.quantity else {}),
        }
        for each in adjustments
    ]
