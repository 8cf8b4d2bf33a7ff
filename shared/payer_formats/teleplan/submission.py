"""What is sent to MSP: a batch of claims and notes, and requests of eligibility.

Teleplan takes one service line a record, so a claim of three lines is three C02, which bear one
office folio number: the sequence number of the first. Sequence numbers run on without a gap over
all the records that a data centre ever sends (1.11.5). MSP answers by the data centre's number and
each record's sequence number (specifications, 3.1.1), and repeats the folio.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from payer_formats.claim import Claim
from payer_formats.findings import Finding, has_errors
from payer_formats.inquiry import EligibilityInquiry
from payer_formats.teleplan import checks, records
from payer_formats.teleplan.fields import claim_fields, inquiry_fields, is_noted, note_fields
from payer_formats.teleplan.layout import Layout, Value, Written, written

LAST_SEQUENCE = 9_999_999
LINE_END = "\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """The software that writes the batch, as MSP registered it (record VS1)."""

    number: str
    software: str
    version: str
    installed: date
    name: str
    phone: str = ""
    contact: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """The data centre that sends. ``pays_patient`` where the practitioners have opted out."""

    data_centre: str
    vendor: Vendor
    pays_patient: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A record that was written: what MSP will answer by, and what of ours it stands for.

    ``key`` is what an answer gives as ``payer_reference``, ``folio`` what it gives as
    ``reference``; ``id`` is the claim's, or an inquiry's trace, and ``line`` the claim's line.
    """

    sequence: int
    key: str
    folio: str
    id: str
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A file for MSP, empty when there is nothing to send.

    A claim with an error among the findings is not in it. ``next_sequence`` is where the next
    batch of the data centre begins.
    """

    raw: bytes
    sent: tuple[Sent, ...]
    findings: tuple[Finding, ...]
    next_sequence: int


def batch(sender: Sender, claims: Iterable[Claim], first_sequence: int) -> Batch:
    """Return the claims as VS1, C02 and N01 records, numbered from ``first_sequence``.

    The numbers go from 1 to 9,999,999 and begin again at 1.
    """
    writer = _Writer(sender, first_sequence)
    for claim in claims:
        writer.add(claim)
    return writer.ended()


def eligibility_batch(
    sender: Sender, inquiries: Iterable[EligibilityInquiry], first_sequence: int
) -> Batch:
    """Return inquiries as VS1 and B04 records; one with a wrong health number is left out."""
    writer = _Writer(sender, first_sequence)
    for inquiry in inquiries:
        writer.ask(inquiry)
    return writer.ended()


class _Writer:
    """Collects the records of one batch."""

    def __init__(self, sender: Sender, sequence: int) -> None:
        self.sender = sender
        self.sequence = (sequence - 1) % LAST_SEQUENCE + 1
        self.findings: list[Finding] = []
        self.sent: list[Sent] = []
        self.lines: list[str] = []
        head, self.next = self._record(records.VS1, _vendor(sender.vendor), self.sequence)
        self.head = head.line
        self.findings.extend(head.findings)
        self.usable = not has_errors(head.findings)

    def add(self, claim: Claim) -> None:
        """Add a claim's records, none of them when one cannot be written."""
        found = list(checks.problems(claim, pays_patient=self.sender.pays_patient))
        if has_errors(found):
            self.findings.extend(found)
            return
        sequence, lines, sent = self.next, [], []
        folio = str(sequence)
        for line in claim.lines:
            sent.append(self._sent(sequence, folio, claim.id, line.number))
            fields = claim_fields(claim, line, folio, pays_patient=self.sender.pays_patient)
            told = [(records.C02, fields)]
            if is_noted(claim):
                told.append((records.N01, note_fields(claim)))
            for layout, values in told:
                record, sequence = self._record(layout, values, sequence)
                lines.append(record.line)
                found += [
                    replace(each, line=line.number, reference=claim.id) for each in record.findings
                ]
        self.findings.extend(found)
        if not has_errors(found):
            self._take(sequence, lines, sent)

    def ask(self, inquiry: EligibilityInquiry) -> None:
        """Add a question of eligibility, unless it cannot be written."""
        found = list(checks.doubts(inquiry))
        folio = str(self.next)
        record, sequence = self._record(
            records.B04, {**inquiry_fields(inquiry), "folio": folio}, self.next
        )
        found += [replace(each, reference=inquiry.trace) for each in record.findings]
        self.findings.extend(found)
        if not has_errors(found):
            sent = self._sent(self.next, folio, inquiry.trace)
            self._take(sequence, [record.line], [sent])

    def ended(self) -> Batch:
        """Return the batch; one without a record after VS1 is empty and spends no number."""
        empty = not self.lines or not self.usable
        text = LINE_END.join([self.head, *self.lines, ""])
        return Batch(
            raw=b"" if empty else text.encode("ascii"),
            sent=() if empty else tuple(self.sent),
            findings=tuple(self.findings),
            next_sequence=self.sequence if empty else self.next,
        )

    def _take(self, sequence: int, lines: list[str], sent: list[Sent]) -> None:
        self.next = sequence
        self.lines.extend(lines)
        self.sent.extend(sent)

    def _sent(self, sequence: int, folio: str, id_: str, line: int = 0) -> Sent:
        key = f"{self.sender.data_centre}{sequence:07}"
        return Sent(sequence=sequence, key=key, folio=folio, id=id_, line=line)

    def _record(
        self, layout: Layout, values: Mapping[str, Value], sequence: int
    ) -> tuple[Written, int]:
        """Return a record under its number, and the number after it."""
        key: dict[str, Value] = {"data_centre": self.sender.data_centre, "sequence": sequence}
        return written(layout, {**values, **key}), sequence % LAST_SEQUENCE + 1


def _vendor(vendor: Vendor) -> Mapping[str, Value]:
    return {
        "vendor": vendor.number,
        "software": vendor.software,
        "version": vendor.version,
        "installed": vendor.installed,
        "vendor_name": vendor.name,
        "vendor_phone": vendor.phone,
        "contact": vendor.contact,
    }
