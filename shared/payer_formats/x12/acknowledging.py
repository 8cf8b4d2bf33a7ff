"""Writing what a payer says of a file on its way in: TA1, 999 and 277CA (as read next door)."""

import re
from collections.abc import Sequence
from datetime import datetime

from payer_formats.amounts import text_of
from payer_formats.answers import Acknowledgement, ClaimVerdict, SetVerdict, Verdict
from payer_formats.claim import Payer, Provider
from payer_formats.findings import Finding
from payer_formats.x12.acknowledgements import HAS_ELEMENT_ERRORS
from payer_formats.x12.writing import Envelope, SetWriter, acknowledged, written

CLAIMS = ("HC", "005010X222A1")
"""What is acknowledged: groups of professional claims, and their guide."""
CODES: dict[Verdict, str] = {
    "accepted": "A",
    "accepted_with_errors": "E",
    "rejected": "R",
    "pended": "E",
}
_ELEMENT = re.compile(r"([A-Z0-9]{2,3}?)(\d{2})(?:-(\d+))?", re.ASCII)


def write_ta1(envelope: Envelope, verdict: SetVerdict, sent_at: datetime) -> bytes:
    """Return a TA1 for the interchange that was sent at this time."""
    note = verdict.codes[0] if verdict.codes else "000"
    at = f"{sent_at:%y%m%d}", f"{sent_at:%H%M}"
    return acknowledged(envelope, [verdict.interchange, *at, CODES[verdict.verdict], note])


def write_999(envelope: Envelope, sets: Sequence[SetVerdict]) -> bytes:
    """Return a 999 for one group: the group's verdict first, then those of its sets."""
    group, *inner = sets
    kind, version = CLAIMS
    out = SetWriter("999", 1, "005010X231A1")
    out.add("AK1", kind, group.group, version)
    for each in inner:
        out.add("AK2", "837", each.set, version)
        for error in each.errors:
            _error(out, error)
        out.add("IK5", CODES[each.verdict], *each.codes)
    refused = sum(each.verdict == "rejected" for each in inner)
    count = max(len(inner), 1)
    accepted = 0 if group.verdict == "rejected" else count - refused
    code = "P" if refused and accepted else CODES[group.verdict]
    out.add("AK9", code, count, count, accepted, *group.codes)
    return written(envelope, "FA", "005010X231A1", [out])


def write_277ca(
    envelope: Envelope, told: Acknowledgement, payer: Payer, provider: Provider
) -> bytes:
    """Return a 277CA for one batch: its verdict, and those of its claims."""
    out = SetWriter("277", 1, "005010X214")
    day, at = f"{envelope.at:%Y%m%d}", f"{envelope.at:%H%M}"
    out.add("BHT", "0085", "08", f"{envelope.control:09}", day, at, "TH")
    out.add("HL", 1, "", "20", 1)
    out.add("NM1", "PR", "2", payer.name, "", "", "", "", "PI", payer.id)
    out.add("TRN", "1", f"{envelope.control:09}")
    out.add("DTP", "050", "D8", day)
    out.add("DTP", "009", "D8", day)
    out.add("HL", 2, 1, "21", 1)
    out.add("NM1", "41", "2", provider.name, "", "", "", "", "46", envelope.receiver)
    for batch in told.sets:
        out.add("TRN", "2", batch.set)
        for code in batch.codes:
            out.add("STC", code.split(":"), day, _action(batch.verdict))
    out.add("HL", 3, 2, "19", 1)
    out.add("NM1", "85", "2", provider.name, "", "", "", "", "XX", provider.npi)
    out.add("TRN", "1", "0")
    for number, claim in enumerate(told.claims, start=4):
        _claim(out, number, claim)
    return written(envelope, "HN", "005010X214", [out])


def _claim(out: SetWriter, number: int, claim: ClaimVerdict) -> None:
    out.add("HL", number, 3, "PT")
    out.add("NM1", "QC", "1", "PATIENT")
    out.add("TRN", "2", claim.reference)
    day = f"{claim.day:%Y%m%d}" if claim.day else ""
    amount = "" if claim.amount_minor is None else text_of(claim.amount_minor)
    for n, code in enumerate(claim.codes):
        text = claim.text if n == 0 else ""
        action = _action(claim.verdict)
        out.add("STC", code.split(":"), day, action, amount, *[""] * 7, text)
    if claim.payer_reference:
        out.add("REF", "1K", claim.payer_reference)


def _action(verdict: Verdict) -> str:
    """Return STC03: the claim is refused (U), or goes on (WQ)."""
    return "U" if verdict == "rejected" else "WQ"


def _error(out: SetWriter, error: Finding) -> None:
    element = _ELEMENT.fullmatch(error.where)
    segment, number, component = element.groups() if element else (error.where, "", "")
    out.add("IK3", segment, error.position, "", HAS_ELEMENT_ERRORS if element else error.code)
    if error.reference:
        out.add("CTX", ["CLM01", error.reference])
    if element:
        out.add("IK4", [str(int(number)), component or ""], "", error.code)
