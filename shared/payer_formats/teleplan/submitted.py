"""The payer's side of a submission: reading what a data centre sent, as MSP does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from payer_formats.findings import Finding
from payer_formats.teleplan.layout import Record
from payer_formats.teleplan.reading import read_records
from payer_formats.teleplan.records import SENT


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
    comment: str = ""
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


def read_submission(raw: bytes) -> Submission:
    """Return what a data centre sent; nothing raises because of what the file holds."""
    found, findings = read_records(raw, SENT)
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


def _notes(found: Sequence[Record]) -> dict[int, str]:
    """Return the notes by the position of the claim they follow."""
    pairs = pairwise(found)
    return {
        claim.position: note.text("note")
        for claim, note in pairs
        if (claim.layout.code, note.layout.code) == ("C02", "N01")
    }


def _submitted(record: Record, note: str) -> SubmittedLine:
    member = record.text("insurer") in {"WC", "PP"}
    verify = record.text("name_verify")
    return SubmittedLine(
        data_centre=record.text("data_centre"),
        sequence=record.number("sequence"),
        payee=record.text("payee"),
        practitioner=record.text("practitioner"),
        phn=record.text("insurer_registration" if member else "phn"),
        fee_item=record.text("fee_item"),
        units=record.number("units"),
        charge_minor=record.number("amount"),
        day=record.day("service_date"),
        folio=record.text("folio"),
        submission_code=record.text("submission_code"),
        insurer=record.text("insurer"),
        original_file=record.text("original_file").strip("0") and record.text("original_file"),
        initials=record.text("first_name")[:1] if member else verify[:1],
        surname=record.text("surname") if member else verify[2:],
        note=note,
        comment=record.text("comment"),
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
