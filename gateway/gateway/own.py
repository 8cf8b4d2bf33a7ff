"""What the gateway answers by itself: signing in, keys, and the pages about the API."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from html import escape
from typing import Annotated, Any
from urllib.parse import urlparse

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from werkzeug.wrappers import Request, Response

from clinic_contracts.constraints import Id, Items, Name, Text
from clinic_contracts.errors import Forbidden, Unauthenticated
from clinic_contracts.schemas import load, schema_class
from gateway import openapi, requests
from gateway.access import ALLOWED, Actor
from gateway.accounts import Accounts, NewKey
from gateway.answers import json_answer
from gateway.routes import ROUTES

COOKIE = "clinic_session"
CREATED = 201
SAFE_METHODS = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """Sign in with e-mail and password."""

    email: Annotated[str, Text(max=254)]
    password: Annotated[str, Text(max=200)]
    totp: Annotated[str, Text(max=10)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeKey:
    """Make an API key; ``location_ids`` left out means every location."""

    name: Name
    role: Annotated[str, Text(max=30)]
    location_ids: Annotated[tuple[Id, ...], Items(200)] | None = None


def token(request: Request) -> str:
    """Return the caller's token or key, from the header or the cookie; else Unauthenticated."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and value:
        return value.strip()
    cookie = request.cookies.get(COOKIE, "")
    if not cookie:
        raise Unauthenticated("sign in, or send a token")
    return str(cookie)


def check_origin(request: Request) -> None:
    """Refuse a write that another site's page makes with the browser's cookie."""
    origin = request.headers.get("Origin")
    by_cookie = "Authorization" not in request.headers
    writes = by_cookie and request.method not in SAFE_METHODS
    if origin and writes and urlparse(origin).netloc != request.host:
        raise Forbidden("this page's origin may not write here")


def sign_in(request: Request, accounts: Accounts) -> Response:
    """Answer token, expiry and actor, and set the session cookie."""
    wanted = load(SignIn, requests.json_object(requests.body_bytes(request)))
    made, expires, actor = accounts.sign_in(wanted.email, wanted.password)
    body = {"token": made, "expires_at": expires.isoformat(), "actor": _described(actor)}
    response = json_answer(body, CREATED)
    secure = request.headers.get("X-Forwarded-Proto") == "https"
    response.set_cookie(COOKIE, made, expires=expires, httponly=True, samesite="Lax", secure=secure)
    return response


def sign_out(request: Request, accounts: Accounts) -> Response:
    """End the session and take the cookie back."""
    given = token(request)
    check_origin(request)
    accounts.who(given)
    accounts.sign_out(given)
    response = Response(status=204)
    response.delete_cookie(COOKIE)
    return response


def file_answer(document: dict[str, str]) -> Response:
    """Return a file that a service made."""
    response = Response(
        base64.b64decode(document["content_base64"]), content_type=document["content_type"]
    )
    response.headers["Content-Disposition"] = f'inline; filename="{document["filename"]}"'
    return response


def me(actor: Actor) -> Response:
    """Answer who is asking."""
    return json_answer(_described(actor))


def make_key(request: Request, accounts: Accounts) -> Response:
    """Answer a new key, shown this once."""
    wanted = load(MakeKey, requests.json_object(requests.body_bytes(request)))
    id_, key = accounts.make_key(NewKey(**{n: getattr(wanted, n) for n in MakeKey.__slots__}))
    return json_answer({"id": id_, "key": key, "name": wanted.name, "role": wanted.role}, CREATED)


@cache
def specification() -> dict[str, Any]:
    """Return the OpenAPI document of everything."""
    session = {"security": [], "tags": ["Sessions"]}
    own: dict[str, dict[str, Any]] = {
        "/v1/sessions": {"post": {**_described_call(SignIn), **session}},
        "/v1/sessions/current": {"delete": _plain("Sign out", "Sessions", "204")},
        "/v1/me": {"get": _plain("Who is asking", "Sessions", "200")},
        "/v1/api-keys": {"post": {**_described_call(MakeKey), "tags": ["Sessions"]}},
        "/v1/operations/verify": {"get": _plain("Check all books", "Operations", "200")},
    }
    return openapi.document(ROUTES, own)


def _described_call(cls: type) -> dict[str, Any]:
    content = {"application/json": {"schema": schema_class(cls)}}
    return {
        "summary": (cls.__doc__ or "").splitlines()[0],
        "requestBody": {"content": content},
        "responses": {"201": {"description": "made"}, "422": openapi.refusal("not accepted")},
    }


def _plain(summary: str, tag: str, status: str) -> dict[str, Any]:
    return {
        "summary": summary,
        "tags": [tag],
        "responses": {status: {"description": summary}, "401": openapi.refusal("not signed in")},
    }


def _described(actor: Actor) -> dict[str, Any]:
    locations = None if actor.location_ids is None else list(actor.location_ids)
    roles = [{"role": actor.role, "location_ids": locations}]
    actions = sorted(ALLOWED[actor.role])
    return {"id": actor.id, "name": actor.name, "roles": roles, "actions": actions}


def _openapi() -> Response:
    return Response(json.dumps(specification()), content_type="application/json")


def _metrics() -> Response:
    return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def _html(title: str, body: str) -> Response:
    page = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title></head><body><main><h1>{escape(title)}</h1>"
        f"{body}</main></body></html>"
    )
    return Response(page, content_type="text/html; charset=utf-8")


def _home() -> Response:
    return _html(
        "ClinicOps",
        "<p>The gateway runs. The API is under <code>/v1</code>.</p><ul>"
        '<li><a href="/docs">Documentation of the API</a></li>'
        '<li><a href="/openapi.json">OpenAPI 3.1</a></li>'
        '<li><a href="/readyz">Readiness</a></li><li><a href="/metrics">Metrics</a></li></ul>',
    )


def _docs() -> Response:
    rows = [
        f"<tr><td>{escape(str(operation['tags'][0]))}</td><td><code>{method.upper()}</code></td>"
        f"<td><code>{escape(path)}</code></td><td>{escape(operation['summary'])}</td></tr>"
        for path, operations in specification()["paths"].items()
        for method, operation in operations.items()
    ]
    head = "<tr><th>Part</th><th>Method</th><th>Path</th><th>What it does</th></tr>"
    return _html(
        "The ClinicOps API",
        '<p>Shapes and limits of every call: <a href="/openapi.json">OpenAPI 3.1</a>.</p>'
        f"<table><thead>{head}</thead><tbody>{''.join(rows)}</tbody></table>",
    )


PAGES: Mapping[str, Callable[[], Response]] = {
    "/": _home,
    "/docs": _docs,
    "/openapi.json": _openapi,
    "/metrics": _metrics,
}
