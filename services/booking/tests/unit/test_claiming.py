"""A lost race: what is busy is read again, and what is still free is tried."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast

import pytest

from booking.domain import clients
from booking.domain.appointment import Appointment
from booking.domain.availability import Busy, Resources, Span
from booking.holidays import Statutory
from booking.ports import (
    Appointments,
    BulkMoves,
    ClaimTakenError,
    Clients,
    Closures,
    Desk,
    Editions,
    Feeds,
    SeriesBook,
    Settings,
    Usage,
)
from booking.recurrence import recur
from booking.testing import NOW, TEN, context, offering, visit
from booking.use_cases import appointments as use_cases
from booking.waitlist_ports import Waitlist
from clinic_contracts.booking import requests as r
from clinic_contracts.errors import ServiceUnavailable, SlotTaken
from clinic_runtime.ids import derived_id

START = visit().start
WANTED = offering(
    rooms=[f"room_{number}" for number in range(50)],
    people=[f"prac_{number}" for number in range(30)],
)


class Strangers:
    """Of no client anything is known."""

    def known(self, _client_id: str) -> clients.Known:
        return clients.Known()


class Known:
    """The one offering."""

    def known(self, kind: type, _id: str) -> Any:
        return WANTED.location if kind is r.LocationView else WANTED.treatment

    def colleagues(self, _location_id: str) -> Any:
        return list(WANTED.practitioners)


class NeverClosed:
    """No closures."""

    def of(self, _location_id: str, _practitioner_ids: Any) -> Any:
        return []


class Contested:
    """Somebody is always faster, for so many times; ``seen`` says whether their visit is shown."""

    def __init__(self, rivals: int, *, seen: bool = True) -> None:
        self.rivals, self.seen = rivals, seen
        self.tried: list[Resources] = []

    def get(self, _id: str) -> Appointment | None:
        return None

    def add(self, made: Appointment, _event: Any, _context: Any) -> Appointment:
        self.tried.append(made.resources)
        if len(self.tried) <= self.rivals:
            raise ClaimTakenError
        return made

    def drop_expired(self, _claims: Any, _now: Any) -> bool:
        return False

    def busy(self, _wanting: Any, _now: Any) -> Sequence[Busy]:
        lost = enumerate(self.tried if self.seen else [])
        span = Span(START, START + timedelta(minutes=75))
        return [Busy(f"apt_{each}", "loc_1", found, span, span.end) for each, found in lost]


def book(appointments: Contested) -> Appointment:
    desk = Desk(
        settings=cast("Settings", Known()),
        appointments=cast("Appointments", appointments),
        closures=cast("Closures", NeverClosed()),
        holidays=Statutory(),
        editions=cast("Editions", None),
        clients=cast("Clients", Strangers()),
        feeds=cast("Feeds", None),
        bulk_moves=cast("BulkMoves", None),
        series=cast("SeriesBook", None),
        recur=recur,
        usage=cast("Usage", None),
        context=context(),
        now=NOW,
        tzdata="2026.6",
        waitlist=cast("Waitlist", None),
        offer_token=str,
        derived_id=derived_id,
    )
    request = r.BookAppointment(
        location_id="loc_1", treatment_id="trt_1", client_id="cli_1", local_start=TEN
    )
    return use_cases.book_appointment(request, desk)


def test_after_each_lost_race_somebody_else_in_another_room_is_tried() -> None:
    appointments = Contested(rivals=29)
    made = book(appointments)
    assert made.resources == appointments.tried[-1]
    assert len({tried.practitioner_id for tried in appointments.tried}) == 30
    assert len({tried.room_id for tried in appointments.tried}) == 30


def test_it_is_taken_when_nobody_is_free_and_not_before() -> None:
    appointments = Contested(rivals=30)
    with pytest.raises(SlotTaken):
        book(appointments)
    assert len(appointments.tried) == 30


def test_a_fault_does_not_spin_for_ever() -> None:
    with pytest.raises(ServiceUnavailable):
        book(Contested(rivals=10_000, seen=False))
