"""Days unlike the others of their weekday, ways between locations, rules for booking online."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from clinic_contracts.constraints import Id, Items, Name, Range, Text, TimeOfDay

Spans = Annotated[tuple[tuple[TimeOfDay, TimeOfDay], ...], Items(6)]
HolidayRegion = Annotated[
    str, Text(max=6, pattern=r"[A-Z]{2}-[A-Z0-9]{1,3}", hint="a region such as CA-BC")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialHours:
    """A day's own hours, none when it is closed: they go before weekly hours and holidays."""

    date: date
    hours: Spans = ()
    reason: Name | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftException:
    """A practitioner's own times on a day at a location, none when off: they replace its shifts."""

    location_id: Id
    date: date
    hours: Spans = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Travel:
    """The minutes it takes to another location, and back."""

    location_id: Id
    minutes: Annotated[int, Range(0, 240)]


@dataclass(frozen=True, slots=True, kw_only=True)
class OnlineRules:
    """What a client who books online is held to; ``horizon_days`` counts from today."""

    minimum_notice_minutes: Annotated[int, Range(0, 43_200)]
    horizon_days: Annotated[int, Range(0, 1_000)]


SpecialDays = Annotated[tuple[SpecialHours, ...], Items(400)]
ShiftExceptions = Annotated[tuple[ShiftException, ...], Items(400)]
Travels = Annotated[tuple[Travel, ...], Items(200)]
