"""HTTP on Nameko: every refusal a problem document, whatever level it comes from."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from eventlet.event import Event
from nameko.extensions import register_entrypoint
from nameko.web.handlers import HttpRequestHandler
from nameko.web.server import WebServer, WsgiApp
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
from clinic_runtime.observability import get_logger
from gateway import requests
from gateway.answers import SECURITY_HEADERS, problem

log = get_logger(__name__)


class _Application(WsgiApp):  # type: ignore[misc]  # nameko is untyped
    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:  # noqa: ANN401
        request = Request(environ)
        request_id = requests.request_id(request)
        environ["clinic.request_id"] = request_id
        response = self._respond(environ, request, request_id)
        for name, value in SECURITY_HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers["X-Request-Id"] = request_id
        result: Iterable[bytes] = response(environ, start_response)
        return result

    def _respond(self, environ: dict[str, Any], request: Request, request_id: str) -> Response:
        try:
            adapter = self.url_map.bind_to_environ(environ)
            provider, path_values = adapter.match()
            request.path_values = path_values  # type: ignore[attr-defined]  # nameko's convention
            response: Response = provider.handle_request(request)
        except HTTPException as error:
            return problem(_refusal(error), request_id)
        return response


def _refusal(error: HTTPException) -> ClinicError:
    if isinstance(error, WrongVerb):
        allowed = sorted(set(error.valid_methods or ()) - {"HEAD", "OPTIONS"})
        return MethodNotAllowed("this path does not take that method", allow=allowed)
    if isinstance(error, BadHost):
        return BadRequest("the Host header is not a host name")
    return NotFound("there is nothing at this path")


class _Server(WebServer):  # type: ignore[misc]  # nameko is untyped
    def get_wsgi_app(self) -> _Application:
        return _Application(self)


class Endpoint(HttpRequestHandler):  # type: ignore[misc]  # nameko is untyped
    """One verb on one path; ``subject`` is handed to the method beside the request."""

    server = _Server()

    def __init__(self, method: str, path: str, subject: Any) -> None:  # noqa: ANN401
        """Take verb, werkzeug rule, and what the method needs to know of the route."""
        super().__init__(method, path)
        self.subject = subject

    def handle_request(self, request: Request) -> Response:
        """Run the method in a worker and return its response."""
        answered = Event()
        try:
            self.container.spawn_worker(
                self, (request, self.subject), {}, handle_result=partial(_answered, answered)
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


def endpoint(method: str, path: str, subject: Any = None) -> Callable[[Any], Any]:  # noqa: ANN401
    """Make a service's method ``(self, request, subject) -> Response`` answer a verb on a path."""

    def decorate(function: Any) -> Any:  # noqa: ANN401
        register_entrypoint(function, Endpoint(method, path, subject))
        return function

    return decorate


def endpoints(routes: Iterable[tuple[str, str, Any]]) -> Callable[[Any], Any]:
    """Make one method answer many."""

    def decorate(function: Any) -> Any:  # noqa: ANN401
        for method, path, subject in routes:
            register_entrypoint(function, Endpoint(method, path, subject))
        return function

    return decorate
