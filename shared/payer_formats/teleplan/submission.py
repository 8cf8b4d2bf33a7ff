"""What is sent to MSP: a batch of claims and notes, and requests of eligibility.

Teleplan takes one service line a record, so a claim of three lines is three C02. The data centre's
number and the record's sequence number are what MSP answers by (specifications, 3.1.1), and the
office folio number is ours: the line's own reference, else the sequence number again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from payer_formats.claim import Claim, Person, Provider, ServiceLine
from payer_formats.findings import Finding, has_errors
from payer_formats.teleplan import checks, records
from payer_formats.teleplan.layout import Layout, Value, Written, plain, written
from payer_formats.teleplan.phn import is_phn

LAST_SEQUENCE = 9_999_999
LINE_END = "\r\n"
SHORT_COMMENT = 20
_SUBMISSION_CODES = {"original": "0", "corrected": "X", "void": "E"}
"""P34: X sends a refused or underpaid claim again, E asks for a debit (MSP's submission codes)."""
_LOCATIONS = {"11": "A", "12": "R"}
"""P40 by X12's place of service: A the practitioner's office, R the patient's residence."""
_ELSEWHERE = "Z"
_UNCONFIRMED = Finding(
    code="TELEPLAN_UNCONFIRMED",
    text="the columns of B04 are not confirmed: try them with MSP before relying on the answer",
    where="B04",
    severity="warning",
)


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
    """A C02 that was written: what MSP will answer by, and the claim and line it stands for."""

    sequence: int
    folio: str
    claim_id: str
    line: int


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


@dataclass(frozen=True, slots=True, kw_only=True)
class EligibilityRequest:
    """A question whether a person is covered on a day; the provider is who asks."""

    person: Person
    payee: str
    practitioner: str
    day: date


def batch(sender: Sender, claims: Iterable[Claim], first_sequence: int) -> Batch:
    """Return the claims as VS1, C02 and N01 records, numbered from ``first_sequence``.

    The numbers go from 1 to 9,999,999 and begin again at 1 (specifications, 1.11.5).
    """
    writer = _Writer(sender, first_sequence)
    for claim in claims:
        writer.add(claim)
    return writer.ended()


def eligibility_batch(
    sender: Sender, requests: Iterable[EligibilityRequest], first_sequence: int
) -> Batch:
    """Return requests of eligibility as VS1 and B04 records; a wrong health number is left out."""
    writer = _Writer(sender, first_sequence)
    writer.findings.append(_UNCONFIRMED)
    for request in requests:
        writer.ask(request)
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
        noted = len(claim.note) > SHORT_COMMENT or claim.frequency == "void"
        sequence, lines, sent = self.next, [], []
        for line in claim.lines:
            folio = line.reference or str(sequence)
            sent.append(Sent(sequence=sequence, folio=folio, claim_id=claim.id, line=line.number))
            told = [(records.C02, _fields(self.sender, claim, line, folio, noted=noted))]
            if noted:
                told.append((records.N01, {**_providers(claim), "kind": "A", "note": claim.note}))
            for layout, values in told:
                record, sequence = self._record(layout, values, sequence)
                lines.append(record.line)
                found += [
                    replace(each, line=line.number, reference=claim.id) for each in record.findings
                ]
        self.findings.extend(found)
        if not has_errors(found):
            self._take(sequence, lines, sent)

    def ask(self, request: EligibilityRequest) -> None:
        """Add a question of eligibility, unless it cannot be written."""
        if not is_phn(request.person.health_number):
            text = "the personal health number is no valid one of BC"
            self.findings.append(Finding(code="PHN_INVALID", text=text, where="B04-6"))
            return
        values: dict[str, Value] = {
            "payee": request.payee,
            "practitioner": request.practitioner,
            "phn": request.person.health_number,
            "birth_date": request.person.birth_date,
            "service_date": request.day,
        }
        record, sequence = self._record(records.B04, values, self.next)
        self.findings.extend(record.findings)
        if not has_errors(record.findings):
            self._take(sequence, [record.line], [])

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


def _providers(claim: Claim) -> dict[str, Value]:
    practitioner: Provider = claim.rendering or claim.billing
    return {"payee": claim.billing.number, "practitioner": practitioner.number}


def _fields(
    sender: Sender, claim: Claim, line: ServiceLine, folio: str, *, noted: bool
) -> dict[str, Value]:
    """Return the fields of a service line's C02."""
    work = checks.is_work(claim)
    fields: dict[str, Value] = {
        **_providers(claim),
        "units": line.units,
        "fee_item": line.procedure,
        "amount": line.charge_minor,
        "service_date": line.day,
        "submission_code": "W" if work else _SUBMISSION_CODES[claim.frequency],
        "service_location": _LOCATIONS.get(claim.place_of_service, _ELSEWHERE),
        "folio": folio,
        "correspondence": "N" if noted else "0",
        "comment": "" if noted else claim.note,
        "motor_vehicle": "N",
        "original_file": claim.payer_reference and claim.payer_reference.ljust(20, "0"),
    }
    for number, diagnosis in enumerate(checks.icd9(claim), start=1):
        fields[f"diagnosis{number}"] = diagnosis.code
    if claim.referring is not None:
        fields |= {"referral1": "B", "referral1_practitioner": claim.referring.number}
    if work:
        return fields | _worker(claim)
    return fields | _patient(claim.treated) | _traffic(claim) | _paid_to(sender, claim.treated)


def _patient(person: Person) -> dict[str, Value]:
    """Return who was treated; P16 is two initials and two letters of the surname."""
    first, second, last = (
        plain(name).upper() for name in (person.first_name, person.middle_name, person.last_name)
    )
    return {
        "phn": person.health_number,
        "name_verify": f"{first[:1]:1}{second[:1]:1}{last[:2]:2}",
        "birth_date": person.birth_date,
    }


def _traffic(claim: Claim) -> dict[str, Value]:
    if claim.accident is None or claim.accident.kind != "auto":
        return {}
    return {"motor_vehicle": "Y", "icbc_claim": claim.accident.claim_number}


def _paid_to(sender: Sender, person: Person) -> dict[str, Value]:
    """Return whom MSP pays when it is the patient (P100 PP), by post."""
    if not sender.pays_patient or person.address is None:
        return {}
    address = person.address
    lines = (address.line, address.line2, address.city, address.region)
    told = [each for each in lines if each]
    return {
        "insurer": "PP",
        **_names(person),
        **{f"address{number}": each for number, each in enumerate(told, start=1)},
        "postal_code": address.postal_code.replace(" ", ""),
    }


def _worker(claim: Claim) -> dict[str, Value]:
    """Return the injured worker (P100 WC), who stands in the fields of another insurer's member."""
    person, accident = claim.treated, claim.accident
    if accident is None:
        return {}
    return {
        "name_verify": "0000",
        "insurer": "WC",
        "insurer_registration": person.health_number.ljust(12, "0"),
        "insurer_birth_date": person.birth_date,
        **_names(person),
        "address1": f"{accident.day:%Y%m%d}",
        "address2": f"{accident.body_part:5.5}{accident.side:2.2}",
        "address3": accident.nature,
        "address4": accident.claim_number,
    }


def _names(person: Person) -> dict[str, Value]:
    return {
        "first_name": person.first_name.upper(),
        "second_initial": person.middle_name.upper(),
        "surname": person.last_name.upper(),
        "sex": "" if person.sex == "U" else person.sex,
    }
