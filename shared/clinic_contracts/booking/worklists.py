"""Worklists: visits that somebody must do something about, and moving many of them at once."""

from dataclasses import dataclass
from typing import Annotated

from clinic_contracts.booking.day import Obstacle
from clinic_contracts.booking.requests import (
    AppointmentView,
    DayOrInstant,
    PractitionerChoice,
    Slot,
)
from clinic_contracts.constraints import Cursor, Id, Items, Limit, Note, Range

MOST_MOVED = 200
Chosen = Annotated[tuple[Id, ...], Items(MOST_MOVED, 1)]
Versions = dict[Id, Annotated[int, Range(1, 2**31 - 1)]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListToReschedule:
    """Visits to come that cannot take place as they stand, by what the settings are now.

    ``from`` and ``to`` are days (both included) or instants, at most 31 days; without them, all
    visits from now on. ``alternatives`` looks for other times for each, on pages of at most 20.
    """

    location_id: Id
    practitioner_id: Id | None = None
    from_: DayOrInstant | None = None
    to: DayOrInstant | None = None
    alternatives: bool = False
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListWorklist:
    """A page of one of a location's worklists, earliest first."""

    location_id: Id
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorklistItem:
    """A visit, why it is on the list, and up to three times it could have instead."""

    appointment: AppointmentView
    why: tuple[Obstacle, ...]
    alternatives: tuple[Slot, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WorklistPage:
    """A page of a worklist; until ``next`` is null there may be more, even after an empty page."""

    items: tuple[WorklistItem, ...]
    next: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkMove:
    """Give a practitioner's visits of a period at a location to another, at the same times.

    ``from`` and ``to`` are days (both included) or wall times there, at most 31 days; visits that
    have begun stay. At most 200 visits: ``only`` names some of them. ``versions`` are those that a
    preview (``dry_run``) showed: what changed since then stays where it is.
    """

    location_id: Id
    from_practitioner_id: Id
    to_practitioner_id: PractitionerChoice
    from_: DayOrInstant
    to: DayOrInstant
    dry_run: bool
    reason: Note | None = None
    only: Chosen | None = None
    versions: Versions | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedVisit:
    """A visit, and who has it now or, in a preview, would have it; it shows as it stands."""

    appointment: AppointmentView
    practitioner_id: str
    room_id: str
    room_kept: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkMoved:
    """What was moved or, in a preview (which has no ``id``), would be; and what stays, and why.

    The first 20 of those that stay come with alternatives.
    """

    id: str | None
    dry_run: bool
    moved: tuple[MovedVisit, ...]
    not_moved: tuple[WorklistItem, ...]
