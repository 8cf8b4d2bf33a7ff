"""What every call may be refused with, and the headers of answers."""

from typing import Any

from gateway.http.answers import STATUS
from gateway.http.outcomes import FHIR_JSON
from gateway.routing import Call

PROBLEM = {
    "type": "object",
    "description": "A refusal. Some carry more members, such as `current` or `alternatives`.",
    "required": ["type", "title", "status", "code", "detail", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {"type": "object", "description": "messages per field"},
    },
}
REFUSALS = {
    400: "not JSON in UTF-8, an incomplete body, or a header that cannot be read",
    401: "not signed in, or wrong credentials",
    403: "the role does not allow it, or another site's page asked",
    404: "no such record, or another location's",
    409: "taken, not possible in this state, or the first request is under way",
    412: "the record changed; `current` is how it is now",
    413: "too large, or nested too deep",
    414: "path and query are too long",
    415: "not declared as application/json",
    422: "not accepted; `errors` says what of which field",
    428: "If-Match is missing",
    429: "too many requests, or too many failures; see Retry-After",
    431: "a header is too long, or all of them together",
    500: "a fault of ours; `request_id` finds it in the logs",
    503: "a needed service, the broker or the database is away, or too much is under way; see "
    "Retry-After",
}
OF_EVERY_CALL = frozenset({400, 414, 431, 500, 503})
OF_BODIES = (413, 415)
OF_ROUTES = (404, 422)
NOT_MODIFIED = "304"

HEADERS: dict[str, dict[str, Any]] = {
    "X-Request-Id": {
        "description": "names the request in every log line: yours, if you sent one",
        "required": True,
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,128}$"},
    },
    "Traceparent": {
        "description": "the request's span in your trace (W3C Trace Context)",
        "schema": {"type": "string"},
    },
    "RateLimit-Policy": {
        "description": 'your quota: `"default";q=6000;w=60` is 6,000 requests a minute',
        "schema": {"type": "string", "pattern": '^"[a-z]+";q=[0-9]+;w=[0-9]+$'},
    },
    "RateLimit": {
        "description": '`"default";r=5990;t=1`: 5,990 are left, all of them again after a second',
        "schema": {"type": "string", "pattern": '^"[a-z]+";r=[0-9]+;t=[0-9]+$'},
    },
    "Retry-After": {
        "description": "in seconds",
        "schema": {"type": "integer", "minimum": 0},
    },
    "WWW-Authenticate": {"description": "how to sign in", "schema": {"type": "string"}},
    "ETag": {
        "description": "the record's version, or what its bytes are known by",
        "required": True,
        "schema": {"type": "string", "pattern": '^(W/)?"[^"]+"$'},
    },
    "Location": {
        "description": "its path; a dry run makes nothing and has none",
        "schema": {"type": "string"},
    },
    "Age": {
        "description": "for how many seconds it was kept",
        "required": True,
        "schema": {"type": "integer", "minimum": 0},
    },
}


def header(*names: str) -> dict[str, Any]:
    """Return an answer's headers by name."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def statuses_of(call: Call, statuses: set[int]) -> set[int]:
    """Return every refusal of a call: its own, and those of any."""
    every = {*OF_EVERY_CALL, *statuses}
    if call.action != "public":
        every |= {STATUS["unauthenticated"], STATUS["forbidden"]}
    if call.limited:
        every.add(STATUS["too_many"])
    if call.method != "GET":
        every.add(STATUS["too_large"])
    if "<" in call.path:
        every.add(STATUS["not_found"])
    return every


def refusals() -> dict[str, dict[str, Any]]:
    """Return every refusal by its component's name."""
    return {
        _name(status, in_fhir=in_fhir): _refusal(status, in_fhir=in_fhir)
        for status in REFUSALS
        for in_fhir in (False, True)
    }


def refusal(status: int, *, in_fhir: bool) -> dict[str, Any]:
    """Return a response that refuses, with a document as its path has them."""
    return {"$ref": f"#/components/responses/{_name(status, in_fhir=in_fhir)}"}


def _name(status: int, *, in_fhir: bool) -> str:
    return f"Outcome{status}" if in_fhir else f"Problem{status}"


def _refusal(status: int, *, in_fhir: bool) -> dict[str, Any]:
    """Return a response that is a problem document, or on FHIR's paths an OperationOutcome."""
    names = ["X-Request-Id"]
    if status == STATUS["too_many"]:
        names += ["RateLimit", "RateLimit-Policy"]
    if status in {STATUS["too_many"], STATUS["unavailable"]}:
        names.append("Retry-After")
    if status == STATUS["unauthenticated"]:
        names.append("WWW-Authenticate")
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    outcome = {FHIR_JSON: {"schema": {"$ref": "#/components/schemas/OperationOutcome"}}}
    return {
        "description": REFUSALS[status],
        "headers": header(*names),
        "content": outcome if in_fhir else problem,
    }


OUTCOME = {
    "type": "object",
    "description": "A refusal, as FHIR R4 has it: an issue for each finding or wrong field.",
    "required": ["resourceType", "issue"],
    "properties": {
        "resourceType": {"const": "OperationOutcome"},
        "issue": {"type": "array", "minItems": 1, "items": {"type": "object"}},
    },
}
