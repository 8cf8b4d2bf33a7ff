"""The one door for what MSP sends: refusals, remittances, messages and answers of eligibility."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from payer_formats.answers import Acknowledgement, Benefit, ClaimVerdict, Eligibility, Read
from payer_formats.findings import Finding, has_errors, quoted
from payer_formats.teleplan import remittance
from payer_formats.teleplan.layout import MOST_FINDINGS, Layout, Record, problems
from payer_formats.teleplan.records import ANSWERED, CODES

FORMAT = "teleplan"
PAYER = "MSP"
MOST_RECORDS = 200_000
LONGEST_MESSAGE = 1000
_CODE = 3
_ELIGIBLE = {"Y": (True, "active"), "N": (False, "inactive")}
_SKIPPED = ("VRC", "X")
"""Records that are none of ours: the vendor's control record and those MSP calls other (3.1.2)."""


def read_answers(raw: bytes) -> Read:
    """Return what a file of MSP holds; what is wrong is among its findings, never raised.

    A record that cannot be read is an error of the whole file, for a total may hang on it: then
    nothing else is given back.
    """
    found, findings = read_records(raw, ANSWERED)
    if not found and not findings:
        findings.append(Finding(code="TELEPLAN_EMPTY", text="the file holds no record"))
    if has_errors(findings):
        return Read(format=FORMAT, findings=tuple(findings))
    findings += islice(_messages(found), MOST_FINDINGS)
    return Read(
        format=FORMAT,
        acknowledgements=tuple(_acknowledgements(found)),
        remittances=tuple(remittance.remittances(found)),
        eligibilities=tuple(map(_eligibility, _of(found, "B14"))),
        findings=tuple(findings),
    )


def speaks(raw: bytes) -> bool:
    """Say whether a file is of MSP's answers, by the code it begins with."""
    code = raw.lstrip()[:_CODE].decode("latin-1")
    return code in ANSWERED or code == "VRC"


def read_records(raw: bytes, layouts: Mapping[str, Layout]) -> tuple[list[Record], list[Finding]]:
    """Return the sound records of a file, and what is wrong with the others."""
    found: list[Record] = []
    findings: list[Finding] = []
    for position, line in enumerate(_lines(raw), start=1):
        if position > MOST_RECORDS or len(findings) >= MOST_FINDINGS:
            text = f"no more was read: at most {MOST_RECORDS} records and {MOST_FINDINGS} findings"
            findings.append(Finding(code="TELEPLAN_TOO_MUCH", text=text, position=position))
            break
        layout = layouts.get(line[:_CODE])
        if layout is None:
            findings.append(_stranger(line, position))
            continue
        wrong = problems(layout, line, position)
        findings.extend(wrong)
        if not wrong:
            found.append(Record(layout, line, position))
    return found, findings


def _lines(raw: bytes) -> Iterator[str]:
    """Return the lines that hold something, whatever ends them; DOS's end of file is none."""
    text = raw.decode("latin-1").replace("\r\n", "\n").replace("\r", "\n")
    return (line for line in text.split("\n") if line.strip(" \t\x1a"))


def _stranger(line: str, position: int) -> Finding:
    code = line[:_CODE]
    if code.startswith(_SKIPPED):
        text = f"a {quoted(code)} record was left unread"
        return Finding(code="TELEPLAN_SKIPPED", text=text, position=position, severity="warning")
    text = f"no record of Teleplan's begins with {quoted(code)}"
    return Finding(code="TELEPLAN_RECORD", text=text, position=position)


def _of(found: Iterable[Record], code: str) -> list[Record]:
    return [record for record in found if record.layout.code == code]


def _messages(found: Iterable[Record]) -> Iterator[Finding]:
    """Return what MSP tells the data centre, for somebody to read."""
    for record in _of(found, "M01"):
        yield Finding(
            code="PAYER_MESSAGE",
            text=record.text("message")[:LONGEST_MESSAGE],
            where="M01",
            position=record.position,
            severity="warning",
        )


def _acknowledgements(found: Iterable[Record]) -> Iterator[Acknowledgement]:
    """Return the claims that were refused before they were adjudicated, by data centre."""
    refused: dict[str, list[Record]] = {}
    for record in _of(found, "C12"):
        refused.setdefault(record.text("data_centre"), []).append(record)
    for data_centre, mine in refused.items():
        body = hashlib.sha256("\n".join(each.line for each in mine).encode()).hexdigest()
        yield Acknowledgement(
            kind="C12",
            identity=f"{PAYER}:C12:{data_centre}:{body[:32]}",
            claims=tuple(map(_refused, mine)),
        )


def _refused(record: Record) -> ClaimVerdict:
    return ClaimVerdict(
        reference=remittance.folio_of(record),
        verdict="rejected",
        codes=record.texts("explanation", CODES),
        payer_reference=remittance.key_of(record),
    )


def _eligibility(record: Record) -> Eligibility:
    """Return an answer of eligibility; neither Y nor N is not known."""
    answer = record.text("eligible").upper()
    active, kind = _ELIGIBLE.get(answer, (None, "unknown"))
    return Eligibility(
        payer_id=PAYER,
        member_id=record.text("phn"),
        active=active,
        benefits=(Benefit(kind=kind, code=answer, text=record.text("message")),),
        trace=remittance.key_of(record),
        findings=() if record.layout.confirmed else (_unconfirmed(record),),
    )


def _unconfirmed(record: Record) -> Finding:
    code = record.layout.code
    return Finding(
        code="TELEPLAN_UNCONFIRMED",
        text=f"the columns of {code} are not confirmed: ask MSP before relying on the answer",
        where=code,
        position=record.position,
        severity="warning",
    )
