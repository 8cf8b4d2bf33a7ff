"""Whether a client is the caller's to book for: asked once for all who see as much."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from clinic_contracts.booking import operations as booking
from clinic_contracts.context import CallContext
from clinic_contracts.errors import Invalid, NotFound, ServiceUnavailable
from gateway import checks
from gateway.routes import ROUTES
from gateway.routing import Route

HERE, ELSEWHERE = ("loc_1",), ("loc_2",)


class Rpc:
    """client_profile, with one client, of ``loc_1``."""

    def __init__(self) -> None:
        self.asked = 0
        self.location_ids: tuple[str, ...] = HERE
        self.is_away = False

    def call(self, _operation: Any, payload: dict[str, Any], context: CallContext, **_: Any) -> Any:
        self.asked += 1
        if self.is_away:
            raise ServiceUnavailable("away", retry_after=1)
        known = payload["client_id"] == "cli_1" and context.sees_client_of(self.location_ids)
        if not known:
            raise NotFound("there is no such client")
        return payload


@pytest.fixture
def rpc(monkeypatch: pytest.MonkeyPatch) -> Iterator[Rpc]:
    monkeypatch.setattr(checks, "_known_clients", {})
    return Rpc()  # type: ignore[return-value]


def route(operation: Any) -> Route:
    return next(each for each in ROUTES if each.operation is operation)


def check(
    rpc: Any, scope: Any, operation: Any = booking.BOOK_APPOINTMENT, id_: str = "cli_1"
) -> None:
    context = CallContext(actor="a", correlation_id="c", operation_id="o", location_scope=scope)
    body = json.dumps({"client_id": id_}).encode()
    checks.before(route(operation), body, {"client_id": id_}, rpc, context)


def test_a_client_elsewhere_is_refused_as_one_who_does_not_exist(rpc: Rpc) -> None:
    for scope, id_ in ((ELSEWHERE, "cli_1"), (HERE, "cli_2"), (None, "cli_2")):
        with pytest.raises(Invalid) as refused:
            check(rpc, scope, id_=id_)
        assert refused.value.extra["errors"] == {"client_id": [f"there is no client {id_}"]}
        with pytest.raises(NotFound):
            check(rpc, scope, booking.GET_BOOKING_LIMITS, id_)


def test_whom_one_clinic_knows_another_does_not(rpc: Rpc) -> None:
    for scope in (None, HERE, HERE, None):
        check(rpc, scope)
    assert rpc.asked == 2
    for _ in range(2):
        with pytest.raises(Invalid):
            check(rpc, ELSEWHERE)
    assert rpc.asked == 4


def test_a_client_taken_from_a_location_is_known_there_for_a_minute_at_most(
    rpc: Rpc, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = 1_000.0
    monkeypatch.setattr("gateway.checks.time.monotonic", lambda: at)
    for scope in (HERE, None):
        check(rpc, scope)
    rpc.location_ids = ELSEWHERE
    at += checks.SEEN_SECONDS - 1
    check(rpc, HERE)
    at += 1
    with pytest.raises(Invalid):
        check(rpc, HERE)
    check(rpc, None)
    assert rpc.asked == 3


def test_booking_goes_on_without_client_profile_and_telling_does_not(rpc: Rpc) -> None:
    rpc.is_away = True
    for scope in (None, HERE):
        check(rpc, scope)
        with pytest.raises(ServiceUnavailable):
            check(rpc, scope, booking.GET_BOOKING_LIMITS)
    rpc.is_away = False
    with pytest.raises(Invalid):
        check(rpc, ELSEWHERE)
