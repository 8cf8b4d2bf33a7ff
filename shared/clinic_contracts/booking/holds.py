"""Holds: a time kept for somebody for a few minutes while a form is filled in."""

from dataclasses import dataclass

from clinic_contracts.booking.requests import Fold, PractitionerChoice
from clinic_contracts.constraints import Id, Instant, PathId, WallTime


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceHold:
    """Keep a time for five minutes; the fields are those of a booking."""

    location_id: Id
    treatment_id: Id
    practitioner_id: PractitionerChoice = "any"
    local_start: WallTime
    room_id: Id | None = None
    fold: Fold = 0
    online: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseHold:
    """Give a hold's time back before it expires by itself."""

    hold_id: PathId


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldView:
    """A hold: what it keeps, and until when; booked by giving its id as ``hold_id``."""

    id: str
    expires_at: Instant
    location_id: str
    treatment_id: str
    practitioner_id: str
    room_id: str
    start: Instant
    end: Instant
    local_start: WallTime
    timezone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldReleased:
    """The hold is gone and its time free."""

    id: str
