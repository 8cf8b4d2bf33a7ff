"""The waitlist: who waits for which times, what they were offered, and how much of it was taken."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from clinic_contracts.booking.requests import DayOrInstant
from clinic_contracts.constraints import (
    Cursor,
    ExpectedVersion,
    Id,
    Instant,
    Items,
    Limit,
    PathId,
    TimeOfDay,
    WallTime,
    Weekday,
)

Urgency = Literal["routine", "soon", "urgent"]
EntryStatus = Literal["waiting", "offered", "booked", "withdrawn", "expired"]
OfferStatus = Literal["open", "accepted", "declined", "expired", "withdrawn"]
"""``withdrawn``: somebody else was first, or the client does not wait any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Days (both included) and the times between which the whole visit lies.

    Without ``weekdays`` any day will do; days and times are those of the location.
    """

    from_: date
    to: date
    weekdays: Annotated[tuple[Weekday, ...], Items(7)] = ()
    earliest: TimeOfDay = "00:00"
    latest: TimeOfDay = "24:00"


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinWaitlist:
    """Have a client wait for an earlier time, at any of the locations that they allow.

    Without ``practitioner_ids`` anybody will do. ``appointment_id`` is a visit the client has: only
    earlier times are offered, and it is given up when one is accepted.
    """

    client_id: Id
    treatment_id: Id
    location_ids: Annotated[tuple[Id, ...], Items(20, min=1)]
    practitioner_ids: Annotated[tuple[Id, ...], Items(20)] = ()
    windows: Annotated[tuple[Window, ...], Items(10, min=1)]
    urgency: Urgency = "routine"
    appointment_id: Id | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GetWaitlistEntry:
    """One wish, with the record of what was offered when, and why."""

    entry_id: PathId


@dataclass(frozen=True, slots=True, kw_only=True)
class ListWaitlist:
    """Who waits, or waited, for a location's times; the longest waiting first."""

    location_id: Id
    status: EntryStatus | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawWaitlistEntry:
    """Have the client wait no longer; what is offered to them just now is taken back."""

    entry_id: PathId
    expected_version: ExpectedVersion | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferRecord:
    """What was offered when, and why to this client.

    ``place`` counts those who were offered this time (its ``round_id``), in their order.
    """

    offer_id: str
    round_id: str
    location_id: str
    practitioner_id: str
    start: Instant
    local_start: WallTime
    made_at: Instant
    expires_at: Instant
    place: int
    why: str
    status: OfferStatus = "open"
    closed_at: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitlistEntry:
    """A client's wish; ``offers`` are the latest 20 of the ``offered`` so far, the latest last."""

    id: str
    version: int
    status: EntryStatus
    client_id: str
    treatment_id: str
    location_ids: tuple[str, ...]
    practitioner_ids: tuple[str, ...]
    windows: tuple[Window, ...]
    urgency: Urgency
    waiting_since: Instant
    appointment_id: str | None = None
    booked_appointment_id: str | None = None
    offered: int = 0
    offers: tuple[OfferRecord, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitlistPage:
    """A page of the waitlist."""

    items: tuple[WaitlistEntry, ...]
    next: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GetOffer:
    """What the link in a letter offers."""

    token: PathId


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptOffer:
    """Take the time that the link offers; the first to do so has it."""

    token: PathId


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineOffer:
    """Leave the time that the link offers to the next."""

    token: PathId


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferView:
    """An offer as whoever has its link may see it: when, where and with whom, and until when."""

    status: OfferStatus
    expires_at: Instant
    start: Instant
    end: Instant
    local_start: WallTime
    timezone: str
    location: str
    address: str
    practitioner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportWaitlist:
    """What became of the times that were given up, from ``from`` to ``to``, by location.

    Both are days (included) or instants, at most 31 days apart.
    """

    from_: DayOrInstant
    to: DayOrInstant
    location_id: Id | None = None
    format: Literal["json", "csv"] = "json"


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitlistFigures:
    """Of the times freed at a location: how many were offered, and filled by who accepted.

    ``fill_rate`` is percent of those freed; minutes count from freed to accepted. Both are null
    where there is nothing to count.
    """

    location_id: str
    freed: int
    offered: int
    filled: int
    fill_rate: int | None
    median_minutes_to_fill: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitlistReport:
    """The figures of each location that had times given up."""

    items: tuple[WaitlistFigures, ...]
