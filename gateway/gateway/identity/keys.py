"""API keys of machines, kept as digests."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pymongo.database import Database

from clinic_contracts.errors import Invalid
from clinic_runtime.ids import new_id
from gateway.identity.access import ALLOWED, Grant, grants_of
from gateway.identity.sessions import digest

Document = dict[str, Any]
PREFIX = "clinic_"
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """What an API key is asked for with."""

    name: str
    role: str
    location_ids: tuple[str, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """An API key."""

    id: str
    name: str
    grants: tuple[Grant, ...]
    expires_at: datetime = NEVER


class Keys:
    """Keeps the keys."""

    def __init__(self, database: Database[Document]) -> None:
        self.collection = database["api_keys"]

    def make(self, wanted: NewKey) -> tuple[str, str]:
        """Return a key's id and the key itself, which is stored nowhere."""
        if wanted.role not in ALLOWED or wanted.role == "owner":
            detail = f"a key's role is one of {', '.join(sorted(set(ALLOWED) - {'owner'}))}"
            raise Invalid(detail, errors={"role": [detail]})
        id_, key = new_id("key"), PREFIX + secrets.token_urlsafe(32)
        locations = None if wanted.location_ids is None else list(wanted.location_ids)
        self.collection.insert_one(
            {
                "_id": digest(key),
                "key_id": id_,
                "name": wanted.name,
                "role": wanted.role,
                "location_ids": locations,
            }
        )
        return id_, key

    def find(self, digest_: str) -> Key | None:
        """Return the key of a digest."""
        found = self.collection.find_one({"_id": digest_})
        if found is None:
            return None
        return Key(id=found["key_id"], name=found["name"], grants=grants_of(found))
