"""Signing in and out, and keys."""

from gateway import calls, own
from gateway.entrypoints.base import Entrypoints
from gateway.http.messages import Request, Response
from gateway.http.server import endpoint
from gateway.routing import OwnCall


class Sessions(Entrypoints):
    """Who is asking."""

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
