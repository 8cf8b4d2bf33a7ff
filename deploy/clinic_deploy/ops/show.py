"""Tables and lines for the terminal: in colours there, plain where it is a file or a pipe."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

Document = dict[str, Any]
FILE_WIDTH = 200
COUNTS = ("ready", "in_hand", "waiting", "parked", "consumers")


class Screen:
    """Where results go, and, apart from them, what is said about them."""

    def __init__(self) -> None:
        self.out = Console(highlight=False)
        self.err = Console(stderr=True, highlight=False)
        if not self.out.is_terminal:
            self.out = Console(highlight=False, width=FILE_WIDTH)

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[str | Text]]) -> None:
        """Print a table; numbers to the right, long text folded."""
        table = Table(box=None, pad_edge=False, header_style="bold")
        for name in columns:
            right = name in {*(count.replace("_", " ") for count in COUNTS), "number"}
            table.add_column(name, justify="right" if right else "left", overflow="fold")
        for row in rows:
            table.add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in row))
        self.out.print(table)

    def say(self, sentence: str, style: str = "") -> None:
        """Print a sentence among the results."""
        self.out.print(Text(sentence, style=style))

    def note(self, sentence: str) -> None:
        """Print a sentence beside the results."""
        self.err.print(Text(sentence), soft_wrap=True)

    def progress(self, sentence: str) -> None:
        """Show on a terminal how far it is, in a line that the next one replaces."""
        if self.err.is_terminal:
            self.err.print(Text(f"{sentence:<79}"), end="\r", soft_wrap=True)

    def line(self, text: str) -> None:
        """Print a line as it is, however long."""
        self.out.print(Text(text), soft_wrap=True)


def state(*, well: bool, word: str) -> Text:
    """Return a word in green or red."""
    return Text(word, style="green" if well else "bold red")


def number(found: int, *, alarming: bool) -> Text:
    """Return a number, in red where it is not 0 and should be."""
    return Text(str(found), style="bold red" if alarming and found else "")


def part_rows(parts: Mapping[str, bool]) -> list[list[str | Text]]:
    """Return a row of each thing the gateway needs."""
    return [
        [name, state(well=well, word="there" if well else "away")] for name, well in parts.items()
    ]


def queue_rows(found: Document) -> list[list[str | Text]]:
    """Return a row of each service's queues, those that are away last."""
    rows: list[list[str | Text]] = [
        [
            each["service"],
            state(well=True, word="answers"),
            *(number(each[count], alarming=count == "parked") for count in COUNTS),
        ]
        for each in found["items"]
    ]
    away: list[list[str | Text]] = [
        [service, state(well=False, word="away"), *(["-"] * len(COUNTS))]
        for service in found["unavailable"]
    ]
    return rows + away


def event_line(event: Document, *, as_json: bool) -> str:
    """Return an event as one line: time, type, subject, location; or all of it as JSON."""
    if as_json:
        return json.dumps(event, separators=(",", ":"), ensure_ascii=False)
    parts = (event["time"], f"{event['type']:<38}", event["subject"], event["locationid"])
    return "  ".join(part for part in parts if part)
