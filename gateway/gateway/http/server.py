"""HTTP on Nameko's extension points: lean connections, every refusal a problem document."""

import re
import socket
from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from typing import Any

import eventlet
import structlog
from eventlet.event import Event
from nameko.containers import WorkerContext
from nameko.extensions import Entrypoint, SharedExtension, register_entrypoint

from clinic_contracts.errors import BadRequest, ClinicError, MethodNotAllowed, ServiceUnavailable
from clinic_runtime.ids import ulid
from clinic_runtime.observability import get_logger
from gateway.http.answers import Told, conditional, guarded, problem, transport_headers
from gateway.http.connections import Connection
from gateway.http.cors import Origins
from gateway.http.messages import Request, Response
from gateway.http.outcomes import is_fhir, outcome
from gateway.http.parsing import Received
from gateway.http.paths import Paths
from gateway.http.trace import traceparent
from gateway.limits import Limits, Turn
from gateway.routing import Call

log = get_logger(__name__)
MOST_CONNECTIONS = 2_000
BACKLOG = 512
ARRIVAL_SECONDS = 1.0
"""What a request that has begun gets to arrive in once the process is told to stop."""
DRAIN_SECONDS = 8.0
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?"
_HOST = re.compile(rf"(?:{_LABEL}(?:\.{_LABEL})*\.?|\[[0-9A-Fa-f:.]+\])(?::\d{{0,5}})?")
_ABSOLUTE = re.compile(rb"https?://([^/?#]*)(.*)", re.DOTALL | re.IGNORECASE)

Handler = Callable[[Request, Call], Response]


class Server(SharedExtension):  # type: ignore[misc]  # nameko is untyped
    """Accepts connections and hands each request to the method behind its path.

    The method runs on the connection's green thread, on one instance of the service: what nameko
    would inject per request is the same for all of them. No more than ``max_workers`` requests
    are under way; one more is told to come back.
    """

    def __init__(self) -> None:
        super().__init__()
        self.endpoints: list[Endpoint] = []
        self.connections: set[Connection] = set()
        self.under_way = 0
        self.most = 0
        self.paths: Paths[tuple[Handler, Call]] = Paths(())
        self.origins = Origins()
        self.limits = Limits()
        self.listener: Any = None
        self.acceptor: Any = None
        self.drained: Event | None = None

    def start(self) -> None:
        """Listen."""
        config = self.container.config
        host, _, port = str(config["WEB_SERVER_ADDRESS"]).rpartition(":")
        self.most = int(config["max_workers"])
        self.origins = Origins(str(config.get("cors_origins") or ""))
        proxies = int(config.get("proxies", 0))
        self.limits = Limits(str(config.get("rate_limits") or ""), proxies)
        self.paths = Paths(self._calls())
        self.listener = eventlet.listen((host, int(port)), backlog=BACKLOG)
        self.acceptor = self.container.spawn_managed_thread(self._accept, identifier="http")

    def drain(self) -> None:
        """Take no more connections or requests; return once what is under way is answered."""
        if self.drained is not None:
            self.drained.wait()
            return
        self.drained = Event()
        self.acceptor.kill()
        self.listener.close()
        for patience, at_once in ((ARRIVAL_SECONDS, False), (DRAIN_SECONDS, True)):
            for connection in tuple(self.connections):
                connection.end(at_once=at_once)
            with eventlet.Timeout(patience, exception=False):
                while self.connections:
                    eventlet.sleep(0.01)
        self.drained.send(None)

    def _calls(self) -> list[tuple[str, str, tuple[Handler, Call]]]:
        service = self.container.service_cls()
        context = WorkerContext(self.container, service, self.endpoints[0])
        for dependency in self.container.dependencies:
            setattr(service, dependency.attr_name, dependency.get_dependency(context))
        return [
            (each.call.method, each.call.path, (getattr(service, each.method_name), each.call))
            for each in self.endpoints
        ]

    def _accept(self) -> None:
        while True:
            try:
                sock, address = self.listener.accept()
            except OSError as error:  # out of descriptors, or the client was gone already
                log.warning("http.not_accepted", error=repr(error))
                eventlet.sleep(0.1)
                continue
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection = Connection(sock, str(address[0]), self._answer, self._refuse)
            eventlet.spawn_n(self._serve, connection)

    def _serve(self, connection: Connection) -> None:
        busy = None
        if len(self.connections) >= MOST_CONNECTIONS:
            busy = ServiceUnavailable("too many connections; wait", retry_after=1)
        self.connections.add(connection)
        try:
            connection.serve(unwelcome=busy)
        except Exception:
            log.exception("http.connection_failed")
        finally:
            self.connections.discard(connection)

    def _answer(self, received: Received, peer: str) -> Response:
        """Return the answer to one request, whatever becomes of it."""
        given = received.headers.get("x-request-id", "")
        id_ = given if _REQUEST_ID.fullmatch(given) else ulid()
        trace = traceparent(received.headers.get("traceparent", ""))
        structlog.contextvars.bind_contextvars(request_id=id_, traceparent=trace)
        told = _told(received.target)
        turns: list[Turn] = []
        answered = guarded(id_, lambda: self._answered(received, peer, id_, trace, turns), told)
        quota = [self.limits.answered(turn, answered.status).headers() for turn in turns]
        headers = {
            **self.origins.headers(received.headers),
            **transport_headers(received.headers),
            **answered.headers,
            **(quota[0] if quota else {}),
            "X-Request-Id": id_,
            "Traceparent": trace,
        }
        return replace(answered, headers=headers)

    def _answered(
        self, received: Received, peer: str, id_: str, trace: str, turns: list[Turn]
    ) -> Response:
        """Return the answer, or raise what refuses it; leave in ``turns`` what it counted as."""
        path, _, query = _target(received).partition("?")
        try:
            (handler, call), values = self.paths.find(received.method, path)
        except MethodNotAllowed as error:
            if received.method != "OPTIONS":
                raise
            allow = ", ".join(error.extra["allow"])
            headers = {"Allow": allow, **self.origins.preflight(received.headers, allow)}
            return Response(HTTPStatus.NO_CONTENT, headers)
        request = Request(
            method=received.method,
            path=path,
            query=query,
            headers=received.headers,
            body=received.body,
            path_values=values,
            peer=peer,
            id=id_,
            traceparent=trace,
        )
        if call.limited:
            turns.append(self.limits.turn(request, call))
            turns[0].check()
        if self.under_way >= self.most and not call.uncounted:
            raise ServiceUnavailable("too many requests at once; try again", retry_after=1)
        self.under_way += 1
        try:
            return conditional(request, handler(request, call))
        finally:
            self.under_way -= 1

    @staticmethod
    def _refuse(error: ClinicError, target: bytes) -> Response:
        """Return the answer to what could not be read as a request, as far as it was."""
        id_ = ulid()
        response = _told(target)(error, id_)
        return Response(response.status, {**response.headers, "X-Request-Id": id_}, response.body)


class Endpoint(Entrypoint):  # type: ignore[misc]  # nameko is untyped
    """One verb on one path; ``call`` is handed to the method beside the request."""

    server = Server()

    def __init__(self, call: Call) -> None:
        """Take the call that the method answers."""
        super().__init__()
        self.call = call

    def setup(self) -> None:
        """Have the server know it."""
        self.server.endpoints.append(self)

    def stop(self) -> None:
        """Answer what is under way; nameko stops what the answers need only then."""
        self.server.drain()


def endpoint(*calls: Call) -> Callable[[Any], Any]:
    """Make a service's method ``(self, request, call) -> Response`` answer these calls."""

    def decorate(function: Any) -> Any:  # noqa: ANN401
        for call in calls:
            register_entrypoint(function, Endpoint(call))
        return function

    return decorate


def _told(target: bytes) -> Told:
    return outcome if is_fhir(target) else problem


def _target(received: Received) -> str:
    """Return path and query; raises BadRequest for a target or a Host that is none."""
    target, host = received.target, received.headers.get("host", "")
    absolute = _ABSOLUTE.fullmatch(target)
    if absolute is not None:
        host, target = absolute[1].decode("ascii"), absolute[2] or b"/"
    if not _HOST.fullmatch(host):
        raise BadRequest("the Host header is not a host name")
    return target.decode("ascii").partition("#")[0]
