"""The payer's side of answers: writing what MSP sends back.

A payer simulator speaks through it; its remittances balance by construction.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from payer_formats.teleplan import records
from payer_formats.teleplan.layout import Layout, Value, plain, written
from payer_formats.teleplan.submission import LINE_END
from payer_formats.teleplan.submitted import AskedEligibility, SubmittedLine

Answer = Literal["S00", "S01", "S02", "S03", "S04"]


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
    """A payee's remittance: control number, day, decisions, adjustments and messages.

    What comes to less than nothing is not asked for by cheque but is the payee's new balance.
    """

    data_centre: str
    payee: str
    payee_name: str
    control: str
    day: date
    decided: tuple[Decided, ...]
    adjusted: tuple[Adjusted, ...] = ()
    balance_forward_minor: int = 0
    messages: tuple[str, ...] = ()


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
    due = paid + payment.balance_forward_minor + made
    total: dict[str, Value] = {
        "payee_name": payment.payee_name,
        "billed_amount": sum(each.line.charge_minor for each in counted),
        "paid_amount": paid,
        "balance_forward": payment.balance_forward_minor,
        "cheque_amount": max(due, 0),
        "new_balance": min(due, 0),
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
