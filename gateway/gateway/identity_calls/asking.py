"""A question about accounts, and the shapes that several answers have."""

from dataclasses import dataclass
from typing import Annotated, TypeVar

from clinic_contracts.constraints import Id, Items, Text
from clinic_contracts.errors import NotFound, PreconditionRequired
from clinic_contracts.schemas import load
from clinic_runtime import paging
from clinic_runtime.rpc import RpcClient
from clinic_runtime.sealing import Sealer
from gateway.http import etags, requests
from gateway.http.cursors import Cursors
from gateway.http.documents import json_object
from gateway.http.messages import Request
from gateway.identity import callers
from gateway.identity.access import Actor
from gateway.identity.accounts import Accounts
from gateway.identity.second_factors import SecondFactors
from gateway.identity.sessions import Device, digest
from gateway.later import Later

T = TypeVar("T")
TAG = "Sessions"
CREATED = 201
NO_CONTENT = 204
MOST_LOCATIONS = 200
Email = Annotated[str, Text(max=254, pattern=r"[^@\s]+@[^@\s]+\.[^@\s]+", hint="an e-mail address")]
Password = Annotated[str, Text(max=200)]
Code = Annotated[str, Text(max=30)]
"""Six digits of an authenticator, or a recovery code."""
Locations = Annotated[tuple[Id, ...], Items(MOST_LOCATIONS)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A call about accounts, ``actor`` being who is signed in where somebody must be."""

    request: Request
    accounts: Accounts
    rpc: RpcClient
    later: Later
    sealer: Sealer
    cursors: Cursors
    proxies: int
    somebody: Actor | None = None

    @property
    def actor(self) -> Actor:
        """Who is signed in."""
        if self.somebody is None:
            raise TypeError("nobody signs in for this call")
        return self.somebody

    @property
    def staff_id(self) -> str:
        """The account of who is signed in; raises NotFound for a key, which has none."""
        kind, _, id_ = self.actor.id.partition(":")
        if kind != "staff":
            raise NotFound("an API key has no account")
        return id_

    @property
    def source(self) -> str:
        """The address that asks."""
        return callers.source(self.request, self.proxies)

    @property
    def device(self) -> Device:
        """What a session is opened from."""
        return callers.device(self.request, self.proxies)

    @property
    def second_factors(self) -> SecondFactors:
        """Who has an authenticator."""
        return SecondFactors(self.accounts.database, self.sealer)

    @property
    def session_digest(self) -> str:
        """The digest of the token that is sent."""
        return digest(callers.token(self.request))

    def body(self, cls: type[T]) -> T:
        """Return what stands in the body, and in the path; raises Invalid."""
        return load(cls, {**json_object(self.request.body), **self.request.path_values})

    def query(self, cls: type[T]) -> T:
        """Return what stands in the query; raises Invalid."""
        return load(cls, requests.query(self.request), lenient=True)

    def after(self, cursor: str | None) -> str:
        """Return what the page before ended with, as its cursor says; raises Invalid."""
        if cursor is None:
            return ""
        read = paging.decode(self.cursors.read(self.request.path, cursor), str)
        return "" if read is None else str(read[0])

    def next(self, last: str) -> str | None:
        """Return the cursor of a page that comes after one that ends with ``last``."""
        return self.cursors.signed(self.request.path, paging.encode([last]))

    def expects(self, version: int) -> bool:
        """Say whether If-Match allows a change to this version; raises when it does not say."""
        header = self.request.headers.get("if-match")
        if header is None:
            raise PreconditionRequired("send the version you saw as If-Match")
        allowed = etags.versions(header)
        return allowed is None or version in allowed
