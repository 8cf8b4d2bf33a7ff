"""What a release of the time-zone data (tzdb) moves: asked first, then applied."""

from dataclasses import dataclass
from typing import Annotated

from clinic_contracts.constraints import Cursor, Instant, Limit, Range, WallTime

Examined = Annotated[int, Range(1, 500)]


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewTzdb:
    """Which booked visits to come have another instant by the zone data now in force.

    ``limit`` is how many visits a page examines, of those booked under another edition.
    """

    limit: Examined = 200
    cursor: Cursor | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyTzdb:
    """Give a page of visits the instants that the zone data now in force gives their wall times.

    Go on with ``next``; after an interruption begin again: what is done stays done.
    """

    limit: Limit = 100
    cursor: Cursor | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TzdbMove:
    """A visit whose instant changes while its wall time stays.

    ``was`` and ``becomes`` carry the offsets of then and now; ``minutes`` is how much later it is
    (earlier: negative). Both are None when the clock now skips that wall time. ``conflicts`` are
    the visits that would be in its way, ``elsewhere`` standing for those of other locations.
    """

    id: str
    location_id: str
    client_id: str
    local_start: WallTime
    timezone: str
    tzdata_version: str
    was: Instant
    becomes: Instant | None
    minutes: int | None
    conflicts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TzdbPreview:
    """What would move of the visits examined, by ``edition``; a page may hold none and not be last.

    One that cannot be moved as it stands, because of a conflict or as its wall time is skipped, is
    among them.
    """

    edition: str
    examined: int
    items: tuple[TzdbMove, ...]
    next: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TzdbApplied:
    """What became of the visits examined.

    ``moved`` have their new instants, and their clients are told; ``left`` are as they were:
    somebody moves them by hand. ``confirmed`` counts those whose instants stay as they are.
    """

    edition: str
    examined: int
    moved: tuple[TzdbMove, ...]
    left: tuple[TzdbMove, ...]
    confirmed: int
    next: str | None = None
