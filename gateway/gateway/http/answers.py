"""HTTP answers: JSON, problem documents (RFC 9457), and the headers of both."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from werkzeug.wrappers import Response

from clinic_contracts.errors import ClinicError, Kind, MethodNotAllowed
from gateway.http.errors import HeadersTooLarge, UnsupportedMediaType, UrlTooLong

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
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
OWN_MEMBERS = frozenset({"type", "title", "status", "code", "detail", "request_id"})


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
    response = Response(json.dumps(body), status, content_type="application/problem+json")
    if "retry_after" in extra:
        response.headers["Retry-After"] = str(extra["retry_after"])
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    if "allow" in extra:
        response.headers["Allow"] = ", ".join(extra["allow"])
    return response


def json_answer(body: Any, status: int = 200) -> Response:  # noqa: ANN401 (JSON)
    """Return a JSON answer; one with a version carries it as its ETag."""
    response = Response(json.dumps(body), status, content_type="application/json")
    if isinstance(body, dict) and isinstance(body.get("version"), int):
        response.headers["ETag"] = f'"{body["version"]}"'
    return response


def empty(status: int, headers: Mapping[str, str] | None = None) -> Response:
    """Return an answer without a body, hence without a Content-Type."""
    response = Response(status=status, headers=headers)
    del response.headers["Content-Type"]
    return response
