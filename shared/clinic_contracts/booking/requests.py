"""What booking can be asked, and how it answers: visits here, settings in ``settings``."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from clinic_contracts.booking.clients import BookingWarning
from clinic_contracts.booking.day import DayClosure, DayHold, DayTotals, DayWarning, DayWindow
from clinic_contracts.booking.policy import Because, CancellationPolicy
from clinic_contracts.booking.settings import *  # noqa: F403 (one namespace, two files)
from clinic_contracts.constraints import (
    UNSET,
    Cursor,
    ExpectedVersion,
    Id,
    Instant,
    Items,
    Limit,
    Minutes,
    Note,
    PathId,
    Range,
    Text,
    Unset,
    WallTime,
)
from clinic_contracts.money import Money

PractitionerChoice = Annotated[
    str, Text(max=64, pattern=r"any|prac_[0-9A-Za-z]+", hint='a practitioner\'s id, or "any"')
]
DayOrInstant = Annotated[
    str,
    Text(
        max=35,
        pattern=r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9:.]+(Z|[+-][0-9:]+)?)?",
        hint="a date such as 2026-12-01, or an instant with its offset",
    ),
]
Fold = Annotated[int, Range(0, 1)]
AlertIds = Annotated[tuple[Id, ...], Items(100)]
AppointmentStatus = Literal[
    "proposed", "pending", "booked", "arrived", "fulfilled", "cancelled", "noshow"
]
"""What is ``proposed`` is an answer's alone, and not kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindAvailability:
    """Free slots from ``from`` to ``to``: days (both included) or instants, at most 31 days.

    ``online`` holds to the location's rules for clients who book by themselves.
    """

    location_id: Id
    treatment_id: Id
    from_: DayOrInstant
    to: DayOrInstant
    practitioner_id: PractitionerChoice = "any"
    online: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A time that can be booked; instants carry the location's offset."""

    practitioner_id: str
    room_id: str
    start: Instant
    local_start: WallTime
    end: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Availability:
    """The slots found, earliest first."""

    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """Book a time that is taken, on purpose; ``reason`` stays with the visit."""

    reason: Note


@dataclass(frozen=True, slots=True, kw_only=True)
class BookAppointment:
    """Book a visit. ``fold`` picks an ambiguous wall time's instant (0: the earlier).

    ``hold_id`` books the time that a hold keeps: the other fields must be what was held. A hold
    that has expired is as good as none. ``override`` needs a role that may double-book, and a
    practitioner by id. ``online`` holds to the location's rules for clients who book by themselves.
    ``acknowledge_alerts`` are the client's alerts that were read; of the others the answer warns.
    """

    location_id: Id
    treatment_id: Id
    practitioner_id: PractitionerChoice = "any"
    client_id: Id
    local_start: WallTime
    room_id: Id | None = None
    fold: Fold = 0
    hold_id: Id | None = None
    override: Override | None = None
    online: bool = False
    acknowledge_alerts: AlertIds = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GetAppointment:
    """One appointment, as it is or, with ``as_of``, as it was at an instant."""

    appointment_id: PathId
    as_of: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListAppointments:
    """Appointments of a day, of a period, of a client or of a series; earliest first.

    Holds are among them only when asked for by their status, ``pending``.

    ``date`` is a day of the location (without one, of each visit's own location); ``from`` and
    ``to`` are days (both included) or instants.
    """

    location_id: Id | None = None
    date: Annotated[str, Text(max=10, pattern=r"\d{4}-\d{2}-\d{2}", hint="a date")] | None = None
    from_: DayOrInstant | None = None
    to: DayOrInstant | None = None
    practitioner_id: Id | None = None
    client_id: Id | None = None
    series_id: Id | None = None
    status: AppointmentStatus | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveAppointment:
    """Give a visit another time, practitioner, room or location; the rest stays."""

    appointment_id: PathId
    expected_version: ExpectedVersion
    local_start: WallTime | Unset = UNSET
    practitioner_id: PractitionerChoice | Unset = UNSET
    room_id: Id | Unset = UNSET
    location_id: Id | Unset = UNSET
    fold: Fold | Unset = UNSET
    acknowledge_alerts: AlertIds = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelAppointment:
    """Call a visit off. To waive its fee takes a reason, unless the client is ill."""

    appointment_id: PathId
    expected_version: ExpectedVersion | None = None
    reason: Note | None = None
    waive_fee: bool = False
    because: Because = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeStatus:
    """Arrive, unarrive, fulfil, or mark a no-show, whose fee is waived as a cancellation's is."""

    appointment_id: PathId
    expected_version: ExpectedVersion | None = None
    reason: Note | None = None
    waive_fee: bool = False
    because: Because = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentView:
    """An appointment: start and end carry the location's offset, turnover is in minutes."""

    id: str
    version: int
    status: AppointmentStatus
    location_id: str
    practitioner_id: str
    room_id: str
    client_id: str
    treatment_id: str
    start: Instant
    end: Instant
    local_start: WallTime
    timezone: str
    tzdata_version: str
    """The latest edition of the zone data that gives ``local_start`` this ``start``."""
    turnover: Minutes
    price: Money
    policy: CancellationPolicy
    series_id: str | None = None
    reason: str | None = None
    fold: int = 0
    """Which of an ambiguous wall time's two instants it is: 0 the earlier, 1 the later."""
    equipment_id: str | None = None
    """The unit of equipment the visit takes, when its treatment needs one."""
    overlaps: tuple[str, ...] = ()
    """The visits it was double-booked with on purpose; each of them names it in turn."""
    override: Override | None = None
    """Why it was booked on a time that was taken."""
    choice: str | None = None
    """Why it was booked with this practitioner and room, where the booking left a choice."""
    fee: Money | None = None
    """What the client owes for a late cancellation or a missed visit; no insurer is asked."""
    deposit: Money | None = None
    """What the client owes before the visit."""
    acknowledged_alerts: tuple[str, ...] = ()
    """The client's alerts that were read for this visit."""
    warnings: tuple[BookingWarning, ...] = ()
    """What whoever books or moves it should know; in those answers alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentPage:
    """A page of appointments."""

    items: tuple[AppointmentView, ...]
    next: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GetDaySheet:
    """A location's day by column; ``date`` is a day of the location."""

    location_id: Id
    date: date
    by: Literal["practitioner", "room"] = "practitioner"


@dataclass(frozen=True, slots=True, kw_only=True)
class DayColumn:
    """One practitioner's or room's visits, earliest first, and the holds on their time.

    ``windows`` are when the practitioner works there, or the room can be used; ``absences`` when
    the practitioner is away.
    """

    id: str
    name: str
    appointments: tuple[AppointmentView, ...]
    windows: tuple[DayWindow, ...] = ()
    absences: tuple[DayWindow, ...] = ()
    holds: tuple[DayHold, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DaySheet:
    """A location's day; ``warnings`` are of visits to come that cannot take place as they stand."""

    location_id: str
    date: date
    timezone: str
    by: str
    columns: tuple[DayColumn, ...]
    closures: tuple[DayClosure, ...] = ()
    warnings: tuple[DayWarning, ...] = ()
    totals: DayTotals | None = None
