"""Plots of result.json as SVG; runs in the bench's own environment, which has matplotlib."""

import json
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")

from matplotlib import pyplot as plt

FOLDER = Path(__file__).parents[2] / ".local" / "bench"
CONTENDERS = {"ClinicOps": "#0b6e4f", "FastAPI": "#7a7a7a", "stock Nameko": "#c97b2c"}
PROCESSES = {
    "gateway": "#0b6e4f",
    "booking": "#3a9d78",
    "client_profile": "#9fd3bd",
    "notification": "#1f4e79",
    "billing": "#6f9fc8",
    "app": "#7a7a7a",
    "http": "#a9a9a9",
    "service": "#c9c9c9",
    "broker": "#d98324",
    "mongod": "#8a5fbf",
}
STYLE = {
    "svg.fonttype": "none",
    "font.size": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "figure.constrained_layout.use": True,
}


def main() -> None:
    figures: dict[str, Any] = json.loads((FOLDER / "result.json").read_text(encoding="utf-8"))
    mpl.rcParams.update(STYLE)
    for name, draw in DRAWN.items():
        drawn = draw(figures)
        drawn.savefig(FOLDER / f"{name}.svg")
        plt.close(drawn)


def throughput(figures: dict[str, Any]) -> Any:
    drawn, axes = plt.subplots(figsize=(7, 4))
    for contender, found in _booked(figures).items():
        _bars(axes, contender, {c: one["rate"] for c, one in found.items()}, "{:,.0f}")
    axes.set(title="Bookings a second, by requests at once", ylabel="a second")
    _by_concurrency(axes, figures)
    return drawn


def latency(figures: dict[str, Any]) -> Any:
    drawn, both = plt.subplots(1, 2, figsize=(10, 4))
    for axes, figure, name in zip(
        both, ("p50_ms", "p99_ms"), ("median", "99th percentile"), strict=True
    ):
        for contender, found in _booked(figures).items():
            _bars(axes, contender, {c: one[figure] for c, one in found.items()}, "{:.0f}")
        axes.set(title=f"Latency of a booking, {name}", ylabel="ms")
        _by_concurrency(axes, figures)
    return drawn


def cpu(figures: dict[str, Any]) -> Any:
    drawn, axes = plt.subplots(figsize=(7, 4))
    found = {who: at[32]["cpu"] for who, at in _booked(figures).items() if 32 in at}
    bottom = dict.fromkeys(found, 0.0)
    for process, colour in PROCESSES.items():
        heights = [found[who].get(process, 0.0) for who in found]
        if any(heights):
            axes.bar(list(found), heights, 0.55, list(bottom.values()), label=process, color=colour)
            bottom = {who: bottom[who] + height for who, height in zip(found, heights, strict=True)}
    for at, total in enumerate(bottom.values()):
        axes.text(at, total, f"{total:.2f}", ha="center", va="bottom")
    axes.margins(y=0.12)
    axes.set(title="CPU of a booking by process, 32 at once", ylabel="CPU-ms")
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5), reverse=True)
    return drawn


def growth(figures: dict[str, Any]) -> Any:
    drawn, all_axes = plt.subplots(1, 4, figsize=(14, 4))
    sizes = figures["about"]["sizes"]
    names = [f"{sizes[size]:,}" for size in ("small", "grown")]
    kinds = (("book", 32, "bookings"), ("one", 32, "one appointment"), ("day", 8, "a day of 300"))
    for axes, (kind, concurrency, title) in zip(all_axes, kinds, strict=False):
        for contender, colour in CONTENDERS.items():
            rates = [_rate(figures, kind, contender, concurrency, s) for s in ("small", "grown")]
            if all(rates):
                axes.plot(names, rates, "o-", color=colour, label=contender)
        axes.set(title=title, ylabel="a second")
    for process, colour in PROCESSES.items():
        found = [figures["rss_mb"][size].get(process, 0) for size in ("small", "grown")]
        if any(found):
            all_axes[3].plot(names, found, "o-", color=colour, label=process)
    all_axes[3].set(title="memory", ylabel="MB")
    for axes in all_axes:
        axes.margins(x=0.2)
        axes.set_ylim(0, 1.15 * axes.dataLim.ymax)
    all_axes[3].legend(frameon=False, fontsize=9)
    all_axes[0].legend(frameon=False)
    drawn.supxlabel("appointments")
    return drawn


def _booked(figures: dict[str, Any]) -> dict[str, dict[int, dict[str, Any]]]:
    found: dict[str, dict[int, dict[str, Any]]] = {}
    for one in figures["slices"]:
        if (one["kind"], one["size"]) == ("book", "small"):
            found.setdefault(one["contender"], {})[one["concurrency"]] = one
    return found


def _concurrencies(figures: dict[str, Any]) -> list[int]:
    return sorted({c for found in _booked(figures).values() for c in found})


def _by_concurrency(axes: Any, figures: dict[str, Any]) -> None:
    columns = _concurrencies(figures)
    axes.set_xticks(range(len(columns)), [f"{c} at once" for c in columns])
    axes.margins(y=0.12)
    axes.legend(frameon=False, loc="upper left")


def _bars(axes: Any, contender: str, values: dict[int, float], label: str) -> None:
    width = 0.8 / len(CONTENDERS)
    offset = (list(CONTENDERS).index(contender) - 1) * width
    where = {1: 0, 8: 1, 32: 2}
    places = [where[concurrency] + offset for concurrency in values]
    bars = axes.bar(
        places, list(values.values()), width, label=contender, color=CONTENDERS[contender]
    )
    axes.bar_label(bars, [label.format(value) for value in values.values()], fontsize=9)


def _rate(figures: dict[str, Any], kind: str, contender: str, concurrency: int, size: str) -> float:
    wanted = (kind, contender, concurrency, size)
    for one in figures["slices"]:
        if (one["kind"], one["contender"], one["concurrency"], one["size"]) == wanted:
            return float(one["rate"])
    return 0.0


DRAWN = {"throughput": throughput, "latency": latency, "cpu": cpu, "growth": growth}


if __name__ == "__main__":
    main()
