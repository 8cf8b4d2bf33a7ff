"""A PaymentReconciliation, read (FHIR R4B): one payment, and the ClaimResponses that it pays.

Σ detail.amount = paymentAmount. A detail that pays a claim names its ClaimResponse, which must be
in the same Bundle: the detail alone does not say what was submitted and why less is paid.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from payer_formats.answers import ProviderAdjustment, Remittance, RemittedClaim
from payer_formats.fhir import systems
from payer_formats.fhir.element import Element, decimal_of
from payer_formats.fhir.references import Directory
from payer_formats.fhir.responses import Response

NO_CLAIM = ("adjustment", "advance")
"""Types of detail that may name no ClaimResponse (code system payment-type)."""


@dataclass(slots=True)
class _Parts:
    """What the details of a payment come to."""

    responses: dict[str, Response] = field(default_factory=dict)
    adjustments: list[ProviderAdjustment] = field(default_factory=list)


def read_reconciliation(
    resource: Element, known: Directory, responses: Mapping[str, Response]
) -> tuple[Remittance, frozenset[str]]:
    """Return a payment as a remittance, and the paths of the responses that it pays."""
    notes = resource.notes
    known = known.within(resource)
    if resource.code("status", systems.STATUSES, required=True) in systems.STATUSES[1:]:
        notes.add("STATUS", "only an active payment is one", resource.where("status"))
    if resource.code("outcome", systems.OUTCOMES) in {"queued", "error"}:
        notes.add("OUTCOME", "the payment has not been made", resource.where("outcome"))
    resource.day("created", required=True)
    paid_on = resource.day("paymentDate", required=True)
    amount = resource.money("paymentAmount", required=True) or 0
    if amount < 0:
        text = f"a payment of {decimal_of(amount)} is none"
        notes.add("NEGATIVE_PAYMENT", text, resource.where("paymentAmount"))
    parts = _details(resource, known, responses, amount)
    used = list(parts.responses.values())
    trace = resource.one("paymentIdentifier").text("value") or resource.identifier()
    for response in used:
        notes.take(response.notes)
    remittance = Remittance(
        identity=identity(known.number(resource, "paymentIssuer"), trace, paid_on, amount),
        payer_id=known.number(resource, "paymentIssuer"),
        payer_name=known.name(resource, "paymentIssuer"),
        paid_minor=amount,
        currency=notes.currency(resource.where("paymentAmount")),
        claims=tuple(each.claim for each in used if each.claim),
        trace=trace,
        paid_on=paid_on,
        provider_adjustments=(*parts.adjustments, *kept_back(used)),
        findings=tuple(notes.findings),
    )
    return remittance, frozenset(parts.responses)


def _details(
    resource: Element, known: Directory, responses: Mapping[str, Response], amount: int
) -> _Parts:
    parts, summed = _Parts(), 0
    for detail in resource.many("detail"):
        minor = detail.money("amount", required=True) or 0
        summed += minor
        kind = detail.concept("type")
        if not kind:
            detail.missing("type")
        if kind in NO_CLAIM and not detail.one("response"):
            number = detail.one("identifier").text("value")
            parts.adjustments.append(
                ProviderAdjustment(reason=kind, minor=-minor, reference=number)
            )
            continue
        path = known.find(detail, "response").path
        _pays(detail, minor, responses.get(path), again=path in parts.responses)
        if path in responses:
            parts.responses[path] = responses[path]
    if summed != amount:
        text = f"the details come to {decimal_of(summed)}, the payment is {decimal_of(amount)}"
        resource.notes.add("DETAIL_SUM", text, resource.where("detail"))
    return parts


def _pays(detail: Element, minor: int, response: Response | None, *, again: bool) -> None:
    where = detail.where("response")
    if response is None:
        text = "the ClaimResponse is not in this file, or another payment pays it"
        detail.notes.add("RESPONSE_MISSING", text, where)
    elif again:
        detail.notes.add("RESPONSE_TWICE", "the ClaimResponse is paid more than once", where)
    elif response.claim is None:
        detail.notes.add("RESPONSE_UNDECIDED", "what is paid has not been decided", where)
    else:
        due = response.claim.paid_minor - response.payment.kept_back
        if minor != due:
            text = f"{decimal_of(minor)} is paid of a benefit of {decimal_of(due)}"
            detail.notes.add("DETAIL_AMOUNT", text, detail.where("amount"))


def alone(response: Response, claim: RemittedClaim) -> Remittance:
    """Return the remittance that a decided ClaimResponse is when no payment names it.

    What it says is paid comes by a PaymentReconciliation that names the claim again: to post both
    would be to count the money twice.
    """
    payment, notes = response.payment, response.notes
    paid = payment.minor
    if paid is None:
        paid = claim.paid_minor - payment.kept_back
    trace = payment.trace or claim.payer_reference
    day = payment.day or response.created
    return Remittance(
        identity=identity(response.payer_id, trace, day, paid),
        payer_id=response.payer_id,
        payer_name=response.payer_name,
        paid_minor=paid,
        currency=notes.currency("ClaimResponse.total"),
        claims=(claim,),
        trace=trace,
        paid_on=payment.day,
        method=payment.method,
        provider_adjustments=kept_back([response]),
        findings=tuple(notes.findings),
        is_payment=not paid,  # no payment will name one that pays nothing
    )


def kept_back(responses: Iterable[Response]) -> tuple[ProviderAdjustment, ...]:
    """Return what is kept back from the payments of responses for other than their claims."""
    return tuple(
        ProviderAdjustment(
            reason=each.payment.reason or "adjustment",
            minor=each.payment.kept_back,
            reference=each.claim.payer_reference,
        )
        for each in responses
        if each.claim and each.payment.kept_back
    )


def identity(payer: str, trace: str, day: date | None, minor: int) -> str:
    """Return what makes a payment the same one when it comes again."""
    return "|".join(("fhir", payer, trace, day.isoformat() if day else "", str(minor)))
