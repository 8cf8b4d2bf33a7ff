"""The payer's side: reading what a data centre sent, and writing what MSP answers.

A payer simulator speaks through it; its remittances balance by construction.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Literal

from payer_formats.findings import Finding
from payer_formats.teleplan import records
from payer_formats.teleplan.layout import Layout, Record, Value, plain, written
from payer_formats.teleplan.reading import read_records
from payer_formats.teleplan.submission import LINE_END

Answer = Literal["S00", "S01", "S02", "S03", "S04"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmittedLine:
    """A C02 as MSP receives it, and the note that followed it."""

    data_centre: str
    sequence: int
    payee: str
    practitioner: str
    phn: str
    fee_item: str
    units: int
    charge_minor: int
    day: date | None
    folio: str
    submission_code: str = "0"
    insurer: str = ""
    original_file: str = ""
    initials: str = ""
    surname: str = ""
    note: str = ""
    position: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedEligibility:
    """A B04 as MSP receives it."""

    data_centre: str
    sequence: int
    phn: str
    birth_date: date | None
    day: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What a data centre sent; an error among the findings means that none of it is taken."""

    data_centre: str = ""
    sequence: int = 0
    lines: tuple[SubmittedLine, ...] = ()
    asked: tuple[AskedEligibility, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What the payer makes of a line; ``paid_minor`` below zero takes a payment back."""

    line: SubmittedLine
    answer: Answer
    paid_minor: int = 0
    codes: tuple[str, ...] = ()
    received: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjusted:
    """What is added to a payee's cheque, or with a minus kept from it (S23)."""

    code: str
    minor: int
    id: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """A payee's remittance: control number, day, decisions, adjustments and messages."""

    data_centre: str
    payee: str
    payee_name: str
    control: str
    day: date
    decided: tuple[Decided, ...]
    adjusted: tuple[Adjusted, ...] = ()
    balance_forward_minor: int = 0
    new_balance_minor: int = 0
    messages: tuple[str, ...] = ()


def read_submission(raw: bytes) -> Submission:
    """Return what a data centre sent; nothing raises because of what the file holds."""
    found, findings = read_records(raw, records.SENT)
    if not findings and (not found or found[0].layout.code != "VS1"):
        text = "a submission begins with the vendor's control record, VS1"
        findings.append(Finding(code="TELEPLAN_HEADER", text=text, where="VS1", position=1))
    if findings:
        return Submission(findings=tuple(findings))
    notes = _notes(found)
    return Submission(
        data_centre=found[0].text("data_centre"),
        sequence=found[0].number("sequence"),
        lines=tuple(
            _submitted(each, notes.get(each.position, ""))
            for each in found
            if each.layout.code == "C02"
        ),
        asked=tuple(_asked(each) for each in found if each.layout.code == "B04"),
    )


def refusals(refused: Iterable[tuple[SubmittedLine, Sequence[str]]]) -> bytes:
    """Return C12 records for lines that the first edit turns back, with their codes."""
    lines = [
        _record(
            records.C12,
            {
                "data_centre": line.data_centre,
                "sequence": line.sequence,
                "payee": line.payee,
                "practitioner": line.practitioner,
                "folio": line.folio,
                **_explained(codes),
            },
        )
        for line, codes in refused
    ]
    return _file(lines)


def eligibility_answers(answers: Iterable[tuple[AskedEligibility, bool, str]]) -> bytes:
    """Return B14 records; each question with yes or no, and a message."""
    lines = [
        _record(
            records.B14,
            {
                "data_centre": asked.data_centre,
                "sequence": asked.sequence,
                "phn": asked.phn,
                "birth_date": asked.birth_date,
                "service_date": asked.day,
                "eligible": "Y" if eligible else "N",
                "message": message,
            },
        )
        for asked, eligible, message in answers
    ]
    return _file(lines)


def message(data_centre: str, text: str) -> bytes:
    """Return an M01 record, which is as long as its text."""
    head = _record(records.M01, {"data_centre": data_centre})
    return _file([head[:-1] + (plain(text) or " ")])


def remitted(payments: Iterable[Payment]) -> bytes:
    """Return the remittances of several payees: totals, claims, practitioners, adjustments."""
    return _file([line for payment in payments for line in _remittance(payment)])


def _file(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}{LINE_END}" for line in lines).encode("ascii")


def _record(layout: Layout, values: dict[str, Value]) -> str:
    """Return a record's line; raises ValueError where the payer's own figures do not fit it."""
    record = written(layout, values)
    if record.findings:
        raise ValueError(record.findings[0].text)
    return record.line


def _notes(found: Sequence[Record]) -> dict[int, str]:
    """Return the notes by the position of the claim they follow."""
    pairs = pairwise(found)
    return {
        claim.position: note.text("note")
        for claim, note in pairs
        if (claim.layout.code, note.layout.code) == ("C02", "N01")
    }


def _submitted(record: Record, note: str) -> SubmittedLine:
    worker = record.text("insurer") == "WC"
    verify = record.text("name_verify")
    return SubmittedLine(
        data_centre=record.text("data_centre"),
        sequence=record.number("sequence"),
        payee=record.text("payee"),
        practitioner=record.text("practitioner"),
        phn=record.text("insurer_registration")[:10] if worker else record.text("phn"),
        fee_item=record.text("fee_item"),
        units=record.number("units"),
        charge_minor=record.number("amount"),
        day=record.day("service_date"),
        folio=record.text("folio"),
        submission_code=record.text("submission_code"),
        insurer=record.text("insurer"),
        original_file=record.text("original_file").strip("0") and record.text("original_file"),
        initials=record.text("first_name")[:1] if worker else verify[:1],
        surname=record.text("surname") if worker else verify[2:],
        note=note,
        position=record.position,
    )


def _asked(record: Record) -> AskedEligibility:
    return AskedEligibility(
        data_centre=record.text("data_centre"),
        sequence=record.number("sequence"),
        phn=record.text("phn"),
        birth_date=record.day("birth_date"),
        day=record.day("service_date"),
    )


def _explained(codes: Sequence[str]) -> dict[str, Value]:
    return {
        f"explanation{number}": code for number, code in enumerate(codes[: records.CODES], start=1)
    }


def _remittance(payment: Payment) -> Iterable[str]:
    head: dict[str, Value] = {
        "data_centre": payment.data_centre,
        "payment_date": payment.day,
        "payee": payment.payee,
        "msp_control": payment.control,
    }
    counted = [each for each in payment.decided if each.answer != "S04"]
    paid = sum(each.paid_minor for each in counted)
    made = sum(each.minor for each in payment.adjusted)
    cheque = paid + payment.balance_forward_minor + made - payment.new_balance_minor
    total: dict[str, Value] = {
        "payee_name": payment.payee_name,
        "billed_amount": sum(each.line.charge_minor for each in counted),
        "paid_amount": paid,
        "balance_forward": payment.balance_forward_minor,
        "cheque_amount": cheque,
        "new_balance": payment.new_balance_minor,
    }
    yield _record(records.S21, {**head, **total})
    for each in payment.decided:
        yield _decision(head, each)
    for practitioner in dict.fromkeys(each.line.practitioner for each in counted):
        mine = [each for each in counted if each.line.practitioner == practitioner]
        sums: dict[str, Value] = {
            "practitioner": practitioner,
            "billed_amount": sum(each.line.charge_minor for each in mine),
            "paid_amount": sum(each.paid_minor for each in mine),
        }
        yield _record(records.S22, {**head, **sums})
    for one in payment.adjusted:
        adjustment: dict[str, Value] = {
            "adjustment_code": one.code,
            "adjustment_id": one.id,
            "adjustment_message": one.message,
            "adjustment_made": one.minor,
        }
        yield _record(records.S23, {**head, **adjustment})
    for text in payment.messages:
        yield _record(records.S25, {**head, "message": text})


def _decision(head: dict[str, Value], decided: Decided) -> str:
    line = decided.line
    values: dict[str, Value] = {
        **head,
        "data_centre": line.data_centre,
        "sequence": line.sequence,
        "practitioner": line.practitioner,
        "received_date": decided.received,
        "folio": line.folio,
        "insurer": line.insurer,
    }
    if decided.answer == "S04":
        return _record(records.S04, values | _explained(decided.codes))
    values["paid_amount"] = decided.paid_minor
    if decided.answer == "S01":
        return _record(records.S01, values)
    paid = decided.paid_minor != 0
    explained: dict[str, Value] = {
        "initials": line.initials,
        "surname": line.surname,
        "phn": line.phn,
        "service_date": line.day,
        "billed_units": line.units,
        "billed_fee_item": line.fee_item,
        "billed_amount": line.charge_minor,
        "paid_units": line.units if paid else 0,
        "paid_fee_item": line.fee_item if paid else "",
        **_explained(decided.codes),
    }
    return _record(records.ANSWERED[decided.answer], values | explained)
