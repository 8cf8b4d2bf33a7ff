"""OpenAPI 3.1 from the same schemas that read the requests."""

import re
from dataclasses import fields
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema

from clinic_contracts.schemas import schema_class, wire_name
from gateway.routing import Route, required

VERSION = "1.0"
PROBLEM = {
    "type": "object",
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
    "400": "not JSON, or a header that cannot be read",
    "401": "not signed in",
    "403": "the role does not allow it",
    "404": "no such record, or another location's",
    "409": "taken, or not possible in this state",
    "412": "the record changed; `current` is how it is now",
    "413": "too large",
    "422": "not accepted; `errors` says what of which field",
    "428": "If-Match is missing",
    "503": "a needed service is away; see Retry-After",
}


def document(routes: tuple[Route, ...], own: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return the specification of the routes, and of ``own`` paths given as they are."""
    plugin = MarshmallowPlugin(schema_name_resolver=_name)
    spec = APISpec(title="ClinicOps", version=VERSION, openapi_version="3.1.0", plugins=[plugin])
    spec.components.schema("Problem", PROBLEM)
    spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    spec.components.security_scheme(
        "session", {"type": "apiKey", "in": "cookie", "name": "clinic_session"}
    )
    for path, operations in own.items():
        spec.path(path, operations=operations)
    for route in routes:
        path = re.sub(r"<(\w+)>", r"{\1}", route.path)
        spec.path(path, operations={route.method.lower(): _operation(route)})
    result: dict[str, Any] = spec.to_dict()
    return result


def _operation(route: Route) -> dict[str, Any]:
    answer = schema_class(route.operation.response)
    described: dict[str, Any] = {
        "operationId": f"{route.operation.service}_{route.operation.name}",
        "summary": (route.operation.request.__doc__ or "").strip().splitlines()[0],
        "tags": [route.tag],
        "security": [{"bearer": []}, {"session": []}],
        "parameters": _headers(route),
        "responses": {
            str(route.status): {
                "description": (route.operation.response.__doc__ or "").strip().splitlines()[0],
                "content": {"application/json": {"schema": answer}},
            },
            **{status: refusal(text) for status, text in REFUSALS.items()},
        },
    }
    if route.method == "GET":
        query = _part(route, "query")
        described["parameters"] += [{"in": "query", "schema": query}, *_path(route)]
    else:
        described["parameters"] += _path(route)
        body = _part(route, "body")
        described["requestBody"] = {"content": {"application/json": {"schema": body}}}
    return described


def refusal(text: str) -> dict[str, Any]:
    """Return a response that is a problem document."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": text, "content": {"application/problem+json": {"schema": schema}}}


def _part(route: Route, name: str) -> type[Schema]:
    cls = schema_class(route.operation.request, lenient=route.method == "GET")
    outside = route.carried()
    names = [f.name for f in fields(route.operation.request) if wire_name(f.name) not in outside]
    part: type[Schema] = type(
        f"{cls.__name__}_{name}", (cls,), {"Meta": type("Meta", (), {"fields": names})}
    )
    return part


def _path(route: Route) -> list[dict[str, Any]]:
    names = re.findall(r"<(\w+)>", route.path)
    return [
        {"in": "path", "name": name, "required": True, "schema": {"type": "string"}}
        for name in names
    ]


def _headers(route: Route) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if route.creates:
        key = {"type": "string", "maxLength": 255}
        found.append({"in": "header", "name": "Idempotency-Key", "schema": key})
    if "if_match" in route.carried().values():
        needed = required(route.operation, "expected_version")
        version: dict[str, Any] = {"in": "header", "name": "If-Match", "required": needed}
        found.append({**version, "schema": {"type": "string"}})
    return found


def _name(schema: Any) -> str:  # noqa: ANN401 (apispec hands any form of a schema)
    cls = schema if isinstance(schema, type) else type(schema)
    return cls.__name__
