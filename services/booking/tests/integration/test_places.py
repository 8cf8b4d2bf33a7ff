"""Rooms and locations: what is removed, what is elsewhere, and who sees it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pymongo.database import Database

from booking import repository
from booking.testing import TEN, Clinic, context, service_on
from booking.use_cases import appointments, settings
from clinic_contracts.booking import requests as r
from clinic_contracts.errors import Forbidden, Invalid, NotFound, SlotTaken, StaleVersion
from clinic_contracts.schemas import load


def kept(room: r.Room) -> dict[str, Any]:
    return {"id": room.id, "name": room.name}


def test_an_id_that_is_no_room_of_the_location_is_refused(clinic: Clinic) -> None:
    one, two = clinic.location.rooms
    elsewhere = clinic.new_location("North").rooms[0]
    for rooms, field in (
        ([{"id": "room_0", "name": "A"}], "rooms.0.id"),
        ([kept(one), kept(elsewhere)], "rooms.1.id"),
        ([kept(one), {"id": one.id, "name": "Twin"}], "rooms.1.id"),
    ):
        with pytest.raises(Invalid) as refused:
            clinic.change_location(rooms=rooms)
        assert list(refused.value.extra["errors"]) == [field]
    with pytest.raises(Invalid) as refused:
        clinic.new_location("South", rooms=[kept(two)])
    assert list(refused.value.extra["errors"]) == ["rooms.0.id"]


def test_a_room_with_visits_to_come_cannot_be_removed(clinic: Clinic) -> None:
    one, two = clinic.location.rooms
    first, second = clinic.book(), clinic.book(local_start=TEN + timedelta(hours=2))
    assert {first.room_id, second.room_id} == {one.id}
    with pytest.raises(Invalid) as refused:
        clinic.change_location(rooms=[kept(two)])
    assert "One: 2" in refused.value.extra["errors"]["rooms"][0]
    clinic.change_location(rooms=[kept(one)])
    clinic.cancel(first)
    clinic.cancel(second)
    changed = clinic.change_location(rooms=[{"name": "New"}])
    assert changed.former_rooms == (two, one)


def test_past_visits_do_not_hold_a_room(clinic: Clinic) -> None:
    past = clinic.book()
    _, two = clinic.location.rooms
    without = load(r.ChangeLocation, {"location_id": clinic.location.id, "rooms": [kept(two)]})
    under_way = clinic.desk(now=past.end - timedelta(minutes=1))
    with pytest.raises(Invalid):
        settings.change_location(without, under_way)
    over = clinic.desk(now=past.end)
    changed = settings.change_location(without, over)
    assert [room.id for room in changed.former_rooms] == [past.room_id]


def test_a_retried_change_is_done_once_even_after_others(clinic: Clinic) -> None:
    one, two = clinic.location.rooms
    caller = context("the same")
    clinic.change_location(caller, rooms=[kept(one), kept(two), {"name": "New"}])
    clinic.change_location(rooms=[kept(one)])
    again = clinic.change_location(
        caller, expected_version=1, rooms=[kept(one), kept(two), {"name": "New"}]
    )
    assert (again.version, again.rooms) == (3, (one,))
    with pytest.raises(StaleVersion):
        clinic.change_location(expected_version=1, rooms=[{"id": "room_0", "name": "A"}])


def test_pages_of_locations_are_full_of_what_the_caller_may_see(clinic: Clinic) -> None:
    service = service_on(clinic.database)
    places = [clinic.new_location(f"L{number}") for number in range(6)]
    scope = (places[1].id, places[3].id, places[5].id)
    caller = context(location_scope=scope)
    page = service.list_locations(r.ListAll(limit=2), caller)
    assert [item.id for item in page.items] == list(scope[:2])
    last = service.list_locations(r.ListAll(limit=2, cursor=page.next), caller)
    assert ([item.id for item in last.items], last.next) == ([scope[2]], None)
    nobody = service.list_locations(r.ListAll(), context(location_scope=()))
    assert nobody.items == ()


def test_a_change_of_a_location_that_its_own_first_try_overtakes_is_answered_as_that(
    clinic: Clinic,
    overtaken: None,  # noqa: ARG001 (it must be so)
) -> None:
    changed = clinic.change_location(name="New")
    assert (changed.name, changed.version) == ("New", 2)


class Two(Clinic):
    """A clinic whose Robin works at a second location too."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        super().__init__(database)
        self.north = self.new_location("North")
        self.robin = self.new_therapist("Robin of two", [self.location.id, self.north.id])


@pytest.fixture
def two(database: Database[dict[str, Any]]) -> Two:
    return Two(database)


def test_who_works_at_two_locations_is_at_one_at_a_time(two: Two) -> None:
    two.book(practitioner_id=two.robin.id)
    for minutes in (-60, 0, 70):
        with pytest.raises(SlotTaken):
            two.book(
                practitioner_id=two.robin.id,
                location_id=two.north.id,
                local_start=TEN + timedelta(minutes=minutes),
            )
    second = two.book(
        practitioner_id=two.robin.id,
        location_id=two.north.id,
        local_start=TEN + timedelta(minutes=75),
    )
    with pytest.raises(SlotTaken):
        two.move(second, local_start=TEN)
    assert repository.findings(two.database) == {"overlaps": 0}


def test_who_works_elsewhere_alone_is_not_there(two: Two) -> None:
    service = service_on(two.database)
    north = context(location_scope=(two.north.id,))
    sam = two.therapists[1]
    page = service.list_practitioners(r.ListAll(), north)
    assert [person.id for person in page.items] == [two.robin.id]
    assert len(service.list_practitioners(r.ListAll(), context()).items) == 3
    rename = r.ChangePractitioner(practitioner_id=sam.id, name="Other")
    with pytest.raises(NotFound):
        service.get_practitioner(r.GetPractitioner(practitioner_id=sam.id), north)
    with pytest.raises(NotFound):
        service.change_practitioner(rename, north)
    assert service.change_practitioner(rename, context()).name == "Other"
    for who in (sam.id, "prac_0"):
        with pytest.raises(Invalid) as refused:
            two.book(north, location_id=two.north.id, practitioner_id=who)
        assert refused.value.extra["errors"] == {"practitioner_id": [f"there is no {who}"]}


def test_people_are_taken_on_and_changed_at_ones_own_locations(two: Two) -> None:
    service = service_on(two.database)
    caller = context(location_scope=(two.north.id,))
    registration = r.Registration(college="CCHPBC", number="1")
    for at, said in (
        ((two.location.id,), f"there is no {two.location.id}"),
        (("loc_0",), "there is no loc_0"),
        ((), "give at least one of your locations"),
    ):
        wanted = r.CreatePractitioner(
            name="New", location_ids=at, treatment_ids=(), registration=registration
        )
        with pytest.raises(Invalid) as refused:
            service.create_practitioner(wanted, caller)
        assert refused.value.extra["errors"] == {"location_ids": [said]}
    leaves = r.ChangePractitioner(
        practitioner_id=two.robin.id,
        location_ids=(two.location.id,),
        shifts=tuple(s for s in two.robin.shifts if s.location_id == two.location.id),
    )
    with pytest.raises(Invalid):
        service.change_practitioner(replace(leaves, shifts=()), caller)
    assert service.change_practitioner(leaves, caller).location_ids == (two.location.id,)


def test_a_location_is_opened_by_who_would_see_it(two: Two) -> None:
    wanted = r.CreateLocation(name="South", timezone="UTC", hours={}, rooms=())
    with pytest.raises(Forbidden):
        service_on(two.database).create_location(wanted, context(location_scope=(two.north.id,)))


def test_another_locations_times_are_as_those_of_one_that_is_not_there(two: Two) -> None:
    north = context(location_scope=(two.north.id,))
    booked = two.book(practitioner_id=two.robin.id, location_id=two.north.id)
    for there in (two.location.id, "loc_0"):
        move = r.MoveAppointment(appointment_id=booked.id, expected_version=1, location_id=there)
        with pytest.raises(NotFound, match=there):
            two.search(north, location_id=there)
        with pytest.raises(NotFound, match=there):
            two.book(north, location_id=there)
        with pytest.raises(NotFound, match=there):
            appointments.move_appointment(move, two.desk(north))


def test_a_blocker_elsewhere_is_shown_without_ids(two: Two) -> None:
    booked = two.book(practitioner_id=two.robin.id)
    wanted = {"practitioner_id": two.robin.id, "location_id": two.north.id}
    with pytest.raises(SlotTaken) as refused:
        two.book(context(location_scope=(two.north.id,)), **wanted)
    assert refused.value.extra["blocked_by"] == [
        {
            "where": "elsewhere",
            "start": "2026-12-01T17:00:00+00:00",
            "end": "2026-12-01T18:15:00+00:00",
        }
    ]
    with pytest.raises(SlotTaken) as refused:
        two.book(context(location_scope=(two.north.id, two.location.id)), **wanted)
    assert refused.value.extra["blocked_by"][0]["appointment_id"] == booked.id
