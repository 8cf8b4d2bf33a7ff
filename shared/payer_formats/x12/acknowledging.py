"""Writing what a payer says of a file on its way in: TA1, 999 and 277CA (as read next door)."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from payer_formats.amounts import text_of
from payer_formats.answers import Acknowledgement, ClaimVerdict, SetVerdict, Verdict
from payer_formats.claim import Claim, Payer, Provider
from payer_formats.findings import Finding
from payer_formats.x12.acknowledgements import HAS_ELEMENT_ERRORS
from payer_formats.x12.writing import Envelope, SetWriter, acknowledged, written

CLAIMS = ("HC", "005010X222A1")
"""What is acknowledged: groups of professional claims, and their guide."""
RECEIVED = ("A1", "19")
"""Of a provider whose claims follow: received."""
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
    envelope: Envelope,
    told: Acknowledgement,
    payer: Payer,
    provider: Provider,
    claims: Mapping[str, Claim],
) -> bytes:
    """Return a 277CA for one batch: its verdict, and those of its claims.

    ``claims`` are what was sent, by number: the answer repeats patient, policy and day of each.
    Raises KeyError where one is not among them.
    """
    out = SetWriter("277", 1, "005010X214")
    day, at = f"{envelope.at:%Y%m%d}", f"{envelope.at:%H%M}"
    out.add("BHT", "0085", "08", f"{envelope.control:09}", day, at, "TH")
    out.add("HL", 1, "", "20", 1)
    out.add("NM1", "PR", "2", payer.name, "", "", "", "", "PI", payer.id)
    out.add("TRN", "1", f"{envelope.control:09}")
    out.add("DTP", "050", "D8", day)
    out.add("DTP", "009", "D8", day)
    out.add("HL", 2, 1, "21", 1 if told.claims else 0)
    out.add("NM1", "41", "2", provider.name, "", "", "", "", "46", envelope.receiver)
    total = text_of(sum(each.amount_minor or 0 for each in told.claims))
    for batch in told.sets:
        out.add("TRN", "2", batch.set)
        for code in batch.codes:
            out.add("STC", code.split(":"), day, _action(batch.verdict), total)
    if told.claims:
        out.add("HL", 3, 2, "19", 1)
        out.add("NM1", "85", "2", provider.name, "", "", "", "", "XX", provider.npi)
        out.add("TRN", "1", "0")
        out.add("STC", RECEIVED, "", "WQ", total)
    for number, verdict in enumerate(told.claims, start=4):
        out.add("HL", number, 3, "PT")
        _claim(out, verdict, claims[verdict.reference], day)
    return written(envelope, "HN", "005010X214", [out])


def _claim(out: SetWriter, told: ClaimVerdict, claim: Claim, today: str) -> None:
    who = claim.treated
    member = claim.subscriber.member_id
    out.add("NM1", "QC", "1", who.last_name, who.first_name, "", "", "", "MI", member)
    out.add("TRN", "2", told.reference)
    day = f"{told.day:%Y%m%d}" if told.day else today
    amount = text_of(claim.charge_minor if told.amount_minor is None else told.amount_minor)
    for n, code in enumerate(told.codes):
        text = told.text if n == 0 else ""
        out.add("STC", code.split(":"), day, _action(told.verdict), amount, *[""] * 7, text)
    if told.payer_reference:
        out.add("REF", "1K", told.payer_reference)
    out.add("DTP", "472", "D8", f"{min(line.day for line in claim.lines):%Y%m%d}")


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
