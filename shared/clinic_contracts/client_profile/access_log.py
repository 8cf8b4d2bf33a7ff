"""Who looked at a client's record, and what hangs on it."""

from dataclasses import dataclass
from typing import Literal

from clinic_contracts.constraints import Cursor, Instant, Limit, PathId

Viewed = Literal["client", "coverages", "consents", "alerts", "referrals"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadAccessLog:
    """Who looked at a client's record, the latest first; ``to`` is not included."""

    client_id: PathId
    from_: Instant | None = None
    to: Instant | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """A look: ``actor`` saw ``what``, as somebody of ``location_ids`` (null: of every one).

    What the same actor sees again within the same minute counts once.
    """

    id: str
    at: Instant
    actor: str
    actor_name: str | None = None
    what: Viewed
    location_ids: tuple[str, ...] | None
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessPage:
    """A page of the log."""

    items: tuple[Access, ...]
    next: str | None = None
