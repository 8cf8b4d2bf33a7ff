"""Reports about a location's visits."""

from dataclasses import dataclass
from typing import Literal

from clinic_contracts.booking.requests import DayOrInstant
from clinic_contracts.constraints import Id, Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class GetUtilisation:
    """How much of the time that could be booked at a location was, by whom or what is booked.

    ``from`` and ``to`` are days (both included) or instants, at most 31 days. As ``csv`` the rows
    alone are answered, as a table, as ``svg`` a plot of them.
    """

    location_id: Id
    from_: DayOrInstant
    to: DayOrInstant
    by: Literal["practitioner", "room", "location"] = "practitioner"
    format: Literal["json", "csv", "svg"] = "json"


@dataclass(frozen=True, slots=True, kw_only=True)
class UtilisationRow:
    """One practitioner, one room or the location.

    ``booked_minutes`` are those of visits that took place or are to, without turnover; of two
    at once on purpose both count. ``available_minutes`` are, of a practitioner, those on shift
    while the location is open, less absences; of a room, those that the location is open; of a
    location, its practitioners' together. ``percent`` is None when there are none.
    """

    id: str
    name: str
    visits: int
    booked_minutes: int
    available_minutes: int
    percent: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Utilisation:
    """A location's utilisation in ``[start, end)``, by the shifts and hours as they are set now."""

    location_id: str
    start: Instant
    end: Instant
    timezone: str
    by: str
    items: tuple[UtilisationRow, ...]
    next: str | None = None
