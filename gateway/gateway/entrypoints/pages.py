"""Pages for people, and the specification."""

from gateway import calls, checks, pages
from gateway.entrypoints.base import Entrypoints
from gateway.http.answers import JSON
from gateway.http.messages import Request, Response
from gateway.http.server import endpoint
from gateway.openapi import encoded
from gateway.pages.docs import docs
from gateway.pages.events import events
from gateway.pages.home import home
from gateway.routing import OwnCall


class Pages(Entrypoints):
    """What is read rather than called."""

    @endpoint(calls.HOME)
    def home(self, request: Request, _call: OwnCall) -> Response:
        """Show what runs."""
        return home(self.readiness(), checks.services(self.rpc, request.id))

    @endpoint(calls.DOCS)
    def docs(self, _request: Request, _call: OwnCall) -> Response:
        """Show how the API is used."""
        return docs()

    @endpoint(calls.DOCS_EVENTS)
    def docs_events(self, _request: Request, _call: OwnCall) -> Response:
        """Show how programs are told of events."""
        return events()

    @endpoint(calls.STYLE)
    def style(self, _request: Request, _call: OwnCall) -> Response:
        """Serve the pages' stylesheet."""
        return pages.style()

    @endpoint(calls.OPENAPI)
    def openapi(self, _request: Request, _call: OwnCall) -> Response:
        """Serve the specification."""
        return Response(200, {"Content-Type": JSON}, encoded())
