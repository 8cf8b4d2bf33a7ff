"""Reading a request: ids, keys, conditions, and the operation's document from all its places."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qs

from clinic_contracts.errors import BadRequest, Invalid, PreconditionRequired
from gateway.http import etags
from gateway.http.documents import check_text, json_object
from gateway.http.messages import Request
from gateway.routing import Route, required

_KEY = re.compile(r"[\x20-\x7e]{1,255}")

CurrentVersion = Callable[[], int]


def carried(request: Request, route: Route, current_version: CurrentVersion) -> dict[str, Any]:
    """Return the fields of the operation's request that do not stand in a body.

    Those of the path, the version of If-Match (None if it may be left out and was), and what a read
    asks for in the query. ``current_version`` reads the record's version; it is asked only where
    If-Match allows several, or is missing.
    """
    elsewhere = route.carried()
    asked = query(request) if request.query else {}
    reads = route.method == "GET"
    refuse_misplaced({*asked} & {*elsewhere} if reads else {*asked})
    found: dict[str, Any] = {**asked, **request.path_values}
    if "expected_version" in elsewhere.keys() - request.path_values.keys():
        found["expected_version"] = _expected_version(request, route, current_version)
    return found


def document(body: bytes, elsewhere: Mapping[str, Any]) -> dict[str, Any]:
    """Return the operation's request: what stands in the body and what is carried elsewhere."""
    given = json_object(body)
    refuse_misplaced(given.keys() & elsewhere.keys())
    return given | {name: value for name, value in elsewhere.items() if value is not None}


def refuse_misplaced(names: Iterable[str]) -> None:
    """Refuse fields that stand where they are not read from."""
    listed = sorted(names)
    if listed:
        raise Invalid(
            f"not accepted: {', '.join(listed)}",
            errors={name: ["Unknown field."] for name in listed},
        )


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
            current_version()  # of what is not there nothing else is said
            raise PreconditionRequired("send the version you saw as If-Match")
        return None
    allowed = etags.versions(header)
    if allowed is None:
        return current_version() if needed else None
    if len(allowed) > 1:
        current = current_version()
        return current if current in allowed else etags.NO_VERSION
    return allowed[0] if allowed else etags.NO_VERSION
