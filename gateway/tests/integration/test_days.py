"""A day out of memory: fresh whoever changes it, for nobody who may not see it, none if unsure."""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlparse

import amqp
import pytest

from clinic_runtime.link import open_connection
from clinic_runtime.testing import eventually
from gateway.identity.accounts import Accounts
from gateway.identity.keys import NewKey

SHEET = "/v1/day-sheet?location_id=loc_1&date=2026-12-01"
LIST = "/v1/appointments?location_id=loc_1&date=2026-12-01"


def events(desk: Any, name: str = "day") -> int:
    return [asked for asked, _request, _context in desk.asked].count(name)


@pytest.fixture(scope="module")
def broker(amqp_uri: str, proxy_to: Any) -> Any:
    parts = urlparse(amqp_uri)
    return proxy_to((str(parts.hostname), int(parts.port or 0)))


@pytest.fixture(scope="module")
def config(config: dict[str, Any], broker: Any) -> dict[str, Any]:
    """Return the configuration of a gateway that reaches the broker through a proxy."""
    parts = urlparse(config["amqp_uri"])
    account = parts.netloc.rpartition("@")[0]
    uri = parts._replace(netloc=f"{account}@127.0.0.1:{broker.port}").geturl()
    return {**config, "amqp_uri": uri}


@pytest.fixture
def publish(amqp_uri: str) -> Iterator[Any]:
    """Yield a function that publishes an event as booking does."""
    connection = open_connection(amqp_uri)
    channel = connection.channel()

    def send(type_: str, **data: Any) -> None:
        body = json.dumps({"type": type_, "data": data})
        channel.basic_publish(amqp.Message(body), "booking.events", type_)

    yield send
    connection.close()


@pytest.fixture
def read(gateway: Any, desk: Any, publish: Any) -> Any:
    """Return a function that reads a path; nothing is kept from the test before."""
    before = events(desk)

    def emptied() -> bool:
        publish("booking.treatment_changed.v1", treatment_id="trt_1")
        count = events(desk)
        gateway.send("GET", SHEET, headers=gateway.bearer())
        return events(desk) > count

    eventually(emptied)
    assert events(desk) > before
    desk.reset()

    def get(path: str, headers: dict[str, str] | None = None) -> Any:
        return gateway.send("GET", path, headers={**gateway.bearer(), **(headers or {})})

    return get


@pytest.mark.parametrize("path", [f"{SHEET}&by=room", f"{LIST}&limit=20"])
def test_a_day_is_asked_for_once_and_known_by_its_tag(read: Any, desk: Any, path: str) -> None:
    desk.version = 2
    whole, again = read(path), read(path)
    assert (whole.status_code, events(desk)) == (200, 1)
    assert again.content == whole.content
    assert int(again.headers["Age"]) >= 0
    tag = again.headers["ETag"]
    assert re.fullmatch(r'"[0-9a-f]{24}"', tag)
    for condition, status in ((tag, 304), (f"W/{tag}", 304), ('"other"', 200), ("*", 304)):
        answer = read(path, {"If-None-Match": condition})
        assert (answer.status_code, answer.headers["ETag"]) == (status, tag)
        assert bool(answer.content) == (status == 200)
    assert events(desk) == 1


def test_a_search_is_asked_for_once_until_a_visit_changes_it(
    read: Any, desk: Any, gateway: Any, visit: Any, publish: Any
) -> None:
    path = "/v1/availability?location_id=loc_1&treatment_id=trt_1&from=2026-12-01&to=2026-12-07"
    first, again = read(path), read(path)
    assert (first.json(), again.content, events(desk, "search")) == (
        {"slots": []},
        first.content,
        1,
    )
    assert read(path, {"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert gateway.send("POST", "/v1/appointments", json=visit, headers=gateway.bearer()).ok
    read(path)
    assert events(desk, "search") == 2
    elsewhere = {"location_id": "loc_1", "local_start": "2026-12-03T10:00"}
    publish("booking.appointment_cancelled.v1", visit=elsewhere)
    eventually(lambda: read(path).ok and events(desk, "search") == 3, timeout=1)


def test_what_is_not_one_day_of_one_place_is_asked_for_each_time(read: Any, desk: Any) -> None:
    for path in (
        "/v1/appointments?location_id=loc_1",
        "/v1/appointments?client_id=cli_1&date=2026-12-01",
    ):
        assert [read(path).status_code for _ in range(2)] == [200, 200]
    assert events(desk) == 4


def test_a_refusal_is_not_kept(read: Any, desk: Any) -> None:
    for date in ("2026-13-01", "today"):
        path = f"/v1/day-sheet?location_id=loc_1&date={date}"
        assert [read(path).status_code for _ in range(2)] == [422, 422]
    path = "/v1/day-sheet?location_id=loc_9&date=2026-12-01"
    assert [read(path).status_code for _ in range(2)] == [404, 404]
    assert events(desk) == 0


def test_ones_own_write_shows_at_once(read: Any, desk: Any, gateway: Any, visit: Any) -> None:
    signed_in, path = gateway.bearer(), "/v1/appointments/apt_1"
    writes: tuple[tuple[str, str, dict[str, str]], ...] = (
        ("POST", "/v1/appointments", visit),
        ("POST", f"{path}/arrive", {}),
        ("PATCH", path, {"local_start": "2026-12-01T10:00"}),
    )
    for verb, to, body in writes:
        assert read(SHEET).ok
        count = events(desk)
        headers = {**signed_in, "If-Match": "*"} if verb == "PATCH" else signed_in
        assert gateway.send(verb, to, json=body, headers=headers).ok
        assert read(SHEET).ok
        assert events(desk) == count + 1, to


def test_a_move_shows_on_the_day_it_left(read: Any, desk: Any, gateway: Any) -> None:
    left = SHEET.replace("12-01", "12-09")
    assert read(left).ok
    headers = {**gateway.bearer(), "If-Match": "*"}
    move = {"local_start": "2026-12-01T10:00"}
    assert gateway.send("PATCH", "/v1/appointments/apt_1", json=move, headers=headers).ok
    count = events(desk)
    assert read(left).ok
    assert events(desk) == count + 1


@pytest.mark.parametrize(
    ("type_", "data"),
    [
        ("booking.appointment_booked.v1", {"visit": "2026-12-01"}),
        ("booking.appointment_moved.v1", {"visit": "2026-12-30", "previous": "2026-12-01"}),
        ("booking.practitioner_changed.v1", {}),
        ("booking.something_new.v3", {}),
    ],
)
def test_anothers_write_shows_within_a_second(
    read: Any, desk: Any, publish: Any, type_: str, data: dict[str, str]
) -> None:
    read(SHEET)
    read(SHEET.replace("12-01", "12-02"))
    other_days = events(desk)
    visits = {
        name: {"location_id": "loc_1", "local_start": f"{date}T10:00"}
        for name, date in data.items()
    }
    publish(type_, **visits)
    eventually(lambda: read(SHEET).ok and events(desk) > other_days, timeout=1)
    read(SHEET.replace("12-01", "12-02"))
    assert events(desk) == other_days + (1 if visits else 2)


def test_nobody_is_shown_what_another_may_see(read: Any, desk: Any, gateway: Any) -> None:
    def asking(*location_ids: str) -> int:
        accounts = Accounts(gateway.database)
        wanted = NewKey(name="k", role="manager", location_ids=location_ids)
        key = {"Authorization": f"Bearer {accounts.keys.make(wanted)[1]}"}
        return int(gateway.send("GET", SHEET, headers=key).status_code)

    assert read(SHEET).ok
    assert asking("loc_2") == 404
    assert asking("loc_1", "loc_2") == 200
    assert asking("loc_2") == 404
    assert events(desk) == 2
    for headers in ({}, {"Authorization": "Bearer clinic_none"}):
        assert gateway.send("GET", SHEET, headers=headers).status_code == 401


def test_without_its_broker_no_day_comes_from_memory(
    read: Any, desk: Any, gateway: Any, broker: Any
) -> None:
    assert read(SHEET).ok
    broker.cut()
    try:
        eventually(lambda: read(SHEET).status_code == 503)
        desk.version = 9
    finally:
        broker.restore()
    eventually(lambda: gateway.send("GET", "/readyz").status_code == 200)
    assert read(SHEET).json()["columns"][0]["appointments"][0]["version"] == 9
    count = events(desk)
    assert read(SHEET).ok
    assert events(desk) == count
