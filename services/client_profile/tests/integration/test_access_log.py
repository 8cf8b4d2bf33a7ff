"""Who looked at a client's record is kept, once a minute, before it is shown."""

import base64
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import eventlet
import pytest
from pymongo.database import Database

from client_profile.service import ClientProfileService
from clinic_contracts.client_profile import operations as op
from clinic_contracts.context import CallContext
from clinic_contracts.errors import NotFound
from clinic_contracts.operations import Operation
from clinic_runtime.ids import ulid
from clinic_runtime.rpc import RpcClient
from clinic_runtime.testing import running

Ask = Callable[..., dict[str, Any]]
START = datetime(2026, 12, 1, 18, 30, 5, tzinfo=UTC)
LOOKS = (
    (op.GET_CLIENT, "client"),
    (op.LIST_COVERAGES, "coverages"),
    (op.LIST_CONSENTS, "consents"),
    (op.LIST_ALERTS, "alerts"),
    (op.LIST_REFERRALS, "referrals"),
)


class Caller:
    name = "caller"
    rpc = RpcClient()


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """Return the service's time, to be moved."""
    clock = [START]
    monkeypatch.setattr("client_profile.service.now", lambda: clock[0])
    return clock


@pytest.fixture
def ask(
    database: Database[dict[str, Any]], mongo_uri: str, amqp_uri: str, at: list[datetime]
) -> Iterator[Ask]:
    """Yield a function that asks the service as somebody of some locations."""
    assert at
    config = {
        "mongo_uri": mongo_uri,
        "amqp_uri": amqp_uri,
        "database": database.name,
        "field_key": base64.b64encode(bytes(32)).decode(),
    }
    with running(ClientProfileService, config), running(Caller, config) as container:
        rpc = next(e for e in container.dependencies if isinstance(e, RpcClient))

        def ask(
            operation: Operation,
            actor: str = "staff:robin",
            scope: tuple[str, ...] | None = None,
            **payload: Any,
        ) -> dict[str, Any]:
            context = CallContext(
                actor=actor, correlation_id="req_1", operation_id=ulid(), location_scope=scope
            )
            return rpc.call(operation, payload, context)

        yield ask


@pytest.fixture
def client_id(ask: Ask) -> str:
    made = ask(op.REGISTER_CLIENT, name="Ada Sample", location_ids=["loc_1"])
    return str(made["id"])


def log(ask: Ask, client_id: str, **asked: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = ask(op.READ_ACCESS_LOG, client_id=client_id, **asked)["items"]
    return items


def test_every_look_says_who_saw_what_when_and_from_where(ask: Ask, client_id: str) -> None:
    for operation, _what in LOOKS:
        ask(operation, scope=("loc_1",), client_id=client_id)
    rows = log(ask, client_id)
    assert {row["what"] for row in rows} == {what for _operation, what in LOOKS}
    assert {(row["actor"], row["at"], row["request_id"]) for row in rows} == {
        ("staff:robin", START.isoformat(), "req_1")
    }
    assert all(row["location_ids"] == ["loc_1"] for row in rows)


def test_the_same_look_within_a_minute_counts_once(
    ask: Ask, client_id: str, at: list[datetime]
) -> None:
    asking = [eventlet.spawn(ask, op.GET_CLIENT, client_id=client_id) for _ in range(5)]
    assert {thread.wait()["id"] for thread in asking} == {client_id}
    ask(op.GET_CLIENT, "staff:kim", client_id=client_id)
    at[0] += timedelta(minutes=1)
    ask(op.GET_CLIENT, client_id=client_id)
    rows = log(ask, client_id)
    assert [row["actor"] for row in rows].count("staff:robin") == 2
    assert len(rows) == 3
    assert rows[0]["at"] == at[0].isoformat()


def test_neither_the_systems_own_question_nor_a_refusal_is_a_look(ask: Ask, client_id: str) -> None:
    ask(op.GET_CLIENT, "system:gateway", client_id=client_id)
    with pytest.raises(NotFound):
        ask(op.GET_CLIENT, scope=("loc_2",), client_id=client_id)
    ask(op.SEARCH_CLIENTS, q="ada")
    assert log(ask, client_id) == []


def test_the_log_is_shown_to_who_sees_the_client(ask: Ask, client_id: str) -> None:
    with pytest.raises(NotFound):
        ask(op.READ_ACCESS_LOG, scope=("loc_2",), client_id=client_id)
    assert log(ask, client_id, scope=("loc_1",)) == []


def test_pages_and_times_leave_nothing_out(ask: Ask, client_id: str, at: list[datetime]) -> None:
    for _ in range(3):
        for operation in (op.GET_CLIENT, op.LIST_ALERTS):
            ask(operation, client_id=client_id)
        at[0] += timedelta(minutes=1)
    everything = log(ask, client_id)
    assert len(everything) == 6
    seen, cursor = [], None
    while True:
        page = ask(op.READ_ACCESS_LOG, client_id=client_id, limit=4, cursor=cursor)
        seen += page["items"]
        if (cursor := page["next"]) is None:
            break
    assert seen == everything
    second = (START + timedelta(minutes=1)).isoformat()
    third = (START + timedelta(minutes=2)).isoformat()
    of_one_minute = log(ask, client_id, **{"from": second, "to": third})
    assert [row["at"] for row in of_one_minute] == [second, second]


def test_a_clients_log_is_read_by_its_index(
    ask: Ask, client_id: str, database: Database[dict[str, Any]]
) -> None:
    ask(op.GET_CLIENT, client_id=client_id)
    query = database["access_log"].find({"client_id": client_id}).sort([("at", -1), ("_id", -1)])
    plan = str(query.explain()["queryPlanner"]["winningPlan"])
    assert "IXSCAN" in plan
    assert "SORT" not in plan
