"""A practitioner's busy times as an iCalendar feed, at an address that is a secret."""

from dataclasses import dataclass
from typing import Annotated

from clinic_contracts.constraints import Carried, Instant, PathId, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenFeed:
    """Open a calendar feed of a practitioner's busy times; its address is shown once."""

    practitioner_id: PathId


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedFeed:
    """A new feed; who knows the ``secret`` reads it, and only a fingerprint of it is kept."""

    id: str
    practitioner_id: str
    secret: str
    created_at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFeeds:
    """A practitioner's calendar feeds, the oldest first."""

    practitioner_id: PathId


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedView:
    """A calendar feed, without its address; ``location_ids`` None: of every location."""

    id: str
    practitioner_id: str
    created_at: Instant
    created_by: str
    location_ids: tuple[str, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPage:
    """All of a practitioner's feeds: there are few."""

    items: tuple[FeedView, ...]
    next: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeFeed:
    """End a feed: its address answers 404 from now on."""

    practitioner_id: PathId
    feed_id: PathId


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRevoked:
    """The feed is no more."""

    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFeed:
    """The calendar at a secret address."""

    secret: Annotated[str, Text(max=64), Carried("path")]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedCalendar:
    """An iCalendar text (RFC 5545) of busy times: where, from when, until when, and no more."""

    text: str
