"""Rows of an answer as a plot: SVG 1.1 without script or font of its own.

Bars alone, drawn here: pygal 3.1.3 puts a script into each chart, which a page's policy refuses.
Fills differ by pattern, so that a plot reads in black and white. Its one rule of style turns light
into dark where dark is preferred; where a policy refuses that, as for a plot in a tab of its own,
it stays light.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal
from xml.sax.saxutils import escape

MEDIA_TYPE = "image/svg+xml"
MOST_BARS = 30
WIDTH, LEFT, RIGHT, TOP = 940, 290, 110, 96
BAR, GAP, CHARACTERS = 16, 12, 42
COLUMNS_HEIGHT, MOST_TICKS = 260, 8
UNWRITABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
FILLS = ("#1f4e5f", "url(#hatch)", "#d5dfe3", "url(#dots)")
DEFINITIONS = (
    '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)"><rect width="6" height="6" fill="#fff"/>'
    '<rect width="3" height="6" fill="#5b8a9b"/></pattern>'
    '<pattern id="dots" width="6" height="6" patternUnits="userSpaceOnUse">'
    '<rect width="6" height="6" fill="#fff"/><circle cx="3" cy="3" r="1.6" fill="#1f4e5f"/>'
    "</pattern></defs>"
)
DARK = (
    "<style>@media (prefers-color-scheme: dark)"
    "{svg{filter:invert(.91) hue-rotate(180deg)} .paper{fill:none}}</style>"
)
"""Turned about, hues kept: an image does not see the colours of the page it stands on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """How rows are drawn: a bar a row, or a column a day where a row's ``id`` is one.

    ``label``: the first of these fields that is not empty names a row; ``beside`` follows it.
    ``series``: the fields drawn, each with what it is called; ``stacked`` on each other, or else
    one below the other. ``unit``: minor units of the answer's currency, or what is counted.
    """

    title: str
    label: tuple[str, ...]
    series: tuple[tuple[str, str], ...]
    nothing: str
    beside: tuple[str, ...] = ()
    unit: Literal["money", "days", "denials", "minutes"] = "money"
    stacked: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """A row as it is drawn; a value of None is not known."""

    label: str
    values: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Axis:
    """Where values stand between ``start`` and ``end`` pixels."""

    ticks: tuple[int, ...]
    start: float
    end: float

    def at(self, value: int) -> float:
        """Return where a value stands."""
        low, high = self.ticks[0], self.ticks[-1]
        return self.start + (value - low) * (self.end - self.start) / (high - low)


def svg_text(plot: Plot, answer: Mapping[str, Any]) -> str:
    """Return the answer's ``items`` drawn; an answer without any says so."""
    items = answer["items"]
    unit = items[0].get("currency", plot.unit) if items and plot.unit == "money" else plot.unit
    title = f"{plot.title} by {answer['by']}" if "by" in answer else plot.title
    if answer.get("by") == "day" and items:
        body, height = _columns(_daily(plot, answer), plot)
    else:
        body, height = _rows([_bar(plot, row) for row in items], plot)
    when = _when(answer)
    parts = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" ',
        f'viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="title desc" ',
        'font-family="Helvetica, Arial, sans-serif" font-size="12" fill="#222">',
        f'<title id="title">{_text(title)}, {_text(when)}</title>',
        f'<desc id="desc">{_text(_told(plot, items, unit))}</desc>',
        DARK,
        DEFINITIONS,
        '<rect class="paper" width="100%" height="100%" fill="#fff"/>',
        f'<text x="24" y="34" font-size="19" font-weight="bold">{_text(title)}</text>',
        f'<text x="24" y="55" fill="#555">{_text(f"{when} · {unit}" if items else when)}</text>',
        _legend(plot) if items and len(plot.series) > 1 else "",
        body,
        "</svg>\n",
    )
    return "".join(parts)


def _when(answer: Mapping[str, Any]) -> str:
    """Return a report's day or days; of one between two instants, its first and last day."""
    if "as_of" in answer:
        return f"As of {answer['as_of']}"
    if "from" in answer:
        return f"{answer['from']} to {answer['to']}"
    last = datetime.fromisoformat(answer["end"]) - timedelta(microseconds=1)
    return f"{answer['start'][:10]} to {last.date().isoformat()}"


def _rows(bars: list[Bar], plot: Plot) -> tuple[str, int]:
    """Return horizontal bars, the largest first where not all of them fit."""
    if not bars:
        return f'<text x="24" y="{TOP + 24}" font-size="14">{_text(plot.nothing)}</text>', 160
    total, note = len(bars), ""
    if total > MOST_BARS:
        largest = sorted(bars, key=lambda bar: -max(abs(value or 0) for value in bar.values))
        kept = set(largest[:MOST_BARS])
        bars = [bar for bar in bars if bar in kept][:MOST_BARS]
        note = f"The {MOST_BARS} largest of {total}; the CSV has all of them."
    deep = BAR if plot.stacked else BAR * len(plot.series)
    bottom = TOP + len(bars) * (deep + GAP) + GAP
    axis = Axis(_ticks(_extent(bars, plot)), LEFT, WIDTH - RIGHT)
    parts = [_grid(axis, plot, bottom)]
    for number, bar in enumerate(bars):
        top = TOP + GAP + number * (deep + GAP)
        parts.append(_labelled(bar, top + deep / 2 + 4))
        parts.append(
            _stack(bar, axis, top, plot) if plot.stacked else _beside(bar, axis, top, plot)
        )
    if note:
        parts.append(f'<text x="24" y="{bottom + 44}" fill="#555">{_text(note)}</text>')
    return "".join(parts), bottom + (60 if note else 36)


def _stack(bar: Bar, axis: Axis, top: float, plot: Plot) -> str:
    """Return values on each other: what is less than 0 to the left of 0."""
    parts, ends = [], {True: 0, False: 0}
    for number, value in enumerate(bar.values):
        before = ends[(value or 0) < 0]
        ends[(value or 0) < 0] += value or 0
        parts.append(_rectangle(axis.at(before), axis.at(before + (value or 0)), top, number))
    total = sum(value or 0 for value in bar.values)
    return "".join(parts) + _figure(axis.at(ends[False]), top, _shown(total, plot))


def _beside(bar: Bar, axis: Axis, top: float, plot: Plot) -> str:
    """Return values one below the other, each with its figure."""
    parts = []
    for number, value in enumerate(bar.values):
        at = top + number * BAR
        if value is None:
            parts.append(_figure(axis.at(0), at, "-"))
            continue
        parts.append(_rectangle(axis.at(0), axis.at(value), at, number))
        parts.append(_figure(axis.at(max(value, 0)), at, _shown(value, plot)))
    return "".join(parts)


def _columns(bars: list[Bar], plot: Plot) -> tuple[str, int]:
    """Return a column a day; days without a row are 0."""
    bottom = TOP + COLUMNS_HEIGHT
    axis = Axis(_ticks(_extent(bars, plot)), bottom, TOP + 12)
    left, right = 110, WIDTH - 40
    parts = []
    for tick in axis.ticks:
        y = axis.at(tick)
        parts.append(f'<path d="M{left} {y:.1f}H{right}" stroke="{_ink(tick)}"/>')
        figure = _round(tick, axis, plot)
        parts.append(f'<text x="{left - 8}" y="{y + 4:.1f}" text-anchor="end">{figure}</text>')
    step, every = (right - left) / len(bars), -(-len(bars) // 8)
    for number, bar in enumerate(bars):
        x, value = left + number * step, bar.values[0] or 0
        ends = sorted((axis.at(0), axis.at(value)))
        parts.append(
            f'<rect x="{x + step * 0.15:.1f}" y="{ends[0]:.1f}" width="{step * 0.7:.1f}" '
            f'height="{ends[1] - ends[0]:.1f}" fill="{FILLS[0]}">'
            f"<title>{_text(bar.label)}: {_shown(value, plot)}</title></rect>"
        )
        if number % every == 0:
            parts.append(
                f'<text x="{x + step / 2:.1f}" y="{bottom + 20}" text-anchor="middle" '
                f'font-size="11">{_text(bar.label)}</text>'
            )
    return "".join(parts), bottom + 44


def _daily(plot: Plot, answer: Mapping[str, Any]) -> list[Bar]:
    field = plot.series[0][0]
    by_day = {row["id"]: row[field] for row in answer["items"]}
    first, last = date.fromisoformat(answer["from"]), date.fromisoformat(answer["to"])
    days = [(first + timedelta(n)).isoformat() for n in range((last - first).days + 1)]
    return [Bar(day, (by_day.get(day, 0),)) for day in days]


def _bar(plot: Plot, row: Mapping[str, Any]) -> Bar:
    name = next((str(row[field]) for field in plot.label if row[field]), "(not named)")
    label = " · ".join((name, *(str(row[field]) for field in plot.beside if row[field])))
    return Bar(label, tuple(row[field] for field, _ in plot.series))


def _extent(bars: Sequence[Bar], plot: Plot) -> tuple[int, int]:
    values = [[value or 0 for value in bar.values] for bar in bars]
    if plot.stacked:
        sums = [(sum(min(v, 0) for v in each), sum(max(v, 0) for v in each)) for each in values]
        return min(low for low, _ in sums), max(high for _, high in sums)
    return min(0, *map(min, values)), max(0, *map(max, values))


def _ticks(extent: tuple[int, int]) -> tuple[int, ...]:
    """Return round values that span the extent and 0, at most a few."""
    low, high = min(extent[0], 0), max(extent[1], 0)
    power, span = 1, max(high - low, 1)
    while True:
        for step in (power, 2 * power, 5 * power):
            first, last = low // step, -(-high // step)
            if max(last - first, 1) < MOST_TICKS and step * MOST_TICKS >= span:
                return tuple(step * n for n in range(first, max(last, first + 1) + 1))
        power *= 10


def _grid(axis: Axis, plot: Plot, bottom: float) -> str:
    parts = []
    for tick in axis.ticks:
        x = axis.at(tick)
        parts.append(f'<path d="M{x:.1f} {TOP}V{bottom}" stroke="{_ink(tick)}"/>')
        figure = _round(tick, axis, plot)
        parts.append(f'<text x="{x:.1f}" y="{bottom + 18}" text-anchor="middle">{figure}</text>')
    return "".join(parts)


def _ink(tick: int) -> str:
    return "#777" if tick == 0 else "#e2e2e2"


def _rectangle(start: float, end: float, top: float, number: int) -> str:
    left, right = sorted((start, end))
    return (
        f'<rect x="{left:.1f}" y="{top + 1:.1f}" width="{right - left:.1f}" height="{BAR - 2}" '
        f'fill="{FILLS[number]}" stroke="#1f4e5f" stroke-width="0.6"/>'
    )


def _figure(x: float, top: float, text: str) -> str:
    return f'<text x="{x + 6:.1f}" y="{top + BAR - 4:.1f}" font-size="11">{text}</text>'


def _labelled(bar: Bar, y: float) -> str:
    short = bar.label if len(bar.label) <= CHARACTERS else f"{bar.label[: CHARACTERS - 1]}…"
    return (
        f'<text x="{LEFT - 10}" y="{y:.1f}" text-anchor="end">{_text(short)}'
        f"<title>{_text(bar.label)}</title></text>"
    )


def _legend(plot: Plot) -> str:
    parts, x = [], 24.0
    for number, (_, name) in enumerate(plot.series):
        parts.append(
            f'<rect x="{x}" y="67" width="14" height="12" fill="{FILLS[number]}" '
            f'stroke="#1f4e5f" stroke-width="0.6"/><text x="{x + 20}" y="78">{_text(name)}</text>'
        )
        x += 44 + 7 * len(name)
    return "".join(parts)


def _told(plot: Plot, items: Sequence[Mapping[str, Any]], unit: str) -> str:
    """Return what a screen reader says: the sum of each series, or that there is nothing."""
    if not items:
        return plot.nothing
    if plot.unit == "days":
        return f"{len(items)} rows, in days."
    sums = [
        f"{name} {_shown(sum(row[field] or 0 for row in items), plot)}"
        for field, name in plot.series
    ]
    return f"{len(items)} rows, in {unit}. In all: {', '.join(sums)}."


def _shown(value: int, plot: Plot) -> str:
    if plot.unit != "money":
        return f"{value:,}"
    sign, minor = "-" if value < 0 else "", abs(value)
    return f"{sign}{minor // 100:,}.{minor % 100:02}"


def _round(tick: int, axis: Axis, plot: Plot) -> str:
    """Return a tick's figure, without cents where no tick has any."""
    text = _shown(tick, plot)
    whole = plot.unit == "money" and not any(each % 100 for each in axis.ticks)
    return text[:-3] if whole else text


def _text(text: str) -> str:
    return escape(UNWRITABLE.sub("\ufffd", text))
