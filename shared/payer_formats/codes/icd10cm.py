"""Diagnosis codes of ICD-10-CM, edition of April 2026 (CDC/NCHS), and when some were retired.

Codes are undotted. The list is one block of bytes, 0.6 MB, read when first asked for.
"""

import lzma
import re
from bisect import bisect_left
from datetime import date
from functools import cache
from importlib.resources import files

IN_FORCE = date(2015, 10, 1)
"""From this day services are coded in ICD-10-CM, before it in ICD-9-CM (45 CFR 162.1002)."""
RETIRED = {
    "M2660": date(2016, 10, 1),
    "M5012": date(2016, 10, 1),
    "M5022": date(2016, 10, 1),
    "M5032": date(2016, 10, 1),
    "M791": date(2018, 10, 1),
    "R51": date(2020, 10, 1),
    "M545": date(2021, 10, 1),
    "R05": date(2021, 10, 1),
    "M5136": date(2024, 10, 1),
    "M5137": date(2024, 10, 1),
}
"""Codes that were divided, and the first day they were not billable (NCHS addenda by year)."""
_FORM = re.compile(r"[A-Z][0-9A][0-9A-Z]{1,5}", re.ASCII)
_CATEGORY, _WIDTH = 3, 7


def well_formed(code: str) -> bool:
    """Say whether it is undotted: a letter, a digit (or A, as QA08) and one to five more."""
    return _FORM.fullmatch(code) is not None


def is_billable(code: str, day: date) -> bool:
    """Say whether a code may stand on a claim for a service of that day."""
    if code in RETIRED:
        return day < RETIRED[code]
    divided = _divided(code)
    return _listed(code) and (divided is None or day >= RETIRED[divided])


def retired_on(code: str) -> date | None:
    """Return the first day on which a code was no longer billable; None when none is known."""
    return RETIRED.get(code)


def under(code: str, most: int = 8) -> list[str]:
    """Return the billable codes that a heading, or a code that was divided, is divided into."""
    codes = _codes()
    first = bisect_left(range(len(codes) // _WIDTH), code.encode(), key=_code_at)
    found = map(_code_at, range(first, min(first + most, len(codes) // _WIDTH)))
    return [each.decode().rstrip() for each in found if each.startswith(code.encode())]


def dotted(code: str) -> str:
    """Return a code as people write it, ``M54.50``."""
    return f"{code[:3]}.{code[3:]}" if len(code) > _CATEGORY else code


def _divided(code: str) -> str | None:
    """Return the retired code that this one is a part of."""
    return next((old for n in range(_CATEGORY, len(code)) if (old := code[:n]) in RETIRED), None)


def _listed(code: str) -> bool:
    return well_formed(code) and under(code, 1) == [code]


def _code_at(index: int) -> bytes:
    return _codes()[index * _WIDTH : (index + 1) * _WIDTH]


@cache
def _codes() -> bytes:
    """Return the sorted codes, each padded to seven characters, in one block."""
    return lzma.decompress(files(__package__).joinpath("icd10cm.xz").read_bytes())
