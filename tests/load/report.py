"""The tables that a run ends with; ``python -m tests.load.report`` prints the README's."""

import json
from typing import Any

from rich.console import Console
from rich.table import Table

from clinic_deploy.local.paths import ROOT
from tests.load import targets

FILE = ROOT / ".local" / "bench" / "result.json"
SAYS = {
    "book": "book",
    "one": "read one",
    "day": "day of 300",
    "day_unchanged": "day, unchanged",
    "worklist": "worklist of 300",
    "search": "search a week",
    "search_again": "the same search",
}
WIDTH = 100
Row = tuple[str, ...]
HEAD: Row = ("", "", "at once", "size", "a second", "p50 ms", "p99 ms", "CPU-ms", "refused")


def rows(figures: dict[str, Any]) -> list[Row]:
    """Return a row per case: what, whom, how many at once, appointments, rate, …, refused."""
    sizes = figures["about"]["sizes"]
    order = list(SAYS)
    cases = sorted(
        figures["slices"],
        key=lambda one: (order.index(one["kind"]), one["size"] == "grown", one["concurrency"]),
    )
    return [
        (
            SAYS[one["kind"]],
            one["contender"],
            str(one["concurrency"]),
            f"{sizes[one['size']]:,}",
            f"{one['rate']:,.0f}",
            f"{one['p50_ms']:.1f}",
            f"{one['p99_ms']:.1f}",
            f"{one['cpu_ms']:.2f}",
            str(one["refused"]),
        )
        for one in cases
    ]


def verdict_rows(figures: dict[str, Any]) -> list[Row]:
    """Return a row per target: what, value, bound, met or not."""
    return [
        (target.says, f"{value:.4g}", target.bound, "met" if met else "NOT met")
        for target, value, met in targets.verdicts(figures)
    ]


def show(figures: dict[str, Any], console: Console) -> None:
    """Print every table, the targets last."""
    console.print(_table("Throughput, latency, CPU of all processes", HEAD, rows(figures)))
    console.print(_table("CPU-ms of a booking, by process, 32 at once", *_cpu(figures)))
    floors: list[Row] = [(name, f"{value:,.0f}") for name, value in figures["floors"].items()]
    console.print(_table("Floors", ("", "a second"), floors))
    console.print(_table("Memory in MB, by appointments", *_memory(figures)))
    lag: list[Row] = [
        (name.replace("_", " "), f"{value:.4g}") for name, value in figures["lag"].items()
    ]
    console.print(_table("Event lag at half load", ("", ""), lag))
    if figures["noisy_slices"]:
        console.print(f"{figures['noisy_slices']} slices ran beside other work of the machine.")
    verdict = ("", "is", "to reach", "")
    console.print(_table("Targets", verdict, verdict_rows(figures)))


def markdown(figures: dict[str, Any]) -> str:
    """Return the README's tables: cases and targets."""
    about = figures["about"]
    lines = [f"{about['machine']}, {about['day']}; medians of {about['rounds']} rounds.", ""]
    for head, body in ((HEAD, rows(figures)), (("", "is", "to reach", ""), verdict_rows(figures))):
        lines += [_line(head), "|---" * len(head) + "|", *map(_line, body), ""]
    return "\n".join(lines)


def _cpu(figures: dict[str, Any]) -> tuple[Row, list[Row]]:
    found = {
        one["contender"]: one["cpu"]
        for one in figures["slices"]
        if (one["kind"], one["concurrency"], one["size"]) == ("book", 32, "small")
    }
    processes = dict.fromkeys(name for cpu in found.values() for name in cpu)
    body = [
        (name, *(f"{cpu[name]:.2f}" if name in cpu else "" for cpu in found.values()))
        for name in processes
    ]
    return ("", *found), body


def _memory(figures: dict[str, Any]) -> tuple[Row, list[Row]]:
    by_size, sizes = figures["rss_mb"], figures["about"]["sizes"]
    processes = dict.fromkeys(name for found in by_size.values() for name in found)
    body = [(name, *(f"{found[name]:.0f}" for found in by_size.values())) for name in processes]
    return ("", *(f"{sizes[size]:,}" for size in by_size)), body


def _line(cells: Row) -> str:
    return f"| {' | '.join(cells)} |"


def _table(title: str, head: Row, body: list[Row]) -> Table:
    table = Table(title=title, title_justify="left")
    for number, name in enumerate(head):
        table.add_column(name, justify="right" if number else "left")
    for row in body:
        table.add_row(*row)
    return table


if __name__ == "__main__":
    print(markdown(json.loads(FILE.read_text(encoding="utf-8"))))
