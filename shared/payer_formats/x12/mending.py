"""What to do about each thing that may be wrong with the bytes of an X12 file, by its code.

Most of it is not for who receives the file to mend: then the fix says whom to ask for what.
"""

from collections.abc import Mapping

AGAIN = "ask the sender for the whole file again"
RECOUNTED = "ask the sender for a file whose trailers repeat and count its headers"
FIXES: Mapping[str, str] = {
    "NO_ISA": "send the X12 file itself, from its ISA segment on",
    "ISA_LENGTH": "send the file as it came: blanks that pad the ISA's elements belong to it",
    "MISSING_TRAILER": AGAIN,
    "MISSING_HEADER": AGAIN,
    "TRAILING_DATA": "send one file at a time, without what follows its IEA",
    "TOO_LONG": "ask the sender for it in parts",
    "COUNT_MISMATCH": RECOUNTED,
    "CONTROL_MISMATCH": RECOUNTED,
    "UNEXPECTED_SEGMENT": "ask the sender what it is there for",
    "BAD_COMPOSITE": "ask the sender for a file that keeps to the separators of its ISA",
    "AMOUNT": "digits and at most two decimals, such as 115 or 115.5",
    "CURRENCY": "a code of ISO 4217, such as CAD",
    "CURRENCY_MIX": "ask the payer for one payment in each currency",
    "DATE": "a day as CCYYMMDD",
    "UNITS": "a whole number",
    "DX_POINTER": "the place of a diagnosis among the claim's, from 1",
    "MISSING_SEGMENT": AGAIN,
    "DUPLICATE_SEGMENT": AGAIN,
    "MISPLACED_SEGMENT": AGAIN,
    "MISSING_ELEMENT": AGAIN,
    "MISSING_LOOP": AGAIN,
    "CAS_GROUP": "one of CO, OA, PI and PR",
    "CLAIM_STATUS": "ask the payer which of the guide's statuses is meant",
    "NO_SETS": "send a file with an 835, 999, 277CA, TA1 or 271 in it",
}


def fix_of(code: str) -> str:
    """Return how a finding of that code is mended, empty where its text says it all."""
    return FIXES.get(code, "")
