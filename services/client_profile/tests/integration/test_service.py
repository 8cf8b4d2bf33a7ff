"""The service on the real broker: what crosses RPC, and what must not get out."""

import base64
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pymongo.database import Database

from client_profile.service import ClientProfileService
from clinic_contracts.client_profile import operations as op
from clinic_contracts.context import CallContext
from clinic_contracts.errors import ClinicError
from clinic_contracts.operations import Operation
from clinic_runtime.ids import ulid
from clinic_runtime.rpc import RpcClient
from clinic_runtime.sealing import KeyUnusableError
from clinic_runtime.testing import eventually, running

OLD, NEW = (base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2))
PHN, MASKED = "9698658215", "••••••8215"
Ask = Callable[..., dict[str, Any]]


class Caller:
    name = "caller"
    rpc = RpcClient()


@pytest.fixture
def config(database: Database[dict[str, Any]], mongo_uri: str, amqp_uri: str) -> dict[str, str]:
    return {
        "mongo_uri": mongo_uri,
        "amqp_uri": amqp_uri,
        "database": database.name,
        "field_key": OLD,
    }


@pytest.fixture
def ask(config: dict[str, str]) -> Iterator[Ask]:
    """Yield a function that asks as one who sees health numbers, each time anew unless told."""
    with running(Caller, config) as container:
        rpc = next(e for e in container.dependencies if isinstance(e, RpcClient))

        def ask(operation: Operation, operation_id: str = "", **payload: Any) -> dict[str, Any]:
            context = CallContext(
                actor="staff:test",
                correlation_id=ulid(),
                operation_id=operation_id or ulid(),
                sees_health_numbers=True,
            )
            return rpc.call(operation, payload, context)

        yield ask


def test_the_health_number_gets_out_where_it_may_and_nowhere_else(
    ask: Ask,
    config: dict[str, str],
    database: Database[dict[str, Any]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    refusals = []
    with running(ClientProfileService, config):
        given = {"name": "Ada Sample", "health_number": PHN}
        made = ask(op.REGISTER_CLIENT, **given)
        assert made["health_number"] == PHN
        assert ask(op.GET_CLIENT, client_id=made["id"])["health_number"] == PHN
        found = ask(op.SEARCH_CLIENTS, q=PHN)["items"]
        assert [client["health_number"] for client in found] == [MASKED]
        for operation, wrong in (
            (op.REGISTER_CLIENT, given),
            (op.REGISTER_CLIENT, {**given, "health_number": f"{PHN}1"}),
            (op.CHANGE_CLIENT, {"client_id": made["id"], "expected_version": 7, "name": "Bo"}),
            (op.CHANGE_CLIENT, {"client_id": made["id"], "health_number": MASKED}),
        ):
            with pytest.raises(ClinicError) as refused:
                ask(operation, **wrong)
            refusals.append((refused.value.code, refused.value.detail, refused.value.extra))
        eventually(database["journal"].find_one)
    codes = [code for code, _detail, _extra in refusals]
    assert codes == ["already_exists", "validation_failed", "stale_version", "validation_failed"]
    kept = [list(database[name].find()) for name in database.list_collection_names()]
    assert len(list(database["journal"].find())) == 1
    for text in (str(refusals), str(kept), caplog.text):
        assert PHN not in text


def test_the_words_of_an_alert_are_in_its_answers_alone(
    ask: Ask,
    config: dict[str, str],
    database: Database[dict[str, Any]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    words = "acute infection"
    with running(ClientProfileService, config):
        owner = {"client_id": ask(op.REGISTER_CLIENT, name="Ada Sample")["id"]}
        alert = ask(op.RAISE_ALERT, **owner, level="block", kind=words)
        one = {**owner, "alert_id": alert["id"]}
        ask(op.CHANGE_ALERT, **one, kind=f"{words} of the skin")
        ask(op.LIFT_ALERT, **one)
        (listed,) = ask(op.LIST_ALERTS, **owner)["items"]
        with pytest.raises(ClinicError) as refused:
            ask(op.CHANGE_ALERT, **one, kind=words, until="2026-01-01", **{"from": "2027-01-01"})
    assert (listed["kind"], listed["lifted"]) == (f"{words} of the skin", True)
    kept = [list(database[name].find()) for name in database.list_collection_names()]
    assert len(list(database["journal"].find())) == 4
    for text in (str(kept), caplog.text, str(refused.value) + str(refused.value.extra)):
        assert words not in text


def test_a_rotation_by_restart_keeps_every_client(ask: Ask, config: dict[str, str]) -> None:
    with running(ClientProfileService, config):
        id_ = ask(op.REGISTER_CLIENT, name="Ada Sample", health_number=PHN)["id"]
    with running(ClientProfileService, {**config, "field_key": f"{NEW},{OLD}"}):
        assert ask(op.GET_CLIENT, client_id=id_)["health_number"] == PHN
        assert [client["id"] for client in ask(op.SEARCH_CLIENTS, q=PHN)["items"]] == [id_]
    with running(ClientProfileService, {**config, "field_key": NEW}):
        with pytest.raises(ClinicError) as refused:
            ask(op.GET_CLIENT, client_id=id_)
        assert refused.value.code == "service_unavailable"


def test_a_key_that_is_none_stops_the_start(config: dict[str, str]) -> None:
    with (
        pytest.raises(KeyUnusableError, match="key 2 of CLINIC_FIELD_KEY"),
        running(ClientProfileService, {**config, "field_key": f"{OLD},short"}),
    ):
        pass


def test_a_call_delivered_twice_is_answered_the_same_and_told_once(
    ask: Ask, config: dict[str, str], database: Database[dict[str, Any]]
) -> None:
    with running(ClientProfileService, config):
        client = ask(op.REGISTER_CLIENT, "one", name="Ada Sample")
        calls: dict[str, tuple[Operation, dict[str, Any]]] = {
            "one": (op.REGISTER_CLIENT, {"name": "Ada Sample"}),
            "two": (op.ADD_COVERAGE, {"carrier": "C", "member_id": "1", "percent": 80}),
            "three": (op.RECORD_CONSENT, {"channel": "sms", "granted": True}),
        }
        for operation_id, (operation, payload) in calls.items():
            owner = {} if operation_id == "one" else {"client_id": client["id"]}
            first = ask(operation, operation_id, **owner, **payload)
            assert ask(operation, operation_id, **owner, **payload) == first
        change = {"client_id": client["id"], "expected_version": 1, "name": "Ada Changed"}
        first = ask(op.CHANGE_CLIENT, "four", **change)
        assert ask(op.CHANGE_CLIENT, "four", **change) == first
    told = sorted(row["type"] for row in database["journal"].find())
    assert told == [
        "client_profile.client_changed.v1",
        "client_profile.client_changed.v1",
        "client_profile.consent_changed.v1",
        "client_profile.coverage_changed.v1",
    ]
