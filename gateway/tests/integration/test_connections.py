"""Connections: many requests on one, none hidden in another, no end of them, and the end of all."""

import json
import re
import socket
from collections.abc import Iterator
from typing import Any

import eventlet
import pytest
from eventlet.event import Event

from clinic_runtime.testing import eventually, running
from gateway.http.server import Endpoint, Server
from gateway.service import GatewayService

HEALTHZ = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
HIDDEN = b"GET /v1/hidden HTTP/1.1\r\nHost: a\r\n\r\n"


def post(*lines: str, body: bytes = b"", path: str = "/v1/sessions") -> bytes:
    first = (f"POST {path} HTTP/1.1", "Host: a", "Content-Type: application/json")
    head = "".join(f"{line}\r\n" for line in (*first, *lines))
    return f"{head}\r\n".encode() + body


class Client:
    """A connection kept open, and the answers read off it one by one."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.file = self.socket.makefile("rb")

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def answer(self) -> tuple[int, bytes] | None:
        """Return status and body of the next answer, or None at the end of the connection."""
        line = self.file.readline()
        if not line:
            return None
        length = 0
        while (header := self.file.readline().lower()) != b"\r\n":
            if header.startswith(b"content-length:"):
                length = int(header.partition(b":")[2])
        return int(line.split()[1]), self.file.read(length)

    def close(self) -> None:
        self.file.close()
        self.socket.close()


@pytest.fixture
def client(gateway: Any) -> Iterator[Client]:
    made = Client(gateway.port)
    yield made
    made.close()


@pytest.fixture
def server(config: dict[str, Any], booking: None, gateway: Any) -> Iterator[tuple[Server, int]]:  # noqa: ARG001 (the first makes the owner)
    """Yield a second gateway's server and its port, to be stopped or filled."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    other = {**config, "WEB_SERVER_ADDRESS": f"127.0.0.1:{port}", "max_workers": 2}
    with running(GatewayService, other) as container:
        yield next(e.server for e in container.entrypoints if isinstance(e, Endpoint)), port


def reading(gateway: Any) -> bytes:
    """Return a request that waits for booking."""
    head = "GET /v1/appointments/apt_1 HTTP/1.1\r\nHost: a\r\n"
    return f"{head}Authorization: {gateway.bearer()['Authorization']}\r\n\r\n".encode()


def test_requests_sent_at_once_are_answered_in_order(client: Client) -> None:
    client.send(HEALTHZ + HIDDEN + post("Content-Length: 2", body=b"{}") + HEALTHZ)
    assert [client.answer()[0] for _ in range(4)] == [200, 404, 422, 200]  # type: ignore[index]  # four come
    client.send(HEALTHZ)
    assert client.answer() == (200, b'{"status":"ok"}')


def test_a_request_may_come_byte_by_byte(client: Client) -> None:
    for byte in post("Content-Length: 2", body=b"{}") + HEALTHZ:
        client.send(bytes([byte]))
    assert client.answer()[0] == 422  # type: ignore[index]  # it comes
    assert client.answer()[0] == 200  # type: ignore[index]


@pytest.mark.parametrize(
    "misframed",
    [
        post("Content-Length: 2", "Content-Length: 40", body=b"{}"),
        post("Content-Length: 2", "Content-Length: 2", body=b"{}"),
        post("Content-Length: 2, 2", body=b"{}"),
        post("Content-Length: +2", body=b"{}"),
        post("Content-Length: 0x2", body=b"{}"),
        post("Content-Length:", body=b""),
        post("Content-Length : 2", body=b"{}"),
        post("Content-Length: 99999999999999999999999"),
        post("Content-Length: 5", "Transfer-Encoding: chunked", body=b"0\r\n\r\n"),
        post("Transfer-Encoding: chunked", "Content-Length: 5", body=b"0\r\n\r\n"),
        post("Transfer-Encoding: chunked", "Transfer-Encoding: chunked", body=b"0\r\n\r\n"),
        post("Transfer-Encoding: chunked", "Transfer-Encoding: identity", body=b"0\r\n\r\n"),
        post("Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n"),
        post("Transfer-Encoding: identity", body=b"0\r\n\r\n"),
        post("Transfer-Encoding: xchunked", body=b"0\r\n\r\n"),
        post("Transfer-Encoding: \x0bchunked", body=b"0\r\n\r\n"),
        post("Transfer-Encoding:\r\n chunked", body=b"0\r\n\r\n"),
        post("Transfer-Encoding : chunked", body=b"0\r\n\r\n"),
        post("X: y\r\n\tfolded"),
        post("X: a\nTransfer-Encoding: chunked", body=b"0\r\n\r\n"),
        post("X: a\rTransfer-Encoding: chunked", body=b"0\r\n\r\n"),
        post("X: a\0b"),
        post("Host: b"),
        post("Transfer-Encoding: chunked", body=b"2\n{}\r\n0\r\n\r\n"),
        post("Transfer-Encoding: chunked", body=b"2 \r\n{}\r\n0\r\n\r\n"),
        post("Transfer-Encoding: chunked", body=b"-2\r\n{}\r\n0\r\n\r\n"),
        post("Transfer-Encoding: chunked", body=b"0x2\r\n{}\r\n0\r\n\r\n"),
        post("Transfer-Encoding: chunked", body=b"2\r\n{}0\r\n\r\n"),
        post("Transfer-Encoding: chunked", body=b"fffffffffffffffff\r\n{}"),
        HEALTHZ.replace(b"\r\n", b"\n"),
        HEALTHZ.replace(b"1.1", b"2.0"),
        b"GET /healthz\r\n\r\n",
        b"POST /v1/sessions HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b" " + HEALTHZ,
    ],
)
def test_what_could_be_read_in_two_ways_is_refused_and_nothing_behind_it_is_read(
    client: Client, misframed: bytes
) -> None:
    client.send(misframed + HIDDEN)
    answer = client.answer()
    assert answer is not None
    assert (answer[0], json.loads(answer[1])["code"]) == (400, "bad_request")
    assert client.answer() is None


def test_what_looks_alike_is_not_taken_for_framing(client: Client) -> None:
    client.send(post("Transfer_Encoding: chunked", "Content-Length: 2", body=b"{}") + HEALTHZ)
    assert [client.answer()[0] for _ in range(2)] == [422, 200]  # type: ignore[index]  # two come
    trailing = b"2\r\n{}\r\n0\r\nX-Sum: 40\r\nHost: b\r\n\r\n"
    client.send(post("Transfer-Encoding: chunked", body=trailing) + HEALTHZ)
    assert [client.answer()[0] for _ in range(2)] == [422, 200]  # type: ignore[index]


@pytest.mark.parametrize(
    "last",
    [
        b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        b"GET /healthz HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n",
    ],
)
def test_what_comes_behind_the_last_request_is_not_read(client: Client, last: bytes) -> None:
    client.send(HEALTHZ + last + HIDDEN)
    assert [client.answer(), client.answer()] == [(200, b'{"status":"ok"}')] * 2
    assert client.answer() is None


def test_a_request_names_its_host(client: Client) -> None:
    for lines, status in ((b"", 400), (b"Host: \r\n", 400), (b"Host: a.example:80\r\n", 200)):
        client.send(b"GET /healthz HTTP/1.1\r\n" + lines + b"\r\n")
        assert client.answer()[0] == status  # type: ignore[index]  # it comes


def test_a_request_line_may_name_the_host(client: Client) -> None:
    client.send(b"GET http://clinic.example:8000/healthz?x HTTP/1.1\r\nHost: ignored\r\n\r\n")
    assert client.answer() == (200, b'{"status":"ok"}')
    client.send(b"GET http://a..b/healthz HTTP/1.1\r\nHost: a\r\n\r\n")
    assert client.answer()[0] == 400  # type: ignore[index]  # it comes


@pytest.mark.parametrize("path", ["*", "//healthz", "/healthz#x/y", "http://a"])
def test_odd_targets(client: Client, path: str) -> None:
    verb = "OPTIONS" if path == "*" else "GET"
    client.send(f"{verb} {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    status = {"/healthz#x/y": 200, "http://a": 302}.get(path, 404)
    assert client.answer()[0] == status  # type: ignore[index]  # it comes


@pytest.mark.parametrize(
    ("endless", "code"),
    [
        (b"GET /" + b"x" * 100_000, "url_too_long"),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 200_000, "headers_too_large"),
        (b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 50_000, "headers_too_large"),
    ],
)
def test_what_has_no_end_is_cut(client: Client, endless: bytes, code: str) -> None:
    client.send(endless)
    answer = client.answer()
    assert answer is not None
    assert json.loads(answer[1])["code"] == code
    assert client.answer() is None


def test_a_body_beyond_the_limit_is_refused_while_it_comes(client: Client) -> None:
    client.send(post("Content-Length: 3000000", body=b" " * 3_000_000))
    assert client.answer()[0] == 413  # type: ignore[index]  # it comes
    assert client.answer() is None


def test_a_slow_head_is_not_waited_for(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.http.connections.HEAD_SECONDS", 0.3)
    client.send(b"GET /healthz HT")
    status, body = client.answer()  # type: ignore[misc]  # it comes
    assert (status, b"did not arrive whole" in body) == (400, True)
    assert client.answer() is None


def test_an_idle_connection_is_closed(gateway: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.http.connections.IDLE_SECONDS", 0.2)
    client = Client(gateway.port)
    assert client.answer() is None
    client.close()


def test_more_requests_than_can_be_under_way_are_told_to_come_back(
    gateway: Any, desk: Any, server: tuple[Server, int]
) -> None:
    desk.gate = Event()
    clients = [Client(server[1]) for _ in range(3)]
    for client in clients[:2]:
        client.send(reading(gateway))
    eventually(lambda: server[0].under_way == 2)
    clients[2].send(reading(gateway))
    status, body = clients[2].answer()  # type: ignore[misc]  # it comes
    assert (status, json.loads(body)["retry_after"]) == (503, 1)
    clients[2].send(HEALTHZ)
    assert clients[2].answer() == (200, b'{"status":"ok"}')
    desk.gate.send(None)
    assert [client.answer()[0] for client in clients[:2]] == [200, 200]  # type: ignore[index]
    assert server[0].under_way == 0
    for client in clients:
        client.close()


def test_more_connections_than_can_be_held_are_told_so(
    server: tuple[Server, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.http.server.MOST_CONNECTIONS", 1)
    first = Client(server[1])
    first.send(HEALTHZ)
    assert first.answer() == (200, b'{"status":"ok"}')
    second = Client(server[1])
    assert second.answer()[0] == 503  # type: ignore[index]  # it comes
    assert second.answer() is None
    first.close()
    second.close()


def test_stopping_answers_what_is_under_way_and_closes_the_rest(
    gateway: Any, desk: Any, server: tuple[Server, int]
) -> None:
    desk.gate = Event()
    waiting, idle, arriving = (Client(server[1]) for _ in range(3))
    idle.send(HEALTHZ)
    assert idle.answer() == (200, b'{"status":"ok"}')
    waiting.send(reading(gateway))
    arriving.send(HEALTHZ[:20])
    eventually(lambda: server[0].under_way == 1 and len(server[0].connections) == 3)
    eventually(lambda: sum(not each.idle for each in server[0].connections) == 2)
    drain = eventlet.spawn(server[0].container.stop)
    assert idle.answer() is None
    with pytest.raises(ConnectionRefusedError):
        Client(server[1])
    arriving.send(HEALTHZ[20:])
    assert arriving.answer() == (200, b'{"status":"ok"}')
    assert arriving.answer() is None
    assert not drain.dead
    desk.gate.send(None)
    assert waiting.answer()[0] == 200  # type: ignore[index]  # it comes
    assert waiting.answer() is None
    drain.wait()
    assert not server[0].connections
    for client in (waiting, idle, arriving):
        client.close()


def test_a_head_says_when_and_how_long(gateway: Any) -> None:
    answer = gateway.send("GET", "/healthz")
    assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT", answer.headers["Date"])
    assert int(answer.headers["Content-Length"]) == len(answer.content)
