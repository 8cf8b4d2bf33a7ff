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
from gateway.identity.access import Actor, Places
from gateway.identity.accounts import Accounts
from gateway.identity.audit import Kind, new_row
from gateway.identity.providers import ProviderLink
from gateway.identity.second_factors import SecondFactors
from gateway.identity.sessions import Device, digest
from gateway.identity.staff import Member
from gateway.later import Later
from gateway.routing import OwnCall

T = TypeVar("T")
TAG = "Sessions"
CREATED = 201
NO_CONTENT = 204
MOST_LOCATIONS = 200
SHORT_DIGEST = 16
_PART = r"[^@\s\x00-\x1f\x7f-\x9f]+"
Email = Annotated[
    str, Text(max=254, pattern=rf"{_PART}@{_PART}\.{_PART}", hint="an e-mail address")
]
Password = Annotated[str, Text(max=200)]
Code = Annotated[str, Text(max=30)]
"""Six digits of an authenticator, or a recovery code."""
Locations = Annotated[tuple[Id, ...], Items(MOST_LOCATIONS)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A call about accounts, ``actor`` being who is signed in where somebody must be."""

    request: Request
    call: OwnCall
    accounts: Accounts
    rpc: RpcClient
    later: Later
    cursors: Cursors
    provider: ProviderLink | None
    sealer: Sealer
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

    def record(
        self,
        kind: Kind,
        *,
        member: Member | None = None,
        about: str | None = None,
        places: Places = None,
        reason: str | None = None,
    ) -> None:
        """Add a row to the trail, of what ``member`` or who is signed in did.

        ``about`` is what they did it to, at ``places``; else it was to themselves.
        """
        if member is not None:
            actor, own = member.actor_id, member.places
        else:
            actor, own = self.actor.id, self.actor.everywhere
        row = new_row(
            kind,
            actor,
            location_ids=own if about is None else places,
            about=about,
            reason=reason,
            network=self.device.network,
            request_id=self.request.id,
        )
        self.accounts.audit.add(row)

    def record_stranger(self, reason: str) -> None:
        """Add a row of a sign-in by a provider that was refused: who it was is not known."""
        row = new_row(
            "sign_in_refused",
            "nobody:oidc",
            reason=reason,
            network=self.device.network,
            request_id=self.request.id,
        )
        self.accounts.audit.add_beside(row)

    def record_refused(self, email: str, reason: str) -> None:
        """Add a row of a sign-in that was refused; of an unknown e-mail a digest alone is kept."""
        found = self.accounts.staff.by_email(email)
        nobody = self.sealer.blind(f"unknown e-mail\x1f{email.casefold()}")[:SHORT_DIGEST]
        row = new_row(
            "sign_in_refused",
            f"nobody:{nobody}" if found is None else found.actor_id,
            location_ids=None if found is None else found.places,
            reason=reason,
            network=self.device.network,
            request_id=self.request.id,
        )
        self.accounts.audit.add_beside(row)

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
        given, in_path = json_object(self.request.body), self.request.path_values
        requests.refuse_misplaced(given.keys() & in_path.keys())
        return load(cls, {**given, **in_path})

    def query(self, cls: type[T]) -> T:
        """Return what stands in the query; raises Invalid."""
        return load(cls, requests.query(self.request), lenient=True)

    def reached(self, cursor: str | None) -> str | None:
        """Return the sort value behind a cursor of this list; raises Invalid for another's."""
        if cursor is None:
            return None
        values = paging.decode(self.cursors.read(self.call.path, cursor), str) or [""]
        return str(values[0])

    def following(self, value: str) -> str | None:
        """Return the cursor of the page that begins beyond a sort value."""
        return self.cursors.signed(self.call.path, paging.encode([value]))

    def expects(self, version: int) -> bool:
        """Say whether If-Match allows a change to this version; raises when it does not say."""
        header = self.request.headers.get("if-match")
        if header is None:
            raise PreconditionRequired("send the version you saw as If-Match")
        allowed = etags.versions(header)
        return allowed is None or version in allowed
