"""For tests: what a client asks of the database, and whether an index serves it."""

from collections.abc import Iterator
from typing import Any

from bson.codec_options import CodecOptions, DatetimeConversion
from pymongo.database import Database
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

Document = dict[str, Any]
EXPLAINED = ("find", "findAndModify", "aggregate", "update")
OF_THE_SESSION = frozenset({"lsid", "txnNumber", "writeConcern", "maxTimeMS", "startTransaction"})
ANY_DATE: CodecOptions[Document] = CodecOptions(
    datetime_conversion=DatetimeConversion.DATETIME_AUTO
)
"""An open bound of an index on dates is one that Python does not have."""
SLOW = frozenset({"COLLSCAN", "SORT"})


class Watch(CommandListener):
    """The commands sent, oldest first."""

    def __init__(self) -> None:
        """Start with none."""
        self.commands: list[Document] = []

    def started(self, event: CommandStartedEvent) -> None:
        """Keep a command; the driver empties those that carry credentials."""
        if event.command:
            self.commands.append(dict(event.command))

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Nothing to keep."""

    def failed(self, event: CommandFailedEvent) -> None:
        """Nothing to keep."""

    @property
    def queries(self) -> list[Document]:
        """The commands that search, as they can be explained."""
        return [
            {
                name: value
                for name, value in command.items()
                if not name.startswith("$") and name not in OF_THE_SESSION | {"autocommit"}
            }
            for sent in self.commands
            if next(iter(sent)) in EXPLAINED
            for command in _single(sent)
        ]

    def explained(self, database: Database[Document]) -> list[Document]:
        """Return the execution figures of each query; fails when one scans or sorts in memory."""
        figures = []
        for query in self.queries:
            plan = database.command(
                "explain", query, verbosity="executionStats", codec_options=ANY_DATE
            )
            used = set(_stages(plan.get("stages") or plan["queryPlanner"]["winningPlan"]))
            plan = plan if "queryPlanner" in plan else plan["stages"][0]["$cursor"]
            assert used, query  # noqa: S101 (a check of tests)
            assert not used & SLOW, (query, used)  # noqa: S101 (a check of tests)
            figures.append(plan["executionStats"])
        assert figures, "nothing was asked"  # noqa: S101 (a check of tests)
        return figures


def _single(command: Document) -> Iterator[Document]:
    """Yield an update of many as many: the server explains one at a time."""
    for each in command.get("updates", ()):
        yield {**command, "updates": [each]}
    if "updates" not in command:
        yield command


def _stages(plan: Any) -> Iterator[str]:  # noqa: ANN401 (servers nest plans differently)
    if isinstance(plan, list):
        for part in plan:
            yield from _stages(part)
    elif isinstance(plan, dict):
        if isinstance(plan.get("stage"), str):
            yield plan["stage"]
        for name, part in plan.items():
            if name != "rejectedPlans":
                yield from _stages(part)
