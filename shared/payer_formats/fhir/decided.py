"""The money of a decided ClaimResponse, and whether it adds up.

FHIR R4B, ClaimResponse: ``total`` sums what ``item``, ``addItem`` and ``adjudication`` say, and
``payment.amount`` is "benefits payable less any payment adjustment".
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from payer_formats.answers import Decision, RemittedClaim, RemittedLine
from payer_formats.claim import Adjustment
from payer_formats.fhir.adjudication import Adjudicated, adjudicated, clients, completed
from payer_formats.fhir.element import Element, decimal_of
from payer_formats.fhir.references import Directory


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """What ClaimResponse.payment says; None where it says nothing. ``kept_back`` is adjustment."""

    minor: int | None
    kept_back: int = 0
    reason: str = ""
    trace: str = ""
    day: date | None = None
    method: str = ""


@dataclass(frozen=True, slots=True)
class _Line:
    """An item or addItem and what was adjudicated of it."""

    element: Element
    reference: str
    procedure: str
    said: Adjudicated
    remarks: tuple[str, ...]


def decided(resource: Element, known: Directory, payment: Payment, use: str) -> RemittedClaim:
    """Return the claim that a ClaimResponse decides; what does not add up is a finding.

    A line's ``reference`` is its itemSequence: FHIR does not repeat the procedure of an item.
    """
    header = adjudicated(resource.many("adjudication"))
    lines = _lines(resource)
    charge = _charge(resource, header, lines)
    paid = _benefit(resource, header, lines, payment)
    remitted = _remitted(lines) if _itemised(lines) else ()
    besides = tuple(each for line in remitted for each in line.adjustments)
    if not remitted:
        header = _gathered(header, lines)
    own = completed(header, charge, paid, besides=sum(each.minor for each in besides))
    _check(resource, charge, paid, (*own, *besides))
    _check_payment(resource, paid, payment, (*own, *besides))
    return RemittedClaim(
        reference=resource.notes.reference,
        decision=_decision(use, charge, paid, (header, *(line.said for line in lines))),
        charge_minor=charge,
        paid_minor=paid,
        client_minor=clients((*own, *besides)),
        payer_reference=payer_reference(resource),
        adjustments=own,
        lines=remitted,
        remarks=remarks(resource),
        code="complete",
        patient_name=known.name(resource, "patient"),
    )


def payer_reference(resource: Element) -> str:
    """Return the payer's own number of the claim."""
    return resource.identifier() or resource.text("id")


def remarks(resource: Element) -> tuple[str, ...]:
    """Return what a ClaimResponse says in words of the claim, not of one of its items."""
    items = (*resource.many("item"), *resource.many("addItem"))
    of_items = {number for each in items for number in each.wholes("noteNumber")}
    notes = (
        each.text("text")
        for each in resource.many("processNote")
        if each.values.get("number") is None or each.whole("number") not in of_items
    )
    return tuple(filter(None, (resource.text("disposition"), *notes)))


def total(resource: Element, category: str) -> int | None:
    """Return one of ClaimResponse.total, None where it is not told."""
    found = None
    for each in resource.many("total"):
        amount = each.money("amount", required=True)
        if each.concept("category") == category:
            found = (found or 0) + (amount or 0)
    return found


def _lines(resource: Element) -> list[_Line]:
    notes = {
        each.whole("number"): each.text("text") or each.concept("type")
        for each in resource.many("processNote")
        if each.values.get("number") is not None
    }
    lines = []
    for item in [*resource.many("item"), *resource.many("addItem")]:
        added = "itemSequence" not in item.values or isinstance(item.values["itemSequence"], list)
        sequence = (
            next(iter(item.wholes("itemSequence")), "")
            if added
            else item.whole("itemSequence", required=True)
        )
        lines.append(
            _Line(
                element=item,
                reference=str(sequence or ""),
                procedure=item.concept("productOrService"),
                said=adjudicated(item.many("adjudication")),
                remarks=tuple(filter(None, map(notes.get, item.wholes("noteNumber")))),
            )
        )
    only = total(resource, "submitted")
    if len(lines) == 1 and lines[0].said.submitted is None and only is not None:
        return [replace(lines[0], said=replace(lines[0].said, submitted=only))]
    return lines


def _itemised(lines: Sequence[_Line]) -> bool:
    return bool(lines) and all(line.said.submitted is not None for line in lines)


def _charge(resource: Element, header: Adjudicated, lines: Sequence[_Line]) -> int:
    told = total(resource, "submitted")
    if told is None:
        told = header.submitted
    if _itemised(lines):
        summed = sum(line.said.submitted or 0 for line in lines)
        if told is not None and told != summed:
            text = f"submitted {decimal_of(told)} is not the sum of the items, {decimal_of(summed)}"
            resource.notes.add("SUBMITTED_SUM", text, resource.where("total"))
        return summed if told is None else told
    if told is None:
        text = "what was submitted is told neither as a total nor for each item"
        resource.notes.add("REQUIRED", text, resource.where("total"))
    return told or 0


def _benefit(
    resource: Element, header: Adjudicated, lines: Sequence[_Line], payment: Payment
) -> int:
    parts = [each.benefit for each in (header, *(line.said for line in lines))]
    told, summed = total(resource, "benefit"), sum(each or 0 for each in parts)
    if any(each is not None for each in parts):
        if told is not None and told != summed:
            text = f"benefit {decimal_of(told)} is not the sum of the items, {decimal_of(summed)}"
            resource.notes.add("BENEFIT_SUM", text, resource.where("total"))
        return summed if told is None else told
    if told is None and payment.minor is not None:
        return payment.minor + payment.kept_back
    if told is None:
        text = "the benefit is told neither as a total, nor for an item, nor as a payment"
        resource.notes.add("REQUIRED", text, resource.where("total"))
    return told or 0


def _remitted(lines: Sequence[_Line]) -> tuple[RemittedLine, ...]:
    remitted = []
    for line in lines:
        charge, paid = line.said.submitted or 0, line.said.benefit or 0
        adjustments = completed(line.said, charge, paid)
        _check(line.element, charge, paid, adjustments)
        remitted.append(
            RemittedLine(
                procedure=line.procedure,
                charge_minor=charge,
                paid_minor=paid,
                adjustments=adjustments,
                reference=line.reference,
                remarks=line.remarks,
            )
        )
    return tuple(remitted)


def _gathered(header: Adjudicated, lines: Sequence[_Line]) -> Adjudicated:
    """Return what is said of a claim whose lines cannot be told apart."""
    said = [header, *(line.said for line in lines)]
    return replace(
        header,
        adjustments=tuple(each for one in said for each in one.adjustments),
        reason=next((one.reason for one in said if one.reason), ""),
        percent=any(one.percent for one in said),
        coded=any(one.coded for one in said),
    )


def _check(element: Element, charge: int, paid: int, adjustments: Sequence[Adjustment]) -> None:
    rest = charge - paid - sum(each.minor for each in adjustments)
    if rest:
        text = (
            f"submitted {decimal_of(charge)} less its adjustments is not the benefit"
            f" {decimal_of(paid)}: {decimal_of(rest)} is not explained"
        )
        element.notes.add("BALANCE", text, element.where("adjudication"))
    if paid > max(charge, 0):
        text = f"the benefit {decimal_of(paid)} is more than was submitted, {decimal_of(charge)}"
        element.notes.add("BENEFIT_EXCEEDS", text, element.where("adjudication"))


def _check_payment(
    resource: Element, paid: int, payment: Payment, adjustments: Sequence[Adjustment]
) -> None:
    if payment.minor is None or payment.minor == paid - payment.kept_back:
        return
    off = payment.minor - (paid - payment.kept_back)
    copay = sum(each.minor for each in adjustments if each.reason == "3")
    text = (
        f"the payment {decimal_of(payment.minor)} is not the benefit {decimal_of(paid)} less the"
        f" adjustment {decimal_of(payment.kept_back)}: it differs by {decimal_of(off)}"
    )
    why = ", which is the copay" if off == copay else ""
    resource.notes.add("PAYMENT_SUM", text + why, resource.where("payment.amount"))


def _decision(use: str, charge: int, paid: int, said: Sequence[Adjudicated]) -> Decision:
    if use in {"preauthorization", "predetermination"}:
        return "predetermined"
    if charge < 0 or paid < 0:
        return "reversed"
    # All of an eligible amount may go to the deductible: that is decided in favour, and pays 0.
    favoured = paid > 0 or any(each.eligible for each in said)
    return "paid" if favoured else "denied"
