"""From HTTP to a service and back: once per Idempotency-Key, by version, always an answer."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from pymongo.database import Database
from pymongo.errors import PyMongoError

from clinic_contracts.booking import operations as booking
from clinic_contracts.booking.requests import AppointmentView
from clinic_contracts.context import CallContext
from clinic_contracts.trusted import wire_name
from clinic_runtime.ids import ulid
from clinic_runtime.observability import get_logger
from clinic_runtime.rpc import RpcClient
from clinic_runtime.wire import encode
from gateway import checks, idempotency
from gateway.days import Day
from gateway.http import etags, requests
from gateway.http.answers import JSON, guarded, text_answer
from gateway.http.cursors import Cursors
from gateway.http.messages import Request, Response
from gateway.http.plots import MEDIA_TYPE as SVG
from gateway.http.plots import svg_text
from gateway.http.tables import MEDIA_TYPE as CSV
from gateway.http.tables import csv_text, wants
from gateway.idempotency import UnderWay
from gateway.identity.access import Actor
from gateway.kept import About, Kept
from gateway.memory import Memory
from gateway.routes import RECORDS_OF, ROUTES
from gateway.routing import Route, versioned
from gateway.searches import period_of

log = get_logger(__name__)
CREATED = 201
NOT_MODIFIED = 304
KEPT_HEADERS = ("Content-Type", "ETag", "Location", "Retry-After")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
READERS = {route.path: route for route in ROUTES if route.method == "GET"}


def context_of(
    request: Request, actor: Actor, operation_id: str, fingerprint: str = ""
) -> CallContext:
    """Return who asks, for the service."""
    return CallContext(
        actor=actor.id,
        correlation_id=request.id,
        operation_id=operation_id,
        traceparent=request.traceparent,
        location_scope=actor.location_ids,
        sees_health_numbers=actor.may("read_health_numbers"),
        may_override=actor.may("override"),
        override_at=actor.where("override") or (),
        fingerprint=fingerprint,
    )


@dataclass(frozen=True, slots=True)
class Forwarder:
    """Forwards calls by RPC; answers no service can give again are kept in the database."""

    rpc: RpcClient
    database: Database[dict[str, Any]]
    under_way: UnderWay
    memory: Memory
    cursors: Cursors

    def forward(self, request: Request, route: Route, actor: Actor) -> Response:
        """Return the service's answer, or the first one to the same Idempotency-Key."""
        key = requests.idempotency_key(request) if route.creates else None
        if key is None:
            id_ = request.id if route.method == "GET" else ulid()
            return self._call(request, route, context_of(request, actor, id_))
        id_, fingerprint = idempotency.record_id(actor.id, key), _fingerprint(request, route)
        context = context_of(request, actor, id_, fingerprint)
        if route.keyed:
            with self.under_way.entered(id_, fingerprint):
                return self._call(request, route, context)
        return self._once(request, route, context)

    def _once(self, request: Request, route: Route, context: CallContext) -> Response:
        """Answer a request for the first time, or as it was answered then."""
        id_ = context.operation_id
        kept = idempotency.begin(self.database, id_, context.fingerprint)
        if kept is not None:
            return Response(kept.status, dict(kept.headers), kept.body.encode())
        response = guarded(request.id, lambda: self._call(request, route, context))
        try:
            if route.operation.service == "client_profile":
                idempotency.release(self.database, id_, response.status)
            else:
                idempotency.finish(self.database, id_, _kept(response))
        except PyMongoError as error:
            # The effect is keyed by the same id in its service, so a retry finds it.
            log.warning("idempotency.not_kept", error=type(error).__name__)
        return response

    def _call(self, request: Request, route: Route, context: CallContext) -> Response:
        carried = requests.carried(
            request, route, lambda: self._current_version(request, route, context)
        )
        checks.before(route, request.body, carried, self.rpc, context)
        if (day := _day(route, carried)) is not None:
            return self._kept(self.memory.days, day, request, route, carried, context)
        if route.by_period and (period := period_of(carried)) is not None:
            return self._kept(self.memory.searches, period, request, route, carried, context)
        answer = self._ask(request, route, carried, context)
        accept = request.headers.get("accept", "")
        if route.table is not None and wants(CSV, "csv", carried, accept):
            columns = [wire_name(field.name) for field in fields(route.table)]
            return text_answer(csv_text(columns, answer["items"]), CSV)
        if route.plot is not None and wants(SVG, "svg", carried, accept):
            return text_answer(svg_text(route.plot, answer), SVG)
        return self._answer(request, route, answer)

    def _ask(
        self, request: Request, route: Route, carried: Mapping[str, Any], context: CallContext
    ) -> dict[str, Any]:
        """Return the service's answer."""
        reads = route.method == "GET"
        document = dict(carried) if reads else requests.document(request.body, carried)
        # In a command's body too; what is no text there is the service's to refuse.
        if route.pages and isinstance(document.get("cursor"), str):
            document["cursor"] = self.cursors.read(route.path, document["cursor"])
        answer = self.rpc.call(route.operation, document, context, route.seconds, lenient=reads)
        if route.pages:
            answer["next"] = self.cursors.signed(route.path, answer["next"])
        return answer

    def _answer(self, request: Request, route: Route, answer: Mapping[str, Any]) -> Response:
        """Return the response to a service's answer."""
        body = encode(answer)
        headers = {"Content-Type": JSON}
        if not versioned(route.operation):
            if route.method != "GET":
                self._wrote(route, {})
            return Response(route.status, headers, body)
        headers["ETag"] = f'"{answer["version"]}"'
        if route.method != "GET":
            self._wrote(route, answer)
        elif not route.shows_others and etags.unchanged(
            request.headers.get("if-none-match", ""), headers["ETag"]
        ):
            return Response(NOT_MODIFIED, {"ETag": headers["ETag"]})
        if route.status == CREATED and route.path in RECORDS_OF and answer["id"] is not None:
            headers["Location"] = f"{request.path}/{answer['id']}"
        return Response(route.status, headers, body)

    def _kept(  # noqa: PLR0913, PLR0917 (private, called in one way)
        self,
        kept: Kept[About],
        about: About,
        request: Request,
        route: Route,
        carried: Mapping[str, Any],
        context: CallContext,
    ) -> Response:
        """Answer from memory what is there, and keep what is not."""
        # Nobody gets what was fetched for somebody who may see another part of the chain.
        sight = (context.location_scope, context.sees_health_numbers)
        key = (route.path, tuple(sorted(carried.items())), sight)
        sheet, age = kept.read(
            about, key, lambda: encode(self._ask(request, route, carried, context))
        )
        headers = {"ETag": sheet.etag, "Age": str(age)}
        if etags.unchanged(request.headers.get("if-none-match", ""), sheet.etag):
            return Response(NOT_MODIFIED, headers)
        return Response(200, {"Content-Type": JSON, **headers}, sheet.body)

    def _wrote(self, route: Route, record: Mapping[str, Any]) -> None:
        """Have the writer read its own write."""
        if route.operation is booking.MOVE_APPOINTMENT:
            self.memory.moved(record)
        elif route.operation.response is AppointmentView:
            self.memory.changed(record)
        elif route.operation.service == booking.VERIFY.service:
            self.memory.clear()

    def _current_version(self, request: Request, route: Route, context: CallContext) -> int:
        """Return the version of the record a change is about: its own path, read, says it.

        Should it change before the write, the service refuses the write as stale.
        """
        record = route.path if route.path in READERS else route.path.rpartition("/")[0]
        body = self.rpc.call(READERS[record].operation, request.path_values, context)
        return int(body["version"])


def _day(route: Route, carried: Mapping[str, Any]) -> Day | None:
    """Return which location's day is asked for, if one is and its answer is kept in memory."""
    if not route.by_day or "location_id" not in carried:
        return None
    date = carried.get("date", "")
    return None if _DATE.fullmatch(date) is None else (carried["location_id"], date)


def _fingerprint(request: Request, route: Route) -> str:
    version = request.headers.get("if-match", "")
    whole = f"{route.method} {request.path} {version}\n".encode() + request.body
    return hashlib.sha256(whole).hexdigest()


def _kept(response: Response) -> idempotency.Kept:
    headers = [[name, response.headers[name]] for name in KEPT_HEADERS if name in response.headers]
    return idempotency.Kept(response.status, response.body.decode(), headers)
