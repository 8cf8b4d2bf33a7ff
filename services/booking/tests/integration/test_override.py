"""Double booking on purpose, in the database: by who may, marked, and never by accident."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from booking import repository
from booking.domain.appointment import HOLDS_ITS_TIME, Appointment
from booking.testing import NOW, TEN, Clinic, context
from booking.use_cases import appointments
from clinic_contracts.booking.requests import Override
from clinic_contracts.errors import ClinicError, Forbidden, Invalid, SlotTaken
from clinic_runtime import history

URGENT = Override(reason="came without an appointment")


@pytest.fixture
def robin(clinic: Clinic) -> str:
    return clinic.therapists[0].id


def over(clinic: Clinic, robin: str, client: str = "cli_2") -> Appointment:
    caller = context(may_override=True)
    return clinic.book(caller, practitioner_id=robin, client_id=client, override=URGENT)


def test_it_needs_a_role_and_a_name(clinic: Clinic, robin: str) -> None:
    with pytest.raises(Forbidden):
        clinic.book(practitioner_id=robin, override=URGENT)
    with pytest.raises(Invalid) as refused:
        clinic.book(context(may_override=True), override=URGENT)
    assert list(refused.value.extra["errors"]) == ["practitioner_id"]


def test_the_role_may_be_that_of_one_location(clinic: Clinic, robin: str) -> None:
    stranger = context(override_at=("loc_other",))
    with pytest.raises(Forbidden):
        clinic.book(stranger, practitioner_id=robin, override=URGENT)
    manager = context(override_at=(clinic.location.id,))
    assert clinic.book(manager, practitioner_id=robin, override=URGENT).override is None


def test_a_free_time_is_booked_as_ever(clinic: Clinic, robin: str) -> None:
    booked = over(clinic, robin)
    assert (booked.overlaps, booked.override) == ((), None)


def test_both_visits_are_marked_and_verify_does_not_take_it_for_a_fault(
    clinic: Clinic, robin: str
) -> None:
    first = clinic.book(practitioner_id=robin)
    second = over(clinic, robin)

    assert second.view().overlaps == (first.id,)
    assert second.view().override == URGENT
    stored = appointments.get_appointment(first.id, clinic.desk())
    assert (stored.overlaps, stored.version) == ((second.id,), 2)
    assert second.room_id != first.room_id
    assert repository.findings(clinic.database) == {"overlaps": 0}
    assert repository.counts(clinic.database) == {"appointments": 2, "double_booked": 2}
    told = history.event_of(clinic.database["appointments"], first.id, 2)
    assert told is not None
    assert (told.type, told.data.visit.overlaps) == (
        "booking.appointment_overlapped.v1",
        (second.id,),
    )


def test_who_stays_keeps_the_time_whoever_leaves(clinic: Clinic, robin: str) -> None:
    first = clinic.book(practitioner_id=robin)
    second = over(clinic, robin)
    clinic.cancel(first)
    with pytest.raises(SlotTaken):
        clinic.book(practitioner_id=robin, client_id="cli_3")
    left = appointments.get_appointment(second.id, clinic.desk())
    assert left.overlaps == ()
    clinic.cancel(left)
    assert clinic.book(practitioner_id=robin, client_id="cli_3").status == "booked"


def test_an_overlapped_visit_can_be_moved_away(clinic: Clinic, robin: str) -> None:
    first = clinic.book(practitioner_id=robin)
    second = over(clinic, robin)
    later = second.local_start.replace(hour=14)
    moved = clinic.move(second, local_start=later)
    assert (moved.local_start, moved.overlaps) == (later, ())
    assert appointments.get_appointment(first.id, clinic.desk()).overlaps == ()
    with pytest.raises(SlotTaken):
        clinic.book(practitioner_id=robin, local_start=later)


def test_nobody_is_booked_over_a_hold(clinic: Clinic, robin: str) -> None:
    clinic.hold(practitioner_id=robin)
    with pytest.raises(SlotTaken):
        over(clinic, robin)


def test_a_repeat_books_over_once(clinic: Clinic, robin: str) -> None:
    clinic.book(practitioner_id=robin)
    caller = context(may_override=True)
    request = clinic.request(practitioner_id=robin, client_id="cli_2", override=URGENT)
    first = appointments.book_appointment(request, clinic.desk(caller))
    again = appointments.book_appointment(request, clinic.desk(caller, now=NOW))
    assert again.id == first.id
    assert repository.counts(clinic.database)["double_booked"] == 2


def test_whatever_happens_at_once_no_time_is_double_booked_by_accident(
    clinic: Clinic, robin: str
) -> None:
    first = clinic.book(practitioner_id=robin)
    overs = [over(clinic, robin, f"cli_{number}") for number in range(2, 5)]

    def act(number: int) -> None:
        try:
            if number < 3:
                clinic.cancel([first, *overs][number])
            elif number < 6:
                over(clinic, robin, f"cli_{number + 10}")
            else:
                clinic.book(practitioner_id=robin, client_id=f"cli_{number + 10}")
        except ClinicError:
            pass

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(act, range(12)))

    assert repository.findings(clinic.database) == {"overlaps": 0}
    live = [
        appointments.get_appointment(row["_id"], clinic.desk())
        for row in clinic.database["appointments"].find({"status": {"$in": [*HOLDS_ITS_TIME]}})
    ]
    ids = {one.id for one in live}
    assert all(set(one.overlaps) == ids - {one.id} for one in live)
    claimed = {key for one in live for key in one.claims}
    assert all(set(one.wanted_claims) <= claimed for one in live)


def test_an_expired_hold_is_in_no_overrides_way(clinic: Clinic, robin: str) -> None:
    clinic.book(practitioner_id=robin, local_start=TEN - timedelta(minutes=45))
    clinic.hold(practitioner_id=robin, local_start=TEN + timedelta(minutes=30))
    wanted = clinic.request(practitioner_id=robin, client_id="cli_2", override=URGENT)
    late = clinic.desk(context(may_override=True), NOW + timedelta(minutes=6))
    booked = appointments.book_appointment(wanted, late)
    assert len(booked.overlaps) == 1
