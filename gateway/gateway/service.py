"""The gateway's one Nameko class: from HTTP to a service and back."""

import hashlib
from typing import Any

from nameko.extensions import DependencyProvider
from pymongo.errors import PyMongoError
from werkzeug.wrappers import Request, Response

from clinic_contracts.billing.operations import PRINT_RECEIPT
from clinic_contracts.context import CallContext
from clinic_contracts.errors import ClinicError
from clinic_runtime.health import readiness
from clinic_runtime.ids import ulid
from clinic_runtime.mongo import MongoDatabase, MongoLink
from clinic_runtime.observability import get_logger
from clinic_runtime.responder import refusal
from clinic_runtime.rpc import RpcClient
from gateway import accounts, checks, idempotency, own, requests
from gateway.access import Actor, authorise
from gateway.accounts import Accounts
from gateway.answers import json_answer, problem
from gateway.routes import ROUTES
from gateway.routing import Route
from gateway.server import endpoint, endpoints

log = get_logger(__name__)
SERVER_ERROR = idempotency.SERVER_ERROR
KEPT_HEADERS = ("Content-Type", "ETag", "Location", "Retry-After")


def ensure(database: Any) -> None:  # noqa: ANN401 (pymongo)
    """Make the gateway's own indexes."""
    accounts.ensure(database)
    idempotency.ensure(database)


class AccountsProvider(DependencyProvider):  # type: ignore[misc]  # nameko is untyped
    """The process's one ``Accounts``, with its cache; makes the first owner at start."""

    mongo = MongoLink()
    accounts: Accounts

    def start(self) -> None:
        """Make the first owner."""
        self.accounts = Accounts(self.mongo.database)
        config = self.container.config
        if config.get("owner_email") and config.get("owner_password"):
            self.accounts.ensure_owner(config["owner_email"], str(config["owner_password"]))

    def get_dependency(self, worker_ctx: Any) -> Accounts:  # noqa: ANN401, ARG002
        """Return the accounts."""
        return self.accounts


class Readiness(DependencyProvider):  # type: ignore[misc]  # nameko is untyped
    """What the process needs, and whether it is there."""

    def get_dependency(self, worker_ctx: Any) -> Any:  # noqa: ANN401, ARG002
        """Return a function that looks now."""
        return lambda: readiness(self.container)


class GatewayService:
    """The HTTP front door."""

    name = "gateway"
    rpc = RpcClient()
    database = MongoDatabase(ensure)
    accounts = AccountsProvider()
    readiness = Readiness()

    @endpoints((route.method, route.path, route) for route in ROUTES)
    def forward(self, request: Request, route: Route) -> Response:
        """Hand a call to the service that answers it."""
        return self._guarded(request, lambda: self._forward(request, route))

    @endpoint("GET", "/v1/receipts/<receipt_id>.pdf")
    def print_receipt(self, request: Request, _subject: None) -> Response:
        """Return a receipt as a PDF."""

        def print_it() -> Response:
            actor = self._actor(request)
            authorise(actor, "read")
            document = dict(request.path_values)  # type: ignore[attr-defined]  # nameko's convention
            context = self._context(request, actor, ulid())
            return own.file_answer(self.rpc.call(PRINT_RECEIPT, document, context))

        return self._guarded(request, print_it)

    @endpoint("POST", "/v1/sessions")
    def sign_in(self, request: Request, _subject: None) -> Response:
        """Sign somebody in: a session cookie, and the token for other clients."""
        return self._guarded(request, lambda: own.sign_in(request, self.accounts))

    @endpoint("DELETE", "/v1/sessions/current")
    def sign_out(self, request: Request, _subject: None) -> Response:
        """End the session."""
        return self._guarded(request, lambda: own.sign_out(request, self.accounts))

    @endpoint("GET", "/v1/me")
    def me(self, request: Request, _subject: None) -> Response:
        """Say who is asking, and what they may."""
        return self._guarded(request, lambda: own.me(self._actor(request)))

    @endpoint("POST", "/v1/api-keys")
    def make_key(self, request: Request, _subject: None) -> Response:
        """Make an API key, shown once."""

        def make() -> Response:
            authorise(self._actor(request), "own")
            return own.make_key(request, self.accounts)

        return self._guarded(request, make)

    @endpoint("GET", "/v1/operations/verify")
    def verify(self, request: Request, _subject: None) -> Response:
        """Have every service check its books; degrades by part."""

        def check() -> Response:
            actor = self._actor(request)
            authorise(actor, "operate")
            return json_answer(checks.verify(self.rpc, self._context(request, actor, ulid())))

        return self._guarded(request, check)

    @endpoint("GET", "/healthz")
    def healthz(self, _request: Request, _subject: None) -> Response:
        """Say that the process runs."""
        return json_answer({"status": "ok"})

    @endpoint("GET", "/readyz")
    def readyz(self, _request: Request, _subject: None) -> Response:
        """Say whether broker and database are there."""
        parts = self.readiness()
        return json_answer(parts, 200 if all(parts.values()) else 503)

    @endpoints(("GET", path, path) for path in own.PAGES)
    def page(self, request: Request, path: str) -> Response:
        """Serve the specification, the metrics, and the pages made of them."""
        return self._guarded(request, own.PAGES[path])

    def _guarded(self, request: Request, answer: Any) -> Response:  # noqa: ANN401 (a callable)
        try:
            response: Response = answer()
        except ClinicError as error:
            return problem(error, request.environ["clinic.request_id"])
        except Exception as error:  # noqa: BLE001 (no traceback leaves the gateway)
            return problem(refusal(error), request.environ["clinic.request_id"])
        return response

    def _actor(self, request: Request) -> Actor:
        token = own.token(request)
        own.check_origin(request)
        actor: Actor = self.accounts.who(token)
        return actor

    def _context(self, request: Request, actor: Actor, operation_id: str) -> CallContext:
        return CallContext(
            actor=actor.id,
            correlation_id=request.environ["clinic.request_id"],
            operation_id=operation_id,
            traceparent=requests.traceparent(request),
            location_scope=actor.location_ids,
        )

    def _forward(self, request: Request, route: Route) -> Response:
        actor = self._actor(request)
        authorise(actor, route.action)
        data = b"" if route.method == "GET" else requests.body_bytes(request)
        key = requests.idempotency_key(request) if route.creates else None
        if key is None:
            return self._call(request, route, actor, data, ulid())
        id_ = idempotency.record_id(actor.id, key)
        version = request.headers.get("If-Match", "")
        whole = f"{route.method} {request.path} {version}\n".encode() + data
        kept = idempotency.begin(self.database, id_, hashlib.sha256(whole).hexdigest())
        if kept is not None:
            return Response(kept.body, kept.status, [(k, v) for k, v in kept.headers])
        response = self._guarded(request, lambda: self._call(request, route, actor, data, id_))
        headers = [
            [name, response.headers[name]] for name in KEPT_HEADERS if name in response.headers
        ]
        answer = idempotency.Kept(response.status_code, response.get_data(as_text=True), headers)
        try:
            if route.operation.service == "client_profile" and response.status_code < SERVER_ERROR:
                idempotency.release(self.database, id_)
            else:
                idempotency.finish(self.database, id_, answer)
        except PyMongoError as error:
            # The effect is keyed by the same id in its service, so a retry finds it.
            log.warning("idempotency.not_kept", error=type(error).__name__)
        return response

    def _call(
        self, request: Request, route: Route, actor: Actor, data: bytes, operation_id: str
    ) -> Response:
        path_values = getattr(request, "path_values", {})
        document = requests.payload(request, route, path_values, data)
        context = self._context(request, actor, operation_id)
        checks.before(route, document, self.rpc, context)
        reads = route.method == "GET"
        body = self.rpc.call(route.operation, document, context, lenient=reads)
        response = json_answer(body, route.status)
        if reads and response.headers.get("ETag") in request.headers.get("If-None-Match", "").split(
            ", "
        ):
            return Response(status=304, headers={"ETag": response.headers["ETag"]})
        if route.status == own.CREATED and "id" in body:
            response.headers["Location"] = f"{request.path}/{body['id']}"
        return response
