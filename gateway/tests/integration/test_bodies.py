"""Bodies as they come off the wire, and what JSON may not hold."""

from collections.abc import Iterator
from typing import Any

import pytest

SIGN_IN = "/v1/sessions"


def head(*lines: str, path: str = SIGN_IN) -> bytes:
    first = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    return (first + "".join(f"{line}\r\n" for line in lines) + "\r\n").encode()


def chunks(*parts: bytes) -> Iterator[bytes]:
    yield from parts


def test_a_chunked_body_is_read(gateway: Any, owner: dict[str, str]) -> None:
    body = f'{{"email": "{owner["email"]}", "password": "{owner["password"]}"}}'.encode()
    json = {"Content-Type": "application/json"}
    answer = gateway.send("POST", SIGN_IN, data=chunks(body[:7], body[7:]), headers=json)
    assert answer.status_code == 201


def test_a_chunked_body_has_the_same_limit(gateway: Any) -> None:
    json = {"Content-Type": "application/json"}
    large = gateway.send("POST", SIGN_IN, data=chunks(*[b" " * 65_536] * 5), headers=json)
    assert (large.status_code, large.json()["limit"]) == (413, 262_144)
    small = gateway.send("POST", SIGN_IN, data=chunks(*[b" " * 65_536] * 4), headers=json)
    assert small.status_code == 422


@pytest.mark.parametrize(
    "request_",
    [
        head("Content-Length: 50") + b"{}",
        head("Content-Length: -1"),
        head("Content-Length: 1_0") + b" " * 10,
        head("Content-Length: many"),
        head("Content-Length: 2", "Content-Length: 3") + b"{}",
        head("Content-Length: 2", "Transfer-Encoding: chunked") + b"2\r\n{}\r\n0\r\n\r\n",
        head("Transfer-Encoding: gzip, chunked") + b"2\r\n{}\r\n0\r\n\r\n",
        head("Transfer-Encoding: chunked") + b"20\r\n{}",
        head("Transfer-Encoding: chunked") + b"2\r\n{}\r\n",
        head("Transfer-Encoding: chunked") + b"zz\r\n{}\r\n0\r\n\r\n",
    ],
)
def test_a_body_that_is_not_as_declared_is_a_bad_request(gateway: Any, request_: bytes) -> None:
    status, body = gateway.raw(request_, half_close=True)
    assert (status, b'"bad_request"' in body) == (400, True)


def test_a_body_that_does_not_come_is_not_waited_for(
    gateway: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.http.connections.BODY_SECONDS", 0.2)
    status, body = gateway.raw(head("Content-Length: 50") + b"{}")
    assert (status, b"did not arrive whole" in body) == (400, True)


def test_leave_to_send_is_given_and_withheld(gateway: Any) -> None:
    _, rest = gateway.raw(
        head("Expect: 100-continue", "Content-Length: 2", "Connection: close") + b"{}"
    )
    assert b"422" in rest.split(b"\r\n", 1)[0]
    status, body = gateway.raw(head("Expect: 100-continue", "Content-Length: 999999999"))
    assert (status, b'"too_large"' in body) == (413, True)


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        (rb'{"email": "\ud800", "password": "x"}', 422, "email"),
        (rb'{"email": "a@b.c", "password": "\ud800"}', 422, "password"),
        (rb'{"email": "a@b.c", "password": "\udc00\ud800"}', 422, "password"),
        (rb'{"email": "a@b.c", "password": "x", "\ud800": 1}', 422, "\\ud800"),
        (rb'{"email": "a@b.c", "password": "x\u0000"}', 422, "password"),
        (b'{"email": "a@b.c", "password": 1e400}', 422, "password"),
        (b'{"email": "a@b.c", "password": -1e400}', 422, "password"),
        (b'{"email": "a@b.c", "password": 1' + b"0" * 400 + b"}", 422, "password"),
        (b'{"email": "a@b.c", "email": "a@b.c", "password": "x"}', 422, "email"),
        (b'{"email": "a@b.c", "password": 1' + b"0" * 9_000 + b"}", 400, None),
        ('{"email": "a@b.c", "password": "x"}'.encode("utf-16"), 400, None),
        ('{"email": "a@b.c", "password": "x"}'.encode("utf-16-le"), 400, None),
        (b'{"email": "\xff", "password": "x"}', 400, None),
        (b'\xef\xbb\xbf{"email": "a@b.c", "password": "x"}', 401, None),
        ('{"email": "🙌@b.c", "password": "🙌"}'.encode(), 401, None),
        (b"[" * 100_000, 413, None),
    ],
)
def test_odd_text_and_numbers_get_a_clear_answer(
    gateway: Any, body: bytes, status: int, field: str | None
) -> None:
    json = {"Content-Type": "application/json"}
    answer = gateway.send("POST", SIGN_IN, data=body, headers=json)
    assert answer.status_code == status
    if field is not None:
        assert list(answer.json()["errors"]) == [field]


@pytest.mark.parametrize(
    "headers",
    [
        {"Cookie": b"clinic_session=\xff\xfe"},
        {"Authorization": b"Bearer \xff\xed\xa0\x80"},
        {"X-Request-Id": b"\xff"},
        {"traceparent": b"\xff"},
    ],
)
def test_odd_bytes_in_headers_are_no_fault_of_ours(gateway: Any, headers: Any) -> None:
    assert gateway.send("GET", "/v1/me", headers=headers).status_code == 401


@pytest.mark.parametrize("odd", ["%ED%A0%80", "%00", "%FF", "%F0%9F%99%8C"])
def test_odd_bytes_in_urls_are_no_fault_of_ours(gateway: Any, desk: Any, odd: str) -> None:  # noqa: ARG001
    signed_in = gateway.bearer()
    path = gateway.send("GET", f"/v1/appointments/{odd}", headers=signed_in)
    assert path.status_code in {404, 422}
    query = gateway.send("GET", f"/v1/appointments?client_id={odd}", headers=signed_in)
    assert query.status_code in {200, 422}


def test_four_byte_characters_come_back_whole(gateway: Any, desk: Any, visit: Any) -> None:
    answer = gateway.send("POST", "/v1/appointments", json=visit, headers=gateway.bearer())
    assert answer.json()["reason"] == "hands 🙌 and é"
    assert desk.asked[0][0] == "book"
