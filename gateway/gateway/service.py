"""The gateway's one Nameko class: from HTTP to a service and back."""

from collections.abc import Callable
from typing import Any

import pymongo
from nameko.extensions import DependencyProvider
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from clinic_contracts.billing import operations as billing
from clinic_runtime.config import Setting
from clinic_runtime.health import readiness
from clinic_runtime.ids import ulid
from clinic_runtime.mongo import MongoDatabase
from clinic_runtime.passing import Passing
from clinic_runtime.process import OneForAll
from clinic_runtime.rpc import RpcClient
from gateway import (
    calendars,
    calls,
    card_events,
    checks,
    fhir,
    idempotency,
    offer_calls,
    offers,
    own,
    pages,
    papers,
    payer_files,
)
from gateway.forwarding import Forwarder, context_of
from gateway.http import requests
from gateway.http.answers import json_answer
from gateway.http.messages import Request, Response
from gateway.http.server import endpoint
from gateway.idempotency import UnderWay
from gateway.identity import accounts, callers
from gateway.identity.access import Actor, authorise
from gateway.identity.accounts import Accounts
from gateway.memory import Memory
from gateway.openapi import specification
from gateway.operating.answers import ANSWERS
from gateway.operating.calls import OPERATING
from gateway.pages.docs import docs
from gateway.pages.home import home
from gateway.routes import ROUTES
from gateway.routing import Call, OwnCall, Route

READINESS_SECONDS = 2


def ensure(database: Any) -> None:  # noqa: ANN401 (pymongo)
    """Make the gateway's own indexes."""
    accounts.ensure(database)
    idempotency.ensure(database)


class AccountsProvider(MongoDatabase):
    """The gateway's database, and on it the process's one ``Accounts`` with its cache."""

    accounts: Accounts

    def setup(self) -> None:
        """Make indexes and the first owner, before the first request can come."""
        super().setup()
        self.accounts = Accounts(self.link.database)
        config = self.container.config
        if config.get("owner_email") and config.get("owner_password"):
            self.accounts.ensure_owner(config["owner_email"], str(config["owner_password"]))

    def get_dependency(self, worker_ctx: Any) -> Any:  # noqa: ANN401, ARG002
        """Return the accounts."""
        return self.accounts


class Readiness(DependencyProvider):  # type: ignore[misc]  # nameko is untyped
    """What the process needs, and whether it is there."""

    def get_dependency(self, worker_ctx: Any) -> Any:  # noqa: ANN401, ARG002
        """Return a function that looks now, for at most two seconds."""

        def look() -> dict[str, bool]:
            with pymongo.timeout(READINESS_SECONDS):
                return readiness(self.container)

        return look


class GatewayService:
    """The HTTP front door."""

    name = "gateway"
    rpc = RpcClient()
    accounts = AccountsProvider(ensure)
    readiness = Readiness()
    proxies = Setting("proxies", 0)
    under_way = OneForAll(UnderWay)
    memory = Passing("booking", Memory)

    @endpoint(*ROUTES)
    def forward(self, request: Request, route: Route) -> Response:
        """Hand a call to the service that answers it."""
        forwarder = Forwarder(self.rpc, self.accounts.database, self.under_way, self.memory)
        return self._signed_in(request, route, lambda who: forwarder.forward(request, route, who))

    @endpoint(calls.PRINT_RECEIPT, calls.SHOW_RECEIPT)
    def print_receipt(self, request: Request, call: OwnCall) -> Response:
        """Return a receipt as a PDF or a page."""
        form = call.path.rpartition(".")[2]

        def print_it(actor: Actor) -> Response:
            context = context_of(request, actor, ulid())
            asked = {**request.path_values, "form": form}
            document = self.rpc.call(billing.PRINT_RECEIPT, asked, context)
            return own.file_answer(document)

        return self._signed_in(request, call, print_it)

    @endpoint(*papers.PAPERS)
    def print_paper(self, request: Request, call: OwnCall) -> Response:
        """Return a statement or a closed day as a page."""

        def print_it(actor: Actor) -> Response:
            context = context_of(request, actor, ulid())
            asked = {**requests.query(request), **request.path_values}
            document = self.rpc.call(papers.PAPERS[call], asked, context)
            return own.file_answer(document)

        return self._signed_in(request, call, print_it)

    @endpoint(*payer_files.TAKING)
    def take_payer_file(self, request: Request, call: OwnCall) -> Response:
        """Take a payer's file in."""

        def take(actor: Actor) -> Response:
            return payer_files.take(request, self.rpc, context_of(request, actor, ulid()))

        return self._signed_in(request, call, take)

    @endpoint(card_events.TAKE)
    def take_stripe_event(self, request: Request, _call: OwnCall) -> Response:
        """Take an event of Stripe's."""
        return card_events.take(request, self.rpc)

    @endpoint(*payer_files.READ)
    def read_payer_file(self, request: Request, call: OwnCall) -> Response:
        """Return a claim as its payer gets it, or a payer's file as it came."""

        def read(actor: Actor) -> Response:
            context = context_of(request, actor, ulid())
            operation = payer_files.READ[call]
            seconds = payer_files.SECONDS
            return own.file_answer(self.rpc.call(operation, request.path_values, context, seconds))

        return self._signed_in(request, call, read)

    @endpoint(fhir.METADATA)
    def fhir_metadata(self, _request: Request, _call: OwnCall) -> Response:
        """Say what can be asked in FHIR."""
        return fhir.metadata()

    @endpoint(*fhir.READ)
    def read_fhir(self, request: Request, call: OwnCall) -> Response:
        """Return a record as a FHIR resource."""

        def read(actor: Actor) -> Response:
            return fhir.read(request, call, self.rpc, context_of(request, actor, ulid()))

        return self._signed_in(request, call, read)

    @endpoint(fhir.SUBMIT)
    def submit_fhir(self, request: Request, call: OwnCall) -> Response:
        """Fill in and send a claim by a FHIR Claim."""

        def submit(actor: Actor) -> Response:
            return fhir.submit(request, self.rpc, context_of(request, actor, ulid()))

        return self._signed_in(request, call, submit)

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

    @endpoint(calls.SIGN_IN)
    def sign_in(self, request: Request, _call: OwnCall) -> Response:
        """Sign somebody in: a session cookie, and the token for other clients."""
        return own.sign_in(request, self.accounts, int(self.proxies))

    @endpoint(calls.SIGN_OUT)
    def sign_out(self, request: Request, _call: OwnCall) -> Response:
        """End the session."""
        return own.sign_out(request, self.accounts)

    @endpoint(calls.ME)
    def me(self, request: Request, call: OwnCall) -> Response:
        """Say who is asking, and what they may."""
        return self._signed_in(request, call, own.me)

    @endpoint(calls.MAKE_KEY)
    def make_key(self, request: Request, call: OwnCall) -> Response:
        """Make an API key, shown once."""
        return self._signed_in(request, call, lambda _who: own.make_key(request, self.accounts))

    @endpoint(calls.VERIFY)
    def verify(self, request: Request, call: OwnCall) -> Response:
        """Have every service check its books; degrades by part."""

        def check(actor: Actor) -> Response:
            return json_answer(checks.verify(self.rpc, context_of(request, actor, ulid())))

        return self._signed_in(request, call, check)

    @endpoint(*OPERATING)
    def operate(self, request: Request, call: OwnCall) -> Response:
        """Answer what is asked of all services' events and queues; degrades by part."""

        def ask(actor: Actor) -> Response:
            asked = {**requests.query(request), **request.path_values}
            context = context_of(request, actor, ulid())
            return json_answer(ANSWERS[call.name](asked, self.rpc, context))

        return self._signed_in(request, call, ask)

    @endpoint(calls.HEALTHZ)
    def healthz(self, _request: Request, _call: OwnCall) -> Response:
        """Say that the process runs."""
        return json_answer({"status": "ok"})

    @endpoint(calls.READYZ)
    def readyz(self, _request: Request, _call: OwnCall) -> Response:
        """Say whether broker and database are there."""
        parts = self.readiness()
        return json_answer(parts, 200 if all(parts.values()) else 503)

    @endpoint(calls.HOME)
    def home(self, request: Request, _call: OwnCall) -> Response:
        """Show what runs."""
        return home(self.readiness(), checks.services(self.rpc, request.id))

    @endpoint(calls.DOCS)
    def docs(self, _request: Request, _call: OwnCall) -> Response:
        """Show how the API is used."""
        return docs()

    @endpoint(calls.STYLE)
    def style(self, _request: Request, _call: OwnCall) -> Response:
        """Serve the pages' stylesheet."""
        return pages.style()

    @endpoint(calls.OPENAPI)
    def openapi(self, _request: Request, _call: OwnCall) -> Response:
        """Serve the specification."""
        return json_answer(specification())

    @endpoint(calls.METRICS)
    def metrics(self, _request: Request, _call: OwnCall) -> Response:
        """Serve the process's figures."""
        return Response(200, {"Content-Type": CONTENT_TYPE_LATEST}, generate_latest())

    def _links(self, request: Request) -> offers.Links:
        source = callers.source(request, int(self.proxies))
        return offers.Links(self.rpc, self.accounts.database, self.memory, source)

    def _signed_in(
        self, request: Request, call: Call, answer: Callable[[Actor], Response]
    ) -> Response:
        token = callers.token(request)
        callers.check_page(request)
        actor: Actor = self.accounts.who(token)
        authorise(actor, call.action)
        return answer(actor)
