"""Remittances out of S records: what was decided of each claim, and whether the totals hold.

Teleplan 4 record specifications, 3.1.3. The records of one payee and one payment date are one
remittance, in whatever order they stand. How its totals hang together could not be read there; it
is taken to be so, and a remittance for which it is not is not posted:

- Σ paid of S00 to S03 = S21 paid, and by practitioner = S22 paid
- S21 paid + balance forward + Σ S23 and S24 adjustments made = cheque + new balance

Explanatory codes carry no amount, so what a claim was paid short stands under the first of them.
Who bears it is not said either: the group is PI, and the payer's rules decide. The adjustment codes
with amounts in S00 to S03 are what S23 and S24 sum up, and move no money a second time.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from payer_formats.answers import (
    Decision,
    ProviderAdjustment,
    Remittance,
    RemittedClaim,
    RemittedLine,
)
from payer_formats.claim import Adjustment
from payer_formats.findings import Finding
from payer_formats.teleplan.layout import Record
from payer_formats.teleplan.records import CODES

PAYER_ID = "MSP"
PAYER_NAME = "Medical Services Plan of British Columbia"
UNEXPLAINED = "NONE"
"""The reason of an adjustment for which the payer gives no code."""
_PAID = frozenset({"S00", "S01", "S02", "S03"})
_CLAIMS = _PAID | {"S04"}
_ADJUSTED = frozenset({"S23", "S24"})


@dataclass(slots=True)
class _Group:
    """The records of one remittance, by what they are."""

    totals: list[Record] = field(default_factory=list)
    claims: list[Record] = field(default_factory=list)
    practitioners: list[Record] = field(default_factory=list)
    adjusted: list[Record] = field(default_factory=list)
    messages: list[Record] = field(default_factory=list)

    def add(self, record: Record) -> None:
        """Put a record where it belongs."""
        code = record.layout.code
        if code in _CLAIMS:
            self.claims.append(record)
        elif code in _ADJUSTED:
            self.adjusted.append(record)
        else:
            {"S21": self.totals, "S22": self.practitioners, "S25": self.messages}[code].append(
                record
            )


def folio_of(record: Record) -> str:
    """Return the office folio number without the zeros that fill it."""
    return record.text("folio").lstrip("0")


def key_of(record: Record) -> str:
    """Return data centre, sequence number and, where it is told, the day MSP received the claim.

    The first two are what MSP and an office know a claim by (3.1.1); with the third they are what
    a claim sent again names (C02, P64).
    """
    key = record.text("data_centre") + record.text("sequence")
    if "received_date" not in record.layout.spans or record.day("received_date") is None:
        return key
    return key + record.text("received_date")


def remittances(records: Iterable[Record]) -> Iterator[Remittance]:
    """Return the remittances of a file, one for each payee and payment date."""
    groups: dict[tuple[str, str], _Group] = {}
    for record in records:
        if record.layout.code.startswith("S"):
            key = (record.text("payee"), record.text("payment_date"))
            groups.setdefault(key, _Group()).add(record)
    for (payee, paid_on), group in groups.items():
        yield _remittance(payee, paid_on, group)


def _remittance(payee: str, paid_on: str, group: _Group) -> Remittance:
    claims = tuple(map(_claim, group.claims))
    findings = [*_balance(group), *_refusals(claims), *_messages(group)]
    if len(group.totals) != 1:
        return Remittance(
            identity=f"{PAYER_ID}:{payee}:{paid_on}",
            payer_id=PAYER_ID,
            payer_name=PAYER_NAME,
            paid_minor=sum(claim.paid_minor for claim in claims),
            currency="CAD",
            claims=claims,
            findings=tuple(findings),
        )
    total = group.totals[0]
    control, cheque = total.text("msp_control"), total.minor("cheque_amount")
    return Remittance(
        identity=f"{PAYER_ID}:{payee}:{paid_on}:{control}:{cheque}",
        payer_id=PAYER_ID,
        payer_name=PAYER_NAME,
        paid_minor=cheque,
        currency="CAD",
        claims=claims,
        trace=control,
        paid_on=total.day("payment_date"),
        provider_adjustments=tuple(_provider_adjustments(total, group.adjusted)),
        findings=tuple(findings),
    )


def _claim(record: Record) -> RemittedClaim:
    """Return what was decided of a claim."""
    code = record.layout.code
    if code == "S04":
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
        lines=(_line(record, charge, paid, remarks),) if explained else (),
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
    reason = remarks[0] if remarks else UNEXPLAINED
    short = charge - paid
    return RemittedLine(
        procedure=_fee_item(record),
        charge_minor=charge,
        paid_minor=paid,
        adjustments=(Adjustment(group="PI", reason=reason, minor=short),) if short else (),
        units=record.number("billed_units"),
        day=record.day("service_date"),
        reference=folio_of(record),
        remarks=tuple(remarks),
    )


def _fee_item(record: Record) -> str:
    """Return the fee item that was paid, the billed one where none was."""
    paid = record.text("paid_fee_item")
    return paid if paid.strip("0") else record.text("billed_fee_item")


def _provider_adjustments(
    total: Record, adjusted: Sequence[Record]
) -> Iterator[ProviderAdjustment]:
    """Return what stands between the claims' payments and the cheque; what is kept is positive."""
    for record in adjusted:
        if minor := record.minor("adjustment_made"):
            reference = record.text("adjustment_id")
            reason = record.text("adjustment_code")
            yield ProviderAdjustment(reason=reason, minor=-minor, reference=reference)
    if minor := total.minor("balance_forward"):
        yield ProviderAdjustment(reason="BALANCE_FORWARD", minor=-minor)
    if minor := total.minor("new_balance"):
        yield ProviderAdjustment(reason="NEW_BALANCE", minor=minor)


def _balance(group: _Group) -> Iterator[Finding]:
    """Return every total that does not hold, to the cent."""
    if len(group.totals) != 1:
        where = group.totals[1] if group.totals else _first(group)
        count = "no" if not group.totals else "more than one"
        text = f"a payee's remittance has one S21 record, here stands {count}"
        yield Finding(code="TELEPLAN_TOTAL_MISSING", text=text, position=where.position)
        return
    total = group.totals[0]
    counted = [record for record in group.claims if record.layout.code in _PAID]
    paid = sum(record.minor("paid_amount") for record in counted)
    if paid != total.minor("paid_amount"):
        yield _off(total, "paid_amount", paid, "the claims' records come to")
    made = sum(record.minor("adjustment_made") for record in group.adjusted)
    expected = total.minor("paid_amount") + total.minor("balance_forward") + made
    given = total.minor("cheque_amount") + total.minor("new_balance")
    if expected != given:
        text = "paid, balance forward and adjustments, less the new balance, come to"
        yield _off(total, "cheque_amount", expected - total.minor("new_balance"), text)
    yield from _by_practitioner(group, counted)


def _by_practitioner(group: _Group, counted: Sequence[Record]) -> Iterator[Finding]:
    if not group.practitioners:
        return
    told: dict[str, Record] = {}
    for record in group.practitioners:
        number = record.text("practitioner")
        if number in told:
            text = f"practitioner {number} has more than one S22 record"
            yield Finding(code="TELEPLAN_TOTAL", text=text, where="S22", position=record.position)
        told[number] = record
    sums = dict.fromkeys(told, 0)
    for record in counted:
        number = record.text("practitioner")
        sums[number] = sums.get(number, 0) + record.minor("paid_amount")
    for number, paid in sums.items():
        if number not in told:
            text = f"practitioner {number} has claims and no S22 record"
            yield Finding(code="TELEPLAN_TOTAL", text=text, where="S22")
        elif told[number].minor("paid_amount") != paid:
            yield _off(told[number], "paid_amount", paid, "the practitioner's claims come to")


def _off(record: Record, name: str, found: int, text: str) -> Finding:
    told = record.minor(name)
    said = f"{name.replace('_', ' ')} is {told} cents, {text} {found}"
    where = record.layout.spans[name].where
    return Finding(code="TELEPLAN_TOTAL", text=said, where=where, position=record.position)


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


def _messages(group: _Group) -> Iterator[Finding]:
    for record in group.messages:
        yield Finding(
            code="PAYER_MESSAGE",
            text=record.text("message"),
            where="S25",
            position=record.position,
            severity="warning",
        )


def _first(group: _Group) -> Record:
    kinds = (group.claims, group.practitioners, group.adjusted, group.messages)
    return next(record for kind in kinds for record in kind)
