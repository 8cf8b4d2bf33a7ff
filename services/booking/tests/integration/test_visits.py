"""Booking's use cases on a real database: nothing is ever booked twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from booking import repository
from booking.domain.appointment import Appointment
from booking.testing import TEN, Clinic, context, fulfil
from booking.use_cases import appointments, lists
from clinic_contracts.booking import requests as r
from clinic_contracts.errors import (
    ClinicError,
    IdempotencyMismatch,
    IllegalTransition,
    Invalid,
    NotBookable,
    NotFound,
    SlotTaken,
    StaleVersion,
)


def test_a_visit_stands_at_the_clinics_wall_time(clinic: Clinic) -> None:
    view = clinic.book().view()
    assert view.start.isoformat() == "2026-12-01T10:00:00-07:00"
    assert (view.local_start, view.turnover, view.version) == (TEN, 15, 1)


def test_a_repeat_is_answered_and_another_request_under_its_key_is_told_apart(
    clinic: Clinic,
) -> None:
    first = clinic.book(context("op_1", fingerprint="one"))
    assert clinic.book(context("op_1", fingerprint="one")).view() == first.view()
    for other in ({}, {"local_start": TEN + timedelta(hours=1)}, {"room_id": "room_none"}):
        with pytest.raises(IdempotencyMismatch):
            clinic.book(context("op_1", fingerprint="another"), **other)
    assert clinic.database["appointments"].count_documents({}) == 1


def test_any_therapist_means_the_next_free_one_until_none_is(clinic: Clinic) -> None:
    first, second = clinic.book(), clinic.book()
    assert {first.practitioner_id, second.practitioner_id} == {t.id for t in clinic.therapists}
    with pytest.raises(SlotTaken) as refused:
        clinic.book()
    blocked = {b["appointment_id"] for b in refused.value.extra["blocked_by"]}
    assert blocked == {first.id, second.id}
    for slot in refused.value.extra["alternatives"]:
        clinic.book(
            practitioner_id=slot["practitioner_id"],
            local_start=datetime.fromisoformat(slot["local_start"]),
        )
        break
    assert len(refused.value.extra["alternatives"]) == 3


def test_the_turnover_belongs_to_the_visit(clinic: Clinic) -> None:
    robin = clinic.therapists[0].id
    clinic.book(practitioner_id=robin)
    with pytest.raises(SlotTaken):
        clinic.book(practitioner_id=robin, local_start=TEN + timedelta(minutes=70))
    clinic.book(practitioner_id=robin, local_start=TEN + timedelta(minutes=75))


def test_of_many_who_want_one_slot_exactly_one_gets_it(clinic: Clinic) -> None:
    robin = clinic.therapists[0].id

    def attempt(number: int) -> str:
        try:
            return clinic.book(practitioner_id=robin, client_id=f"cli_{number}").id
        except SlotTaken:
            return ""

    with ThreadPoolExecutor(16) as pool:
        won = [id_ for id_ in pool.map(attempt, range(32)) if id_]
    assert len(won) == 1
    assert repository.findings(clinic.database) == {"overlaps": 0}


def test_a_retry_of_one_request_is_one_visit(clinic: Clinic) -> None:
    caller = context("the same")
    assert clinic.book(caller).id == clinic.book(caller).id
    assert clinic.database["appointments"].count_documents({}) == 1


def test_a_retry_in_flight_is_one_visit(clinic: Clinic) -> None:
    caller = context("the same")
    with ThreadPoolExecutor(8) as pool:
        ids = {made.id for made in pool.map(lambda _: clinic.book(caller), range(8))}
    assert len(ids) == 1
    assert clinic.database["appointments"].count_documents({}) == 1


def test_a_change_that_its_own_first_try_overtakes_is_answered_as_that(
    clinic: Clinic,
    overtaken: None,  # noqa: ARG001 (it must be so)
) -> None:
    booked = clinic.book()
    moved = clinic.move(booked, local_start=TEN + timedelta(hours=2))
    assert (moved.version, moved.local_start) == (2, TEN + timedelta(hours=2))
    assert clinic.cancel(moved).version == 3


def test_a_cancelled_visit_frees_its_time(clinic: Clinic) -> None:
    robin = clinic.therapists[0].id
    booked = clinic.book(practitioner_id=robin)
    cancelled = clinic.cancel(booked)
    assert (cancelled.status, cancelled.version) == ("cancelled", 2)
    clinic.book(practitioner_id=robin)


def test_a_move_takes_the_new_time_and_frees_the_old(clinic: Clinic) -> None:
    robin = clinic.therapists[0].id
    booked = clinic.book(practitioner_id=robin)
    moved = clinic.move(booked, local_start=TEN + timedelta(minutes=30))
    assert moved.view().start.isoformat() == "2026-12-01T10:30:00-07:00"
    with pytest.raises(StaleVersion) as refused:
        clinic.move(booked, local_start=TEN)
    assert refused.value.extra["current"]["version"] == 2


def test_a_move_onto_a_taken_time_changes_nothing(clinic: Clinic) -> None:
    robin = clinic.therapists[0].id
    booked = clinic.book(practitioner_id=robin)
    clinic.book(practitioner_id=robin, local_start=TEN + timedelta(hours=2))
    with pytest.raises(SlotTaken):
        clinic.move(booked, local_start=TEN + timedelta(hours=2))
    assert appointments.get_appointment(booked.id, clinic.desk()).version == 1


def test_a_move_keeps_the_room_where_it_can(clinic: Clinic) -> None:
    clinic.book()
    second = clinic.book()
    assert second.room_id == clinic.location.rooms[1].id
    assert clinic.move(second, local_start=TEN + timedelta(hours=2)).room_id == second.room_id


def test_a_visit_lives_from_booked_to_fulfilled(clinic: Clinic) -> None:
    booked = clinic.book()
    with pytest.raises(IllegalTransition) as refused:
        clinic.change(booked, fulfil)
    assert refused.value.extra == {"from": "booked", "to": "fulfilled"}
    for change, status in (
        (Appointment.arrive, "arrived"),
        (Appointment.unarrive, "booked"),
        (Appointment.arrive, "arrived"),
        (fulfil, "fulfilled"),
    ):
        assert clinic.change(booked, change).status == status


@pytest.mark.parametrize(
    ("local", "reason"),
    [
        (datetime(2026, 12, 1, 10, 3), "off_tick"),
        (datetime(2026, 12, 1, 8), "outside_hours"),
        (datetime(2026, 12, 1, 16, 30), "outside_shift"),
        (datetime(2026, 12, 6, 10), "closed"),
    ],
)
def test_what_cannot_be_booked_says_why(clinic: Clinic, local: datetime, reason: str) -> None:
    with pytest.raises(NotBookable) as refused:
        clinic.book(local_start=local)
    assert refused.value.extra["reason"] == reason


@pytest.mark.parametrize("field", ["location_id", "treatment_id", "practitioner_id", "room_id"])
def test_an_unknown_id_is_named_by_its_field(clinic: Clinic, field: str) -> None:
    with pytest.raises((Invalid, NotFound)) as refused:
        clinic.book(None, **{field: "prac_0"})
    assert list(refused.value.extra["errors"]) == [field]


def test_another_locations_visit_is_not_there(clinic: Clinic) -> None:
    booked = clinic.book()
    elsewhere = clinic.desk(context(location_scope=("loc_other",)))
    with pytest.raises(NotFound):
        appointments.get_appointment(booked.id, elsewhere)
    with pytest.raises(ClinicError):
        lists.list_appointments(r.ListAppointments(location_id=clinic.location.id), elsewhere)
    assert lists.list_appointments(r.ListAppointments(client_id="cli_1"), elsewhere).items == ()


def test_every_slot_offered_can_be_had(clinic: Clinic) -> None:
    clinic.book(practitioner_id=clinic.therapists[0].id)
    offered = clinic.search()
    assert offered
    for slot in offered:
        made = clinic.book(practitioner_id=slot.practitioner_id, local_start=slot.local_start)
        clinic.cancel(made)


def test_the_event_tells_of_the_visit(clinic: Clinic) -> None:
    booked = clinic.book()
    stored = clinic.database["appointments"].find_one({"_id": booked.id})
    assert stored is not None
    event = stored["outbox"][0]["event"]
    assert (event["type"], event["sequence"]) == ("booking.appointment_booked.v1", 1)
    assert event["data"]["visit"]["start"] == "2026-12-01T17:00:00+00:00"
