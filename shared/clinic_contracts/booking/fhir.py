"""Booking's records as FHIR R4 resources."""

from dataclasses import dataclass
from typing import Annotated, Literal

from clinic_contracts.booking.requests import DayOrInstant
from clinic_contracts.constraints import Cursor, Id, Limit, PathId, Text

ResourceType = Literal["Appointment", "Location", "Practitioner", "Schedule"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GetResource:
    """A record as a resource, by its id with ``-`` for ``_``.

    A Schedule is one practitioner's at one location, and its id theirs: ``loc-1.prac-1``.
    """

    resource_type: ResourceType
    resource_id: PathId


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchSchedules:
    """A practitioner's schedules: one for each location of the caller's where they work."""

    practitioner_id: Id


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchSlots:
    """A schedule's free times that start from ``from`` to ``to``: days (both included) or instants.

    ``treatment_id`` says what is to fit in; without one it is the practitioner's only treatment.
    """

    schedule_id: Annotated[str, Text(max=64)]
    from_: DayOrInstant
    to: DayOrInstant
    treatment_id: Id | None = None
    limit: Limit = 50
    cursor: Cursor | None = None
