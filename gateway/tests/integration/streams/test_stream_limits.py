"""The event stream: who is shown what of whom, how many are open, and how each of them ends."""

import socket
import time
from collections.abc import Iterator
from typing import Any

import eventlet
import pytest

from clinic_runtime.testing import eventually, running
from gateway.http.connections import Connection
from gateway.http.messages import Response
from gateway.http.server import Endpoint, Server
from gateway.identity.accounts import Accounts
from gateway.identity.keys import NewKey
from gateway.service import GatewayService


@pytest.fixture
def server(config: dict[str, Any], house: Any) -> Iterator[tuple[Server, int]]:  # noqa: ARG001
    """Yield a second gateway's server, with room for two streams of a caller, and its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    other = {**config, "WEB_SERVER_ADDRESS": f"127.0.0.1:{port}"}
    other |= {"most_streams": 3, "streams_a_caller": 2, "heartbeat_seconds": 1}
    with running(GatewayService, other) as container:
        yield next(e.server for e in container.entrypoints if isinstance(e, Endpoint)), port


@pytest.fixture
def follow(server: tuple[Server, int], follow_at: Any) -> Iterator[Any]:
    """Return what opens streams at the second gateway."""
    with follow_at(server[1]) as made:
        yield made


def key_at(gateway: Any, role: str, *location_ids: str) -> dict[str, str]:
    """Return the header of a new key for some locations."""
    wanted = NewKey(name="k", role=role, location_ids=location_ids)
    _id, key = Accounts(gateway.database).keys.make(wanted)
    return {"Authorization": f"Bearer {key}"}


def test_a_user_of_one_location_sees_nothing_of_another_in_feed_or_stream(
    gateway: Any, house: Any, follow: Any
) -> None:
    of_one = key_at(gateway, "front_desk", "loc_one")
    one, all_ = follow(of_one).is_open(), follow(gateway.bearer()).is_open()
    start = one.cursor
    where = ("loc_two", "", "loc_one")
    told = [house.tell(by, location_id=at) for at in where for by in house.names]
    price = house.tell("booking", "treatment_changed", location_id="")
    eventually(lambda: len(all_.events) == len(told) + 1)
    expected = {*told[-4:], price}
    eventually(lambda: len(one.events) == len(expected))
    assert set(one.subjects) == expected
    resumed = follow(of_one, after=start)
    eventually(lambda: len(resumed.events) == len(expected))
    assert set(resumed.subjects) == expected
    page = gateway.send("GET", f"/v1/events?after={start}", headers=of_one).json()
    assert {each["subject"] for each in page["events"]} == expected
    assert page["more"] is False


def test_a_visit_moved_to_another_location_has_its_old_one_read_anew(
    gateway: Any, house: Any, follow: Any
) -> None:
    was = house.sample("booking", "appointment_moved").previous.location_id
    caller = key_at(gateway, "front_desk", was)
    stream = follow(caller).is_open()
    start = stream.cursor
    moved = house.tell("booking", "appointment_moved", location_id="loc_elsewhere")
    eventually(lambda: stream.kinds == ["resync"])
    resumed = follow(caller, after=start)
    eventually(lambda: resumed.kinds == ["resync"])
    assert all(
        moved not in block["data"] for block in (*stream.blocks, *resumed.blocks) if "data" in block
    )


def test_what_is_of_charts_is_for_who_may_read_charts(
    gateway: Any, house: Any, follow: Any
) -> None:
    machine, clerk = gateway.bearer("integration"), gateway.bearer("front_desk")
    streams = [follow(machine).is_open(), follow(clerk).is_open()]
    start = streams[0].cursor
    names = ("alert_changed", "referral_changed", "consent_changed", "client_changed")
    charted = [house.tell("client_profile", name, location_id="") for name in names]
    streams[1].has(*charted)
    streams[0].has(charted[-1])
    page = gateway.send("GET", f"/v1/events?after={start}", headers=machine).json()
    assert [each["subject"] for each in page["events"]] == charted[-1:]


def test_types_are_chosen_as_in_the_feed(gateway: Any, house: Any, follow: Any) -> None:
    query = "?types=billing.day_reopened,booking.closure_changed.v1"
    stream = follow(gateway.bearer(), query).is_open()
    wanted = [house.tell("billing")]
    house.tell("notification")
    eventually(lambda: stream.subjects == wanted)
    wanted.append(house.tell("booking"))
    stream.has(*wanted)


@pytest.mark.usefixtures("house")
def test_no_more_streams_than_there_is_room_for_and_who_leaves_makes_some(
    gateway: Any, follow: Any, server: tuple[Server, int]
) -> None:
    caller = gateway.bearer("front_desk")
    first, _second = follow(caller).is_open(), follow(caller).is_open()
    refused = follow(caller)
    assert (refused.status, refused.headers["retry-after"]) == (503, "5")
    assert follow(gateway.bearer()).is_open().status == 200
    assert follow(gateway.bearer("auditor")).status == 503
    assert server[0].under_way == 0
    first.close()
    eventually(lambda: follow(caller).status == 200)


def test_a_stream_shows_that_it_lives_and_where_it_is(
    gateway: Any, house: Any, follow: Any
) -> None:
    stream = follow(gateway.bearer(), "?types=booking.offer_made").is_open()
    at = stream.cursor
    house.tell("billing")
    eventually(lambda: stream.cursor != at)
    at = stream.cursor
    eventually(lambda: len(stream.blocks) > 3)
    assert stream.cursor == at
    assert stream.kinds == []
    told = house.tell("billing")
    follow(gateway.bearer(), after=at).has(told)


@pytest.mark.usefixtures("house")
def test_a_session_that_ends_takes_its_stream_with_it(
    gateway: Any, owner: dict[str, str], follow: Any
) -> None:
    token = gateway.send("POST", "/v1/sessions", json=owner).json()["token"]
    session = {"Authorization": f"Bearer {token}"}
    stream = follow(session).is_open()
    gateway.send("DELETE", "/v1/sessions/current", headers=session)
    eventually(lambda: stream.has_ended)
    assert follow(session).status == 401


def test_what_is_told_while_the_gateway_has_no_broker_comes_after(
    gateway: Any, house: Any, follow: Any, server: tuple[Server, int]
) -> None:
    stream = follow(gateway.bearer()).is_open()
    live = next(d for d in server[0].container.dependencies if d.attr_name == "live")
    live.link.drop()
    told = house.tell("billing")
    stream.has(told)
    assert stream.kinds == ["billing.day_reopened.v1"]


@pytest.mark.usefixtures("house")
def test_stopping_ends_streams_at_once(
    gateway: Any, follow: Any, server: tuple[Server, int]
) -> None:
    streams = [follow(gateway.bearer()).is_open() for _ in range(2)]
    began = time.monotonic()
    server[0].container.stop()
    assert time.monotonic() - began < 5.0
    eventually(lambda: all(each.has_ended for each in streams))


class Endless:
    """A stream of a fast producer."""

    def __init__(self) -> None:
        self.sent = 0
        self.is_closed = False

    def __iter__(self) -> Iterator[bytes]:
        while True:
            self.sent += 1
            yield b":" + b" " * 16_000 + b"\n\n"

    def end(self) -> None:
        """Nobody asks it to."""

    def close(self) -> None:
        self.is_closed = True


def test_a_client_that_takes_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.http.connections.STREAM_SECONDS", 0.5)
    listener = eventlet.listen(("127.0.0.1", 0))
    client = socket.create_connection(listener.getsockname(), timeout=20)
    stream = Endless()
    accepted, _address = listener.accept()
    answer = Response(200, {"Content-Type": "text/event-stream"}, stream=stream)
    connection = Connection(accepted, "", lambda _received, _peer: answer, lambda *_: Response(400))
    serving = eventlet.spawn(connection.serve)
    client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    eventually(lambda: stream.is_closed)
    serving.wait()
    client.close()
    listener.close()


def test_a_client_that_left_is_noticed_before_more_is_sent() -> None:
    listener = eventlet.listen(("127.0.0.1", 0))
    client = socket.create_connection(listener.getsockname(), timeout=20)
    stream = Endless()
    accepted, _address = listener.accept()
    client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    client.shutdown(socket.SHUT_WR)
    answer = Response(200, {"Content-Type": "text/event-stream"}, stream=stream)
    Connection(accepted, "", lambda _received, _peer: answer, lambda *_: Response(400)).serve()
    assert (stream.sent, stream.is_closed) == (1, True)
    client.close()
    listener.close()
