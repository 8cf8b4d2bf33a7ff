"""The calls of one turn share a message, and nothing else: each has its own fate."""

import itertools
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import eventlet
import pytest
from pymongo.database import Database

from clinic_contracts.context import CallContext
from clinic_contracts.errors import (
    ClinicError,
    InternalError,
    Invalid,
    NotFound,
    ServiceUnavailable,
)
from clinic_contracts.operations import Operation
from clinic_runtime import responder
from clinic_runtime.clock import now
from clinic_runtime.ids import ulid
from clinic_runtime.mongo import MongoDatabase
from clinic_runtime.rpc import CALLS_A_MESSAGE, RpcClient, command
from clinic_runtime.runner import run
from clinic_runtime.testing import eventually, process_of, running

Documents = Database[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    piece: int
    behaviour: str = "good"
    milliseconds: int = 0
    sizes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    piece: int


CUT = Operation("tailor", "cut", Cut, Piece)


class Tailor:
    name = "tailor"
    database = MongoDatabase(lambda _database: None)

    @command(CUT)
    def cut(self, request: Cut, _context: CallContext) -> Piece:
        self.database["tries"].insert_one({"piece": request.piece, "pid": os.getpid(), "at": now()})
        if request.behaviour == "deadly":
            os.kill(os.getpid(), signal.SIGKILL)
        if request.behaviour == "wrong":
            detail = "a fault in here"
            raise RuntimeError(detail)
        if request.behaviour == "unfit":
            raise NotFound("\ud800")
        eventlet.sleep(request.milliseconds / 1000)
        return Piece(piece=request.piece)


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


def cut(rpc: RpcClient, payload: dict[str, Any], timeout: float = 5.0) -> Any:
    asked = CallContext(actor="staff:test", correlation_id=ulid(), operation_id=ulid())
    try:
        return rpc.call(CUT, payload, asked, timeout)["piece"]
    except ClinicError as error:
        return type(error)


def at_once(rpc: RpcClient, payloads: list[dict[str, Any]], timeout: float = 5.0) -> list[Any]:
    threads = [eventlet.spawn(cut, rpc, payload, timeout) for payload in payloads]
    return [thread.wait() for thread in threads]


def test_fifty_calls_are_one_message_and_few_answers(
    rpc: RpcClient, config: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    received: Counter[str] = Counter()
    for owner, name in ((responder._Responder, "_received"), (type(rpc.caller), "_replied")):
        plain = getattr(owner, name)

        def counted(self: Any, message: Any, name: str = name, plain: Any = plain) -> None:
            received[name] += 1
            plain(self, message)

        monkeypatch.setattr(owner, name, counted)
    with running(Tailor, config), running(Caller, {"amqp_uri": config["amqp_uri"]}) as caller:
        fresh = next(each for each in caller.dependencies if isinstance(each, RpcClient))
        assert at_once(fresh, [{"piece": n} for n in range(50)]) == list(range(50))
    assert received["_received"] == 1
    assert received["_replied"] <= 25


def test_a_full_message_arrives_however_many_calls_there_have_been(
    rpc: RpcClient, config: dict[str, str]
) -> None:
    rpc.caller.numbers = itertools.count(10**12)
    pieces = range(3 * CALLS_A_MESSAGE)
    assert at_once(rpc, [{"piece": n} for n in pieces]) == [ServiceUnavailable] * len(pieces)
    with running(Tailor, config):
        assert at_once(rpc, [{"piece": n} for n in pieces]) == list(pieces)


def test_a_poison_call_does_not_hurt_those_it_travels_with(
    rpc: RpcClient, config: dict[str, str]
) -> None:
    payloads: list[dict[str, Any]] = [{"piece": n} for n in range(20)]
    payloads[3] = {"piece": 3, "behaviour": "wrong"}
    payloads[4] = {"surprise": 4}
    payloads[5] = {"piece": 5, "behaviour": "unfit"}
    unfit = [object(), "\ud800"]  # which no caller can write, and none but its own hears of
    with running(Tailor, config):
        answers = at_once(rpc, payloads)
        for piece in unfit:
            with pytest.raises(TypeError):
                cut(rpc, {"piece": piece})
    assert answers[3:6] == [InternalError, Invalid, InternalError]
    assert answers[:3] + answers[6:] == [n for n in range(20) if n not in {3, 4, 5}]


def test_what_is_wrong_within_a_list_is_told_by_its_place(
    rpc: RpcClient, config: dict[str, str]
) -> None:
    asked = CallContext(actor="staff:test", correlation_id=ulid(), operation_id=ulid())
    with running(Tailor, config), pytest.raises(Invalid) as told:
        rpc.call(CUT, {"piece": 1, "sizes": [7, "wide"]}, asked)
    assert set(told.value.extra["errors"]["sizes"]) == {"1"}


def test_each_call_has_a_time_out_of_its_own(rpc: RpcClient, config: dict[str, str]) -> None:
    with running(Tailor, config):
        slow = eventlet.spawn(cut, rpc, {"piece": 1, "milliseconds": 3000}, 0.5)
        quick = eventlet.spawn(cut, rpc, {"piece": 2}, 0.5)
        patient = eventlet.spawn(cut, rpc, {"piece": 3, "milliseconds": 1000}, 5)
        began = time.monotonic()
        assert quick.wait() == 2
        assert slow.wait() is ServiceUnavailable
        assert time.monotonic() - began < 0.9
        assert patient.wait() == 3


def test_an_absent_service_is_told_to_the_whole_message_within_50_ms(rpc: RpcClient) -> None:
    assert cut(rpc, {"piece": 0}) is ServiceUnavailable  # the connection is warm
    took = []
    for _ in range(5):  # the machine may be busy, but not each time
        began = time.monotonic()
        assert at_once(rpc, [{"piece": n} for n in range(20)]) == [ServiceUnavailable] * 20
        took.append(time.monotonic() - began)
    assert min(took) < 0.05


def test_what_waited_longer_than_its_caller_is_not_begun(
    rpc: RpcClient, config: dict[str, str], database: Documents
) -> None:
    with running(Tailor, {**config, "max_workers": 120}):
        held = [{"piece": n, "milliseconds": 600} for n in range(responder.CALLS_AT_ONCE)]
        behind = [{"piece": 100 + n} for n in range(10)]
        answers = at_once(rpc, held + behind, timeout=0.3)
        assert answers == [ServiceUnavailable] * len(held + behind)
        assert cut(rpc, {"piece": 1_000}) == 1_000
    assert database["tries"].count_documents({"piece": {"$gte": 100, "$lt": 200}}) == 0


def test_the_calls_of_a_process_that_is_killed_are_answered_by_another(
    rpc: RpcClient, config: dict[str, str], database: Documents, tmp_path: Path
) -> None:
    with process_of(__file__, config, tmp_path) as first:
        eventually(lambda: cut(rpc, {"piece": 0}) == 0)
        threads = [
            eventlet.spawn(cut, rpc, {"piece": n, "milliseconds": 300}) for n in range(1, 21)
        ]
        eventually(lambda: database["tries"].count_documents({}) == 21)
        with running(Tailor, config):
            first.kill()
            assert [thread.wait() for thread in threads] == list(range(1, 21))
    tries = Counter(row["piece"] for row in database["tries"].find())
    assert set(tries.values()) <= {1, 2}


def test_a_call_that_ends_its_process_does_so_twice_at_most(
    rpc: RpcClient, config: dict[str, str], database: Documents, tmp_path: Path
) -> None:
    payloads: list[dict[str, Any]] = [{"piece": n, "milliseconds": 200} for n in range(10)]
    payloads[4] = {"piece": 4, "behaviour": "deadly"}
    folders = [tmp_path / str(n) for n in range(3)]
    for folder in folders:
        folder.mkdir()
    with (
        process_of(__file__, config, folders[0]) as one,
        process_of(__file__, config, folders[1]) as two,
        process_of(__file__, config, folders[2]) as three,
    ):
        eventually(lambda: all("service.started" in (f / "log").read_text() for f in folders))
        answers = at_once(rpc, payloads, timeout=8)
        alive = [each.poll() is None for each in (one, two, three)]
        again = at_once(rpc, payloads[:4] + payloads[5:])
    # Nobody can say which of the calls that a process had in hand ended it.
    assert answers[4] is ServiceUnavailable
    assert all(told in {n, ServiceUnavailable} for n, told in enumerate(answers))
    assert again == [n for n in range(10) if n != 4]
    assert sorted(alive) == [False, False, True]
    assert database["tries"].count_documents({"piece": 4}) == 2


if __name__ == "__main__":
    run(Tailor, Path(sys.argv[1]))
