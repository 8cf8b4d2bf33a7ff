"""Worklists: what the present settings, or nobody's word, leave to be done."""

from datetime import timedelta
from typing import Any

import pytest

from booking.domain.appointment import Appointment
from booking.repository import Recent
from booking.testing import NOW, TEN, Clinic, context, fulfil, service_on
from booking.use_cases import closures, settings, worklists
from clinic_contracts.booking import closures as c
from clinic_contracts.booking import requests as r
from clinic_contracts.booking import worklists as w
from clinic_contracts.booking.requests import Override
from clinic_contracts.errors import Invalid, NotFound
from clinic_contracts.schemas import load

DAY = timedelta(days=1)


def to_reschedule(clinic: Clinic, caller: Any = None, **more: Any) -> w.WorklistPage:
    request = w.ListToReschedule(location_id=clinic.location.id, **more)
    return worklists.to_reschedule(request, clinic.desk(caller))


def reasons(page: w.WorklistPage) -> dict[str, list[str]]:
    return {item.appointment.id: [each.reason for each in item.why] for item in page.items}


def take_off_shift(clinic: Clinic, practitioner_id: str) -> None:
    change = r.ChangePractitioner(practitioner_id=practitioner_id, shifts=())
    settings.change_practitioner(change, clinic.desk())


@pytest.fixture
def robin(clinic: Clinic) -> str:
    return clinic.therapists[0].id


@pytest.fixture
def booked(clinic: Clinic, robin: str) -> Appointment:
    return clinic.book(practitioner_id=robin)


def over(clinic: Clinic, robin: str) -> Appointment:
    caller = context(may_override=True)
    urgent = Override(reason="came without an appointment")
    return clinic.book(caller, practitioner_id=robin, client_id="cli_2", override=urgent)


def test_visits_that_can_take_place_are_not_on_it(clinic: Clinic, booked: Appointment) -> None:
    assert booked.status == "booked"
    assert to_reschedule(clinic) == w.WorklistPage(items=())


def test_changed_settings_put_visits_on_it_and_take_them_off_again(
    clinic: Clinic, robin: str, booked: Appointment
) -> None:
    clinic.change(booked, Appointment.arrive)
    take_off_shift(clinic, robin)
    assert reasons(to_reschedule(clinic)) == {booked.id: ["outside_shift"]}
    clinic.change_location(hours={"tue": [["12:00", "18:00"]]})
    assert reasons(to_reschedule(clinic)) == {booked.id: ["outside_hours"]}
    moved = clinic.change(booked, Appointment.unarrive)
    clinic.move(moved, practitioner_id="any", local_start=TEN.replace(hour=14))
    assert reasons(to_reschedule(clinic)) == {}


def test_a_therapist_who_left_and_a_room_that_slipped_past_are_on_it(
    clinic: Clinic, robin: str, booked: Appointment
) -> None:
    left = r.ChangePractitioner(practitioner_id=robin, location_ids=(), shifts=())
    settings.change_practitioner(left, clinic.desk())
    gone = {"$set": {"room_id": "room_0"}}
    clinic.database["appointments"].update_one({"_id": booked.id}, gone)
    scoped = context(location_scope=(clinic.location.id,))
    assert reasons(to_reschedule(clinic, scoped)) == {booked.id: ["outside_shift", "room_removed"]}


def test_double_booked_visits_are_on_both_lists(clinic: Clinic, robin: str) -> None:
    first, second = clinic.book(practitioner_id=robin), over(clinic, robin)
    both = {first.id: ["double_booked"], second.id: ["double_booked"]}
    assert reasons(to_reschedule(clinic)) == both
    request = w.ListWorklist(location_id=clinic.location.id)
    page = worklists.double_booked(request, clinic.desk())
    assert reasons(page) == both
    with_ = {item.appointment.id: item.why[0].appointment_ids for item in page.items}
    assert with_ == {first.id: (second.id,), second.id: (first.id,)}
    later = clinic.desk(now=NOW + 20 * DAY)
    assert worklists.double_booked(request, later).items == ()


def test_past_and_ended_visits_and_holds_are_not_to_be_rescheduled(
    clinic: Clinic, booked: Appointment
) -> None:
    clinic.hold(local_start=TEN + timedelta(hours=2))
    clinic.book(local_start=TEN - 28 * DAY)
    clinic.change_location(hours={})
    assert reasons(to_reschedule(clinic)) == {booked.id: ["closed"]}
    clinic.cancel(booked)
    assert reasons(to_reschedule(clinic)) == {}


def test_it_narrows_to_a_therapist_and_a_period(clinic: Clinic, robin: str) -> None:
    sam = clinic.therapists[1].id
    one = clinic.book(practitioner_id=robin)
    two = clinic.book(practitioner_id=sam, local_start=TEN + DAY)
    clinic.change_location(hours={})
    assert [*reasons(to_reschedule(clinic))] == [one.id, two.id]
    assert [*reasons(to_reschedule(clinic, practitioner_id=sam))] == [two.id]
    assert [*reasons(to_reschedule(clinic, from_="2026-12-02"))] == [two.id]
    assert [*reasons(to_reschedule(clinic, from_="2026-11-20", to="2026-12-01"))] == [one.id]
    with pytest.raises(Invalid):
        to_reschedule(clinic, from_="2026-12-02", to="2027-03-01")


def test_pages_follow_one_another_also_where_a_look_ends_early(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worklists, "MOST_EXAMINED", 3)
    visits = [clinic.book(local_start=TEN + n * DAY) for n in (0, 0, 1, 1, 2, 2)]
    clinic.change_location(hours={"wed": [["09:00", "18:00"]]})
    seen: list[str] = []
    cursor, pages = None, 0
    while pages == 0 or cursor is not None:
        page = to_reschedule(clinic, limit=2, cursor=cursor)
        seen += [item.appointment.id for item in page.items]
        cursor, pages = page.next, pages + 1
    tuesday, thursday = visits[:2], visits[4:]
    assert sorted(seen) == sorted(each.id for each in (*tuesday, *thursday))
    assert pages > 2
    with pytest.raises(Invalid):
        to_reschedule(clinic, cursor="nonsense")


def test_alternatives_begin_with_the_same_time_and_can_be_had(
    clinic: Clinic, robin: str, booked: Appointment
) -> None:
    sam = clinic.therapists[1].id
    take_off_shift(clinic, robin)
    clinic.change_location(rooms=[{"id": booked.room_id, "name": "The one there is"}])
    [item] = to_reschedule(clinic, alternatives=True).items
    assert len(item.alternatives) == 3
    first = item.alternatives[0]
    # Its own room is the only one, and not in its way.
    assert (first.local_start, first.practitioner_id) == (TEN, sam)
    for slot in item.alternatives:
        moved = clinic.move(
            booked, practitioner_id=slot.practitioner_id, local_start=slot.local_start
        )
        booked = moved
    assert to_reschedule(clinic).items == ()


def test_with_alternatives_a_page_is_short(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worklists, "MOST_WITH_ALTERNATIVES", 1)
    for _ in range(2):
        clinic.book()
    clinic.change_location(hours={})
    page = to_reschedule(clinic, alternatives=True)
    assert len(page.items) == 1
    assert page.next is not None


def test_outcomes_nobody_told_are_listed_with_what_is_missing(
    clinic: Clinic, booked: Appointment
) -> None:
    came = clinic.change(clinic.book(local_start=TEN), Appointment.arrive)
    later = clinic.book(local_start=TEN + timedelta(hours=4))
    request = w.ListWorklist(location_id=clinic.location.id)
    ended = booked.end
    page = worklists.unconfirmed_outcomes(request, clinic.desk(now=ended))
    assert reasons(page) == {booked.id: ["not_arrived"], came.id: ["not_fulfilled"]}
    clinic.change(came, fulfil)
    page = worklists.unconfirmed_outcomes(request, clinic.desk(now=ended))
    assert reasons(page) == {booked.id: ["not_arrived"]}
    nearly = clinic.desk(now=ended - timedelta(minutes=1))
    assert worklists.unconfirmed_outcomes(request, nearly).items == ()
    assert later.id not in reasons(page)


def test_another_locations_lists_are_not_there(clinic: Clinic) -> None:
    caller = context(location_scope=("loc_other",))
    with pytest.raises(NotFound):
        to_reschedule(clinic, caller)
    request = w.ListWorklist(location_id=clinic.location.id)
    for answer in (worklists.double_booked, worklists.unconfirmed_outcomes):
        with pytest.raises(NotFound):
            answer(request, clinic.desk(caller))


def test_a_visit_booked_in_the_second_of_a_closure_is_on_it(clinic: Clinic) -> None:
    elsewhere = service_on(clinic.database)
    elsewhere.recent = Recent(lambda: 0.0)  # type: ignore[assignment]  # in one and the same second
    search = r.FindAvailability(
        location_id=clinic.location.id,
        treatment_id=clinic.treatment.id,
        from_="2026-12-01",
        to="2026-12-01",
    )
    assert elsewhere.find_availability(search, context())["slots"]
    request = {"from": "2026-12-01", "to": "2026-12-01", "reason": "Flood"}
    closing = load(c.CloseLocation, {"location_id": clinic.location.id, **request})
    announced = closures.close_location(closing, clinic.desk())
    booked = elsewhere.book_appointment(clinic.request(), context())
    assert announced.affected == ()
    [item] = to_reschedule(clinic).items
    assert (item.appointment.id, item.why[0].reason) == (booked.id, "closed")
    assert "Flood" in item.why[0].detail
