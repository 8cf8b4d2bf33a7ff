"""Reading a request: body, query, If-Match and ids, each within its limit."""

import json
import re
from typing import Any

from werkzeug.wrappers import Request

from clinic_contracts.errors import BadRequest, Invalid, PreconditionRequired, TooLarge
from clinic_runtime.ids import ulid
from gateway.routing import Route, required

BODY_LIMIT = 256 * 1024
DEPTH_LIMIT = 20
KEY_LIMIT = 255
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
_TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_ETAG = re.compile(r'(?:W/)?"?(\d{1,10})"?')


def request_id(request: Request) -> str:
    """Return the caller's request id if it is a decent one, else a new one."""
    given = request.headers.get("X-Request-Id", "")
    return given if _REQUEST_ID.fullmatch(given) else ulid()


def traceparent(request: Request) -> str:
    """Return the caller's trace context, or nothing."""
    given = request.headers.get("traceparent", "")
    return given if _TRACEPARENT.fullmatch(given) else ""


def body_bytes(request: Request) -> bytes:
    """Return the body; raises TooLarge."""
    if (request.content_length or 0) > BODY_LIMIT:
        raise TooLarge(f"the body is larger than {BODY_LIMIT} bytes", limit=BODY_LIMIT)
    data: bytes = request.stream.read(BODY_LIMIT + 1)
    if len(data) > BODY_LIMIT:
        raise TooLarge(f"the body is larger than {BODY_LIMIT} bytes", limit=BODY_LIMIT)
    return data


def json_object(data: bytes) -> dict[str, Any]:
    """Return the JSON object of a body, an empty body being an empty one.

    Raises BadRequest for what is not JSON, TooLarge when nested too deep, Invalid for a non-object.
    """
    if not data.strip():
        return {}
    try:
        document = json.loads(data, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise BadRequest("the body is not JSON") from error
    if _depth(document) > DEPTH_LIMIT:
        raise TooLarge(f"the body is nested deeper than {DEPTH_LIMIT}", limit=DEPTH_LIMIT)
    if not isinstance(document, dict):
        detail = "the body must be a JSON object"
        raise Invalid(detail, errors={"_body": [detail]})
    return document


def payload(request: Request, route: Route, path_values: dict[str, str], data: bytes) -> Any:  # noqa: ANN401
    """Return the operation's request document, put together from all its places."""
    carried = route.carried()
    given = request.args.to_dict() if route.method == "GET" else json_object(data)
    misplaced = sorted(set(given) & set(carried))
    if misplaced:
        raise Invalid(
            f"not accepted: {', '.join(misplaced)}",
            errors={name: ["Unknown field."] for name in misplaced},
        )
    document = {**given, **path_values}
    if "expected_version" in carried.keys() - path_values.keys():
        version = _if_match(request, route)
        if version is not None:
            document["expected_version"] = version
    return document


def idempotency_key(request: Request) -> str | None:
    """Return the Idempotency-Key, or None; raises BadRequest when it is too long."""
    key = request.headers.get("Idempotency-Key", "").strip()
    if len(key) > KEY_LIMIT:
        raise BadRequest(f"Idempotency-Key is longer than {KEY_LIMIT} characters")
    return key or None


def _if_match(request: Request, route: Route) -> int | None:
    text = request.headers.get("If-Match", "").strip()
    if not text:
        if required(route.operation, "expected_version"):
            raise PreconditionRequired("send the version you saw as If-Match")
        return None
    found = _ETAG.fullmatch(text)
    if found is None:
        raise BadRequest('If-Match must be a version such as "3"')
    return int(found[1])


def _depth(document: Any, level: int = 1) -> int:  # noqa: ANN401 (JSON)
    if level > DEPTH_LIMIT or not isinstance(document, (dict, list)):
        return level
    inner = document.values() if isinstance(document, dict) else document
    return max((_depth(value, level + 1) for value in inner), default=level)


def _no_constant(name: str) -> None:
    raise ValueError(name)
