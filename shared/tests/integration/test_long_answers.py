"""A long answer is on its way before its process begins on the next one."""

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import eventlet
import pytest
from pymongo.database import Database

from clinic_contracts.context import CallContext
from clinic_contracts.errors import ServiceUnavailable
from clinic_contracts.operations import Operation
from clinic_runtime.ids import ulid
from clinic_runtime.mongo import MongoDatabase
from clinic_runtime.responder import LONG_ANSWER
from clinic_runtime.rpc import RpcClient, command
from clinic_runtime.runner import run
from clinic_runtime.testing import eventually, process_of, running

Documents = Database[dict[str, Any]]
PATIENCE_SECONDS = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    length: int
    after: str = ""
    """A file without which nothing is written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    text: str


WRITE = Operation("author", "write", Write, Text)


class Author:
    name = "author"
    database = MongoDatabase(lambda _database: None)

    @command(WRITE)
    def write(self, request: Write, _context: CallContext) -> Text:
        """Write; while it waits for the file it lets nothing else in its process go on."""
        until = time.monotonic() + PATIENCE_SECONDS
        while request.after and not Path(request.after).exists():
            if time.monotonic() > until:
                return Text(text="the file never came")
        return Text(text="x" * request.length)


class Caller:
    name = "caller"
    rpc = RpcClient()


@pytest.fixture
def config(database: Documents, mongo_uri: str, amqp_uri: str) -> dict[str, str]:
    return {"mongo_uri": mongo_uri, "amqp_uri": amqp_uri, "database": database.name}


@pytest.fixture
def rpc(amqp_uri: str) -> Iterator[RpcClient]:
    with running(Caller, {"amqp_uri": amqp_uri}) as container:
        yield next(each for each in container.dependencies if isinstance(each, RpcClient))


def test_a_long_answer_arrives_while_the_next_one_is_made(
    rpc: RpcClient, config: dict[str, str], tmp_path: Path
) -> None:
    asked = CallContext(actor="staff:test", correlation_id=ulid(), operation_id=ulid())
    flag = tmp_path / "first answer is here"

    def write(length: int, after: str = "") -> str:
        text: str = rpc.call(WRITE, {"length": length, "after": after}, asked)["text"]
        return text

    def is_up() -> bool:
        try:
            return write(1) == "x"
        except ServiceUnavailable:
            return False

    with process_of(__file__, config, tmp_path):
        eventually(is_up)
        first = eventlet.spawn(write, 2 * LONG_ANSWER)
        second = eventlet.spawn(write, 1, str(flag))
        assert first.wait() == "x" * 2 * LONG_ANSWER
        flag.touch()
        assert second.wait() == "x"


if __name__ == "__main__":
    run(Author, Path(sys.argv[1]))
