"""HTTP on Nameko: every refusal a problem document, whatever level it comes from."""

from collections.abc import Callable, Iterable
from functools import partial
from http import HTTPStatus
from typing import Any

from eventlet.event import Event
from eventlet.wsgi import HeaderLineTooLong, HeadersTooLarge
from nameko.extensions import register_entrypoint
from nameko.web.handlers import HttpRequestHandler
from nameko.web.server import HttpOnlyProtocol, WebServer, WsgiApp
from werkzeug.exceptions import BadRequest as BadHost
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import MethodNotAllowed as WrongVerb
from werkzeug.wrappers import Request, Response

from clinic_contracts.errors import (
    BadRequest,
    ClinicError,
    InternalError,
    MethodNotAllowed,
    NotFound,
    ServiceUnavailable,
)
from clinic_runtime.ids import ulid
from clinic_runtime.observability import get_logger
from gateway.http import bodies, errors, requests
from gateway.http.answers import SECURITY_HEADERS, empty, problem
from gateway.http.trace import traceparent
from gateway.routing import Call

log = get_logger(__name__)
URL_LIMIT = 8 * 1024
REQUEST_LINE_LIMIT = 64 * 1024
"""eventlet's, beyond which its answer is bare; up to it a long URL gets a problem document."""
IDLE_SECONDS = 60


class _Protocol(HttpOnlyProtocol):  # type: ignore[misc]  # nameko is untyped
    def parse_request(self) -> bool:
        """Read request line and headers; what cannot be read is answered here."""
        try:
            if not super().parse_request():
                return False
        except (HeaderLineTooLong, HeadersTooLarge):
            self.send_error(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
            return False
        fault = bodies.misframed(self.headers)
        if fault is not None:
            self._refuse(BadRequest(fault))
        return fault is None

    def send_error(self, code: int, message: Any = None, explain: Any = None) -> None:  # noqa: ANN401, ARG002
        """Answer what the standard library refuses; its page would quote the caller's bytes."""
        if code == HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE:
            self._refuse(errors.HeadersTooLarge("too many headers, or one is too long"))
        else:
            self._refuse(BadRequest("this is not a request in HTTP/1.1"))

    def _refuse(self, error: ClinicError) -> None:
        request_id = ulid()
        response = problem(error, request_id)
        response.headers.extend({**SECURITY_HEADERS, "X-Request-Id": request_id})
        response.headers["Connection"] = "close"
        lines = [f"HTTP/1.1 {response.status}", *(f"{k}: {v}" for k, v in response.headers)]
        self.wfile.write("\r\n".join([*lines, "", ""]).encode("latin-1") + response.get_data())
        self.close_connection = True

    def get_environ(self) -> dict[str, Any]:
        """Return the WSGI environment, a Content-Type that was not sent being an empty one."""
        environ: dict[str, Any] = super().get_environ()
        environ["CONTENT_TYPE"] = self.headers.get("Content-Type", "")
        environ["clinic.connection"] = self
        return environ


class _Application(WsgiApp):  # type: ignore[misc]  # nameko is untyped
    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:  # noqa: ANN401
        request = Request(environ)
        environ["clinic.request_id"] = requests.request_id(request)
        environ["clinic.traceparent"] = traceparent(request.headers.get("traceparent", ""))
        response = self._respond(environ, request)
        for name, value in SECURITY_HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers["X-Request-Id"] = environ["clinic.request_id"]
        response.headers["traceparent"] = environ["clinic.traceparent"]
        result: Iterable[bytes] = response(environ, start_response)
        return result

    def _respond(self, environ: dict[str, Any], request: Request) -> Response:
        try:
            # Here, and not in a worker: a client that sends slowly holds up nobody else.
            environ["clinic.body"] = bodies.read(environ)
        except ClinicError as error:
            # What was not read must not be taken for the next request.
            environ["clinic.connection"].close_connection = True
            return problem(error, environ["clinic.request_id"])
        try:
            _check_url(environ)
            provider, path_values = self.url_map.bind_to_environ(environ).match()
        except ClinicError as error:
            return problem(error, environ["clinic.request_id"])
        except HTTPException as error:
            if request.method == "OPTIONS" and isinstance(error, WrongVerb):
                return empty(HTTPStatus.NO_CONTENT, {"Allow": ", ".join(_allowed(error))})
            return problem(_refusal(error), environ["clinic.request_id"])
        request.path_values = path_values  # type: ignore[attr-defined]  # nameko's convention
        response: Response = provider.handle_request(request)
        return response


def _check_url(environ: dict[str, Any]) -> None:
    path, query = environ["RAW_PATH_INFO"], environ.get("QUERY_STRING", "")
    if len(path) + len(query) > URL_LIMIT:
        raise errors.UrlTooLong(f"path and query are longer than {URL_LIMIT} bytes")
    if "%2f" in path.lower():
        # Decoded it would be a separator, and the path another one than the caller wrote.
        raise NotFound("there is nothing at this path")


def _refusal(error: HTTPException) -> ClinicError:
    if isinstance(error, WrongVerb):
        return MethodNotAllowed("this path does not take that method", allow=_allowed(error))
    if isinstance(error, BadHost):
        return BadRequest("the Host header is not a host name")
    return NotFound("there is nothing at this path")


def _allowed(error: WrongVerb) -> list[str]:
    return sorted({*(error.valid_methods or ()), "OPTIONS"})


class _Server(WebServer):  # type: ignore[misc]  # nameko is untyped
    def get_wsgi_app(self) -> _Application:
        return _Application(self)

    def get_wsgi_server(self, sock: Any, wsgi_app: Any) -> Any:  # noqa: ANN401
        server = super().get_wsgi_server(sock, wsgi_app, protocol=_Protocol)
        server.url_length_limit = REQUEST_LINE_LIMIT
        server.socket_timeout = IDLE_SECONDS
        return server


class Endpoint(HttpRequestHandler):  # type: ignore[misc]  # nameko is untyped
    """One verb on one path; ``call`` is handed to the method beside the request."""

    server = _Server()

    def __init__(self, call: Call) -> None:
        """Take the call that the method answers."""
        super().__init__(call.method, call.path)
        self.call = call

    def handle_request(self, request: Request) -> Response:
        """Run the method in a worker and return its response."""
        answered = Event()
        try:
            self.container.spawn_worker(
                self, (request, self.call), {}, handle_result=partial(_answered, answered)
            )
            response: Response = answered.wait()
        except Exception as error:
            log.exception("http.failed")
            return problem(_unexpected(error), request.environ["clinic.request_id"])
        return response


def _answered(event: Event, _context: Any, result: Any, exc_info: Any) -> tuple[Any, Any]:  # noqa: ANN401
    event.send(result, exc_info)
    return result, None


def _unexpected(error: Exception) -> ClinicError:
    if type(error).__name__ == "ContainerBeingKilled":
        return ServiceUnavailable("this process is stopping; try again", retry_after=1)
    return InternalError("something went wrong here; the log has it under the request id")


def endpoint(*calls: Call) -> Callable[[Any], Any]:
    """Make a service's method ``(self, request, call) -> Response`` answer these calls."""

    def decorate(function: Any) -> Any:  # noqa: ANN401
        for call in calls:
            register_entrypoint(function, Endpoint(call))
        return function

    return decorate
