"""Addresses that are secrets: calendar feeds, and the links of offers."""

from clinic_runtime.ids import ulid
from gateway import calendars, offer_calls, offers
from gateway.entrypoints.base import Entrypoints
from gateway.forwarding import context_of
from gateway.http.answers import json_answer
from gateway.http.messages import Request, Response
from gateway.http.server import endpoint
from gateway.identity import callers
from gateway.identity.access import Actor
from gateway.routing import OwnCall


class Links(Entrypoints):
    """What is answered to whoever has an address."""

    @endpoint(calendars.OPEN_FEED)
    def open_feed(self, request: Request, call: OwnCall) -> Response:
        """Open a calendar feed, whose address is shown once."""

        def open_it(actor: Actor) -> Response:
            return calendars.open_feed(request, self.rpc, context_of(request, actor, ulid()))

        return self._signed_in(request, call, open_it)

    @endpoint(calendars.READ_FEED)
    def read_feed(self, request: Request, _call: OwnCall) -> Response:
        """Return the calendar at a secret address."""
        return calendars.read_feed(request, self.rpc)

    @endpoint(*offer_calls.API)
    def answer_offer(self, request: Request, call: OwnCall) -> Response:
        """Answer whoever has the link of an offer."""
        return json_answer(self._links(request).ask(request, call), call.status)

    @endpoint(*offer_calls.PAGES)
    def show_offer(self, request: Request, call: OwnCall) -> Response:
        """Show the page of an offer."""
        return offers.shown(request, call, self._links(request))

    def _links(self, request: Request) -> offers.Links:
        source = callers.source(request, int(self.proxies))
        return offers.Links(self.rpc, self.accounts.database, self.memory, source)
