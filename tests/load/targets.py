"""The figures to reach, and whether a run reached them."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """One figure of the result; ``least`` or ``most`` is what it must not fall short of, exceed."""

    figure: str
    says: str
    least: float | None = None
    most: float | None = None

    def met(self, value: float) -> bool:
        """Say whether a value reaches it."""
        enough = self.least is None or value >= self.least
        return enough and (self.most is None or value <= self.most)

    @property
    def bound(self) -> str:
        """The bound as a reader sees it."""
        return f"≥ {self.least:g}" if self.least is not None else f"≤ {self.most:g}"


TARGETS = (
    Target("ratio_bookings_c32", "bookings/s over FastAPI, 32 at once", least=1.3),
    Target("ratio_bookings_c8", "bookings/s over FastAPI, 8 at once", least=0.9),
    Target("ratio_bookings_c1", "bookings/s over FastAPI, one at a time", least=0.6),
    Target("cpu_ratio_c32", "CPU of a booking over FastAPI's, 32 at once", most=0.7),
    Target("ratio_stock_c32", "bookings/s over stock Nameko, 32 at once", least=5),
    Target("ratio_one_c32", "reads of one over FastAPI, 32 at once", least=1.3),
    Target("ratio_day300_c8", "reads of a day of 300 over FastAPI, 8 at once", least=5),
    Target("lag_p50_ms", "event lag at half load, median, ms", most=80),
    Target("lag_p99_ms", "event lag at half load, p99, ms", most=500),
    Target("search_p50_ms", "search of a week, 8 at once, median, ms", most=40),
    Target("search_p99_ms", "search of a week, 8 at once, p99, ms", most=150),
    Target("growth_200k", "bookings/s when grown over those at 1,000", least=0.9),
    Target("rss_max_mb", "memory of the largest process, MB", most=90),
    Target("refused", "requests refused", most=0),
)


def verdicts(figures: Mapping[str, float]) -> list[tuple[Target, float, bool]]:
    """Return each target with its value and whether that is met."""
    return [
        (target, figures[target.figure], target.met(figures[target.figure])) for target in TARGETS
    ]
