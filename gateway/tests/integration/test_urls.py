"""Methods, paths and headers off the beaten track."""

from typing import Any

import pytest

APPOINTMENT = "/v1/appointments/apt_1"


def test_head_is_get_without_a_body(gateway: Any, desk: Any) -> None:  # noqa: ARG001
    whole = gateway.send("GET", APPOINTMENT, headers=gateway.bearer())
    head = gateway.send("HEAD", APPOINTMENT, headers=gateway.bearer())
    assert (head.status_code, head.content) == (200, b"")
    for name in ("ETag", "Content-Type", "Content-Length"):
        assert head.headers[name] == whole.headers[name]
    assert gateway.send("HEAD", "/v1/nothing").status_code == 404


def test_options_names_the_methods(gateway: Any) -> None:
    answer = gateway.send("OPTIONS", APPOINTMENT)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS, PATCH"
    assert "Content-Type" not in answer.headers
    wrong = gateway.send("DELETE", APPOINTMENT)
    assert (wrong.status_code, wrong.headers["Allow"]) == (405, "GET, HEAD, OPTIONS, PATCH")
    assert gateway.send("OPTIONS", "/v1/nothing").status_code == 404


@pytest.mark.parametrize(
    "path", ["/v1/me/", "/v1//me", "/v1/clients/cli_1%2Fcoverages", "/v1/%2e%2e/me"]
)
def test_a_path_is_what_it_is(gateway: Any, path: str) -> None:
    status, body = gateway.raw(
        f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode()
    )
    assert (status, b'"not_found"' in body) == (404, True)


def test_a_url_has_a_limit(gateway: Any) -> None:
    answer = gateway.send("GET", f"/v1/clients?q={'x' * 9_000}", headers=gateway.bearer())
    assert (answer.status_code, answer.json()["code"]) == (414, "url_too_long")


@pytest.mark.parametrize(
    "headers",
    ["".join(f"X-{n}: 1\r\n" for n in range(100)), f"X-Long: {'x' * 9_000}\r\n"],
    ids=["many", "long"],
)
def test_headers_have_a_limit(gateway: Any, headers: str) -> None:
    status, body = gateway.raw(f"GET /healthz HTTP/1.1\r\nHost: a\r\n{headers}\r\n".encode())
    assert (status, b'"headers_too_large"' in body) == (431, True)
    few = "".join(f"X-{n}: 1\r\n" for n in range(90))
    request = f"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{few}\r\n"
    assert gateway.raw(request.encode())[0] == 200


def test_a_write_takes_nothing_from_the_query(
    gateway: Any, desk: Any, visit: dict[str, str]
) -> None:
    path = "/v1/appointments?fold=1"
    answer = gateway.send("POST", path, json=visit, headers=gateway.bearer())
    assert (answer.status_code, answer.json()["errors"]) == (422, {"fold": ["Unknown field."]})
    assert desk.asked == []


@pytest.mark.parametrize("line", ["GET", "GET / HTTP/9.9", "\x16\x03\x01", "GET / / HTTP/1.1"])
def test_what_is_not_http_is_told_so(gateway: Any, line: str) -> None:
    status, body = gateway.raw(f"{line}\r\n\r\n".encode())
    assert (status, b'"bad_request"' in body, b"Traceback" in body) == (400, True, False)


def test_a_host_that_is_none(gateway: Any) -> None:
    assert gateway.send("GET", "/v1/me", headers={"Host": "a..b"}).status_code == 400


def test_ids_are_kept_made_and_sent_back(gateway: Any, desk: Any) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    headers = {"traceparent": trace, "X-Request-Id": "mine", **gateway.bearer()}
    answer = gateway.send("GET", APPOINTMENT, headers=headers)
    assert answer.headers["X-Request-Id"] == "mine"
    version, trace_id, span, flags = answer.headers["traceparent"].split("-")
    assert (version, trace_id, flags) == ("00", "0af7651916cd43dd8448eb211c80319c", "01")
    assert span != "b7ad6b7169203331"
    context = desk.asked[0][2]
    assert context.traceparent == answer.headers["traceparent"]
    assert context.correlation_id == "mine"
    for other in ({}, {"traceparent": "00-00-00-00"}):
        made = gateway.send("GET", "/healthz", headers=other)
        assert len(made.headers["traceparent"]) == 55
        assert made.headers["X-Request-Id"]
