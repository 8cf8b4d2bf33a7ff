"""Reading a request: ids, keys, conditions, and the operation's document from all its places."""

import re
from collections.abc import Callable
from typing import Any

from werkzeug.wrappers import Request

from clinic_contracts.errors import BadRequest, Invalid, PreconditionRequired
from clinic_runtime.ids import ulid
from gateway.http import etags
from gateway.http.documents import check_text, json_object
from gateway.routing import Route, required

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
_KEY = re.compile(r"[\x20-\x7e]{1,255}")

CurrentVersion = Callable[[], int]


def request_id(request: Request) -> str:
    """Return the caller's request id if it is a decent one, else a new one."""
    given = request.headers.get("X-Request-Id", "")
    return given if _REQUEST_ID.fullmatch(given) else ulid()


def body_bytes(request: Request) -> bytes:
    """Return the body, which the server has read."""
    data: bytes = request.environ["clinic.body"]
    return data


def payload(request: Request, route: Route, current_version: CurrentVersion) -> dict[str, Any]:
    """Return the operation's request document, put together from all its places.

    ``current_version`` reads the record's version; it is asked only where If-Match allows several.
    """
    carried = route.carried()
    path_values: dict[str, str] = getattr(request, "path_values", {})
    reads = route.method == "GET"
    given = query(request) if reads else json_object(body_bytes(request))
    misplaced = sorted({*given} & {*carried} | {*(() if reads else request.args)})
    if misplaced:
        raise Invalid(
            f"not accepted: {', '.join(misplaced)}",
            errors={name: ["Unknown field."] for name in misplaced},
        )
    document = {**given, **path_values}
    if "expected_version" in carried.keys() - path_values.keys():
        version = _expected_version(request, route, current_version)
        if version is not None:
            document["expected_version"] = version
    return document


def idempotency_key(request: Request) -> str | None:
    """Return the Idempotency-Key, or None; raises BadRequest when it cannot be one."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if _KEY.fullmatch(key) is None:
        raise BadRequest("Idempotency-Key must be 1 to 255 printable ASCII characters")
    return key


def query(request: Request) -> dict[str, str]:
    """Return what stands in the query; raises Invalid for what is given twice or is no text."""
    given = request.args.to_dict(flat=False)
    for name, values in given.items():
        if len(values) > 1:
            raise Invalid(f"not accepted: {name}", errors={name: ["is given twice"]})
        check_text(name, values[0])
    return {name: values[0] for name, values in given.items()}


def _expected_version(
    request: Request, route: Route, current_version: CurrentVersion
) -> int | None:
    """Return the version If-Match asks for; the service compares it in the write itself."""
    header = request.headers.get("If-Match")
    needed = required(route.operation, "expected_version")
    if header is None:
        if needed:
            raise PreconditionRequired("send the version you saw as If-Match")
        return None
    allowed = etags.versions(header)
    if allowed is None:
        return current_version() if needed else None
    if len(allowed) > 1:
        current = current_version()
        return current if current in allowed else etags.NO_VERSION
    return allowed[0] if allowed else etags.NO_VERSION
