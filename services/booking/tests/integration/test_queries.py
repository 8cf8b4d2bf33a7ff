"""Every query that booking sends is served by an index, and a booking sends few."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from pymongo.database import Database

from booking.repository import Recent
from booking.testing import TEN, Clinic, context, service_on
from clinic_contracts.booking import requests as r
from clinic_contracts.context import CallContext
from clinic_contracts.schemas import load
from clinic_runtime.ids import derived_id
from clinic_runtime.watching import Watch

Document = dict[str, Any]


class Busy:
    """A clinic of two locations with a history, served by the service on the watched client."""

    def __init__(self, database: Database[Document], watched: Database[Document]) -> None:
        self.database, self.service = database, service_on(watched)
        self.clinic = Clinic(database)
        self.north = self.clinic.new_location("North", equipment=[{"kind": "lift", "count": 2}])
        self.lift = self.clinic.new_treatment(equipment_kind="lift")
        both = [self.clinic.location.id, self.north.id]
        self.robin = self.clinic.new_therapist("Robin", both, [self.lift.id])
        self.fill()

    def fill(self) -> None:
        """Copy one visit to a history that an index beats a scan on."""
        made = self.clinic.book(
            location_id=self.north.id, treatment_id=self.lift.id, local_start=TEN
        )
        stored = self.database["appointments"].find_one({"_id": made.id})
        assert stored is not None
        stored.pop("claims")
        places = (self.north.id, self.clinic.location.id)
        statuses = ("fulfilled", "booked", "noshow", "cancelled")
        people = (self.robin.id, *(person.id for person in self.clinic.therapists))
        self.database["appointments"].insert_many(
            {
                **stored,
                "_id": f"apt_{number:05}",
                "location_id": places[number % 2],
                "practitioner_id": people[number % 3],
                "client_id": f"cli_{number % 40}",
                "status": statuses[number % 4],
                "start": stored["start"] - timedelta(hours=number),
                "end": stored["end"] - timedelta(hours=number),
                "outbox": [],
            }
            for number in range(2, 1_500)
        )


@pytest.fixture
def busy(database: Database[Document], watched: Database[Document]) -> Busy:
    return Busy(database, watched)


def lists(at: Busy) -> Iterator[r.ListAppointments]:
    """Yield a list of each combination of filters that the API offers."""
    here, robin = at.north.id, at.robin.id
    period = {"from": "2026-11-20", "to": "2026-12-10"}
    for scope in (
        {"location_id": here},
        {"practitioner_id": robin},
        {"client_id": "cli_1"},
        {"location_id": here, "practitioner_id": robin},
        {"location_id": here, "client_id": "cli_1"},
        {"practitioner_id": robin, "client_id": "cli_1"},
        {"location_id": here, "practitioner_id": robin, "client_id": "cli_1"},
    ):
        for when in ({}, {"date": "2026-12-01"}, period):
            for status in ({}, {"status": "noshow"}):
                yield load(r.ListAppointments, {**scope, **when, **status, "limit": 5})


def check(at: Busy, watch: Watch, call: Callable[[], Any]) -> int:
    """Fail when a query that the call sends has no index; return how many queries there were."""
    watch.commands.clear()
    call()
    return len(watch.explained(at.database))


@pytest.mark.parametrize("scoped", [False, True])
def test_each_list_is_served_by_an_index_page_after_page(
    busy: Busy,
    watch: Watch,
    scoped: bool,  # noqa: FBT001
) -> None:
    scope = (busy.north.id, busy.clinic.location.id) if scoped else None
    caller = context(location_scope=scope)

    def two_pages(request: r.ListAppointments) -> None:
        page = busy.service.list_appointments(request, caller)
        if page.next is not None:
            busy.service.list_appointments(replace(request, cursor=page.next), caller)

    for request in lists(busy):
        assert check(busy, watch, partial(two_pages, request))


def test_pages_of_settings_are_served_by_an_index(busy: Busy, watch: Watch) -> None:
    service = busy.service

    def pages(caller: CallContext) -> None:
        for answer in (service.list_locations, service.list_practitioners, service.list_treatments):
            page = answer(r.ListAll(limit=1), caller)
            answer(r.ListAll(limit=1, cursor=page.next), caller)

    scope = (busy.north.id, busy.clinic.location.id)
    for caller in (context(), context(location_scope=scope)):
        assert check(busy, watch, partial(pages, caller)) == 6


@pytest.mark.parametrize("by", ["practitioner", "room"])
def test_the_day_sheet_is_served_by_an_index(busy: Busy, watch: Watch, by: Any) -> None:
    request = r.GetDaySheet(location_id=busy.north.id, date=TEN.date(), by=by)
    assert check(busy, watch, lambda: busy.service.get_day_sheet(request, context()))


def test_search_and_each_change_are_served_by_an_index(busy: Busy, watch: Watch) -> None:
    service, clinic = busy.service, busy.clinic
    wanted = {"location_id": busy.north.id, "treatment_id": busy.lift.id}
    search = load(r.FindAvailability, {**wanted, "from": "2026-12-01", "to": "2026-12-20"})
    assert check(busy, watch, lambda: service.find_availability(search, context())) == 6

    later = clinic.request(**wanted, local_start=TEN + timedelta(days=1))
    booked = service.book_appointment(later, context())
    move = r.MoveAppointment(
        appointment_id=booked.id, expected_version=1, local_start=TEN + timedelta(days=2)
    )
    assert check(busy, watch, lambda: service.move_appointment(move, context()))
    status = r.ChangeStatus(appointment_id=booked.id)
    assert check(busy, watch, lambda: service.arrive(status, context()))
    change = r.ChangeLocation(location_id=clinic.location.id, rooms=())
    assert check(busy, watch, lambda: service.change_location(change, context()))


def commands(watch: Watch, call: Callable[[], Any]) -> list[str]:
    """Return the names of the commands that a call sends."""
    watch.commands.clear()
    call()
    return [next(iter(command)) for command in watch.commands]


def test_each_operation_sends_the_commands_it_needs(busy: Busy, watch: Watch) -> None:
    request = busy.clinic.request(
        location_id=busy.north.id,
        treatment_id=busy.lift.id,
        local_start=TEN + timedelta(days=1),
    )
    service, caller, place = busy.service, context(), busy.clinic.location.id
    service.recent = Recent(lambda: 0.0)  # type: ignore[assignment]  # in one and the same second
    # Location, treatment, practitioners, closures, their other location, the client, what is busy.
    booking = commands(watch, lambda: service.book_appointment(request, caller))
    assert booking == ["find"] * 7 + ["insert"]
    id_ = derived_id("apt", caller.operation_id)
    move = r.MoveAppointment(
        appointment_id=id_, expected_version=1, local_start=TEN + timedelta(days=2)
    )
    moving = commands(watch, lambda: service.move_appointment(move, context()))
    # The visit, its client and what is busy: the others were read this second.
    assert moving == ["find"] * 3 + ["update"]
    status = r.ChangeStatus(appointment_id=id_)
    for change in (service.arrive, service.fulfil):
        assert commands(watch, partial(change, status, context())) == ["find", "update"]
    renamed = r.ChangeLocation(location_id=place, name="New")
    assert commands(watch, lambda: service.change_location(renamed, context())) == [
        "find",
        "update",
    ]
