"""What the model's words are in an 837P (X12 005010X222A1), for its writer and its reader."""

from typing import Literal

from payer_formats.claim import Frequency, Relationship

GUIDE = "005010X222"
"""Professional claims, whatever the addendum."""
VERSION = "005010X222A1"
"""The guide that HIPAA adopted (45 CFR 162.1102)."""
RANKS = "PSTABCDEFGH"
"""SBR01: primary, secondary, tertiary, and the fourth to the eleventh payer."""
FREQUENCIES: dict[Frequency, str] = {"original": "1", "corrected": "7", "void": "8"}
RELATIONSHIPS: dict[Relationship, str] = {
    "self": "18",
    "spouse": "01",
    "child": "19",
    "other": "G8",
}
"""SBR02 and PAT01: individual relationship codes."""
ACCIDENTS: dict[Literal["auto", "work", "other"], str] = {"auto": "AA", "work": "EM", "other": "OA"}
"""CLM11: related causes."""
FILING = {"auto": "AM", "work": "WC", "other": "CI"}
"""SBR09: automobile medical, workers' compensation, commercial."""
TRIPLETS = 6
"""The most adjustments in one CAS segment."""
