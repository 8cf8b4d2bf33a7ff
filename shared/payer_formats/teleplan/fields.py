"""The fields of a claim's records: which of its facts goes where (record C02, chapter 2)."""

from payer_formats.claim import Accident, Claim, Person, ServiceLine
from payer_formats.inquiry import EligibilityInquiry
from payer_formats.teleplan import checks
from payer_formats.teleplan.layout import Value, plain

SHORT_COMMENT = 20
_WORKER_CLAIM = 8
_SUBMISSION_CODES = {"original": "0", "corrected": "X", "void": "E"}
"""P34: X sends a refused or underpaid claim again, E asks for a debit."""
_LOCATIONS = {"11": "N", "12": "R"}
"""P40 by X12's place of service: N the office of one who is no physician, R the patient's home."""
_ELSEWHERE = "Z"
_NO_NAME = "0000"
"""P16 where the patient stands in the fields of another insurer's member."""


def is_noted(claim: Claim) -> bool:
    """Say whether a note record follows (P56 N): a debit has one, and a long note needs one."""
    return len(claim.note) > SHORT_COMMENT or claim.frequency == "void"


def provider_fields(claim: Claim) -> dict[str, Value]:
    """Return the payee and the practitioner, with whom every record of a claim begins."""
    practitioner = claim.rendering or claim.billing
    return {"payee": claim.billing.number, "practitioner": practitioner.number}


def note_fields(claim: Claim) -> dict[str, Value]:
    """Return the note that follows a claim; P20 A is an ordinary one."""
    return {**provider_fields(claim), "kind": "A", "note": claim.note}


def inquiry_fields(inquiry: EligibilityInquiry) -> dict[str, Value]:
    """Return a question of eligibility, asked by a payee."""
    person = inquiry.patient or inquiry.subscriber.person
    return {
        "payee": inquiry.provider.number,
        "phn": checks.phn_asked(inquiry),
        "name_verify": _name_verify(person),
        "birth_date": person.birth_date,
        "service_date": inquiry.day,
        "sex": _sex(person),
    }


def claim_fields(
    claim: Claim, line: ServiceLine, folio: str, *, pays_patient: bool
) -> dict[str, Value]:
    """Return the fields of a service line's C02."""
    noted = is_noted(claim)
    fields: dict[str, Value] = {
        **provider_fields(claim),
        "units": line.units,
        "fee_item": line.procedure,
        "amount": line.charge_minor,
        "service_date": line.day,
        "submission_code": "W" if checks.is_work(claim) else _SUBMISSION_CODES[claim.frequency],
        "service_location": _LOCATIONS.get(claim.place_of_service, _ELSEWHERE),
        "folio": folio,
        "correspondence": "N" if noted else "0",
        "comment": "" if noted else claim.note,
        "motor_vehicle": "N",
        "original_file": claim.payer_reference
        and claim.payer_reference.ljust(checks.LONGEST_REFERENCE, "0"),
    }
    for number, diagnosis in enumerate(checks.icd9(claim), start=1):
        fields[f"diagnosis{number}"] = diagnosis.code
    if claim.referring is not None:
        fields |= {"referral1": "B", "referral1_practitioner": claim.referring.number}
    accident = claim.accident
    if accident is not None and accident.kind == "work":
        return fields | _member("WC", claim) | _injury(accident)
    if accident is not None and accident.kind == "auto":
        fields |= {"motor_vehicle": "Y", "icbc_claim": accident.claim_number}
    if pays_patient:
        return fields | _member("PP", claim) | _address(claim.treated)
    return fields | _patient(claim)


def _patient(claim: Claim) -> dict[str, Value]:
    person = claim.treated
    return {
        "phn": checks.phn_of(claim),
        "name_verify": _name_verify(person),
        "birth_date": person.birth_date,
    }


def _name_verify(person: Person) -> str:
    """Return two initials and two letters of the surname, a space for what is missing (P16)."""
    first, second, last = (
        plain(name).upper() for name in (person.first_name, person.middle_name, person.last_name)
    )
    return f"{first[:1]:1}{second[:1]:1}{last[:2]:2}"


def _member(insurer: str, claim: Claim) -> dict[str, Value]:
    """Return who was treated as another insurer's member: of WorkSafeBC (WC), or paid (PP).

    Their health number stands in P102, from its first column, and P14 is zero.
    """
    person = claim.treated
    return {
        "name_verify": _NO_NAME,
        "insurer": insurer,
        "insurer_registration": checks.phn_of(claim),
        "insurer_birth_date": person.birth_date,
        "first_name": person.first_name.upper(),
        "second_initial": person.middle_name.upper(),
        "surname": person.last_name.upper(),
        "sex": _sex(person),
    }


def _sex(person: Person) -> str:
    return "" if person.sex == "U" else person.sex


def _address(person: Person) -> dict[str, Value]:
    """Return where MSP sends the payment of an opted-out practitioner's patient."""
    address = person.address
    if address is None:
        return {}
    told = [each for each in (address.line, address.line2, address.city, address.region) if each]
    return {
        **{f"address{number}": each for number, each in enumerate(told, start=1)},
        "postal_code": address.postal_code.replace(" ", ""),
    }


def _injury(accident: Accident) -> dict[str, Value]:
    """Return the day, part and nature of the injury, and WorkSafeBC's number, in P114 to P120."""
    return {
        "address1": f"{accident.day:%Y%m%d}",
        "address2": f"{accident.body_part:5.5}{accident.side:2.2}",
        "address3": accident.nature,
        "address4": accident.claim_number.rjust(_WORKER_CLAIM, "0"),
    }
