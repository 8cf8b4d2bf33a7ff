"""A practitioner's busy times as a calendar feed: what is kept of it, and what it shows."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from hashlib import sha256

from booking.domain.appointment import HOLDS_ITS_TIME, Appointment
from booking.domain.availability import Span

MOST_FEEDS = 20
"""Of one practitioner."""
MOST_EVENTS = 3_000
"""Of one feed: fourteen visits on each of its days."""
BACK, AHEAD = timedelta(days=30), timedelta(days=180)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed, known by a fingerprint of its secret.

    It shows no more than who opened it might see: ``location_ids`` None means every location.
    """

    id: str
    practitioner_id: str
    fingerprint: str
    created_at: datetime
    created_by: str
    location_ids: tuple[str, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BusyTime:
    """A time at which the practitioner is busy; ``revision`` grows with each change of it."""

    visit_id: str
    location_id: str
    start: datetime
    end: datetime
    revision: int


def fingerprint_of(secret: str) -> str:
    """Return what a secret is known by; it has 256 bits of chance, so it needs no salt."""
    return sha256(secret.encode()).hexdigest()


def shown_period(now: datetime) -> Span:
    """Return what a feed covers: the same all day, so that its text changes with visits alone."""
    today = datetime.combine(now.astimezone(UTC).date(), time(), UTC)
    return Span(today - BACK, today + AHEAD)


def busy_times(feed: Feed, visits: Iterable[Appointment]) -> Iterator[BusyTime]:
    """Yield the times that visits take; one that is called off takes none."""
    for visit in visits:
        seen = feed.location_ids is None or visit.location_id in feed.location_ids
        if seen and visit.status in HOLDS_ITS_TIME:
            yield BusyTime(
                visit_id=visit.id,
                location_id=visit.location_id,
                start=visit.start,
                end=visit.end,
                revision=visit.version,
            )
