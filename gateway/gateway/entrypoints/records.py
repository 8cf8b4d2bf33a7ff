"""Calls that a service answers, and papers that billing prints."""

from clinic_contracts.billing import operations as billing
from clinic_runtime.ids import ulid
from gateway import access_logs, calls, histories, own, papers
from gateway.entrypoints.base import Entrypoints
from gateway.forwarding import Forwarder, context_of
from gateway.http import requests
from gateway.http.messages import Request, Response
from gateway.http.server import endpoint
from gateway.identity.access import Actor
from gateway.routes import ROUTES
from gateway.routing import OwnCall, Route


class Records(Entrypoints):
    """The services' records, as JSON and on paper."""

    @endpoint(*ROUTES)
    def forward(self, request: Request, route: Route) -> Response:
        """Hand a call to the service that answers it."""
        forwarder = Forwarder(
            self.rpc, self.accounts.database, self.under_way, self.memory, self.cursors
        )
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

    @endpoint(access_logs.READ)
    def read_access_log(self, request: Request, call: OwnCall) -> Response:
        """Say who looked at a client's record."""

        def read(actor: Actor) -> Response:
            context = context_of(request, actor, ulid())
            database = self.accounts.database
            return access_logs.read(request, self.rpc, context, self.cursors, database)

        return self._signed_in(request, call, read)

    @endpoint(histories.READ_HISTORY)
    def read_history(self, request: Request, call: OwnCall) -> Response:
        """Say what became of a visit, when and by whom."""

        def read(actor: Actor) -> Response:
            context = context_of(request, actor, ulid())
            return histories.read(request, self.rpc, context, self.accounts.database)

        return self._signed_in(request, call, read)

    @endpoint(*papers.PAPERS)
    def print_paper(self, request: Request, call: OwnCall) -> Response:
        """Return a statement or a closed day as a page."""

        def print_it(actor: Actor) -> Response:
            context = context_of(request, actor, ulid())
            asked = {**requests.query(request), **request.path_values}
            document = self.rpc.call(papers.PAPERS[call], asked, context)
            return own.file_answer(document)

        return self._signed_in(request, call, print_it)
