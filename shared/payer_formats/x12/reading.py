"""The one door for what payers send in X12: whatever answers a file holds, read into the model."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from payer_formats.answers import Acknowledgement, Eligibility, Read, Remittance
from payer_formats.findings import Finding, quoted
from payer_formats.scrub import scrub
from payer_formats.x12 import syntax
from payer_formats.x12.acknowledgements import read_277ca, read_999, read_ta1
from payer_formats.x12.eligibility import read_271
from payer_formats.x12.mending import fix_of
from payer_formats.x12.professional import read_professional
from payer_formats.x12.remittance import read_835
from payer_formats.x12.syntax import File, Group, TransactionSet

FORMAT = "x12"
GUIDES = {
    "271": "005010X279",
    "277": "005010X214",
    "835": "005010X221",
    "999": "005010X231",
}
"""The implementation guide each set is read by; its addenda (A1) are read alike."""
CLAIMS = "837"
MOST_SCRUBBED = 500
"""Claims of a file that are looked at, as many as the writers put into one."""


def read_answers(raw: bytes, today: date = date.max) -> Read:
    """Return the acknowledgements, remittances and eligibilities that a file holds.

    Nothing raises because of what it holds. An error among the file's findings means that nothing
    of it may be used, one among an answer's own that this answer may not. Claims (837) are no
    answer, so a file of them is never used; what is wrong with them as of ``today`` is told all
    the same, to who sent them to us.
    """
    file = syntax.read(raw)
    acknowledgements: list[Acknowledgement] = [
        read_ta1(interchange, each)
        for interchange in file.interchanges
        for each in interchange.acknowledgements
    ]
    remittances: list[Remittance] = []
    eligibilities: list[Eligibility] = []
    findings = _envelope_findings(file)
    for interchange, group, one in file.sets:
        code = one.code if _version(group, one).startswith(GUIDES.get(one.code, "-")) else ""
        match code:
            case "835":
                remittances.append(read_835(interchange.separators, one))
            case "999":
                acknowledgements.append(read_999(interchange, group, one))
            case "277":
                acknowledgements.append(read_277ca(interchange, group, one))
            case "271":
                eligibilities += read_271(interchange.separators, one)
            case _:
                findings.append(_unexpected(group, one))
    if any(one.code == CLAIMS for _, _, one in file.sets):
        findings += _of_claims(file, today)
    if not (findings or acknowledgements or remittances or eligibilities):
        told = "the file holds no answer"
        findings.append(Finding(code="NO_SETS", text=told, where="ISA", fix=fix_of("NO_SETS")))
    return Read(
        format=FORMAT,
        acknowledgements=tuple(acknowledgements),
        remittances=tuple(remittances),
        eligibilities=tuple(eligibilities),
        findings=tuple(findings),
    )


def _envelope_findings(file: File) -> list[Finding]:
    """Return what is wrong with envelopes, as warnings where it does no harm.

    Acknowledgements with a wrong number in their outer trailers are sent in earnest (a 999 of a
    clearing house: IEA02 left at 1), and nothing is posted on their word. Money is not read so.
    """
    if any(one.code in {"835", CLAIMS} for _, _, one in file.sets):
        return file.findings
    return [
        replace(each, severity="warning")
        if each.code == "CONTROL_MISMATCH" and each.where in {"IEA02", "GE02"}
        else each
        for each in file.findings
    ]


def _of_claims(file: File, today: date) -> Iterator[Finding]:
    """Yield what is wrong with the claims of a file, the envelopes apart."""
    read = read_professional(File(interchanges=file.interchanges))
    yield from (each for each in read.findings if each.code != "UNEXPECTED_SET")
    yield from scrub(
        read.claims[:MOST_SCRUBBED],
        today=today,
        inbound=True,
        positions=read.positions[:MOST_SCRUBBED],
    )


def _unexpected(group: Group, one: TransactionSet) -> Finding:
    told = f"a set {quoted(one.code)} of {quoted(_version(group, one))} is no answer read here"
    fix = "claims go out from here; send them to their payer" if one.code == CLAIMS else ""
    if one.code in GUIDES:
        fix = f"ask the payer for {GUIDES[one.code]}"
    position = one.segments[0].position
    return Finding(code="UNEXPECTED_SET", text=told, where="ST01", position=position, fix=fix)


def _version(group: Group, one: TransactionSet) -> str:
    """Return the guide a set names: ST03, which an 835 leaves out, or else GS08."""
    return one.version or group.version
