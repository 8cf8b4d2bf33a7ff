"""What an appointment was: each of its events carries the visit as it left it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from booking.domain import wall_time
from booking.domain.appointment import Appointment
from clinic_contracts.booking.events import (
    AppointmentArrived,
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentFulfilled,
    AppointmentMissed,
    AppointmentMoved,
    AppointmentOverlapped,
    AppointmentUnarrived,
)
from clinic_contracts.booking.events import Visit as VisitTold
from clinic_contracts.booking.history import HistoryEntry, Stay
from clinic_contracts.booking.requests import AppointmentStatus
from clinic_contracts.context import CallContext
from clinic_contracts.envelope import Event

STATUS_AFTER: Mapping[type, AppointmentStatus] = {
    AppointmentBooked: "booked",
    AppointmentMoved: "booked",
    AppointmentArrived: "arrived",
    AppointmentUnarrived: "booked",
    AppointmentFulfilled: "fulfilled",
    AppointmentCancelled: "cancelled",
    AppointmentMissed: "noshow",
}


def as_left_by(event: Event, current: Appointment) -> Appointment:
    """Return the visit as an event left it.

    What events do not carry never changes (client, treatment, turnover, price, policy, choice), or
    is the reason or fee, which come with a visit's last change alone. The edition of the zone data
    is the event's: another may have confirmed the instant since, which is no change of the visit.
    """
    visit, told = event.data.visit, event.data
    if event.seq == current.version:
        return replace(current, tzdata_version=visit.tzdata_version)
    status = told.status if isinstance(told, AppointmentOverlapped) else STATUS_AFTER[type(told)]
    return replace(
        current,
        version=event.seq,
        status=status,
        location_id=visit.location_id,
        practitioner_id=visit.practitioner_id,
        room_id=visit.room_id,
        equipment_id=visit.equipment_id,
        start=visit.start,
        end=visit.end,
        local_start=visit.local_start,
        timezone=visit.timezone,
        tzdata_version=visit.tzdata_version,
        fold=visit.fold,
        overlaps=visit.overlaps,
        reason=None,
        fee=getattr(told, "fee", None),
    )


def entry_of(event: Event) -> HistoryEntry:
    """Return the change that an event tells."""
    told = event.data
    previous = told.previous if isinstance(told, AppointmentMoved) else None
    return HistoryEntry(
        version=event.seq,
        kind=event.type.split(".")[1].removeprefix("appointment_"),
        at=wall_time.at_offset(event.occurred_at, told.visit.timezone),
        actor=event.actor,
        visit=_stay(told.visit),
        previous=None if previous is None else _stay(previous),
    )


def seen_by(context: CallContext, entries: Iterable[HistoryEntry]) -> Iterator[HistoryEntry]:
    """Yield the changes at locations that are the caller's, with nothing of the others in them."""
    for entry in entries:
        if context.sees(entry.visit.location_id):
            before = entry.previous
            shown = before is not None and context.sees(before.location_id)
            yield entry if shown else replace(entry, previous=None)


def _stay(visit: VisitTold) -> Stay:
    return Stay(
        location_id=visit.location_id,
        practitioner_id=visit.practitioner_id,
        room_id=visit.room_id,
        local_start=visit.local_start,
    )
