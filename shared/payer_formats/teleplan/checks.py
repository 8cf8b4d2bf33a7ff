"""What MSP's and WorkSafeBC's first edit would refuse a claim for, found before it is sent.

Source: Teleplan 4 record specifications, 1.12 and 1.13 (pre-edit), and the fields of record C02.
"""

import re
from collections.abc import Iterator

from payer_formats.claim import Claim, Diagnosis, Person, ServiceLine, Subscriber
from payer_formats.findings import Finding, quoted
from payer_formats.inquiry import EligibilityInquiry
from payer_formats.numbers import is_msp_number, is_phn

LARGEST_AMOUNT = 9_999_999
LARGEST_UNITS = 999
LONGEST_NOTE = 400
LONGEST_REFERENCE = 20
"""Data centre 5, sequence 7, day received 8 (C02 P64)."""
MOST_DIAGNOSES = 3
_FEE_ITEM = re.compile(r"[0-9A-Z]{1,5}", re.ASCII)
_ICD9 = re.compile(r"[0-9A-Z]{3,5}", re.ASCII)
_WORKER_CLAIM = re.compile(r"[0-9A-Z]{1,8}", re.ASCII)
_NO_PHN = "the personal health number is no valid one of BC"
_PHN_FIX = "ten digits, as on the BC Services Card"


def is_work(claim: Claim) -> bool:
    """Say whether the claim goes to WorkSafeBC, which MSP answers for."""
    return claim.accident is not None and claim.accident.kind == "work"


def phn_of(claim: Claim) -> str:
    """Return the personal health number of who was treated; it is MSP's member number too."""
    return _phn(claim.treated, claim.subscriber if claim.patient is None else None)


def phn_asked(inquiry: EligibilityInquiry) -> str:
    """Return the personal health number of whom a question of eligibility is about."""
    own = inquiry.subscriber if inquiry.patient is None else None
    return _phn(inquiry.patient or inquiry.subscriber.person, own)


def doubts(inquiry: EligibilityInquiry) -> Iterator[Finding]:
    """Return what keeps a question of eligibility from being asked."""
    if not is_msp_number(inquiry.provider.number):
        text = f"the payee number has five characters, not {quoted(inquiry.provider.number)}"
        yield Finding(code="PROVIDER_NUMBER", text=text, where="B04-P06", reference=inquiry.trace)
    if not is_phn(phn_asked(inquiry)):
        yield Finding(
            code="PHN_INVALID",
            text=_NO_PHN,
            where="B04-P08",
            reference=inquiry.trace,
            fix=_PHN_FIX,
        )


def _phn(person: Person, own: Subscriber | None) -> str:
    number = person.health_number or ("" if own is None else own.member_id)
    return number.replace(" ", "").replace("-", "")


def icd9(claim: Claim) -> tuple[Diagnosis, ...]:
    """Return the diagnoses that Teleplan has words for; it knows ICD-9 alone."""
    return tuple(each for each in claim.diagnoses if each.system == "ICD9")[:MOST_DIAGNOSES]


def problems(claim: Claim, *, pays_patient: bool) -> tuple[Finding, ...]:
    """Return what keeps a claim from being sent, in the order of the record's fields."""
    return (
        *_numbers(claim),
        *_money(claim),
        *_reasons(claim),
        *_again(claim),
        *_payee(claim, pays_patient=pays_patient),
    )


def _error(  # noqa: PLR0913 (a finding's parts)
    claim: Claim, code: str, text: str, where: str, line: int = 0, *, fix: str = ""
) -> Finding:
    return Finding(code=code, text=text, where=where, line=line, reference=claim.id, fix=fix)


def _numbers(claim: Claim) -> Iterator[Finding]:
    practitioner = claim.rendering or claim.billing
    if not is_msp_number(claim.billing.number):
        text = f"the payee number has five characters, not {quoted(claim.billing.number)}"
        yield _error(claim, "PROVIDER_NUMBER", text, "C02-P06")
    if not is_msp_number(practitioner.number):
        text = f"the practitioner number has five characters, not {quoted(practitioner.number)}"
        yield _error(claim, "PROVIDER_NUMBER", text, "C02-P08")
    if not is_phn(phn_of(claim)):
        yield _error(claim, "PHN_INVALID", _NO_PHN, "C02-P14", fix=_PHN_FIX)
    referring = claim.referring
    if referring is not None and not is_msp_number(referring.number):
        text = f"the referring practitioner's number is {quoted(referring.number)}"
        yield _error(claim, "PROVIDER_NUMBER", text, "C02-P42")


def _money(claim: Claim) -> Iterator[Finding]:
    if claim.currency != "CAD":
        yield _error(claim, "CURRENCY_MIX", "Teleplan pays Canadian dollars alone", "C02-P27")
    if not claim.lines:
        yield _error(claim, "LINES", "a claim has at least one service line", "C02")
    total = sum(line.charge_minor for line in claim.lines)
    if total != claim.charge_minor:
        text = f"the lines come to {total} cents, the claim to {claim.charge_minor}"
        yield _error(claim, "CHARGE_SUM", text, "C02-P27")
    for line in claim.lines:
        yield from _line(claim, line)


def _line(claim: Claim, line: ServiceLine) -> Iterator[Finding]:
    if not 1 <= line.units <= LARGEST_UNITS:
        text = f"units are 1 to {LARGEST_UNITS}, not {line.units}"
        yield _error(claim, "UNITS", text, "C02-P20", line.number)
    if _FEE_ITEM.fullmatch(line.procedure) is None:
        text = f"a fee item has up to five digits or letters, not {quoted(line.procedure)}"
        yield _error(claim, "PROCEDURE", text, "C02-P26", line.number)
    if not 0 <= line.charge_minor <= LARGEST_AMOUNT:
        text = f"an amount is 0 to {LARGEST_AMOUNT} cents, not {line.charge_minor}"
        yield _error(claim, "AMOUNT", text, "C02-P27", line.number)


def _reasons(claim: Claim) -> Iterator[Finding]:
    if not icd9(claim):
        text = "Teleplan asks for a diagnosis in ICD-9"
        yield _error(claim, "DX_MISSING", text, "C02-P36")
    for each in icd9(claim):
        if _ICD9.fullmatch(each.code) is None:
            text = f"an ICD-9 code has three to five characters, no dot: {quoted(each.code)}"
            yield _error(claim, "DX_FORMAT", text, "C02-P36")
    accident = claim.accident
    if accident is not None and is_work(claim):
        if _WORKER_CLAIM.fullmatch(accident.claim_number) is None:
            told = quoted(accident.claim_number)
            text = f"WorkSafeBC's claim number has up to eight characters, not {told}"
            yield _error(claim, "WORK_CLAIM_NUMBER", text, "C02-P120")
        if claim.treated.birth_date is None:
            yield _error(claim, "BIRTH_DATE", "WorkSafeBC asks for the birth date", "C02-P104")


def _again(claim: Claim) -> Iterator[Finding]:
    if claim.frequency != "original" and not claim.payer_reference:
        text = "a claim sent again names the one it replaces: data centre, sequence, day received"
        yield _error(claim, "PAYER_REFERENCE", text, "C02-P64")
    if len(claim.payer_reference) > LONGEST_REFERENCE:
        told = quoted(claim.payer_reference)
        text = f"MSP's number of a claim has up to {LONGEST_REFERENCE} characters: {told}"
        yield _error(claim, "PAYER_REFERENCE", text, "C02-P64")
    if claim.frequency == "void" and not claim.note:
        text = "a debit request says why in its note"
        yield _error(claim, "NOTE_MISSING", text, "N01")
    if len(claim.note) > LONGEST_NOTE:
        text = f"a note has up to {LONGEST_NOTE} characters, not {len(claim.note)}"
        yield _error(claim, "NOTE_LENGTH", text, "N01")


def _payee(claim: Claim, *, pays_patient: bool) -> Iterator[Finding]:
    if pays_patient and not is_work(claim) and claim.treated.address is None:
        text = "MSP pays the patient of an opted-out practitioner, and needs the address"
        yield _error(claim, "ADDRESS_MISSING", text, "C02-P114")
