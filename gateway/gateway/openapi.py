"""OpenAPI 3.1 of every call, from the same schemas that read the requests."""

import re
from dataclasses import fields
from functools import cache
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import EXCLUDE, RAISE, Schema

from clinic_contracts.schemas import WallTimeField, schema_class
from clinic_contracts.trusted import wire_name
from gateway.calls import OWN_CALLS, READYZ
from gateway.http.answers import JSON, STATUS
from gateway.http.etags import LIST
from gateway.http.outcomes import FHIR_JSON
from gateway.http.plots import MEDIA_TYPE as SVG
from gateway.http.tables import MEDIA_TYPE as CSV
from gateway.identity.access import roles_for
from gateway.routes import RECORDS_OF, ROUTES
from gateway.routing import Action, Call, OwnCall, Route, carried, required

VERSION = "1.0"
DESCRIPTION = (
    "Every refusal is a problem document (RFC 9457) with a `code`. A record's version stands in "
    "`ETag`; changes name it in `If-Match`. A POST that takes an `Idempotency-Key` and has one is "
    "done once within 24 hours, however often it is sent."
)
SIGNED_IN: list[dict[str, list[str]]] = [{"bearer": []}, {"session": []}]
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
    415: "not declared as application/json",
    422: "not accepted; `errors` says what of which field",
    428: "If-Match is missing",
    429: "too many; see Retry-After",
    503: "a needed service, the broker or the database is away; see Retry-After",
}
OF_ROUTES = (404, 422, STATUS["unavailable"])
OF_BODIES = (413, 415)
OF_A_DAY = (
    " What it answers about one `location_id` and `date` may be kept in memory: `Age` says for how "
    "long. Your own change shows at once, another's visit within a second, another's hold after 30."
)
OF_A_PERIOD = (
    " What it answers may be kept in memory for up to five seconds: `Age` says for how long. Your "
    "own change shows at once, another's visit within a second, another's hold after the five."
)
NOT_MODIFIED = "304"
CREATED = 201


@cache
def specification() -> dict[str, Any]:
    """Return the OpenAPI document of every call."""
    plugin = MarshmallowPlugin(schema_name_resolver=_name)
    spec = APISpec(
        title="ClinicOps",
        version=VERSION,
        openapi_version="3.1.0",
        plugins=[plugin],
        info={"description": DESCRIPTION},
    )
    plugin.map_to_openapi_type(WallTimeField, "string", "local-date-time")  # type: ignore[no-untyped-call]
    spec.components.schema("Problem", PROBLEM)
    spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    spec.components.security_scheme(
        "session", {"type": "apiKey", "in": "cookie", "name": "clinic_session"}
    )
    every: tuple[Call, ...] = (*OWN_CALLS, *ROUTES)
    for call in every:
        described = _operation(call) if isinstance(call, Route) else _own_operation(call)
        spec.path(template(call.path), operations={call.method.lower(): described})
    result: dict[str, Any] = spec.to_dict()
    _make_portable(result)
    return result


def _make_portable(part: Any) -> None:  # noqa: ANN401 (JSON)
    """Say in JSON Schema's words what marshmallow says in Python's."""
    if isinstance(part, list):
        for each in part:
            _make_portable(each)
    elif isinstance(part, dict):
        if isinstance(part.get("pattern"), str):
            part["pattern"] = part["pattern"].replace(r"\A", "^").replace(r"\Z", "$")
        if part.get("type") == "object" and "maxLength" in part:
            part["maxProperties"] = part.pop("maxLength")
        if part.get("in") == "query":
            _without_null(part["schema"])
        for each in part.values():
            _make_portable(each)


def _without_null(schema: dict[str, Any]) -> None:
    """Change a query parameter's schema: what is left out is left out, never null."""
    if isinstance(schema.get("type"), list):
        schema["type"] = next(kind for kind in schema["type"] if kind != "null")
    if "enum" in schema:
        schema["enum"] = [choice for choice in schema["enum"] if choice is not None]
    if schema.get("default", "") is None:
        del schema["default"]


def template(path: str) -> str:
    """Return a path as OpenAPI writes it: ``/clients/{client_id}``."""
    return re.sub(r"<(\w+)>", r"{\1}", path)


def _operation(route: Route) -> dict[str, Any]:
    operation = route.operation
    statuses = {*OF_ROUTES, *(OF_BODIES if route.method != "GET" else ())}
    if route.method != "GET":
        statuses.add(STATUS["conflict"])
    if "if_match" in route.carried().values():
        statuses.add(STATUS["stale"])
        if required(operation, "expected_version"):
            statuses.add(STATUS["precondition_required"])
    described = _common(route, f"{operation.service}_{operation.name}", statuses)
    described["summary"] = _first_line(operation.request)
    described["responses"][str(route.status)] = _answer(
        operation.response, created=route.status == CREATED and route.path in RECORDS_OF
    )
    part = _part(operation.request, query=route.method == "GET")
    if route.method != "GET":
        described["requestBody"] = _body(part)
        return described
    if part is not None:
        described["parameters"].append({"in": "query", "schema": part})
    if route.table is not None:
        described["responses"][str(route.status)]["content"][CSV] = {"schema": {"type": "string"}}
    if route.plot is not None:
        described["responses"][str(route.status)]["content"][SVG] = {"schema": {"type": "string"}}
    if route.kept:
        described["description"] += OF_A_DAY if route.by_day else OF_A_PERIOD
        described["responses"][str(route.status)]["headers"] = {
            "ETag": {"description": "of these very bytes", "schema": {"type": "string"}},
            "Age": {"description": "in seconds", "schema": {"type": "integer"}},
        }
    told_by_version = _versioned(operation.response) and not route.shows_others
    if told_by_version or route.kept:
        described["parameters"].append(_header("If-None-Match", required=False))
        described["responses"][NOT_MODIFIED] = {"description": "as the reader has it; no body"}
    return described


def _own_operation(call: OwnCall) -> dict[str, Any]:
    reads = call.method == "GET"
    statuses = {*call.refusals, *((422, *(() if reads else OF_BODIES)) if call.request else ())}
    described = _common(call, f"gateway_{call.name}", statuses)
    described["summary"] = call.summary
    if call.request is not None and reads:
        part = _part(call.request, query=True)
        described["parameters"].append({"in": "query", "schema": part})
    elif call.request is not None:
        described["requestBody"] = _body(_part(call.request, query=False))
    elif call.takes:
        file = {"schema": {"type": "string", "format": "binary"}}
        described["requestBody"] = {"required": True, "content": dict.fromkeys(call.takes, file)}
    if isinstance(call.answer, type):
        described["responses"][str(call.status)] = _answer(call.answer, created=call.located)
    elif call.answer is None:
        described["responses"][str(call.status)] = {"description": "done; no body"}
    else:
        schema = {"type": "object" if call.answer in {JSON, FHIR_JSON} else "string"}
        described["responses"][str(call.status)] = {
            "description": call.summary,
            "content": {call.answer: {"schema": schema}},
        }
    if call.tagged:
        described["parameters"].append(_header("If-None-Match", required=False))
        described["responses"][str(call.status)]["headers"] = {
            "ETag": {"description": "of these very bytes", "schema": {"type": "string"}}
        }
        described["responses"][NOT_MODIFIED] = {"description": "as the reader has it; no body"}
    if call is READYZ:
        described["responses"]["503"] = _answer(call.answer, created=False)
    return described


def _common(call: Call, operation_id: str, statuses: set[int]) -> dict[str, Any]:
    public = call.action == "public"
    every = {STATUS["bad_request"], *statuses}
    if not public:
        every |= {STATUS["unauthenticated"], STATUS["forbidden"]}
    told = outcome if call.path.startswith("/fhir/") else refusal
    responses = {str(status): told(REFUSALS[status]) for status in sorted(every)}
    described: dict[str, Any] = {
        "operationId": operation_id,
        "tags": [call.tag],
        "security": [] if public else SIGNED_IN,
        "parameters": [*_path(call.path), *_headers(call)],
        "responses": {**responses, "default": told("any other refusal")},
        "description": _who(call.action),
    }
    if roles_for(call.action):
        described["x-roles"] = list(roles_for(call.action))
    return described


def _who(action: Action) -> str:
    if action == "public":
        return "For everybody."
    if action == "signed_in":
        return "For everybody who is signed in."
    return f"For the roles {', '.join(roles_for(action))} (action `{action}`)."


def refusal(text: str) -> dict[str, Any]:
    """Return a response that is a problem document."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": text, "content": {"application/problem+json": {"schema": schema}}}


def outcome(text: str) -> dict[str, Any]:
    """Return a response that is an OperationOutcome."""
    return {"description": text, "content": {FHIR_JSON: {"schema": {"type": "object"}}}}


def _answer(cls: Any, *, created: bool) -> dict[str, Any]:  # noqa: ANN401 (a dataclass)
    headers = {}
    if _versioned(cls):
        headers["ETag"] = {"description": "the version", "schema": {"type": "string"}}
    if created:
        headers["Location"] = {"description": "its path", "schema": {"type": "string"}}
    return {
        "description": _first_line(cls),
        "content": {"application/json": {"schema": schema_class(cls, EXCLUDE, lenient=False)}},
        **({"headers": headers} if headers else {}),
    }


def _body(part: type[Schema] | None) -> dict[str, Any]:
    schema: Any = part or {"type": "object", "additionalProperties": False}
    return {"content": {"application/json": {"schema": schema}}}


@cache
def _part(cls: type, *, query: bool) -> type[Schema] | None:
    """Return the schema of what stands in the body or the query, if anything does."""
    names = [f.name for f in fields(cls) if wire_name(f.name) not in carried(cls)]
    if not names:
        return None
    whole = schema_class(cls, RAISE, lenient=query)
    meta = type("Meta", (), {"fields": names, "unknown": RAISE})
    return type(cls.__name__, (whole,), {"Meta": meta, "is_request": True})


def _path(path: str) -> list[dict[str, Any]]:
    text = {"type": "string", "minLength": 1, "maxLength": 64}
    return [
        {"in": "path", "name": name, "required": True, "schema": text}
        for name in re.findall(r"<(\w+)>", path)
    ]


def _headers(call: Call) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if isinstance(call, OwnCall):
        return [_if_match(needed=True)] if call.if_match else found
    if call.creates:
        key = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]*$"}
        found.append({"in": "header", "name": "Idempotency-Key", "schema": key})
    if "if_match" in call.carried().values():
        needed = required(call.operation, "expected_version")
        found.append(_if_match(needed=needed))
    return found


def _if_match(*, needed: bool) -> dict[str, Any]:
    return _header("If-Match", required=needed, pattern=rf"^(?:\s*\*\s*|{LIST})$")


def _header(name: str, *, required: bool, pattern: str = "") -> dict[str, Any]:
    text = {"type": "string", **({"pattern": pattern} if pattern else {})}
    return {"in": "header", "name": name, "required": required, "schema": text}


def _versioned(cls: Any) -> bool:  # noqa: ANN401 (a dataclass)
    return any(field.name == "version" for field in fields(cls))


def _first_line(cls: type) -> str:
    return (cls.__doc__ or "").strip().splitlines()[0]


def _name(schema: Any) -> str:  # noqa: ANN401 (apispec hands any form of a schema)
    """Name a component: requests and answers by their class, parts of requests as inputs.

    A part such as Money is read strictly and written tolerantly, hence two components.
    """
    cls: Any = schema if isinstance(schema, type) else type(schema)
    strict = cls.Meta.unknown == RAISE and not getattr(cls, "is_request", False)
    return f"{cls.__name__}Input" if strict else str(cls.__name__)
