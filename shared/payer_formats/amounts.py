"""Amounts as files write them, in minor units (cents) and never through a float."""

import re

MINOR_DIGITS = 2
LARGEST_DIGITS = 11
_AMOUNT = re.compile(r"(-?)(\d{0,11})(?:\.(\d{0,2}))?", re.ASCII)


def minor_of(text: str) -> int | None:
    """Return the minor units of ``12``, ``12.5``, ``-12.50`` or ``.5``; None for anything else.

    More than two decimals are no amount, even when they are zeros (billing.md: AMOUNT).
    """
    found = _AMOUNT.fullmatch(text)
    if found is None or not (found[2] or found[3]):
        return None
    minor = int(found[2] or 0) * 100 + int((found[3] or "").ljust(MINOR_DIGITS, "0"))
    return -minor if found[1] else minor


def text_of(minor: int) -> str:
    """Return an amount as X12 writes it (X12.6, type R): no trailing zeros, ``120``, ``45.5``."""
    units, rest = divmod(abs(minor), 100)
    text = f"{units}.{rest:02}".rstrip("0").rstrip(".") if rest else str(units)
    return f"-{text}" if minor < 0 else text
