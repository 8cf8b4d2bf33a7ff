"""Who is asking: staff by their sessions, machines by their keys."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import eventlet
from pymongo.database import Database
from pymongo.errors import PyMongoError

from clinic_contracts.errors import AlreadyExists, Invalid, Unauthenticated
from clinic_runtime.clock import now
from clinic_runtime.observability import get_logger
from gateway.flights import Flight
from gateway.http.errors import TotpRequired
from gateway.identity import audit, backoff, keys, names, oidc, sessions, staff
from gateway.identity.access import Actor, Grant
from gateway.identity.audit import Audit
from gateway.identity.backoff import BackOff
from gateway.identity.keys import NEVER, PREFIX, Keys
from gateway.identity.passwords import Passwords
from gateway.identity.second_factors import SecondFactors
from gateway.identity.sessions import SEEN_SECONDS, Sessions, digest
from gateway.identity.staff import Member, Staff, new_member

log = get_logger(__name__)
Document = dict[str, Any]
CACHED_SECONDS = 5
"""How long one process may not know that another ended a session."""
CACHE_SIZE = 10_000
AT_NO_TIME = datetime.min.replace(tzinfo=UTC)
Known = tuple[Actor, datetime]
"""Who it is, and until when at most."""


def ensure(database: Database[Document]) -> None:
    """Make every index, and bring old records up to date."""
    staff.ensure(database)
    sessions.ensure(database)
    keys.ensure(database)
    backoff.ensure(database)
    audit.ensure(database)
    oidc.ensure(database)
    names.ensure(database)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What somebody signs in with; ``code`` is of an authenticator, or a recovery code."""

    email: str
    password: str
    code: str | None = None


class Accounts:
    """Signs people and machines in; a verified token is remembered for seconds."""

    def __init__(self, database: Database[Document]) -> None:
        self.database = database
        self.staff = Staff(database)
        self.sessions = Sessions(database)
        self.keys = Keys(database)
        self.passwords = Passwords()
        self.back_off = BackOff(database)
        self.audit = Audit(database)
        self.cache: dict[str, Known] = {}
        self.forgotten = 0
        self.looks: dict[tuple[str, int], Flight[Known]] = {}

    def ensure_owner(self, email: str, password: str) -> None:
        """Make the first owner unless the account exists."""
        if self.staff.by_email(email) is not None:
            return
        owner = new_member(email, "Owner", (Grant("owner", None),))
        try:
            self.staff.add(replace(owner, password=self.passwords.make(password)))
        except AlreadyExists:
            return

    def sign_in(self, given: Credentials, source: str, factors: SecondFactors) -> Member:
        """Return the account; raises Unauthenticated, or TooManyRequests (see ``BackOff``).

        ``source`` is the address that asks. An unknown e-mail takes as long as a wrong password,
        and so does an account that is not active any more. Raises TotpRequired when the password
        is right and the code is missing, and Invalid for a code where none is asked for: before
        the password is known to be right, no answer depends on the account.
        """
        name = given.email.casefold()
        self.back_off.check(name, source)
        found = self.staff.by_email(name)
        usable = found if found is not None and found.active else None
        matches = self.passwords.match(None if usable is None else usable.password, given.password)
        if usable is None or not matches:
            self.back_off.failed(name, source)
            raise Unauthenticated("e-mail or password is wrong")
        if usable.second_factor:
            self._check_code(usable, given.code, source, factors)
        elif given.code is not None:
            detail = "this account has no second factor; leave totp out"
            raise Invalid("not accepted: totp", errors={"totp": [detail]})
        self.back_off.succeeded(name, source)
        return usable

    def _check_code(
        self, member: Member, code: str | None, source: str, factors: SecondFactors
    ) -> None:
        if code is not None and factors.spend(member.id, code):
            return
        self.back_off.failed(member.email, source)
        if code is None:
            raise TotpRequired("send the code of your authenticator as totp")
        raise Unauthenticated("the code is wrong, or was used already")

    def who(self, token: str) -> Actor:
        """Return who a token or key stands for; raises Unauthenticated."""
        key, at = digest(token), now()
        actor, until = self.cache.get(key, (None, at))
        if actor is not None and at < until:
            return actor
        # Who asks after a session was ended must not be told what was read before.
        look = (key, self.forgotten)
        under_way = self.looks.get(look)
        if under_way is not None:
            return under_way.wait()[0]
        self.looks[look] = mine = Flight[Known]()
        try:
            actor, expires = mine.fly(lambda: self._look(token, key, at))
        finally:
            del self.looks[look]
        if look[1] == self.forgotten:
            if len(self.cache) >= CACHE_SIZE:
                self.cache.clear()
            self.cache[key] = (actor, min(at + timedelta(seconds=CACHED_SECONDS), expires))
        return actor

    def forget(self) -> None:
        """Look everybody up again: somebody's rights or sessions are not what they were.

        At once in this process; another one remembers for ``CACHED_SECONDS``.
        """
        self.forgotten += 1
        self.cache.clear()

    def _look(self, token: str, key: str, at: datetime) -> Known:
        return self._key(key, at) if token.startswith(PREFIX) else self._session(key, at)

    def _key(self, key: str, at: datetime) -> Known:
        found = self.keys.find(key)
        if found is None:
            raise Unauthenticated("the API key is not valid")
        expires = found.expires_at or NEVER
        if expires <= at:
            raise Unauthenticated("the API key is over")
        if at - (found.used_at or AT_NO_TIME) >= timedelta(seconds=SEEN_SECONDS):
            eventlet.spawn_n(self._note, lambda: self.keys.used(found, at))
        return Actor(f"key:{found.id}", found.name, found.grants), expires

    def _session(self, key: str, at: datetime) -> Known:
        session = self.sessions.find(key)
        if session is None or session.expires_at <= at:
            raise Unauthenticated("sign in again")
        member = self.staff.find(session.staff_id)
        if member is None or not member.active:
            raise Unauthenticated("sign in again")
        if at - session.seen_at >= timedelta(seconds=SEEN_SECONDS):
            eventlet.spawn_n(self._note, lambda: self.sessions.seen(session, at))
        return Actor(member.actor_id, member.name, member.grants), session.expires_at

    @staticmethod
    def _note(use: Callable[[], None]) -> None:
        """Note a use, which nobody waits for."""
        try:
            use()
        except PyMongoError as error:
            log.warning("use.not_noted", error=type(error).__name__)
