"""From HTTP to a service and back: once per Idempotency-Key, by version, always an answer."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from pymongo.database import Database
from pymongo.errors import PyMongoError
from werkzeug.wrappers import Request, Response

from clinic_contracts.context import CallContext
from clinic_contracts.errors import ClinicError
from clinic_runtime.ids import ulid
from clinic_runtime.observability import get_logger
from clinic_runtime.responder import refusal
from clinic_runtime.rpc import RpcClient
from gateway import checks, idempotency
from gateway.http import etags, requests
from gateway.http.answers import empty, json_answer, problem
from gateway.identity.access import Actor
from gateway.routes import RECORDS_OF, ROUTES
from gateway.routing import Route

log = get_logger(__name__)
CREATED = 201
NOT_MODIFIED = 304
KEPT_HEADERS = ("Content-Type", "ETag", "Location", "Retry-After")
READERS = {route.path: route for route in ROUTES if route.method == "GET"}


def context_of(request: Request, actor: Actor, operation_id: str) -> CallContext:
    """Return who asks, for the service."""
    return CallContext(
        actor=actor.id,
        correlation_id=request.environ["clinic.request_id"],
        operation_id=operation_id,
        traceparent=request.environ["clinic.traceparent"],
        location_scope=actor.location_ids,
        sees_health_numbers=actor.may("read_health_numbers"),
    )


def guarded(request: Request, answer: Callable[[], Response]) -> Response:
    """Return the answer, or the problem document of whatever was raised instead."""
    request_id: str = request.environ["clinic.request_id"]
    structlog.contextvars.bind_contextvars(
        request_id=request_id, traceparent=request.environ["clinic.traceparent"]
    )
    try:
        return answer()
    except ClinicError as error:
        return problem(error, request_id)
    except Exception as error:  # noqa: BLE001 (no traceback leaves the gateway)
        return problem(refusal(error), request_id)


@dataclass(frozen=True, slots=True)
class Forwarder:
    """Forwards calls by RPC, keeping answers in the gateway's database."""

    rpc: RpcClient
    database: Database[dict[str, Any]]

    def forward(self, request: Request, route: Route, actor: Actor) -> Response:
        """Return the service's answer, or the first one to the same Idempotency-Key."""
        key = requests.idempotency_key(request) if route.creates else None
        if key is None:
            return self._call(request, route, context_of(request, actor, ulid()))
        id_ = idempotency.record_id(actor.id, key)
        kept = idempotency.begin(self.database, id_, _fingerprint(request, route))
        if kept is not None:
            return Response(kept.body, kept.status, [(k, v) for k, v in kept.headers])
        context = context_of(request, actor, id_)
        response = guarded(request, lambda: self._call(request, route, context))
        try:
            if route.operation.service == "client_profile":
                idempotency.release(self.database, id_, response.status_code)
            else:
                idempotency.finish(self.database, id_, _kept(response))
        except PyMongoError as error:
            # The effect is keyed by the same id in its service, so a retry finds it.
            log.warning("idempotency.not_kept", error=type(error).__name__)
        return response

    def _call(self, request: Request, route: Route, context: CallContext) -> Response:
        document = requests.payload(
            request, route, lambda: self._current_version(request, route, context)
        )
        checks.before(route, document, self.rpc, context)
        reads = route.method == "GET"
        body = self.rpc.call(route.operation, document, context, lenient=reads)
        response = json_answer(body, route.status)
        etag = response.headers.get("ETag")
        if reads and etags.unchanged(request.headers.get("If-None-Match", ""), etag):
            return empty(NOT_MODIFIED, {"ETag": str(etag)})
        if route.status == CREATED and route.path in RECORDS_OF:
            response.headers["Location"] = f"{request.path}/{body['id']}"
        return response

    def _current_version(self, request: Request, route: Route, context: CallContext) -> int:
        """Return the version of the record a change is about: its own path, read, says it.

        Should it change before the write, the service refuses the write as stale.
        """
        record = route.path if route.path in READERS else route.path.rpartition("/")[0]
        names: dict[str, str] = request.path_values  # type: ignore[attr-defined]  # nameko's
        body = self.rpc.call(READERS[record].operation, names, context)
        return int(body["version"])


def _fingerprint(request: Request, route: Route) -> str:
    version = request.headers.get("If-Match", "")
    whole = f"{route.method} {request.path} {version}\n".encode() + requests.body_bytes(request)
    return hashlib.sha256(whole).hexdigest()


def _kept(response: Response) -> idempotency.Kept:
    headers = [[name, response.headers[name]] for name in KEPT_HEADERS if name in response.headers]
    return idempotency.Kept(response.status_code, response.get_data(as_text=True), headers)
