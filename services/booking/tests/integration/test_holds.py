"""A hold keeps a time for a while: it is booked, given back, or gone by itself."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from booking import repository
from booking.testing import NOW, TEN, Clinic, context
from booking.use_cases import appointments, holds
from clinic_contracts.booking.holds import PlaceHold
from clinic_contracts.errors import HoldUsed, IdempotencyMismatch, Invalid, NotFound, SlotTaken

LATER = NOW + timedelta(minutes=6)


@pytest.fixture
def alone(clinic: Clinic) -> Clinic:
    """A clinic with one room, so that one hold takes the time."""
    clinic.change_location(rooms=[{"name": "Only", "id": clinic.location.rooms[0].id}])
    return clinic


def test_a_held_time_is_neither_offered_nor_booked_but_by_who_holds_it(alone: Clinic) -> None:
    free = alone.search()
    held = alone.hold()
    assert held.expires_at == NOW + timedelta(minutes=5)
    assert all(slot.start >= held.end for slot in alone.search() if slot.start >= held.start)
    with pytest.raises(SlotTaken):
        alone.book()

    caller = context()
    booked = alone.book(caller, hold_id=held.id)

    assert (booked.status, booked.client_id, booked.version) == ("booked", "cli_1", 2)
    assert booked.id == "apt_" + held.id.removeprefix("hold_")
    assert alone.book(caller, hold_id=held.id).view() == booked.view()
    with pytest.raises(HoldUsed) as used:
        alone.book(hold_id=held.id, client_id="cli_2")
    assert used.value.extra == {"appointment_id": booked.id}
    assert free


def test_a_repeat_is_answered_as_it_was_then(alone: Clinic) -> None:
    held, caller = alone.hold(), context()
    booked = alone.book(caller, hold_id=held.id)
    alone.cancel(booked)
    again = alone.book(caller, hold_id=held.id)
    assert (again.status, again.version) == ("booked", 2)


def test_what_is_booked_must_be_what_was_held(alone: Clinic) -> None:
    held = alone.hold(practitioner_id=alone.therapists[0].id)
    for wrong in (
        {"local_start": TEN + timedelta(hours=2)},
        {"practitioner_id": alone.therapists[1].id},
    ):
        with pytest.raises(Invalid) as refused:
            alone.book(hold_id=held.id, **wrong)
        assert list(refused.value.extra["errors"]) == ["hold_id"]
    assert alone.book(hold_id=held.id, practitioner_id=alone.therapists[0].id).status == "booked"


def test_given_back_its_time_is_free_at_once(alone: Clinic) -> None:
    held = alone.hold()
    holds.release_hold(held.id, alone.desk())
    with pytest.raises(NotFound):
        holds.release_hold(held.id, alone.desk())
    assert alone.book().status == "booked"


def test_an_expired_hold_is_in_nobodys_way_before_it_is_swept_up(alone: Clinic) -> None:
    alone.hold()
    request = alone.request(client_id="cli_2")
    booked = appointments.book_appointment(request, alone.desk(now=LATER))
    assert booked.client_id == "cli_2"
    assert alone.database["appointments"].count_documents({}) == 1


def test_who_is_too_late_books_as_anybody_does(alone: Clinic) -> None:
    first, second = alone.hold(), alone.request(client_id="cli_2")
    late = alone.request(hold_id=first.id)
    booked = appointments.book_appointment(late, alone.desk(now=LATER))
    assert booked.status == "booked"
    assert booked.version == 1
    with pytest.raises(SlotTaken):
        appointments.book_appointment(second, alone.desk(now=LATER))


def test_a_hold_is_no_visit_until_it_is_booked(alone: Clinic) -> None:
    held = alone.hold()
    service_holds = alone.list(status="pending")
    assert [one.id for one in service_holds] == ["apt_" + held.id.removeprefix("hold_")]
    assert alone.list() == ()


def test_of_many_who_book_one_hold_one_gets_it(alone: Clinic) -> None:
    held = alone.hold()

    def book(number: int) -> str | None:
        try:
            return alone.book(hold_id=held.id, client_id=f"cli_{number}").client_id
        except HoldUsed:
            return None

    with ThreadPoolExecutor(16) as pool:
        won = [client for client in pool.map(book, range(16)) if client is not None]
    assert len(won) == 1
    assert repository.findings(alone.database) == {"overlaps": 0}


def test_a_caller_bound_to_another_location_sees_no_hold(alone: Clinic) -> None:
    held = alone.hold()
    elsewhere = alone.desk(context(location_scope=("loc_else",)))
    with pytest.raises(NotFound):
        holds.release_hold(held.id, elsewhere)
    with pytest.raises(NotFound):
        appointments.book_appointment(alone.request(hold_id=held.id), elsewhere)


def test_another_hold_under_the_same_key_is_refused_and_the_same_one_answered_again(
    alone: Clinic,
) -> None:
    caller = context(fingerprint="one body")
    request = PlaceHold(
        location_id=alone.location.id, treatment_id=alone.treatment.id, local_start=TEN
    )
    held = holds.place_hold(request, alone.desk(caller))
    assert holds.place_hold(request, alone.desk(caller)) == held
    later = replace(request, local_start=TEN + timedelta(hours=3))
    other = replace(caller, fingerprint="another body")
    with pytest.raises(IdempotencyMismatch):
        holds.place_hold(later, alone.desk(other))
