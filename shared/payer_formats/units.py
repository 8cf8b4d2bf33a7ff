"""Units of timed services from their minutes: the rule of 8 of CMS, and the AMA's midpoint.

A unit is 15 minutes; one is charged for from its 8th minute on. Sources: Medicare Claims
Processing Manual (CMS Pub. 100-04), chapter 5, section 20.2; CPT, introduction, "Time".
"""

from collections.abc import Mapping
from typing import Literal

UNIT_MINUTES = 15
FEWEST_MINUTES = 8
TIMED = frozenset({"97110", "97112", "97124", "97140", "97530"})
Rule = Literal["cms", "ama"]


def units_of(minutes: Mapping[str, int], rule: Rule) -> dict[str, int]:
    """Return the units of each timed service of one day, in the order given.

    ``minutes`` are whole, by procedure code. CMS counts the day's minutes together, the AMA each
    service's alone. Raises ValueError for negative minutes.
    """
    if any(spent < 0 for spent in minutes.values()):
        raise ValueError("minutes are not negative")
    return _by_total(minutes) if rule == "cms" else _by_midpoint(minutes)


def _by_total(minutes: Mapping[str, int]) -> dict[str, int]:
    """Whole 15s first; what the total allows beyond them goes to the largest remainders."""
    units = {code: spent // UNIT_MINUTES for code, spent in minutes.items()}
    total = sum(minutes.values())
    allowed = (total + UNIT_MINUTES - FEWEST_MINUTES) // UNIT_MINUTES
    by_remainder = sorted(minutes, key=lambda code: -(minutes[code] % UNIT_MINUTES))
    for code in by_remainder[: allowed - sum(units.values())]:
        units[code] += 1
    return units


def _by_midpoint(minutes: Mapping[str, int]) -> dict[str, int]:
    return {
        code: (spent + UNIT_MINUTES - FEWEST_MINUTES) // UNIT_MINUTES
        for code, spent in minutes.items()
    }
