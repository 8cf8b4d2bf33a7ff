"""What is wrong with a file or a claim, said so that a biller can mend it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]
LONGEST_QUOTE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong; an ``error`` keeps the file, or the claim, from being used.

    ``where`` is a segment or field (``CLM02``, ``N01-27``, ``Claim.item[0].net``); ``position``
    counts the file's segments, records or lines from 1, 0 where there is none; ``line`` is the
    number of the claim's service line it is about, 0 for the claim as a whole; ``reference`` is
    the claim's own number, empty for the file as a whole.
    """

    code: str
    text: str
    where: str = ""
    position: int = 0
    line: int = 0
    reference: str = ""
    fix: str = ""
    severity: Severity = "error"


def has_errors(findings: Iterable[Finding]) -> bool:
    """Say whether any of them is more than a warning."""
    return any(each.severity == "error" for each in findings)


def quoted(value: str) -> str:
    """Return a value as a finding quotes it: bounded, and without control characters."""
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in value)
    return repr(shown if len(shown) <= LONGEST_QUOTE else f"{shown[:LONGEST_QUOTE]}…")
