"""Idempotency-Key over HTTP: one effect, one answer, whoever waits for it.

Of most calls the gateway keeps the first answer; a booking is kept by its service alone.
"""

from typing import Any

import eventlet
import pytest
from eventlet.event import Event

from clinic_contracts.errors import IllegalTransition, InternalError, SlotTaken
from clinic_runtime.ids import ulid
from clinic_runtime.testing import eventually

PATH = "/v1/appointments"
ARRIVE = f"{PATH}/apt_1/arrive"


def book(gateway: Any, visit: Any, key: str, role: str = "owner") -> Any:
    headers = {**gateway.bearer(role), "Idempotency-Key": key}
    return gateway.send("POST", PATH, json=visit, headers=headers)


def arrive(gateway: Any, key: str, role: str = "owner", reason: str = "early") -> Any:
    headers = {**gateway.bearer(role), "Idempotency-Key": key}
    return gateway.send("POST", ARRIVE, json={"reason": reason}, headers=headers)


def test_a_second_request_while_the_first_is_in_flight_is_told_so(gateway: Any, desk: Any) -> None:
    desk.gate, key = Event(), ulid()
    first = eventlet.spawn(arrive, gateway, key)
    eventually(lambda: desk.asked)
    second = arrive(gateway, key)
    assert (second.status_code, second.json()["code"]) == (409, "request_in_flight")
    other = arrive(gateway, key, reason="another")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    desk.gate.send(None)
    assert first.wait().status_code == 200
    assert arrive(gateway, key).text == first.wait().text
    assert len(desk.asked) == 1


def test_the_first_answer_comes_again_with_its_headers(gateway: Any, desk: Any) -> None:
    key = ulid()
    first, again = arrive(gateway, key), arrive(gateway, key)
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.content == first.content
    own = {"Date", "X-Request-Id", "Traceparent"}
    kept = [{k: v for k, v in each.headers.items() if k not in own} for each in (first, again)]
    assert kept[0] == kept[1]
    assert first.headers["ETag"] == '"1"'
    assert len(desk.asked) == 1
    other = arrive(gateway, key, reason="another")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


def test_a_refusal_is_kept_too(gateway: Any, desk: Any) -> None:
    key = ulid()
    desk.error = IllegalTransition("appointment", "cancelled", "arrived")
    first = arrive(gateway, key)
    desk.error = None
    again = arrive(gateway, key)
    assert (first.status_code, again.status_code) == (409, 409)
    assert again.content == first.content


def test_a_fault_is_not_kept(gateway: Any, desk: Any) -> None:
    key = ulid()
    desk.error = InternalError("a fault")
    with pytest.raises(AssertionError):  # ``send`` takes no 500
        arrive(gateway, key)
    desk.error = None
    assert arrive(gateway, key).status_code == 200
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


def test_a_booking_is_repeated_by_its_service(gateway: Any, desk: Any, visit: Any) -> None:
    key = ulid()
    first, again = book(gateway, visit, key), book(gateway, visit, key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert {"ETag": '"1"', "Location": f"{PATH}/apt_1"}.items() <= again.headers.items()
    other = book(gateway, {**visit, "local_start": "2026-12-02T10:00"}, key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    contexts = [context for _name, _request, context in desk.asked]
    assert len({(each.operation_id, each.fingerprint) for each in contexts}) == 1
    assert contexts[0].fingerprint


def test_a_booking_under_way_is_not_asked_for_again(gateway: Any, desk: Any, visit: Any) -> None:
    desk.gate, key = Event(), ulid()
    first = eventlet.spawn(book, gateway, visit, key)
    eventually(lambda: desk.asked)
    second = book(gateway, visit, key)
    assert (second.status_code, second.json()["code"]) == (409, "request_in_flight")
    other = book(gateway, {**visit, "fold": 1}, key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    desk.gate.send(None)
    assert first.wait().status_code == 201
    assert len(desk.asked) == 1


def test_a_booking_refused_is_judged_anew(gateway: Any, desk: Any, visit: Any) -> None:
    key = ulid()
    desk.error = SlotTaken("taken", blocked_by=[], alternatives=[])
    assert book(gateway, visit, key).status_code == 409
    desk.error = None
    assert book(gateway, visit, key).status_code == 201
