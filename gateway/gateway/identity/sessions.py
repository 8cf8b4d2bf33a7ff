"""Sessions: opened, listed and ended; of a token only its digest is kept."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.database import Database

from clinic_runtime.clock import now
from clinic_runtime.ids import new_id

Document = dict[str, Any]
HOURS = 12
SEEN_SECONDS = 60
"""How coarsely it is known when a session was last used: one write a minute at most."""
MOST_LISTED = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """What a session is used from: a network rather than an address, and what the browser says."""

    network: str = ""
    user_agent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session as its owner may see it: ``digest`` is not for showing."""

    id: str
    digest: str
    staff_id: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    device: Device


def ensure(database: Database[Document]) -> None:
    """Make indexes; expired sessions go by themselves."""
    sessions = database["sessions"]
    sessions.create_index([("expires_at", ASCENDING)], expireAfterSeconds=0)
    sessions.create_index([("staff_id", ASCENDING), ("created_at", DESCENDING)])
    sessions.create_index([("id", ASCENDING)])
    # Those from before sessions could be listed; they would have lived for hours only.
    sessions.delete_many({"id": {"$exists": False}})


class Sessions:
    """Keeps the sessions."""

    def __init__(self, database: Database[Document]) -> None:
        self.collection = database["sessions"]

    def open(self, staff_id: str, device: Device) -> tuple[str, Session]:
        """Return the token of a new session, and the session."""
        token, at = secrets.token_urlsafe(32), now()
        session = Session(
            id=new_id("ses"),
            digest=digest(token),
            staff_id=staff_id,
            created_at=at,
            seen_at=at,
            expires_at=at + timedelta(hours=HOURS),
            device=device,
        )
        self.collection.insert_one(_document(session))
        return token, session

    def find(self, digest_: str) -> Session | None:
        """Return the session of a token."""
        found = self.collection.find_one({"_id": digest_})
        return None if found is None else _session(found)

    def of(self, staff_id: str) -> list[Session]:
        """Return somebody's sessions, the newest first."""
        found = self.collection.find({"staff_id": staff_id, "expires_at": {"$gt": now()}})
        return [_session(each) for each in found.sort("created_at", DESCENDING).limit(MOST_LISTED)]

    def by_id(self, id_: str) -> Session | None:
        """Return a session by the name it is listed under."""
        found = self.collection.find_one({"id": id_})
        return None if found is None else _session(found)

    def seen(self, session: Session, at: datetime) -> None:
        """Note that a session was used."""
        self.collection.update_one({"_id": session.digest}, {"$set": {"seen_at": at}})

    def end(self, *digests: str) -> None:
        """End sessions."""
        self.collection.delete_many({"_id": {"$in": list(digests)}})

    def end_all(self, staff_id: str, but: str = "") -> int:
        """End somebody's sessions, but for the one of this digest; return how many."""
        query = {"staff_id": staff_id, "_id": {"$ne": but}}
        return self.collection.delete_many(query).deleted_count


def digest(token: str) -> str:
    """Return what is kept of a token or a key: it has 256 random bits, so no salt is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


def _document(session: Session) -> Document:
    return {
        "_id": session.digest,
        "id": session.id,
        "staff_id": session.staff_id,
        "created_at": session.created_at,
        "seen_at": session.seen_at,
        "expires_at": session.expires_at,
        "network": session.device.network,
        "user_agent": session.device.user_agent,
    }


def _session(found: Document) -> Session:
    return Session(
        id=found["id"],
        digest=found["_id"],
        staff_id=found["staff_id"],
        created_at=found["created_at"],
        seen_at=found["seen_at"],
        expires_at=found["expires_at"],
        device=Device(network=found["network"], user_agent=found["user_agent"]),
    )
