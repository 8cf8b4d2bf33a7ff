"""Signing in and out, accounts and keys."""

from clinic_runtime.process import OneForAll
from clinic_runtime.sealing import FieldSealer
from gateway.entrypoints.base import Entrypoints
from gateway.http.messages import Request, Response
from gateway.http.server import endpoint
from gateway.identity.access import Actor
from gateway.identity_calls import OPEN, SIGNED_IN
from gateway.identity_calls.asking import Asked
from gateway.later import Later
from gateway.routing import OwnCall


class Sessions(Entrypoints):
    """Who is asking, and who may ask."""

    later = OneForAll(Later)
    account_sealer = FieldSealer("account_key", "CLINIC_ACCOUNT_KEY")

    @endpoint(*OPEN)
    def answer_anybody(self, request: Request, call: OwnCall) -> Response:
        """Answer who need not be signed in."""
        return OPEN[call](self._asked(request))

    @endpoint(*SIGNED_IN)
    def answer_somebody(self, request: Request, call: OwnCall) -> Response:
        """Answer who is signed in."""
        return self._signed_in(
            request, call, lambda actor: SIGNED_IN[call](self._asked(request, actor))
        )

    def _asked(self, request: Request, actor: Actor | None = None) -> Asked:
        return Asked(
            request=request,
            accounts=self.accounts,
            rpc=self.rpc,
            later=self.later,
            sealer=self.account_sealer,
            cursors=self.cursors,
            proxies=int(self.proxies),
            somebody=actor,
        )
