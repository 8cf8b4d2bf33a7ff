"""API keys of machines."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal

from clinic_contracts.constraints import Cursor, Instant, Limit, Name, PathId, Range
from clinic_contracts.errors import Forbidden, Invalid, NotFound
from clinic_contracts.trusted import dump
from clinic_runtime.clock import now
from gateway.http.answers import json_answer
from gateway.http.messages import Response
from gateway.identity.access import covers, grant_of
from gateway.identity.keys import Key, NewKey
from gateway.identity_calls.asking import CREATED, NO_CONTENT, Asked, Locations
from gateway.routing import OwnCall

TAG = "API keys"
PATH = "/v1/api-keys"
RECORD = f"{PATH}/<key_id>"
DAY_HOURS, WEEK_HOURS = 24, 7 * 24
KeyRole = Literal["manager", "front_desk", "therapist", "billing", "integration", "auditor"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeKey:
    """Make an API key; ``location_ids`` left out means every location."""

    name: Name
    role: KeyRole
    location_ids: Locations | None = None
    expires_at: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyView:
    """A new API key, shown this once."""

    id: str
    key: str
    name: str
    role: str
    expires_at: Instant | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RotateKey:
    """Replace a key; the one of before works on for ``overlap_hours``, 0 ending it at once."""

    key_id: PathId
    overlap_hours: Annotated[int, Range(0, WEEK_HOURS)] = DAY_HOURS


@dataclass(frozen=True, slots=True, kw_only=True)
class ListKeys:
    """Keys that reach no further than one's own locations, the oldest first."""

    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRow:
    """A key, of which ``prefix`` is how it begins; ``used_at`` to the minute."""

    id: str
    name: str
    role: str
    location_ids: tuple[str, ...] | None
    prefix: str
    created_at: Instant | None
    used_at: Instant | None
    expires_at: Instant | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPage:
    """A page of keys."""

    items: tuple[KeyRow, ...]
    next: str | None = None


MAKE = OwnCall(
    method="POST",
    path=PATH,
    name="make_api_key",
    summary="Make an API key for a machine.",
    tag=TAG,
    action="own",
    request=MakeKey,
    answer=KeyView,
    status=CREATED,
    refusals=(503,),
)
LIST = OwnCall(
    method="GET",
    path=PATH,
    name="list_api_keys",
    summary="The API keys there are; never the keys themselves.",
    tag=TAG,
    action="own",
    request=ListKeys,
    answer=KeyPage,
    refusals=(503,),
)
ROTATE = OwnCall(
    method="POST",
    path=f"{RECORD}/rotate",
    name="rotate_api_key",
    summary="Replace a key by another, which is shown this once.",
    tag=TAG,
    action="own",
    request=RotateKey,
    answer=KeyView,
    refusals=(404, 503),
)
REVOKE = OwnCall(
    method="DELETE",
    path=RECORD,
    name="revoke_api_key",
    summary="End a key: at once here, in other processes within 5 s.",
    tag=TAG,
    action="own",
    status=NO_CONTENT,
    refusals=(404, 503),
)


def make(asked: Asked) -> Response:
    """Answer a new key."""
    wanted = asked.body(MakeKey)
    if not asked.actor.may_grant(grant_of(wanted.role, wanted.location_ids)):
        raise Forbidden("a key reaches no further than the role of who makes it", role=wanted.role)
    if wanted.expires_at is not None and wanted.expires_at <= now():
        detail = "lies in the past"
        raise Invalid("not accepted: expires_at", errors={"expires_at": [detail]})
    new = NewKey(
        name=wanted.name,
        role=wanted.role,
        location_ids=wanted.location_ids,
        expires_at=wanted.expires_at,
    )
    id_, key = asked.accounts.keys.make(new)
    return json_answer(_shown(id_, key, wanted.name, wanted.role, wanted.expires_at), CREATED)


def list_keys(asked: Asked) -> Response:
    """Answer a page of keys."""
    wanted = asked.query(ListKeys)
    after = asked.after(wanted.cursor)
    found = asked.accounts.keys.page(asked.actor.location_ids, after, wanted.limit + 1)
    page = found[: wanted.limit]
    more = asked.next(page[-1].id) if len(found) > len(page) else None
    return json_answer(dump(KeyPage(items=tuple(map(_row, page)), next=more)))


def rotate(asked: Asked) -> Response:
    """Answer another key in the place of one."""
    wanted = asked.body(RotateKey)
    found = _in_scope(asked, wanted.key_id)
    key = asked.accounts.keys.rotate(found.id, timedelta(hours=wanted.overlap_hours))
    if key is None:
        raise NotFound("no such key")
    asked.accounts.forget()
    return json_answer(_shown(found.id, key, found.name, found.role, found.expires_at))


def revoke(asked: Asked) -> Response:
    """End a key."""
    found = _in_scope(asked, asked.request.path_values["key_id"])
    asked.accounts.keys.revoke(found.id)
    asked.accounts.forget()
    return Response(NO_CONTENT)


def _in_scope(asked: Asked, id_: str) -> Key:
    found = asked.accounts.keys.by_id(id_)
    if found is None or not covers(asked.actor.location_ids, found.location_ids):
        raise NotFound("no such key")
    return found


def _shown(id_: str, key: str, name: str, role: str, expires: datetime | None) -> dict[str, object]:
    return dump(KeyView(id=id_, key=key, name=name, role=role, expires_at=expires))


def _row(key: Key) -> KeyRow:
    return KeyRow(
        id=key.id,
        name=key.name,
        role=key.role,
        location_ids=key.location_ids,
        prefix=key.prefix,
        created_at=key.created_at,
        used_at=key.used_at,
        expires_at=key.expires_at,
    )


ANSWERS = {MAKE: make, LIST: list_keys, ROTATE: rotate, REVOKE: revoke}
