"""Numbers that BC gives people and practitioners."""

import re

_WEIGHTS = (2, 4, 8, 5, 10, 9, 7, 3)
_MODULUS = 11
_PHN = re.compile(r"9\d{9}", re.ASCII)
_PRACTITIONER = re.compile(r"[0-9A-Z]{5}", re.ASCII)


def is_phn(text: str) -> bool:
    """Say whether this is a personal health number of BC.

    Ten digits, the first 9; digits 2 to 9 times 2 4 8 5 10 9 7 3, each product modulo 11; the last
    digit is 11 less their sum modulo 11, and a remainder that leaves 10 or 11 is never given out.
    Source: Teleplan 4 record specifications, 1.14.2 (MOD-11 check digit routine, PHN).
    """
    if _PHN.fullmatch(text) is None:
        return False
    pairs = zip(text[1:9], _WEIGHTS, strict=True)
    total = sum(int(digit) * weight % _MODULUS for digit, weight in pairs)
    return _MODULUS - total % _MODULUS == int(text[9])


def is_msp_number(text: str) -> bool:
    """Say whether this can be a practitioner or payee number: five digits or capital letters.

    Source: record C02, P06 and P08. A check digit for them is not published.
    """
    return _PRACTITIONER.fullmatch(text) is not None
