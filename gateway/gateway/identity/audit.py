"""Who signed in, was refused, or changed who may what: rows that are added and never changed."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from typing import Any, Literal

import eventlet
from pymongo import DESCENDING
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import PyMongoError
from ulid import ULID

from clinic_runtime import trail
from clinic_runtime.clock import now
from clinic_runtime.ids import new_id
from clinic_runtime.observability import get_logger
from gateway.identity.access import Places

log = get_logger(__name__)
Document = dict[str, Any]
Kind = Literal[
    "signed_in",
    "sign_in_refused",
    "signed_out",
    "session_revoked",
    "totp_enabled",
    "totp_disabled",
    "totp_removed",
    "password_asked",
    "password_chosen",
    "password_changed",
    "staff_added",
    "staff_changed",
    "key_made",
    "key_rotated",
    "key_revoked",
    "oidc_linked",
    "refused",
]
FLOOD_SECONDS = 60
MOST_COUNTED = 1_000
OTHERS = "nobody:others"
PREFIX = "aud_"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""Before it no id was made, and none can be."""
RANDOM_PART = 16
"""Characters of a ULID after those of its instant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Something that happened.

    ``actor`` is ``staff:…``, ``key:…``, or ``nobody:`` and a digest of what was given for an
    e-mail. ``about`` names what was changed. ``location_ids`` are those of whom it concerns, None
    being every one. ``network`` is where the request came from. ``count`` of them in a minute
    stand in one row.
    """

    id: str
    at: datetime
    kind: Kind
    actor: str
    location_ids: Places = None
    about: str | None = None
    reason: str | None = None
    network: str = ""
    request_id: str = ""
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """Which rows: the newest first, older than ``before`` (a row's id)."""

    scope: Places
    actor: str | None = None
    kind: Kind | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: str | None = None


class Audit:
    """The trail, and what of it repeats itself within a minute."""

    def __init__(self, database: Database[Document]) -> None:
        self.rows: Collection[Document] = trail.trail_of(database)
        self.counted: dict[tuple[str, str], tuple[Row, int]] = {}
        self.pending: dict[tuple[str, str], Any] = {}

    def add(self, row: Row) -> None:
        """Write a row."""
        document = {field.name: getattr(row, field.name) for field in fields(row)}
        document["_id"] = document.pop("id")
        places = row.location_ids
        self.rows.insert_one({**document, "location_ids": None if places is None else list(places)})

    def add_beside(self, row: Row) -> None:
        """Write a row of a refusal, which its answer does not wait for.

        Of a flood (the same kind and actor within a minute) the first is written at once and the
        others as one row with their count. What is counted when the process dies is lost.
        """
        key = self._key(row)
        if key in self.counted:
            first, count = self.counted[key]
            self.counted[key] = (first, count + row.count)
            return
        self.counted[key] = (row, 0)
        self.pending[key] = eventlet.spawn_after(FLOOD_SECONDS, self._flush, key)
        eventlet.spawn_n(self._try, row)

    def flush(self) -> None:
        """Write what is counted."""
        for key in tuple(self.counted):
            self.pending[key].cancel()
            self._flush(key)

    def page(self, sought: Sought, limit: int) -> list[Row]:
        """Return rows, the newest first."""
        query: Document = {}
        if sought.scope is not None:
            query["location_ids"] = {"$in": list(sought.scope)}
        query |= {
            name: value
            for name in ("actor", "kind")
            if (value := getattr(sought, name)) is not None
        }
        bounds = _bounds(sought)
        if bounds:
            query["_id"] = bounds
        found = self.rows.find(query).sort("_id", DESCENDING).limit(limit)
        return [_row(each) for each in found]

    def _key(self, row: Row) -> tuple[str, str]:
        # Made-up names must not fill memory, or the trail: those of one network are one actor.
        actor = row.network if row.actor.startswith("nobody:") else row.actor
        key = (row.kind, actor)
        if key in self.counted or len(self.counted) < MOST_COUNTED:
            return key
        return (row.kind, OTHERS)

    def _flush(self, key: tuple[str, str]) -> None:
        row, count = self.counted.pop(key)
        self.pending.pop(key, None)
        if count > 0:
            self._try(replace(row, id=new_id("aud"), at=now(), count=count))

    def _try(self, row: Row) -> None:
        try:
            self.add(row)
        except PyMongoError as error:
            log.warning("audit.not_kept", kind=row.kind, error=type(error).__name__)


def ensure(database: Database[Document]) -> None:
    """Make indexes, where the account may."""
    trail.ensure(trail.trail_of(database))


def new_row(kind: Kind, actor: str, **more: Any) -> Row:  # noqa: ANN401 (Row's own fields)
    """Return a row of what happens now."""
    return Row(id=new_id("aud"), at=now(), kind=kind, actor=actor, **more)


def _bounds(sought: Sought) -> Document:
    bounds: Document = {}
    if sought.since is not None:
        bounds["$gte"] = _first_id(sought.since)
    before = [] if sought.before is None else [sought.before]
    if sought.until is not None:
        before.append(_first_id(sought.until))
    if before:
        bounds["$lt"] = min(before)
    return bounds


def _first_id(at: datetime) -> str:
    """Return the first id that a row of that instant could have: ids begin with their instant."""
    return PREFIX + str(ULID.from_datetime(max(at, EPOCH)))[:-RANDOM_PART] + "0" * RANDOM_PART


def _row(found: Mapping[str, Any]) -> Row:
    known = {field.name: found[field.name] for field in fields(Row) if field.name in found}
    places = found["location_ids"]
    located = None if places is None else tuple(places)
    return Row(**{**known, "id": found["_id"], "location_ids": located})
