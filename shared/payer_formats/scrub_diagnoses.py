"""What may be wrong with a diagnosis code on the day of the service."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from payer_formats.claim import Diagnosis
from payer_formats.codes import icd10cm as icd
from payer_formats.findings import quoted

_ICD9 = re.compile(r"(?:[0-9]{3}|V[0-9]{2}|E[0-9]{3})[0-9]{0,2}", re.ASCII)
_EXTRA = str.maketrans("", "", ". ")


@dataclass(frozen=True, slots=True)
class Fault:
    """A finding's code, what is wrong, and what to write instead."""

    code: str
    text: str
    fix: str


def faults(diagnosis: Diagnosis, day: date, *, icd10cm: bool) -> Iterator[Fault]:
    """Return what is wrong with a diagnosis of that day.

    Its form always; whether it is a billable code of ICD-10-CM when the payer wants those.
    """
    code = diagnosis.code.translate(_EXTRA).upper()
    if code != diagnosis.code:
        text = f"diagnosis {quoted(diagnosis.code)} is not written in capitals without its dot"
        yield Fault("DX_FORMAT", text, code)
    if diagnosis.system == "ICD9":
        yield from _icd9(code, day, icd10cm=icd10cm)
    elif not icd.well_formed(code):
        fix = "a letter, a digit and one to five more, such as M5450"
        yield Fault("DX_FORMAT", f"diagnosis {quoted(code)} has not the form of ICD-10", fix)
    elif icd10cm and not icd.is_billable(code, day):
        yield _not_billable(code, day)


def _icd9(code: str, day: date, *, icd10cm: bool) -> Iterator[Fault]:
    if _ICD9.fullmatch(code) is None:
        text = f"diagnosis {quoted(code)} has not the form of ICD-9"
        yield Fault("DX_FORMAT", text, "three digits and up to two more, such as 7242")
    if icd10cm and day >= icd.IN_FORCE:
        text = f"ICD-9 code {quoted(code)} on a service from {icd.IN_FORCE.isoformat()} on"
        yield Fault("DX_RETIRED", text, "give its code of ICD-10-CM")


def _not_billable(code: str, day: date) -> Fault:
    retired = icd.retired_on(code)
    parts = [icd.dotted(part) for part in icd.under(code)]
    if retired is not None:
        text = f"diagnosis {icd.dotted(code)} was retired on {retired.isoformat()}"
        return Fault("DX_RETIRED", text, f"use {', '.join(parts)}")
    if parts and icd.dotted(code) not in parts:
        text = f"diagnosis {icd.dotted(code)} is a heading, not a code to bill"
        return Fault("DX_UNKNOWN", text, f"be exact: {', '.join(parts)}")
    text = f"diagnosis {icd.dotted(code)} is no code of ICD-10-CM on {day.isoformat()}"
    return Fault("DX_UNKNOWN", text, "look the code up")
