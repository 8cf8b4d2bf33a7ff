"""A ClaimResponse, read (FHIR R4B, ClaimResponse): what a payer decided of a claim.

``outcome`` says whether it did (value set remittance-outcome): ``complete`` is a decision,
``queued`` is received, ``partial`` is being worked on, ``error`` cannot be processed and pays
nothing.
"""

from dataclasses import dataclass
from datetime import date

from payer_formats.answers import ClaimVerdict, RemittedClaim, Verdict
from payer_formats.fhir import systems
from payer_formats.fhir.decided import Payment, decided, payer_reference, remarks, total
from payer_formats.fhir.element import Element, Notes, decimal_of
from payer_formats.fhir.references import Directory

LONGEST_TEXT = 1000
VERDICTS: dict[str, Verdict] = {"queued": "accepted", "partial": "pended", "error": "rejected"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A ClaimResponse: a verdict or a decided claim, and what is paid with it."""

    id: str
    payer_id: str
    payer_name: str
    payment: Payment
    created: date | None
    notes: Notes
    verdict: ClaimVerdict | None = None
    claim: RemittedClaim | None = None


def read_response(resource: Element, known: Directory) -> Response:
    """Read a ClaimResponse; its findings are in ``notes``."""
    notes = resource.notes
    known = known.within(resource)
    notes.reference = known.number(resource, "request")
    if not notes.reference:
        resource.missing("request")
    status = resource.code("status", systems.STATUSES, required=True)
    if status in systems.STATUSES[1:]:
        text = f"a ClaimResponse that is {status} decides nothing"
        notes.add("STATUS", text, resource.where("status"))
    use = resource.code("use", systems.USES, required=True)
    outcome = resource.code("outcome", systems.OUTCOMES, required=True)
    created = resource.day("created", required=True)
    for name in ("type", "patient", "insurer"):
        resource.one(name, required=True)
    payment = _payment(resource.one("payment"))
    if outcome == "error" and payment.minor:
        text = "the outcome is error, and yet something is paid"
        notes.add("OUTCOME", text, resource.where("payment"))
    return Response(
        id=resource.text("id"),
        payer_id=known.number(resource, "insurer"),
        payer_name=known.name(resource, "insurer"),
        payment=payment,
        created=created,
        notes=notes,
        verdict=_verdict(resource, outcome, created) if outcome in VERDICTS else None,
        claim=decided(resource, known, payment, use) if outcome == "complete" else None,
    )


def _payment(payment: Element) -> Payment:
    if not payment:
        return Payment(minor=None)
    minor = payment.money("amount", required=True)
    if minor is not None and minor < 0:
        text = f"a payment of {decimal_of(minor)} is none"
        payment.notes.add("NEGATIVE_PAYMENT", text, payment.where("amount"))
    return Payment(
        minor=minor,
        kept_back=payment.money("adjustment") or 0,
        reason=payment.concept("adjustmentReason"),
        trace=payment.one("identifier").text("value"),
        day=payment.day("date"),
        method=payment.concept("type"),
    )


def _verdict(resource: Element, outcome: str, created: date | None) -> ClaimVerdict:
    errors = resource.many("error")
    if outcome == "error" and not errors:
        resource.notes.add(
            "REQUIRED",
            "the outcome is error without any error",
            resource.where("error"),
            severity="warning",
        )
    return ClaimVerdict(
        reference=resource.notes.reference,
        verdict=VERDICTS[outcome],
        codes=tuple(filter(None, (each.concept("code") for each in errors))),
        text="; ".join(remarks(resource))[:LONGEST_TEXT],
        payer_reference=payer_reference(resource),
        amount_minor=total(resource, "submitted"),
        day=created,
    )
