"""API keys of machines: kept as digests, replaced without a gap, ended at once."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo import ASCENDING
from pymongo.client_session import ClientSession
from pymongo.database import Database

from clinic_runtime.clock import now
from clinic_runtime.ids import new_id
from clinic_runtime.mongo import ensure_collection
from gateway.identity.access import Grant, Places, grants_of
from gateway.identity.sessions import digest

Document = dict[str, Any]
PREFIX = "clinic_"
SHOWN = len(PREFIX) + 6
"""How much of a key is shown, for people to tell keys apart: 36 of its 256 bits."""
NEVER = datetime.max.replace(tzinfo=UTC)
KEPT_SECONDS = 30 * 24 * 3_600
"""How long one that is over is still listed."""
CURRENT = {"replaced": {"$ne": True}}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """What an API key is asked for with."""

    name: str
    role: str
    location_ids: tuple[str, ...] | None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """An API key; one of long ago lacks when it was made and how it begins."""

    id: str
    digest: str
    name: str
    role: str
    location_ids: Places
    prefix: str = ""
    created_at: datetime | None = None
    used_at: datetime | None = None
    expires_at: datetime | None = None

    @property
    def grants(self) -> tuple[Grant, ...]:
        """The one role of a key."""
        return (Grant(self.role, self.location_ids),)


def ensure(database: Database[Document]) -> None:
    """Make indexes; what has been over for a month goes by itself."""
    ensure_collection(database, "api_keys")
    database["api_keys"].create_index([("expires_at", ASCENDING)], expireAfterSeconds=KEPT_SECONDS)


class Keys:
    """Keeps the keys: under one id there is one in use, and while it is replaced one of before."""

    def __init__(self, database: Database[Document]) -> None:
        self.database = database
        self.collection = database["api_keys"]

    def make(self, wanted: NewKey) -> tuple[str, str]:
        """Return a key's id and the key itself, which is stored nowhere."""
        id_ = new_id("key")
        locations = None if wanted.location_ids is None else list(wanted.location_ids)
        said = {"key_id": id_, "name": wanted.name, "role": wanted.role, "location_ids": locations}
        key, document = _secret()
        self.collection.insert_one({**document, **said, "expires_at": wanted.expires_at})
        return id_, key

    def find(self, digest_: str) -> Key | None:
        """Return the key of a digest."""
        return _key(self.collection.find_one({"_id": digest_}))

    def by_id(self, id_: str) -> Key | None:
        """Return the key in use under an id."""
        return _key(self.collection.find_one({"key_id": id_, **CURRENT}))

    def page(self, scope: Places, after: str, limit: int) -> list[Key]:
        """Return keys that reach no further than ``scope``, by id from the first beyond one on."""
        query: Document = {"key_id": {"$gt": after}, **CURRENT}
        if scope is not None:
            elsewhere = {"$elemMatch": {"$nin": list(scope)}}
            query["location_ids"] = {"$ne": None, "$not": elsewhere}
        found = self.collection.find(query).sort("key_id", ASCENDING).limit(limit)
        return [key for each in found if (key := _key(each)) is not None]

    def rotate(self, id_: str, overlap: timedelta) -> str | None:
        """Return another key under the id, and let the present one work so long; None if none is.

        The one of before, if any, ends now.
        """
        with self.database.client.start_session() as session:
            return session.with_transaction(lambda s: self._rotate(id_, now() + overlap, s))

    def _rotate(self, id_: str, until: datetime, session: ClientSession) -> str | None:
        found = self.collection.find_one({"key_id": id_, **CURRENT}, session=session)
        if found is None:
            return None
        self.collection.delete_many({"key_id": id_, "replaced": True}, session=session)
        ends = min(until, found.get("expires_at") or NEVER)
        over = {"$set": {"replaced": True, "expires_at": ends}}
        self.collection.update_one({"_id": found["_id"]}, over, session=session)
        key, document = _secret()
        self.collection.insert_one({**found, "used_at": None, **document}, session=session)
        return key

    def revoke(self, id_: str) -> bool:
        """End what works under an id; False when nothing does."""
        return self.collection.delete_many({"key_id": id_}).deleted_count > 0

    def used(self, key: Key, at: datetime) -> None:
        """Note that a key was used."""
        self.collection.update_one({"_id": key.digest}, {"$set": {"used_at": at}})


def _secret() -> tuple[str, Document]:
    key = PREFIX + secrets.token_urlsafe(32)
    return key, {"_id": digest(key), "prefix": key[:SHOWN], "created_at": now()}


def _key(found: Mapping[str, Any] | None) -> Key | None:
    if found is None:
        return None
    (grant,) = grants_of(found)
    return Key(
        id=found["key_id"],
        digest=found["_id"],
        name=found["name"],
        role=grant.role,
        location_ids=grant.location_ids,
        prefix=found.get("prefix", ""),
        created_at=found.get("created_at"),
        used_at=found.get("used_at"),
        expires_at=found.get("expires_at"),
    )
