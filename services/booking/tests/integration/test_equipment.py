"""Equipment is taken with the visit, like a room."""

from datetime import timedelta
from typing import Any

import pytest
from pymongo.database import Database

from booking.domain.appointment import Appointment
from booking.testing import TEN, Clinic, fulfil
from clinic_contracts.errors import NotBookable, SlotTaken


class Lifts(Clinic):
    """A clinic with lifts, three rooms, and three therapists whose treatment needs one."""

    def __init__(self, database: Database[dict[str, Any]], count: int = 1) -> None:
        super().__init__(database)
        self.location = self.new_location(
            "With lifts",
            rooms=[{"name": name} for name in ("One", "Two", "Three")],
            equipment=[{"kind": "lift", "count": count}],
        )
        self.treatment = self.new_treatment(equipment_kind="lift")
        self.therapists = [self.new_therapist(name) for name in ("Ann", "Bo", "Cy")]

    def free_starts(self) -> set[int]:
        return {slot.local_start.hour * 60 + slot.local_start.minute for slot in self.search()}

    def unit(self, number: int) -> str:
        return f"eq_{self.location.id}_lift_{number}"


@pytest.fixture
def clinic(database: Database[dict[str, Any]]) -> Lifts:
    return Lifts(database)


def test_a_unit_is_taken_for_the_visit_and_its_turnover(clinic: Lifts) -> None:
    booked = clinic.book()
    assert booked.view().equipment_id == clinic.unit(1)
    with pytest.raises(SlotTaken) as refused:
        clinic.book(local_start=TEN + timedelta(minutes=70))
    assert refused.value.extra["blocked_by"][0]["equipment_id"] == clinic.unit(1)
    assert len(refused.value.extra["alternatives"]) == 3
    clinic.book(local_start=TEN + timedelta(minutes=75))


def test_search_offers_no_time_without_a_unit(clinic: Lifts) -> None:
    clinic.book()
    starts = clinic.free_starts()
    assert {9 * 60, 10 * 60, 11 * 60} & starts == set()
    assert 11 * 60 + 15 in starts


def test_a_treatment_without_equipment_takes_none(clinic: Lifts) -> None:
    plain = clinic.new_treatment()
    clinic.book()
    person = clinic.new_therapist("Di", treatments=[plain.id])
    assert clinic.book(practitioner_id=person.id, treatment_id=plain.id).equipment_id is None


def test_cancelling_frees_the_unit(clinic: Lifts) -> None:
    clinic.cancel(clinic.book())
    assert clinic.book().equipment_id == clinic.unit(1)


def test_a_move_keeps_the_unit_and_frees_the_old_time(clinic: Lifts) -> None:
    booked = clinic.book()
    moved = clinic.move(booked, local_start=TEN + timedelta(minutes=15))
    assert moved.equipment_id == booked.equipment_id
    clinic.book(local_start=TEN + timedelta(minutes=90))
    with pytest.raises(SlotTaken):
        clinic.move(moved, local_start=TEN + timedelta(minutes=30))
    clinic.move(moved, local_start=TEN - timedelta(minutes=60))


def test_a_location_without_the_kind_refuses(clinic: Lifts) -> None:
    clinic.change_location(equipment=[{"kind": "table", "count": 5}])
    with pytest.raises(NotBookable) as refused:
        clinic.book()
    assert refused.value.extra == {"reason": "no_equipment"}
    assert clinic.free_starts() == set()


def test_visits_keep_their_unit_when_the_location_has_fewer(
    database: Database[dict[str, Any]],
) -> None:
    clinic = Lifts(database, count=2)
    first, second = clinic.book(), clinic.book()
    busy = {first.practitioner_id, second.practitioner_id}
    idle = next(person.id for person in clinic.therapists if person.id not in busy)
    assert second.equipment_id == clinic.unit(2)
    clinic.change_location(equipment=[])
    moved = clinic.move(second, practitioner_id=idle)
    assert moved.equipment_id == clinic.unit(2)
    with pytest.raises(NotBookable) as refused:
        clinic.move(moved, local_start=TEN + timedelta(hours=3))
    assert refused.value.extra == {"reason": "no_equipment"}
    with pytest.raises(SlotTaken) as taken:
        clinic.move(moved, room_id=first.room_id)
    assert taken.value.extra["alternatives"] == []
    clinic.change(moved, Appointment.arrive)
    assert clinic.change(moved, fulfil).equipment_id == clinic.unit(2)


def test_at_another_location_a_unit_of_that_place_is_taken(clinic: Lifts) -> None:
    there = clinic.new_location("North", equipment=[{"kind": "lift", "count": 1}])
    person = clinic.new_therapist("Di", [there.id], [clinic.treatment.id])
    moved = clinic.move(clinic.book(), location_id=there.id, practitioner_id=person.id)
    assert moved.equipment_id == f"eq_{there.id}_lift_1"
    clinic.book()
