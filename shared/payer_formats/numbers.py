"""Check digits of the numbers that claims carry."""

import re

_NPI = re.compile(r"[0-9]{10}", re.ASCII)
_PHN = re.compile(r"9[0-9]{9}", re.ASCII)
_MSP_NUMBER = re.compile(r"[0-9A-Z]{5}", re.ASCII)
_PHN_WEIGHTS = (2, 4, 8, 5, 10, 9, 7, 3)
_PHN_MODULUS = 11


def is_npi(number: str) -> bool:
    """Say whether it can be a US National Provider Identifier.

    Ten digits that pass the Luhn check after ``80840`` (45 CFR 162.406; CMS, "Requirements for
    NPI and NPI check digit").
    """
    if _NPI.fullmatch(number) is None:
        return False
    digits = [int(digit) for digit in reversed(f"80840{number}")]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def is_phn(number: str) -> bool:
    """Say whether it can be a BC personal health number (BC Ministry of Health, modulus 11)."""
    if _PHN.fullmatch(number) is None:
        return False
    pairs = zip(number[1:9], _PHN_WEIGHTS, strict=True)
    total = sum(int(digit) * weight % _PHN_MODULUS for digit, weight in pairs)
    return _PHN_MODULUS - total % _PHN_MODULUS == int(number[9])


def is_msp_number(text: str) -> bool:
    """Say whether this can be a practitioner or payee number: five digits or capital letters.

    Source: Teleplan record C02, P06 and P08. A check digit for them is not published.
    """
    return _MSP_NUMBER.fullmatch(text) is not None
