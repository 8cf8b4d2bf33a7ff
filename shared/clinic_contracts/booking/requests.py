"""What booking can be asked, and how it answers."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from clinic_contracts.constraints import (
    UNSET,
    Cursor,
    ExpectedVersion,
    Id,
    Instant,
    Items,
    Limit,
    Minutes,
    Name,
    Note,
    PathId,
    Range,
    Text,
    TimeOfDay,
    Unset,
    WallTime,
    Weekday,
)
from clinic_contracts.money import Money

Kind = Annotated[str, Text(max=40, pattern=r"[a-z0-9_-]+", hint="a word such as massage")]
Kinds = Annotated[tuple[Kind, ...], Items(20)]
Hours = dict[Weekday, Annotated[tuple[tuple[TimeOfDay, TimeOfDay], ...], Items(6)]]
Ids = Annotated[tuple[Id, ...], Items(200)]
Address = Annotated[str, Text(max=300)]
TaxRegion = Annotated[str, Text(max=10, pattern=r"[A-Z]{2}-[A-Z]{2}", hint="such as CA-BC")]
PractitionerChoice = Annotated[
    str, Text(max=64, pattern=r"any|prac_[0-9A-Za-z]+", hint='a practitioner\'s id, or "any"')
]
DayOrInstant = Annotated[
    str, Text(max=35, pattern=r"\d{4}-\d{2}-\d{2}(T.+)?", hint="a date such as 2026-12-01")
]
Fold = Annotated[int, Range(0, 1)]
AppointmentStatus = Literal["booked", "arrived", "fulfilled", "cancelled", "noshow"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomSpec:
    """A room; ``kinds`` are what it can be used for. ``id`` names one that exists already."""

    name: Name
    kinds: Kinds = ()
    id: Id | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EquipmentPool:
    """So many interchangeable pieces of one kind."""

    kind: Kind
    count: Annotated[int, Range(0, 100)]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateLocation:
    """Open a location. ``hours`` are wall times per weekday; a day left out is closed."""

    name: Name
    timezone: Annotated[str, Text(max=60)]
    address: Address = ""
    hours: Hours
    rooms: Annotated[tuple[RoomSpec, ...], Items(100)]
    equipment: Annotated[tuple[EquipmentPool, ...], Items(50)] = ()
    tax_region: TaxRegion = "CA-BC"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLocation:
    """Change what is given, keep the rest."""

    location_id: PathId
    expected_version: ExpectedVersion | None = None
    name: Name | Unset = UNSET
    address: Address | Unset = UNSET
    hours: Hours | Unset = UNSET
    rooms: Annotated[tuple[RoomSpec, ...], Items(100)] | Unset = UNSET
    equipment: Annotated[tuple[EquipmentPool, ...], Items(50)] | Unset = UNSET
    tax_region: TaxRegion | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class GetLocation:
    """One location."""

    location_id: PathId


@dataclass(frozen=True, slots=True, kw_only=True)
class ListAll:
    """A page of everything of a kind, by name."""

    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A room of a location."""

    id: str
    name: str
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationView:
    """A location."""

    id: str
    version: int
    name: str
    timezone: str
    address: str
    hours: Hours
    rooms: tuple[Room, ...]
    equipment: tuple[EquipmentPool, ...]
    tax_region: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationPage:
    """A page of locations."""

    items: tuple[LocationView, ...]
    next: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """A practitioner's registration with a college; ``valid_to`` is the last day it holds."""

    college: Name
    number: Annotated[str, Text(max=40)]
    valid_to: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftSpec:
    """A weekly shift in wall time, on days from ``from`` to ``to`` (both included, or open)."""

    location_id: Id
    weekday: Weekday
    start: TimeOfDay
    end: TimeOfDay
    from_: date | None = None
    to: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatePractitioner:
    """Take on a practitioner."""

    name: Name
    location_ids: Ids
    treatment_ids: Ids
    registration: Registration
    gst_registered: bool = False
    shifts: Annotated[tuple[ShiftSpec, ...], Items(200)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePractitioner:
    """Change what is given, keep the rest."""

    practitioner_id: PathId
    expected_version: ExpectedVersion | None = None
    name: Name | Unset = UNSET
    location_ids: Ids | Unset = UNSET
    treatment_ids: Ids | Unset = UNSET
    registration: Registration | Unset = UNSET
    gst_registered: bool | Unset = UNSET
    shifts: Annotated[tuple[ShiftSpec, ...], Items(200)] | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class GetPractitioner:
    """One practitioner."""

    practitioner_id: PathId


@dataclass(frozen=True, slots=True, kw_only=True)
class PractitionerView:
    """A practitioner."""

    id: str
    version: int
    name: str
    location_ids: tuple[str, ...]
    treatment_ids: tuple[str, ...]
    registration: Registration
    gst_registered: bool
    shifts: tuple[ShiftSpec, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PractitionerPage:
    """A page of practitioners."""

    items: tuple[PractitionerView, ...]
    next: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateTreatment:
    """Offer a treatment; ``duration`` and ``turnover`` are minutes, multiples of 5."""

    name: Name
    duration: Annotated[int, Range(5, 480)]
    turnover: Annotated[int, Range(0, 120)] = 15
    discipline: Kind = "massage_therapy"
    room_kind: Kind | None = None
    equipment_kind: Kind | None = None
    price: Money
    online: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeTreatment:
    """Change what is given, keep the rest; visits already booked keep their terms."""

    treatment_id: PathId
    expected_version: ExpectedVersion | None = None
    name: Name | Unset = UNSET
    duration: Annotated[int, Range(5, 480)] | Unset = UNSET
    turnover: Annotated[int, Range(0, 120)] | Unset = UNSET
    discipline: Kind | Unset = UNSET
    room_kind: Kind | Unset | None = UNSET
    equipment_kind: Kind | Unset | None = UNSET
    price: Money | Unset = UNSET
    online: bool | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class GetTreatment:
    """One treatment."""

    treatment_id: PathId


@dataclass(frozen=True, slots=True, kw_only=True)
class TreatmentView:
    """A treatment."""

    id: str
    version: int
    name: str
    duration: Minutes
    turnover: Minutes
    discipline: str
    room_kind: str | None
    equipment_kind: str | None
    price: Money
    online: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TreatmentPage:
    """A page of treatments."""

    items: tuple[TreatmentView, ...]
    next: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FindAvailability:
    """Free slots from ``from`` to ``to``: days (both included) or instants, at most 31 days."""

    location_id: Id
    treatment_id: Id
    from_: DayOrInstant
    to: DayOrInstant
    practitioner_id: PractitionerChoice = "any"


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
    """Why a visit is double-booked on purpose."""

    reason: Note


@dataclass(frozen=True, slots=True, kw_only=True)
class BookAppointment:
    """Book a visit. ``fold`` picks an ambiguous wall time's instant (0: the earlier)."""

    location_id: Id
    treatment_id: Id
    practitioner_id: PractitionerChoice = "any"
    client_id: Id
    local_start: WallTime
    room_id: Id | None = None
    fold: Fold = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class GetAppointment:
    """One appointment."""

    appointment_id: PathId


@dataclass(frozen=True, slots=True, kw_only=True)
class ListAppointments:
    """Appointments of a day, or of a period, or of a client; earliest first.

    ``date`` is a day of the location; ``from`` and ``to`` are days (both included) or instants.
    """

    location_id: Id | None = None
    date: Annotated[str, Text(max=10, pattern=r"\d{4}-\d{2}-\d{2}", hint="a date")] | None = None
    from_: DayOrInstant | None = None
    to: DayOrInstant | None = None
    practitioner_id: Id | None = None
    client_id: Id | None = None
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
    fold: Fold = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelAppointment:
    """Call a visit off."""

    appointment_id: PathId
    expected_version: ExpectedVersion | None = None
    reason: Note | None = None
    waive_fee: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeStatus:
    """Arrive, unarrive, fulfil, or mark a no-show."""

    appointment_id: PathId
    expected_version: ExpectedVersion | None = None
    reason: Note | None = None
    waive_fee: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CancellationPolicy:
    """The terms a visit was booked under: the window in hours and the fee in percent."""

    window_hours: int = 24
    late_fee_percent: int = 50
    no_show_fee_percent: int = 100


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
    turnover: Minutes
    price: Money
    policy: CancellationPolicy
    series_id: str | None = None
    reason: str | None = None


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
    """One practitioner's or room's visits, earliest first."""

    id: str
    name: str
    appointments: tuple[AppointmentView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DaySheet:
    """A location's day."""

    location_id: str
    date: date
    timezone: str
    by: str
    columns: tuple[DayColumn, ...]
