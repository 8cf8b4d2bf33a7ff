"""A client does not let go before it knows, and repeats nothing that was done."""

import time
from collections.abc import Iterator
from typing import Any, cast

import pytest

from tests.faults import load
from tests.faults.http import Answer, Connection
from tests.faults.plan import Intent, Slot
from tests.faults.stage import Stage

STAGE = Stage("trt_1", (("loc_1", "prac_1"),), ("cli_1",), ("2027-03-01T09:00",))
NONE = Answer(0, {})
AWAY = Answer(503, {"code": "service_unavailable"})


def visit(version: int, status: str = "booked") -> dict[str, Any]:
    return {
        "id": "apt_1",
        "version": version,
        "status": status,
        "practitioner_id": "prac_1",
        "local_start": "2027-03-01T09:00:00",
    }


class Scripted:
    """Gives the answers of a script, and keeps what was asked."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = iter(answers)
        self.asked: list[tuple[str, str, dict[str, str]]] = []

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> Answer:  # noqa: ARG002 (a connection's)
        self.asked.append((method, path, headers))
        return next(self.answers)

    def close(self) -> None:
        pass


def client(*answers: Answer) -> tuple[load.Client, Scripted]:
    connection = Scripted(*answers)
    made = load.Client(
        name="one",
        connection=cast("Connection", connection),
        stage=STAGE,
        intents=iter(()),
        tally=load.Tally(),
        ends=0,
        gives_up=time.monotonic() + 60,
    )
    return made, connection


def wants(action: Any) -> Iterator[Intent]:
    while True:
        yield Intent(action, Slot(0, 0), 0.0)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "FIRST_PAUSE", 0.001)


def told(one: load.Client) -> list[tuple[int, str]]:
    return [(each.version, each.change) for each in one.tally.acknowledged]


def step(one: load.Client, action: Any) -> None:
    one._do(next(wants(action)))


def test_a_booking_is_repeated_under_its_key_until_it_is_answered() -> None:
    in_flight = Answer(409, {"code": "request_in_flight"})
    one, connection = client(NONE, AWAY, in_flight, Answer(201, visit(1)))
    step(one, "book")
    assert told(one) == [(1, "booked")]
    assert connection.asked == [("POST", "/appointments", {"Idempotency_Key": "one-1"})] * 4


def test_a_refused_booking_is_not_acknowledged_and_the_next_has_another_key() -> None:
    one, connection = client(Answer(409, {"code": "slot_taken"}), Answer(201, visit(1)))
    step(one, "book")
    assert (told(one), one.tally.refused) == ([], {"slot_taken": 1})
    step(one, "book")
    assert [headers["Idempotency_Key"] for _, _, headers in connection.asked] == ["one-1", "one-2"]


def test_a_change_whose_answer_was_lost_is_acknowledged_by_what_is_read() -> None:
    one, connection = client(NONE, AWAY, Answer(200, visit(2, "cancelled")))
    one.visits = [visit(1)]
    step(one, "cancel")
    assert told(one) == [(2, "cancelled")]
    assert [method for method, _, _ in connection.asked] == ["POST", "GET", "GET"]
    assert one.visits == []


def test_a_change_that_was_not_made_is_made_of_the_version_seen() -> None:
    one, connection = client(AWAY, Answer(200, visit(1)), Answer(200, visit(2)))
    one.visits = [visit(1)]
    step(one, "move")
    assert told(one) == [(2, "moved")]
    assert [h for _, _, h in connection.asked] == [{"If_Match": '"1"'}, {}, {"If_Match": '"1"'}]


def test_a_change_that_lost_against_its_own_first_try_is_acknowledged_once() -> None:
    one, _ = client(
        NONE, Answer(200, visit(1)), Answer(412, {}), Answer(200, visit(2)), Answer(200, visit(3))
    )
    one.visits = [visit(1)]
    step(one, "move")
    step(one, "move")
    assert told(one) == [(2, "moved"), (3, "moved")]


def test_who_is_never_answered_says_so() -> None:
    one, _ = client(NONE, NONE)
    one.ends, one.gives_up, one.intents = time.monotonic() + 1, 0, wants("book")
    one.run()
    assert one.tally.unknown == ["booking one-1"]
