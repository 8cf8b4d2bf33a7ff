"""What the specification says of one call."""

import re
from dataclasses import fields
from functools import cache
from typing import Any

from marshmallow import EXCLUDE, RAISE, Schema

from clinic_contracts.schemas import schema_class
from clinic_contracts.trusted import wire_name
from gateway.calls import READYZ
from gateway.fhir_parameters import Parameter
from gateway.http.answers import STATUS
from gateway.http.etags import MOST_TAGS
from gateway.http.paths import longest, segment
from gateway.http.plots import MEDIA_TYPE as SVG
from gateway.http.tables import MEDIA_TYPE as CSV
from gateway.identity.access import roles_for
from gateway.routes import RECORDS_OF
from gateway.routing import Action, Call, OwnCall, Route, carried, required
from gateway.specified.refusals import (
    NOT_MODIFIED,
    OF_BODIES,
    OF_ROUTES,
    header,
    refusal,
    statuses_of,
)
from gateway.streaming.blocks import MEDIA_TYPE as STREAM

SIGNED_IN: list[dict[str, list[str]]] = [{"bearer": []}, {"session": []}]
OF_A_DAY = (
    " What it answers about one `location_id` and `date` may be kept in memory: `Age` says for how "
    "long. Your own change shows at once, another's visit within a second, another's hold after 30."
)
OF_A_PERIOD = (
    " What it answers may be kept in memory for up to five seconds: `Age` says for how long. Your "
    "own change shows at once, another's visit within a second, another's hold after the five."
)
CREATED = 201
_TAG = r'(?:W/)?"[!#-~]*"'
TAGS = rf"^(?:\*|{_TAG}(?:, ?{_TAG}){{0,{MOST_TAGS - 1}}})$"
"""An If-Match as it should be written; more is understood (RFC 9110, section 5.6.1)."""
OF_EVERY_ANSWER = ("X-Request-Id", "Traceparent")
OF_LIMITED = ("RateLimit", "RateLimit-Policy")
UNCHANGED = {
    "description": "as the reader has it; no body",
    "headers": header("X-Request-Id", "ETag"),
}


def template(path: str) -> str:
    """Return a path as OpenAPI writes it: ``/clients/{client_id}``."""
    return re.sub(r"<(\w+)>", r"{\1}", path)


def operation_of(route: Route) -> dict[str, Any]:
    """Describe a call that a service answers."""
    operation = route.operation
    described = _common(route, f"{operation.service}_{operation.name}", _statuses(route))
    described["summary"] = _first_line(operation.request)
    answer = described["responses"][str(route.status)] = _answer(operation.response, route)
    if route.status == CREATED and route.path in RECORDS_OF:
        answer["headers"] |= header("Location")
    part = _part(operation.request, query=route.method == "GET")
    if route.method != "GET":
        described["requestBody"] = _body(part)
        return described
    if part is not None:
        described["parameters"].append({"in": "query", "schema": part})
    if route.table is not None:
        answer["content"][CSV] = {"schema": {"type": "string"}}
    if route.plot is not None:
        answer["content"][SVG] = {"schema": {"type": "string"}}
    if route.kept:
        described["description"] += OF_A_DAY if route.by_day else OF_A_PERIOD
    if not route.shows_others:
        _may_be_unchanged(described)
    return described


def _statuses(route: Route) -> set[int]:
    found = set(OF_ROUTES)
    if route.method != "GET":
        found |= {*OF_BODIES, STATUS["conflict"]}
    if "if_match" in route.carried().values():
        found.add(STATUS["stale"])
        if required(route.operation, "expected_version"):
            found.add(STATUS["precondition_required"])
    return found


def own_operation_of(call: OwnCall) -> dict[str, Any]:
    """Describe a call that the gateway answers by itself."""
    reads = call.method == "GET"
    statuses = {*call.refusals, *((422, *(() if reads else OF_BODIES)) if call.request else ())}
    described = _common(call, f"gateway_{call.name}", statuses)
    described["summary"] = call.summary
    if call.request is not None and reads:
        part = _part(call.request, query=True)
        described["parameters"].append({"in": "query", "schema": part})
    elif call.request is not None:
        described["requestBody"] = _body(_part(call.request, query=False))
    elif call.parameters:
        described["parameters"] += map(_searched, call.parameters)
    elif call.takes:
        files = {each: {"schema": _file(each)} for each in call.takes}
        described["requestBody"] = {"required": True, "content": files}
    described["responses"][str(call.status)] = _own_answer(call)
    if reads and call.answer not in {None, STREAM}:
        _may_be_unchanged(described)
    if call is READYZ:
        described["responses"]["503"] = _answer(call.answer, call)
        described["responses"]["503"]["headers"].pop("ETag")
    return described


def _searched(parameter: Parameter) -> dict[str, Any]:
    values: dict[str, Any] = dict(parameter.schema)
    if parameter.most > 1:
        values = {"type": "array", "items": values, "maxItems": parameter.most}
    described = {
        "in": "query",
        "name": parameter.name,
        "description": parameter.text,
        "required": parameter.required,
        "schema": values,
    }
    if parameter.example:
        several = parameter.most > 1
        described["example"] = [parameter.example] if several else parameter.example
    return described


def _own_answer(call: OwnCall) -> dict[str, Any]:
    if isinstance(call.answer, type):
        answer = _answer(call.answer, call)
        if call.located:
            answer["headers"] |= header("Location")
        return answer
    headers = _headers_of(call)
    if call.answer in {None, STREAM}:
        headers.pop("ETag", None)
    if call.answer is None:
        return {"description": call.summary, "headers": headers}
    content = {
        each: {"schema": {"type": "object" if each.endswith("json") else "string"}}
        for each in call.gives or (call.answer,)
    }
    return {"description": call.summary, "headers": headers, "content": content}


def _file(media_type: str) -> dict[str, Any]:
    # Whatever it holds is taken as it is, and looked into by who knows what it should be.
    return {} if media_type.endswith("json") else {"type": "string", "format": "binary"}


def _may_be_unchanged(described: dict[str, Any]) -> None:
    """Say that who has the bytes need not get them again."""
    described["parameters"].append(_header("If-None-Match", required=False))
    described["responses"][NOT_MODIFIED] = UNCHANGED


def _common(call: Call, operation_id: str, statuses: set[int]) -> dict[str, Any]:
    in_fhir = call.path.startswith("/fhir/")
    every = sorted(statuses_of(call, statuses))
    described: dict[str, Any] = {
        "operationId": operation_id,
        "tags": [call.tag],
        "security": [] if call.action == "public" else SIGNED_IN,
        "parameters": [*_path(call.path), *_headers(call)],
        "responses": {str(status): refusal(status, in_fhir=in_fhir) for status in every},
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


def _answer(cls: Any, call: Call) -> dict[str, Any]:  # noqa: ANN401 (a dataclass)
    headers = _headers_of(call)
    if _versioned(cls):
        headers |= header("ETag")
    return {
        "description": _first_line(cls),
        "headers": headers,
        "content": {"application/json": {"schema": schema_class(cls, EXCLUDE, lenient=False)}},
    }


def _headers_of(call: Call) -> dict[str, Any]:
    names = [*OF_EVERY_ANSWER, *(OF_LIMITED if call.limited else ())]
    if call.method == "GET":
        names.append("ETag")
    return header(*names)


def _body(part: type[Schema] | None) -> dict[str, Any]:
    if part is None:
        empty = {"type": "object", "additionalProperties": False}
        return {"content": {"application/json": {"schema": empty}}}
    needed = any(field.required for field in part().fields.values())
    return {"required": needed, "content": {"application/json": {"schema": part}}}


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
    return [
        {"in": "path", "name": name, "required": True, "schema": _segment(name)}
        for name in re.findall(r"<(\w+)>", path)
    ]


def _segment(name: str) -> dict[str, Any]:
    pattern = f"^{segment(name)}$"
    return {"type": "string", "minLength": 1, "maxLength": longest(name), "pattern": pattern}


def _headers(call: Call) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if isinstance(call, OwnCall) and call.streamed:
        return [_header("Last-Event-ID", required=False)]
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
    return _header("If-Match", required=needed, pattern=TAGS)


def _header(name: str, *, required: bool, pattern: str = "") -> dict[str, Any]:
    text = {"type": "string", **({"pattern": pattern} if pattern else {})}
    return {"in": "header", "name": name, "required": required, "schema": text}


def _versioned(cls: Any) -> bool:  # noqa: ANN401 (a dataclass)
    return any(field.name == "version" for field in fields(cls))


def _first_line(cls: type) -> str:
    return (cls.__doc__ or "").strip().splitlines()[0]


def name_of(schema: Any) -> str:  # noqa: ANN401 (apispec hands any form of a schema)
    """Name a component: requests and answers by their class, parts of requests as inputs.

    A part such as Money is read strictly and written tolerantly, hence two components.
    """
    cls: Any = schema if isinstance(schema, type) else type(schema)
    strict = cls.Meta.unknown == RAISE and not getattr(cls, "is_request", False)
    return f"{cls.__name__}Input" if strict else str(cls.__name__)
