"""Reading a request: ids, keys, conditions, and the operation's document from all its places."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from clinic_contracts.errors import BadRequest, Invalid, PreconditionRequired
from gateway.http import etags
from gateway.http.documents import check_text, json_object
from gateway.http.messages import Request
from gateway.routing import Route, required

_KEY = re.compile(r"[\x20-\x7e]{1,255}")

CurrentVersion = Callable[[], int]


def payload(request: Request, route: Route, current_version: CurrentVersion) -> dict[str, Any]:
    """Return the operation's request document, put together from all its places.

    ``current_version`` reads the record's version; it is asked only where If-Match allows several.
    """
    carried = route.carried()
    reads = route.method == "GET"
    asked = query(request) if request.query else {}
    given = asked if reads else json_object(request.body)
    misplaced = sorted({*given} & {*carried} | {*(() if reads else asked)})
    if misplaced:
        raise Invalid(
            f"not accepted: {', '.join(misplaced)}",
            errors={name: ["Unknown field."] for name in misplaced},
        )
    document = {**given, **request.path_values}
    if "expected_version" in carried.keys() - request.path_values.keys():
        version = _expected_version(request, route, current_version)
        if version is not None:
            document["expected_version"] = version
    return document


def idempotency_key(request: Request) -> str | None:
    """Return the Idempotency-Key, or None; raises BadRequest when it cannot be one."""
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    if _KEY.fullmatch(key) is None:
        raise BadRequest("Idempotency-Key must be 1 to 255 printable ASCII characters")
    return key


def query(request: Request) -> dict[str, str]:
    """Return what the query asks for; raises Invalid for a name given twice, and for odd text."""
    given = parse_qs(request.query, keep_blank_values=True)
    for name, values in given.items():
        if len(values) > 1:
            raise Invalid(f"not accepted: {name}", errors={name: ["is given twice"]})
        check_text(name, values[0])
    return {name: values[0] for name, values in given.items()}


def _expected_version(
    request: Request, route: Route, current_version: CurrentVersion
) -> int | None:
    """Return the version If-Match asks for; the service compares it in the write itself."""
    header = request.headers.get("if-match")
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
