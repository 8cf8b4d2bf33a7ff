"""Percentiles and medians, of few or of many."""

from collections.abc import Sequence
from statistics import median


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the nearest-rank percentile, 0 of nothing."""
    if not values:
        return 0.0
    ordered = sorted(values)
    rank = -(-len(ordered) * percent // 100)  # rounded up
    return ordered[max(0, int(rank) - 1)]


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Return the median of the rounds' ratios: each round compared what ran side by side."""
    pairs = [(mine, other) for mine, other in zip(ours, theirs, strict=False) if other]
    return median(mine / other for mine, other in pairs) if pairs else 0.0
