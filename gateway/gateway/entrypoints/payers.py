"""Payers' and card processors' systems, and FHIR."""

from clinic_runtime.ids import ulid
from gateway import card_events, fhir, own, payer_files
from gateway.entrypoints.base import Entrypoints
from gateway.forwarding import context_of
from gateway.http.messages import Request, Response
from gateway.http.server import endpoint
from gateway.identity.access import Actor
from gateway.routing import OwnCall


class Payers(Entrypoints):
    """Files in and out, events of cards, and FHIR."""

    @endpoint(*payer_files.TAKING)
    def take_payer_file(self, request: Request, call: OwnCall) -> Response:
        """Take a payer's file in."""

        def take(actor: Actor) -> Response:
            return payer_files.take(request, self.rpc, context_of(request, actor, ulid()))

        return self._signed_in(request, call, take)

    @endpoint(*payer_files.READ)
    def read_payer_file(self, request: Request, call: OwnCall) -> Response:
        """Return a claim as its payer gets it, or a payer's file as it came."""

        def read(actor: Actor) -> Response:
            context = context_of(request, actor, ulid())
            operation = payer_files.READ[call]
            seconds = payer_files.SECONDS
            return own.file_answer(self.rpc.call(operation, request.path_values, context, seconds))

        return self._signed_in(request, call, read)

    @endpoint(card_events.TAKE)
    def take_stripe_event(self, request: Request, _call: OwnCall) -> Response:
        """Take an event of Stripe's."""
        return card_events.take(request, self.rpc)

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

    @endpoint(*fhir.SEARCH)
    def search_fhir(self, request: Request, call: OwnCall) -> Response:
        """Return a page of what is searched for in FHIR."""

        def search(actor: Actor) -> Response:
            context = context_of(request, actor, ulid())
            return fhir.search(request, call, self.rpc, context, self.cursors)

        return self._signed_in(request, call, search)

    @endpoint(fhir.SUBMIT)
    def submit_fhir(self, request: Request, call: OwnCall) -> Response:
        """Fill in and send a claim by a FHIR Claim."""

        def submit(actor: Actor) -> Response:
            return fhir.submit(request, self.rpc, context_of(request, actor, ulid()))

        return self._signed_in(request, call, submit)
