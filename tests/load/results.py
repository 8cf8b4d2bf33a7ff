"""From the slices of all rounds to the figures that a run ends with."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from tests.load.slices import Slice, refusals
from tests.load.stats import ratio

OURS, FASTAPI, STOCK = "ClinicOps", "FastAPI", "stock Nameko"
BUSY_ELSEWHERE = 0.25
"""A slice during which others used more than a quarter of a core says little."""


@dataclass(frozen=True, slots=True)
class Case:
    """What was asked of whom: ``kind`` is a key of ``report.SAYS``; ``size`` small or grown."""

    kind: str
    contender: str
    concurrency: int
    size: str = "small"


@dataclass
class Results:
    """Everything measured."""

    slices: dict[Case, list[Slice]] = field(default_factory=lambda: defaultdict(list))
    floors: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    rss_mb: dict[str, dict[str, float]] = field(default_factory=dict)
    """By ``size``, then by process."""
    lag: dict[str, Any] = field(default_factory=dict)
    about: dict[str, Any] = field(default_factory=dict)

    def keep_rss(self, size: str, found: dict[str, float]) -> None:
        """Keep the most that each process had."""
        most = self.rss_mb.setdefault(size, {})
        for name, value in found.items():
            most[name] = max(value, most.get(name, 0.0))

    def rate(self, kind: str, contender: str, concurrency: int, size: str = "small") -> float:
        """Return the median requests a second of a case, 0 where it was not measured."""
        found = medians(self.slices.get(Case(kind, contender, concurrency, size), ()))
        return float(found["rate"])

    def figures(self) -> dict[str, Any]:
        """Return every figure, those with a target by name."""
        all_slices = [one for found in self.slices.values() for one in found]
        return {
            **{f"ratio_bookings_c{c}": self._ratio("book", c) for c in (1, 8, 32)},
            "ratio_stock_c32": self._ratio("book", 32, STOCK),
            "cpu_ratio_c32": self._ratio("book", 32, figure="cpu_ms"),
            "ratio_one_c32": self._ratio("one", 32),
            "ratio_day300_c8": self._ratio("day", 8),
            "ratio_one_c32_grown": self._ratio("one", 32, size="grown"),
            "lag_p50_ms": self.lag.get("p50_ms", 0.0),
            "lag_p99_ms": self.lag.get("p99_ms", 0.0),
            **{f"search_{name}": self._search(name) for name in ("p50_ms", "p99_ms")},
            "growth_200k": self._growth(OURS),
            "growth_200k_fastapi": self._growth(FASTAPI),
            "rss_max_mb": max(v for found in self.rss_mb.values() for v in found.values()),
            "refused": refusals(all_slices) + self.lag.get("refused", 0),
            "noisy_slices": sum(one.others > BUSY_ELSEWHERE for one in all_slices),
            "slices": [{**_named(case), **medians(found)} for case, found in self.slices.items()],
            "floors": {name: median(found) for name, found in self.floors.items()},
            "rss_mb": self.rss_mb,
            "lag": self.lag,
            "about": self.about,
        }

    def _search(self, figure: str) -> float:
        """Return a figure of searches of which no two are alike, eight at once."""
        return float(medians(self.slices.get(Case("search", OURS, 8), ()))[figure])

    def _growth(self, contender: str) -> float:
        """Return bookings a second when grown over those before."""
        before = self.rate("book", contender, 32)
        return self.rate("book", contender, 32, "grown") / before if before else 0.0

    def _ratio(
        self,
        kind: str,
        concurrency: int,
        over: str = FASTAPI,
        *,
        figure: str = "rate",
        size: str = "small",
    ) -> float:
        mine, theirs = (
            [
                getattr(one, figure)
                for one in self.slices.get(Case(kind, who, concurrency, size), ())
            ]
            for who in (OURS, over)
        )
        return ratio(mine, theirs)


def medians(found: Iterable[Slice]) -> dict[str, Any]:
    """Return the medians over the rounds of one case."""
    rounds = list(found)
    if not rounds:
        return {"rate": 0.0, "p50_ms": 0.0, "p99_ms": 0.0, "cpu_ms": 0.0, "cpu": {}}
    return {
        "rate": median(one.rate for one in rounds),
        "p50_ms": median(one.p50_ms for one in rounds),
        "p99_ms": median(one.p99_ms for one in rounds),
        "cpu_ms": median(one.cpu_ms for one in rounds),
        "cpu": {name: median(one.cpu[name] for one in rounds) for name in rounds[0].cpu},
        "drained_s": median(one.drained_s for one in rounds),
        "others": median(one.others for one in rounds),
        "refused": refusals(rounds),
        "rates": [one.rate for one in rounds],
    }


def rounded(value: Any) -> Any:
    """Return figures with four digits that count, whatever they are nested in."""
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, dict):
        return {name: rounded(one) for name, one in value.items()}
    return [rounded(one) for one in value] if isinstance(value, list) else value


def _named(case: Case) -> dict[str, Any]:
    return {
        "kind": case.kind,
        "contender": case.contender,
        "concurrency": case.concurrency,
        "size": case.size,
    }
