"""A practitioner's busy times for their own calendar, at a secret address that can be revoked."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from booking.domain import feed as rules
from booking.domain.feed import BusyTime, Feed
from booking.ports import AppointmentQuery, Desk
from booking.use_cases import settings
from clinic_contracts.booking import feeds as f
from clinic_contracts.booking import requests as r
from clinic_contracts.errors import Invalid, NotFound

SECRET_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """What a feed shows: busy times by start, and the names of their locations."""

    feed_id: str
    as_of: datetime
    times: tuple[BusyTime, ...]
    locations: dict[str, str]


def open_feed(request: f.OpenFeed, desk: Desk) -> f.OpenedFeed:
    """Open a feed; raises NotFound for an unknown practitioner, Invalid when there are too many."""
    person = settings.get(r.PractitionerView, request.practitioner_id, desk)
    if len(desk.feeds.of(person.id)) >= rules.MOST_FEEDS:
        detail = f"{person.name} has {rules.MOST_FEEDS} feeds: revoke one first"
        raise Invalid(detail, errors={"practitioner_id": [detail]})
    secret = secrets.token_urlsafe(SECRET_BYTES)
    made = Feed(
        id=desk.derived_id("feed", desk.context.operation_id, secret),
        practitioner_id=person.id,
        fingerprint=rules.fingerprint_of(secret),
        created_at=desk.now,
        created_by=desk.context.actor,
        location_ids=desk.context.location_scope,
    )
    desk.feeds.add(made)
    return f.OpenedFeed(
        id=made.id, practitioner_id=person.id, secret=secret, created_at=made.created_at
    )


def list_feeds(request: f.ListFeeds, desk: Desk) -> f.FeedPage:
    """Return a practitioner's feeds; raises NotFound for an unknown practitioner."""
    person = settings.get(r.PractitionerView, request.practitioner_id, desk)
    return f.FeedPage(items=tuple(map(_view, desk.feeds.of(person.id))))


def revoke_feed(request: f.RevokeFeed, desk: Desk) -> f.FeedRevoked:
    """End a feed; raises NotFound when there is none."""
    person = settings.get(r.PractitionerView, request.practitioner_id, desk)
    if not desk.feeds.remove(person.id, request.feed_id):
        raise NotFound(f"there is no calendar feed {request.feed_id}")
    return f.FeedRevoked(id=request.feed_id)


def read_feed(request: f.ReadFeed, desk: Desk) -> Calendar:
    """Return what the feed of a secret shows; raises NotFound, revoked or never there alike."""
    feed = desk.feeds.known_by(rules.fingerprint_of(request.secret))
    if feed is None:
        raise NotFound("there is no calendar at this address")
    period = rules.shown_period(desk.now)
    query = AppointmentQuery(
        location_ids=feed.location_ids,
        practitioner_id=feed.practitioner_id,
        start=period.start,
        end=period.end,
    )
    visits, _ = desk.appointments.page(query, None, rules.MOST_EVENTS)
    times = tuple(rules.busy_times(feed, visits))
    names = desk.settings.names(r.LocationView, {each.location_id for each in times})
    return Calendar(feed_id=feed.id, as_of=period.start, times=times, locations=names)


def _view(feed: Feed) -> f.FeedView:
    return f.FeedView(
        id=feed.id,
        practitioner_id=feed.practitioner_id,
        created_at=feed.created_at,
        created_by=feed.created_by,
        location_ids=feed.location_ids,
    )
