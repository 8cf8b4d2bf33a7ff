"""What booking tells the world. Thin on health data: ids and times, never reasons of care."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from clinic_contracts.booking.policy import FeeReason, WaivedBecause
from clinic_contracts.booking.requests import AppointmentStatus
from clinic_contracts.booking.waitlist import EntryStatus, OfferStatus, Urgency
from clinic_contracts.constraints import Instant, WallTime
from clinic_contracts.envelope import event
from clinic_contracts.money import Money


@event("booking.location_changed.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class LocationChanged:
    """A location as it stands now, new or changed."""

    location_id: str
    name: str
    timezone: str
    address: str
    tax_region: str


@event("booking.practitioner_changed.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class PractitionerChanged:
    """A practitioner as they stand now; the registration is what receipts and claims print.

    Who has opted out of MSP is paid by the client alone.
    """

    practitioner_id: str
    name: str
    college: str
    registration_number: str
    registration_valid_to: date | None = None
    gst_registered: bool = False
    gst_number: str | None = None
    msp_opted_out: bool = False
    location_ids: tuple[str, ...] = ()


@event("booking.treatment_changed.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class TreatmentChanged:
    """A treatment as it stands now."""

    treatment_id: str
    name: str
    discipline: str
    duration: int
    price: Money


@event("booking.closure_changed.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class ClosureChanged:
    """A location will be closed or a practitioner away in ``[start, end)``, or is not after all.

    One of the two ids is given. An absence has no reason here: it may be health data.
    """

    closure_id: str
    change: Literal["announced", "withdrawn"]
    location_id: str | None = None
    practitioner_id: str | None = None
    start: Instant
    end: Instant
    local_start: WallTime
    local_end: WallTime
    timezone: str
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """An appointment as every event about it carries it."""

    appointment_id: str
    location_id: str
    practitioner_id: str
    room_id: str
    client_id: str
    treatment_id: str
    start: Instant
    end: Instant
    local_start: WallTime
    timezone: str
    price: Money
    """The price agreed at booking; a later price change does not move it."""
    tzdata_version: str = ""
    """The edition of the zone data by which ``start`` was found."""
    equipment_id: str | None = None
    overlaps: tuple[str, ...] = ()
    """The visits it is double-booked with on purpose."""
    series_id: str | None = None
    fold: int = 0
    """Which of an ambiguous wall time's two instants it stands for: 0 the earlier, 1 the later."""


@event("booking.appointment_booked.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentBooked:
    """A visit was booked; ``deposit`` is what the client owes before it."""

    visit: Visit
    deposit: Money | None = None


@event("booking.appointment_moved.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentMoved:
    """A visit has another time, practitioner, room or location; ``previous`` is what it was.

    ``cause`` is ``tzdb`` where nobody moved it: by a new edition of the zone data the same wall
    time is another instant.
    """

    visit: Visit
    previous: Visit
    cause: str | None = None


@event("booking.appointment_cancelled.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentCancelled:
    """A visit was called off; ``late`` means inside the window of its policy.

    ``fee`` is what the client owes for it, by the policy the visit was booked under. It is the
    client's alone: no insurer is ever sent it.
    """

    visit: Visit
    late: bool
    fee_waived: bool
    fee: Money | None = None
    fee_reason: FeeReason | None = None
    waived_because: WaivedBecause | None = None


@event("booking.appointment_arrived.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentArrived:
    """The client is here."""

    visit: Visit


@event("booking.appointment_unarrived.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentUnarrived:
    """The arrival was a mistake; the visit is booked again."""

    visit: Visit


@event("booking.appointment_fulfilled.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentFulfilled:
    """The treatment was given: billing invoices it."""

    visit: Visit


@event("booking.appointment_missed.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentMissed:
    """The client did not come (status noshow). ``fee`` is as that of a late cancellation."""

    visit: Visit
    fee_waived: bool
    fee: Money | None = None
    fee_reason: FeeReason | None = None
    waived_because: WaivedBecause | None = None


@event("booking.appointment_overlapped.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentOverlapped:
    """Which visits it is double-booked with changed: one was booked over it, or is not any more."""

    visit: Visit
    status: AppointmentStatus


@event("booking.waitlist_entry_changed.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class WaitlistEntryChanged:
    """A client began to wait for a time, or does not wait any more without having been offered one.

    What is offered meanwhile, and what becomes of it, the offers' own events tell.
    """

    entry_id: str
    client_id: str
    treatment_id: str
    location_ids: tuple[str, ...]
    urgency: Urgency
    status: EntryStatus


@event("booking.offer_made.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class OfferMade:
    """A client who waits was offered a time, until ``expires_at``; the link's token is not told."""

    offer_id: str
    entry_id: str
    client_id: str
    location_id: str
    practitioner_id: str
    treatment_id: str
    start: Instant
    local_start: WallTime
    timezone: str
    expires_at: Instant


@event("booking.offer_closed.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class OfferClosed:
    """An offer cannot be accepted any more; ``entry_status`` is what the client's wish is now."""

    offer_id: str
    entry_id: str
    client_id: str
    location_id: str
    status: OfferStatus
    entry_status: EntryStatus
