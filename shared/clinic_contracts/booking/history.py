"""What became of a visit, when and by whom."""

from dataclasses import dataclass

from clinic_contracts.constraints import Instant, PathId, WallTime


@dataclass(frozen=True, slots=True, kw_only=True)
class GetHistory:
    """What became of one appointment."""

    appointment_id: PathId


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """Where and when a visit was to take place."""

    location_id: str
    practitioner_id: str
    room_id: str
    local_start: WallTime


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """The change that made a version; ``at`` carries the offset of the visit's location.

    ``kind`` is the event's: booked, moved, overlapped, arrived, unarrived, fulfilled, cancelled,
    missed. ``previous`` is there for a move from where the caller may look.
    """

    version: int
    kind: str
    at: Instant
    actor: str
    actor_name: str = ""
    """Who that is, as far as it is known."""
    visit: Stay
    previous: Stay | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The changes, earliest first; the latest 200."""

    items: tuple[HistoryEntry, ...]
