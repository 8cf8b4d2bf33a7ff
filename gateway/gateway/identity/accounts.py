"""Staff accounts, sessions and API keys: who is asking."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from clinic_contracts.errors import Invalid, Unauthenticated
from clinic_runtime.clock import now
from clinic_runtime.ids import new_id
from gateway.flights import Flight
from gateway.identity import backoff, names
from gateway.identity.access import ALLOWED, Actor, grants_of
from gateway.identity.backoff import BackOff
from gateway.identity.passwords import Passwords

Document = dict[str, Any]
SESSION_HOURS = 12
CACHED_SECONDS = 5
"""How long one process may not know that another ended a session."""
CACHE_SIZE = 10_000
KEY_PREFIX = "clinic_"
Known = tuple[Actor, datetime]
"""Who it is, and until when at most."""
ROLES_OF_OLD: list[Document] = [
    {"$set": {"roles": [{"role": "$role", "location_ids": "$location_ids"}]}},
    {"$unset": ["role", "location_ids"]},
]
"""Accounts had one role once."""
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """What an API key is asked for with."""

    name: str
    role: str
    location_ids: tuple[str, ...] | None


def ensure(database: Database[Document]) -> None:
    """Make every index, and bring old accounts up to date; expired sessions go by themselves."""
    database["staff"].create_index([("email", ASCENDING)], unique=True)
    database["staff"].update_many({"roles": {"$exists": False}}, ROLES_OF_OLD)
    database["sessions"].create_index([("expires_at", ASCENDING)], expireAfterSeconds=0)
    backoff.ensure(database)
    names.ensure(database)


class Accounts:
    """Signs people and machines in; a verified token is remembered for seconds."""

    def __init__(self, database: Database[Document]) -> None:
        self.database = database
        self.cache: dict[str, tuple[Actor, datetime]] = {}
        self.signed_out = 0
        self.looks: dict[tuple[str, int], Flight[Known]] = {}
        self.passwords = Passwords()
        self.back_off = BackOff(database)

    def ensure_owner(self, email: str, password: str) -> None:
        """Make the first owner unless the account exists."""
        owner = {
            "_id": new_id("usr"),
            "email": email.casefold(),
            "name": "Owner",
            "roles": [{"role": "owner", "location_ids": None}],
            "password": self.passwords.make(password),
        }
        try:
            self.database["staff"].insert_one(owner)
        except DuplicateKeyError:
            return

    def check_password(self, email: str, password: str, source: str) -> Document:
        """Return the account; raises Unauthenticated, or TooManyRequests (see ``BackOff``).

        ``source`` is the address that asks. An unknown e-mail takes as long as a wrong password.
        """
        name = email.casefold()
        self.back_off.check(name, source)
        found = self.database["staff"].find_one({"email": name})
        matches = self.passwords.match(None if found is None else found["password"], password)
        if found is None or not matches:
            self.back_off.failed(name, source)
            raise Unauthenticated("e-mail or password is wrong")
        self.back_off.succeeded(name, source)
        return found

    def open_session(self, account: Document) -> tuple[str, datetime, Actor]:
        """Return token, expiry and actor of a new session."""
        token = secrets.token_urlsafe(32)
        expires = now() + timedelta(hours=SESSION_HOURS)
        self.database["sessions"].insert_one(
            {"_id": _digest(token), "staff_id": account["_id"], "expires_at": expires}
        )
        return token, expires, _actor(f"staff:{account['_id']}", account)

    def sign_out(self, token: str) -> None:
        """End a session, here at once and elsewhere within the cache's seconds."""
        self.database["sessions"].delete_one({"_id": _digest(token)})
        self.signed_out += 1
        self.cache.pop(_digest(token), None)

    def make_key(self, wanted: NewKey) -> tuple[str, str]:
        """Return an API key's id and the key itself, which is stored nowhere."""
        if wanted.role not in ALLOWED or wanted.role == "owner":
            detail = f"a key's role is one of {', '.join(sorted(set(ALLOWED) - {'owner'}))}"
            raise Invalid(detail, errors={"role": [detail]})
        id_, key = new_id("key"), KEY_PREFIX + secrets.token_urlsafe(32)
        locations = None if wanted.location_ids is None else list(wanted.location_ids)
        self.database["api_keys"].insert_one(
            {
                "_id": _digest(key),
                "key_id": id_,
                "name": wanted.name,
                "role": wanted.role,
                "location_ids": locations,
            }
        )
        return id_, key

    def who(self, token: str) -> Actor:
        """Return who a token or key stands for; raises Unauthenticated."""
        digest, at = _digest(token), now()
        actor, until = self.cache.get(digest, (None, at))
        if actor is not None and at < until:
            return actor
        # Who asks after a session was ended must not be told what was read before.
        look = (digest, self.signed_out)
        under_way = self.looks.get(look)
        if under_way is not None:
            return under_way.wait()[0]
        self.looks[look] = mine = Flight[Known]()
        try:
            actor, expires = mine.fly(lambda: self._look(token, digest, at))
        finally:
            del self.looks[look]
        if look[1] == self.signed_out:
            if len(self.cache) >= CACHE_SIZE:
                self.cache.clear()
            self.cache[digest] = (actor, min(at + timedelta(seconds=CACHED_SECONDS), expires))
        return actor

    def _look(self, token: str, digest: str, at: datetime) -> Known:
        return self._key(digest) if token.startswith(KEY_PREFIX) else self._session(digest, at)

    def _key(self, digest: str) -> Known:
        found = self.database["api_keys"].find_one({"_id": digest})
        if found is None:
            raise Unauthenticated("the API key is not valid")
        return _actor(f"key:{found['key_id']}", found), NEVER

    def _session(self, digest: str, at: datetime) -> Known:
        session = self.database["sessions"].find_one({"_id": digest})
        if session is None or session["expires_at"] <= at:
            raise Unauthenticated("sign in again")
        found = self.database["staff"].find_one({"_id": session["staff_id"]})
        if found is None:
            raise Unauthenticated("sign in again")
        return _actor(f"staff:{found['_id']}", found), session["expires_at"]


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _actor(id_: str, found: Mapping[str, Any]) -> Actor:
    return Actor(id_, found["name"], grants_of(found))
