"""What those ask who run the system."""

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from clinic_runtime.ids import ulid
from gateway import calls, checks
from gateway.entrypoints.base import Entrypoints
from gateway.forwarding import context_of
from gateway.http import requests
from gateway.http.answers import json_answer
from gateway.http.messages import Request, Response
from gateway.http.server import endpoint
from gateway.identity.access import Actor
from gateway.operating.answers import ANSWERS
from gateway.operating.calls import OPERATING
from gateway.routing import OwnCall


class Operations(Entrypoints):
    """Books, queues, events, and whether all is well."""

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
            if "cursor" in asked:
                asked["cursor"] = self.cursors.read(call.path, asked["cursor"])
            context = context_of(request, actor, ulid())
            answer = ANSWERS[call.name](asked, self.rpc, context)
            if "next" in answer:
                answer["next"] = self.cursors.signed(call.path, answer["next"])
            return json_answer(answer)

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

    @endpoint(calls.METRICS)
    def metrics(self, _request: Request, _call: OwnCall) -> Response:
        """Serve the process's figures."""
        return Response(200, {"Content-Type": CONTENT_TYPE_LATEST}, generate_latest())
