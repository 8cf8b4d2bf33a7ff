"""HTTP answers: JSON, problem documents (RFC 9457), the headers of both, and all of it as bytes."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from email.utils import formatdate
from functools import cache, lru_cache
from hashlib import blake2b
from http import HTTPStatus
from typing import Any

from clinic_contracts.errors import ClinicError, Kind, MethodNotAllowed
from clinic_runtime import wire
from clinic_runtime.responder import refusal
from gateway.http import etags
from gateway.http.errors import HeadersTooLarge, UnsupportedMediaType, UrlTooLong
from gateway.http.messages import Request, Response

STATUS: Mapping[Kind, int] = {
    "invalid": 422,
    "unauthenticated": 401,
    "forbidden": 403,
    "not_found": 404,
    "conflict": 409,
    "stale": 412,
    "precondition_required": 428,
    "bad_request": 400,
    "too_large": 413,
    "too_many": 429,
    "unavailable": 503,
    "internal": 500,
}
NARROWER: Mapping[type[ClinicError], int] = {
    MethodNotAllowed: 405,
    UrlTooLong: 414,
    UnsupportedMediaType: 415,
    HeadersTooLarge: 431,
}
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""Of every answer that has none of its own by the same name."""
TLS_ONLY = {"Strict-Transport-Security": "max-age=31536000"}
OWN_MEMBERS = frozenset({"type", "title", "status", "code", "detail", "request_id"})
JSON = "application/json"
Told = Callable[[ClinicError, str], Response]
"""Makes the document of an error in a request, by the request's id."""
KEPT_BY_304 = ("Cache-Control", "Content-Location", "Expires", "Vary")
"""RFC 9110, section 15.4.5."""
BODILESS = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})


def status_of(error: ClinicError) -> int:
    """Return the one HTTP status of an error."""
    return NARROWER.get(type(error), STATUS[error.kind])


def problem(error: ClinicError, request_id: str) -> Response:
    """Return an error as a problem document; its extra members stand beside the standard ones."""
    status = status_of(error)
    extra = {key: value for key, value in error.extra.items() if key not in OWN_MEMBERS}
    body = {
        **extra,
        "type": f"urn:clinicops:problem:{error.code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": error.code,
        "detail": error.detail,
        "request_id": request_id,
    }
    headers = {"Content-Type": "application/problem+json", **refusal_headers(error, status)}
    return Response(status, headers, wire.encode(body))


def refusal_headers(error: ClinicError, status: int) -> dict[str, str]:
    """Return what HTTP says of a refusal beside its body."""
    headers = {}
    if "retry_after" in error.extra:
        headers["Retry-After"] = str(error.extra["retry_after"])
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if "allow" in error.extra:
        headers["Allow"] = ", ".join(error.extra["allow"])
    return headers


def guarded(request_id: str, answer: Callable[[], Response], told: Told = problem) -> Response:
    """Return the answer, or the document of whatever was raised instead."""
    try:
        return answer()
    except ClinicError as error:
        return told(error, request_id)
    except Exception as error:  # noqa: BLE001 (no traceback leaves the gateway)
        return told(refusal(error), request_id)


def json_answer(
    body: Any,  # noqa: ANN401 (JSON)
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a JSON answer; one with a version carries it as its ETag."""
    own = {"Content-Type": JSON, **(headers or {})}
    if isinstance(body, dict) and isinstance(body.get("version"), int):
        own["ETag"] = f'"{body["version"]}"'
    return Response(status, own, wire.encode(body))


def transport_headers(request: Mapping[str, str]) -> Mapping[str, str]:
    """Return what is said behind TLS alone, which a proxy ends and tells of."""
    return TLS_ONLY if request.get("x-forwarded-proto") == "https" else {}


def conditional(request: Request, response: Response) -> Response:
    """Return what was read with an ETag of its bytes, or 304 when the reader has these bytes.

    An answer with an ETag of its own was compared by who made it.
    """
    reads = request.method in {"GET", "HEAD"} and response.status == HTTPStatus.OK
    if not reads or response.stream is not None or "ETag" in response.headers:
        return response
    etag = f'"{blake2b(response.body, digest_size=12).hexdigest()}"'
    if etags.unchanged(request.headers.get("if-none-match", ""), etag):
        kept = {name: response.headers[name] for name in KEPT_BY_304 if name in response.headers}
        return Response(HTTPStatus.NOT_MODIFIED, {**kept, "ETag": etag})
    return replace(response, headers={**response.headers, "ETag": etag})


def text_answer(text: str, media_type: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return text, in UTF-8."""
    declared = {"Content-Type": f"{media_type}; charset=utf-8"}
    return Response(200, {**declared, **(headers or {})}, text.encode())


def encode(response: Response, *, last: bool, bodiless: bool = False) -> bytes:
    """Return the bytes of a response: ``last`` on its connection, ``bodiless`` as HEAD's is."""
    headers = {**SECURITY_HEADERS, **response.headers}
    lines = [_status_line(response.status), f"Date: {_date(int(time.time()))}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if response.status not in BODILESS and response.stream is None:
        lines.append(f"Content-Length: {len(response.body)}")
    if last:
        lines.append("Connection: close")
    head = "\r\n".join(lines)
    if head.count("\n") >= len(lines):
        raise ValueError("a header of ours holds a line break")
    body = b"" if bodiless or response.status in BODILESS else response.body
    return head.encode("latin-1", "replace") + b"\r\n\r\n" + body


@cache
def _status_line(status: int) -> str:
    return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"


@lru_cache(maxsize=2)
def _date(second: int) -> str:
    return formatdate(second, usegmt=True)
