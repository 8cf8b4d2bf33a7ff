"""Remittances out of S records: what was decided of each claim.

Teleplan 4 record specifications, 3.1.3. The records of one payee and one payment date are one
remittance, in whatever order they stand; a claim of several lines has a record for each, under one
folio number.

Explanatory codes carry no amount, so what a claim was paid short stands under the first of them.
Who bears it is not said either: the group is PI, and the payer's rules decide. The adjustment codes
with amounts in S00 to S03 are what S23 and S24 sum up, and move no money a second time.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice

from payer_formats.answers import (
    Decision,
    ProviderAdjustment,
    Remittance,
    RemittedClaim,
    RemittedLine,
)
from payer_formats.claim import Adjustment
from payer_formats.findings import Finding
from payer_formats.teleplan.layout import MOST_FINDINGS, Record
from payer_formats.teleplan.records import CODES
from payer_formats.teleplan.totals import HELD, Group, imbalances

PAYER_ID = "MSP"
PAYER_NAME = "Medical Services Plan of British Columbia"
UNEXPLAINED = "NONE"
"""The reason of an adjustment for which the payer gives no code."""
MOST_LINES = 50
"""Of one claim (X12 837P allows as many); what comes after them stands alone."""
_APART = frozenset({"pended", "reversed"})


def folio_of(record: Record) -> str:
    """Return the office folio number without the zeros that fill it."""
    return record.text("folio").lstrip("0")


def key_of(record: Record) -> str:
    """Return data centre and sequence number: what MSP and an office know a claim by (3.1.1)."""
    return record.text("data_centre") + record.text("sequence")


def remittances(records: Iterable[Record]) -> Iterator[Remittance]:
    """Return the remittances of a file, one for each payee and payment date."""
    groups: dict[tuple[str, str], Group] = {}
    for record in records:
        if record.layout.code.startswith("S"):
            key = (record.text("payee"), record.text("payment_date"))
            groups.setdefault(key, Group()).add(record)
    for (payee, paid_on), group in groups.items():
        yield _remittance(payee, paid_on, group)


def _remittance(payee: str, paid_on: str, group: Group) -> Remittance:
    claims = tuple(_claims(group.claims))
    total = group.totals[0] if group.totals else None
    control = "" if total is None else total.text("msp_control")
    paid = sum(each.paid_minor for each in claims)
    if total is not None:
        paid = total.minor("cheque_amount")
    findings = chain(imbalances(group), _refusals(claims), _messages(group))
    return Remittance(
        identity=f"{PAYER_ID}:{payee}:{paid_on}:{control}:{paid}",
        payer_id=PAYER_ID,
        payer_name=PAYER_NAME,
        paid_minor=paid,
        currency="CAD",
        claims=claims,
        trace=control,
        paid_on=group.first.day("payment_date"),
        provider_adjustments=tuple(_provider_adjustments(group)),
        findings=tuple(islice(findings, MOST_FINDINGS)),
    )


def _claims(records: Iterable[Record]) -> Iterator[RemittedClaim]:
    """Return the claims in the order of their first lines.

    What is held or taken back of a claim is apart from what is decided of it, and a line that is
    decided a second time begins the claim's next decision.
    """
    found: list[RemittedClaim] = []
    places: dict[tuple[str, str, str], int] = {}
    seen: set[tuple[int, str]] = set()
    for record in records:
        one = _claim(record)
        apart = one.decision if one.decision in _APART else ""
        key = (record.text("data_centre"), one.reference, apart)
        at = places.get(key) if one.reference else None
        if at is None or (at, one.payer_reference) in seen or len(found[at].lines) >= MOST_LINES:
            at = places[key] = len(found)
            found.append(one)
        else:
            found[at] = _together(found[at], one)
        seen.add((at, one.payer_reference))
    yield from found


def _together(claim: RemittedClaim, line: RemittedClaim) -> RemittedClaim:
    """Return a claim with one more of its lines; it is paid when any of it is."""
    decision: Decision = "denied"
    if "paid" in {claim.decision, line.decision}:
        decision = "paid"
    elif claim.decision == line.decision:
        decision = claim.decision
    return replace(
        claim,
        decision=decision,
        charge_minor=claim.charge_minor + line.charge_minor,
        paid_minor=claim.paid_minor + line.paid_minor,
        lines=(*claim.lines, *line.lines),
        remarks=tuple(dict.fromkeys((*claim.remarks, *line.remarks))),
        member_id=claim.member_id or line.member_id,
        patient_name=claim.patient_name or line.patient_name,
        day=claim.day or line.day,
    )


def _claim(record: Record) -> RemittedClaim:
    """Return what was decided of one line."""
    code = record.layout.code
    if code == HELD:
        return _told(record, "pended", charge=0, paid=0)
    paid = record.minor("paid_amount")
    if code == "S01":
        return _told(record, "reversed" if paid < 0 else "paid", charge=paid, paid=paid)
    billed = record.minor("billed_amount")
    if code == "S03":
        return _told(record, "refused", charge=billed, paid=paid)
    if paid < 0:
        # A debit takes back a charge as well as its payment, whatever sign the charge is told with.
        return _told(record, "reversed", charge=-abs(billed), paid=paid)
    return _told(record, "paid" if paid or not billed else "denied", charge=billed, paid=paid)


def _told(record: Record, decision: Decision, *, charge: int, paid: int) -> RemittedClaim:
    code = record.layout.code
    explained = code in {"S00", "S02", "S03"}
    remarks = record.texts("explanation", CODES) if code != "S01" else ()
    return RemittedClaim(
        reference=folio_of(record),
        decision=decision,
        charge_minor=charge,
        paid_minor=paid,
        payer_reference=key_of(record),
        lines=() if code == HELD else (_line(record, charge, paid, remarks),),
        remarks=remarks,
        code=code,
        member_id=record.text("phn") if explained else "",
        patient_name=_name(record) if explained else "",
        day=record.day("service_date") if explained else None,
        position=record.position,
    )


def _name(record: Record) -> str:
    return f"{record.text('initials')} {record.text('surname')}".strip()


def _line(record: Record, charge: int, paid: int, remarks: Sequence[str]) -> RemittedLine:
    """Return a line as decided; S01 does not say what it was for."""
    reason = remarks[0] if remarks else UNEXPLAINED
    short = charge - paid
    explained = record.layout.code != "S01"
    return RemittedLine(
        procedure=_fee_item(record) if explained else "",
        charge_minor=charge,
        paid_minor=paid,
        adjustments=(Adjustment(group="PI", reason=reason, minor=short),) if short else (),
        units=record.number("billed_units") if explained else 1,
        day=record.day("service_date") if explained else None,
        reference=key_of(record),
        remarks=tuple(remarks),
    )


def _fee_item(record: Record) -> str:
    """Return the fee item that was paid, the billed one where none was."""
    paid = record.text("paid_fee_item")
    return paid if paid.strip("0") else record.text("billed_fee_item")


def _provider_adjustments(group: Group) -> Iterator[ProviderAdjustment]:
    """Return what stands between the claims' payments and the cheque; what is kept is positive."""
    for record in group.adjusted:
        if minor := record.minor("adjustment_made"):
            reference = record.text("adjustment_id")
            reason = record.text("adjustment_code")
            yield ProviderAdjustment(reason=reason, minor=-minor, reference=reference)
    for total in group.totals[:1]:
        if minor := total.minor("balance_forward"):
            yield ProviderAdjustment(reason="BALANCE_FORWARD", minor=-minor)
        if minor := total.minor("new_balance"):
            yield ProviderAdjustment(reason="NEW_BALANCE", minor=minor)


def _refusals(claims: Iterable[RemittedClaim]) -> Iterator[Finding]:
    """Return refused claims for which money is told all the same."""
    for claim in claims:
        if claim.decision == "refused" and claim.paid_minor:
            text = f"a refused claim is paid {claim.paid_minor} cents"
            yield Finding(
                code="TELEPLAN_REFUSED_PAID",
                text=text,
                where="S03",
                position=claim.position,
                reference=claim.reference,
            )


def _messages(group: Group) -> Iterator[Finding]:
    for record in group.messages:
        yield Finding(
            code="PAYER_MESSAGE",
            text=record.text("message"),
            where="S25",
            position=record.position,
            severity="warning",
        )
