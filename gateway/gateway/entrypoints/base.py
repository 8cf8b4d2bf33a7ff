"""What every group of entrypoints stands on."""

from collections.abc import Callable
from typing import Any

import pymongo
from nameko.extensions import DependencyProvider

from clinic_contracts.errors import Forbidden, Unauthenticated
from clinic_runtime.config import Setting
from clinic_runtime.health import readiness
from clinic_runtime.mongo import MongoDatabase
from clinic_runtime.passing import Passing
from clinic_runtime.process import OneForAll
from clinic_runtime.rpc import RpcClient
from gateway import idempotency
from gateway.http.cursors import CursorsProvider
from gateway.http.messages import Request, Response
from gateway.idempotency import UnderWay
from gateway.identity import accounts, callers
from gateway.identity.access import Actor, authorise
from gateway.identity.accounts import Accounts
from gateway.identity.audit import new_row
from gateway.memory import Memory
from gateway.routing import Call, OwnCall

READINESS_SECONDS = 2
STRANGER = "nobody:token"
"""Who sends a token or a key that is none, or none any more."""


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

    def stop(self) -> None:
        """Write down what was only counted so far."""
        self.accounts.audit.flush()


class Readiness(DependencyProvider):  # type: ignore[misc]  # nameko is untyped
    """What the process needs, and whether it is there."""

    def get_dependency(self, worker_ctx: Any) -> Any:  # noqa: ANN401, ARG002
        """Return a function that looks now, for at most two seconds."""

        def look() -> dict[str, bool]:
            with pymongo.timeout(READINESS_SECONDS):
                return readiness(self.container)

        return look


class Entrypoints:
    """What the process holds, and who may have an entrypoint's answer."""

    name = "gateway"
    rpc = RpcClient()
    accounts = AccountsProvider(ensure)
    readiness = Readiness()
    proxies = Setting("proxies", 0)
    under_way = OneForAll(UnderWay)
    memory = Passing(Memory, "booking")
    cursors = CursorsProvider()

    def _signed_in(
        self, request: Request, call: Call, answer: Callable[[Actor], Response]
    ) -> Response:
        token = callers.token(request)
        callers.check_page(request, call.takes if isinstance(call, OwnCall) else ())
        try:
            actor: Actor = self.accounts.who(token)
        except Unauthenticated:
            self._record_refused(request, call, None)
            raise
        try:
            asking = authorise(actor, call.action)
        except Forbidden:
            self._record_refused(request, call, actor)
            raise
        return answer(asking)

    def _record_refused(self, request: Request, call: Call, actor: Actor | None) -> None:
        """Have the trail say whom a call was refused."""
        row = new_row(
            "refused",
            STRANGER if actor is None else actor.id,
            location_ids=None if actor is None else actor.everywhere,
            about=f"{call.method} {call.path}",
            reason="unauthenticated" if actor is None else f"needs {call.action}",
            network=callers.network(callers.source(request, int(self.proxies))),
            request_id=request.id,
        )
        self.accounts.audit.add_beside(row)
