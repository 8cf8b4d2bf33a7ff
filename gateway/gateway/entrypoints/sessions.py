"""Signing in and out, accounts and keys."""

import sys
from typing import Any

from nameko.extensions import DependencyProvider

from clinic_runtime.process import OneForAll
from clinic_runtime.sealing import FieldSealer
from gateway.entrypoints.base import Entrypoints
from gateway.http.messages import Request, Response
from gateway.http.server import endpoint
from gateway.identity.access import Actor
from gateway.identity.oidc import UnusableProviderError
from gateway.identity.providers import ProviderLink, provider_of
from gateway.identity_calls import OPEN, SIGNED_IN
from gateway.identity_calls.asking import Asked
from gateway.later import Later
from gateway.routing import OwnCall


class SingleSignOn(DependencyProvider):  # type: ignore[misc]  # nameko is untyped
    """The OpenID provider that people may sign in by; None where no issuer is set."""

    def setup(self) -> None:
        """Read the settings; ends the process when they are ones to sign nobody in by."""
        config = self.container.config
        self.link = None
        if not config.get("oidc_issuer"):
            return
        try:
            self.link = ProviderLink(provider_of(config))
        except UnusableProviderError as error:
            sys.exit(str(error))

    def get_dependency(self, worker_ctx: Any) -> ProviderLink | None:  # noqa: ANN401, ARG002
        """Return the link to it."""
        return self.link


class Sessions(Entrypoints):
    """Who is asking, and who may ask."""

    provider = SingleSignOn()
    later = OneForAll(Later)
    account_sealer = FieldSealer("account_key", "CLINIC_ACCOUNT_KEY")

    @endpoint(*OPEN)
    def answer_anybody(self, request: Request, call: OwnCall) -> Response:
        """Answer who need not be signed in."""
        return OPEN[call](self._asked(request, call))

    @endpoint(*SIGNED_IN)
    def answer_somebody(self, request: Request, call: OwnCall) -> Response:
        """Answer who is signed in."""
        return self._signed_in(
            request, call, lambda actor: SIGNED_IN[call](self._asked(request, call, actor))
        )

    def _asked(self, request: Request, call: OwnCall, actor: Actor | None = None) -> Asked:
        return Asked(
            request=request,
            call=call,
            cursors=self.cursors,
            provider=self.provider,
            accounts=self.accounts,
            rpc=self.rpc,
            later=self.later,
            sealer=self.account_sealer,
            proxies=int(self.proxies),
            somebody=actor,
        )
