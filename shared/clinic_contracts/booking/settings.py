"""Locations, practitioners and treatments: what can be asked of them, and their views."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from clinic_contracts.booking.calendar import (
    HolidayRegion,
    OnlineRules,
    ShiftExceptions,
    Spans,
    SpecialDays,
    Travels,
)
from clinic_contracts.booking.policy import USUAL_POLICY, CancellationPolicy
from clinic_contracts.constraints import (
    UNSET,
    Cursor,
    ExpectedVersion,
    Id,
    Items,
    Limit,
    Minutes,
    Name,
    PathId,
    Range,
    Text,
    TimeOfDay,
    Unset,
    Weekday,
)
from clinic_contracts.money import Money

Kind = Annotated[str, Text(max=40, pattern=r"[a-z0-9_-]+", hint="a word such as massage")]
Kinds = Annotated[tuple[Kind, ...], Items(20)]
Hours = dict[Weekday, Spans]
Ids = Annotated[tuple[Id, ...], Items(200)]
Address = Annotated[str, Text(min=0, max=300)]
GstNumber = Annotated[
    str, Text(max=15, pattern=r"\d{9}RT\d{4}", hint="a GST account such as 123456789RT0001")
]
"""A business number and its RT account (Canada Revenue Agency, program account numbers)."""
TaxRegion = Annotated[str, Text(max=10, pattern=r"[A-Z]{2}-[A-Z]{2}", hint="such as CA-BC")]


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
    """Open a location. ``hours`` are wall times per weekday; a day left out is closed.

    ``clients_in_one_place``: a client cannot have two visits at once, here or at another location
    that holds to it. ``policy`` is what visits are booked under; ``require_referral``: a client
    needs a referral with visits left.
    """

    name: Name
    timezone: Annotated[str, Text(max=60)]
    address: Address = ""
    hours: Hours
    rooms: Annotated[tuple[RoomSpec, ...], Items(100)]
    equipment: Annotated[tuple[EquipmentPool, ...], Items(50)] = ()
    tax_region: TaxRegion = "CA-BC"
    clients_in_one_place: bool = False
    special_hours: SpecialDays = ()
    holiday_region: HolidayRegion | None = None
    travel: Travels = ()
    online: OnlineRules | None = None
    policy: CancellationPolicy = USUAL_POLICY
    require_referral: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLocation:
    """Change what is given, keep the rest. A room with visits to come cannot be left out."""

    location_id: PathId
    expected_version: ExpectedVersion | None = None
    name: Name | Unset = UNSET
    address: Address | Unset = UNSET
    hours: Hours | Unset = UNSET
    rooms: Annotated[tuple[RoomSpec, ...], Items(100)] | Unset = UNSET
    equipment: Annotated[tuple[EquipmentPool, ...], Items(50)] | Unset = UNSET
    tax_region: TaxRegion | Unset = UNSET
    clients_in_one_place: bool | Unset = UNSET
    special_hours: SpecialDays | Unset = UNSET
    holiday_region: HolidayRegion | Unset | None = UNSET
    travel: Travels | Unset = UNSET
    online: OnlineRules | Unset | None = UNSET
    policy: CancellationPolicy | Unset = UNSET
    require_referral: bool | Unset = UNSET


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
    former_rooms: tuple[Room, ...] = ()
    """Rooms removed, the latest 100: past visits still name them."""
    clients_in_one_place: bool = False
    special_hours: SpecialDays = ()
    holiday_region: str | None = None
    """Whose statutory holidays it is closed on; none: it is open on holidays."""
    travel: Travels = ()
    online: OnlineRules | None = None
    policy: CancellationPolicy = USUAL_POLICY
    require_referral: bool = False


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
    gst_number: GstNumber | None = None
    msp_opted_out: bool = False
    shifts: Annotated[tuple[ShiftSpec, ...], Items(200)] = ()
    shift_exceptions: ShiftExceptions = ()


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
    gst_number: GstNumber | Unset | None = UNSET
    msp_opted_out: bool | Unset = UNSET
    shifts: Annotated[tuple[ShiftSpec, ...], Items(200)] | Unset = UNSET
    shift_exceptions: ShiftExceptions | Unset = UNSET


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
    gst_number: str | None = None
    msp_opted_out: bool = False
    shifts: tuple[ShiftSpec, ...]
    shift_exceptions: ShiftExceptions = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PractitionerPage:
    """A page of practitioners."""

    items: tuple[PractitionerView, ...]
    next: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceAt:
    """A price before tax at a location, of a practitioner, from a day to another, both included.

    What is left out is any.
    """

    price: Money
    location_id: Id | None = None
    practitioner_id: Id | None = None
    valid_from: date | None = None
    valid_to: date | None = None


Prices = Annotated[tuple[PriceAt, ...], Items(200)]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateTreatment:
    """Offer a treatment; ``duration`` and ``turnover`` are minutes, multiples of 5.

    ``price`` is for whom none of ``prices`` is; of these the practitioner's goes before the
    location's, and the later ``valid_from`` before the earlier. The day is the visit's, and what is
    agreed when it is booked stays.
    ``new_clients``: clients without a visit so far may book it online. ``policy`` replaces the
    location's for this treatment.
    """

    name: Name
    duration: Annotated[int, Range(5, 480)]
    turnover: Annotated[int, Range(0, 120)] = 15
    discipline: Kind = "massage_therapy"
    room_kind: Kind | None = None
    equipment_kind: Kind | None = None
    price: Money
    prices: Prices = ()
    online: bool = False
    new_clients: bool = True
    policy: CancellationPolicy | None = None


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
    prices: Prices | Unset = UNSET
    online: bool | Unset = UNSET
    new_clients: bool | Unset = UNSET
    policy: CancellationPolicy | Unset | None = UNSET


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
    new_clients: bool = True
    policy: CancellationPolicy | None = None
    prices: Prices = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TreatmentPage:
    """A page of treatments."""

    items: tuple[TreatmentView, ...]
    next: str | None = None
