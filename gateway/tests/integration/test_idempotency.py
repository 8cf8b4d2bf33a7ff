"""Idempotency-Key over HTTP: one effect, one answer, whoever waits for it."""

from typing import Any

import eventlet
import pytest
from eventlet.event import Event

from clinic_contracts.errors import InternalError, SlotTaken
from clinic_runtime.ids import ulid
from clinic_runtime.testing import eventually

PATH = "/v1/appointments"


def book(gateway: Any, visit: Any, key: str, role: str = "owner") -> Any:
    headers = {**gateway.bearer(role), "Idempotency-Key": key}
    return gateway.send("POST", PATH, json=visit, headers=headers)


def test_a_second_request_while_the_first_is_in_flight_is_told_so(
    gateway: Any, desk: Any, visit: Any
) -> None:
    desk.gate, key = Event(), ulid()
    first = eventlet.spawn(book, gateway, visit, key)
    eventually(lambda: desk.asked)
    second = book(gateway, visit, key)
    assert (second.status_code, second.json()["code"]) == (409, "request_in_flight")
    other = book(gateway, {**visit, "fold": 1}, key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    desk.gate.send(None)
    assert first.wait().status_code == 201
    assert book(gateway, visit, key).text == first.wait().text
    assert len(desk.asked) == 1


def test_the_first_answer_comes_again_with_its_headers(gateway: Any, desk: Any, visit: Any) -> None:
    key = ulid()
    first, again = book(gateway, visit, key), book(gateway, visit, key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    own = {"Date", "X-Request-Id", "Traceparent"}
    kept = [{k: v for k, v in each.headers.items() if k not in own} for each in (first, again)]
    assert kept[0] == kept[1]
    assert {"ETag": '"1"', "Location": f"{PATH}/apt_1"}.items() <= first.headers.items()
    assert len(desk.asked) == 1
    other = book(gateway, {**visit, "local_start": "2026-12-02T10:00"}, key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


def test_a_refusal_is_kept_too(gateway: Any, desk: Any, visit: Any) -> None:
    key = ulid()
    desk.error = SlotTaken("taken", blocked_by=[], alternatives=[])
    first = book(gateway, visit, key)
    desk.error = None
    again = book(gateway, visit, key)
    assert (first.status_code, again.status_code) == (409, 409)
    assert again.content == first.content


def test_a_fault_is_not_kept(gateway: Any, desk: Any, visit: Any) -> None:
    key = ulid()
    desk.error = InternalError("a fault")
    with pytest.raises(AssertionError):  # ``send`` takes no 500
        book(gateway, visit, key)
    desk.error = None
    assert book(gateway, visit, key).status_code == 201
    ids = {context.operation_id for _name, _request, context in desk.asked}
    assert len(ids) == 1, "a retry names the same operation to the service"


def test_two_callers_with_the_same_key_do_not_meet(gateway: Any, desk: Any, visit: Any) -> None:
    key = ulid()
    assert book(gateway, visit, key, "owner").status_code == 201
    assert book(gateway, {**visit, "fold": 1}, key, "front_desk").status_code == 201
    ids = {context.operation_id for _name, _request, context in desk.asked}
    assert len(ids) == 2


@pytest.mark.parametrize("key", ["k" * 256, "", "caf\xe9", "tab\there"])
def test_a_key_that_is_none_is_refused(gateway: Any, desk: Any, visit: Any, key: str) -> None:
    assert book(gateway, visit, key).status_code == 400
    assert desk.asked == []
    assert book(gateway, visit, ulid() + "k" * 229).status_code == 201
