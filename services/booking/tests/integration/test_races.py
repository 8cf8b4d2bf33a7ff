"""Many want one time at once: as many get it as can, and everybody else is told so."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from booking import repository
from booking.domain.appointment import Appointment
from booking.testing import Clinic
from clinic_contracts.errors import SlotTaken

WRITERS = 24


def race(attempt: Callable[[int], Appointment], writers: int = WRITERS) -> list[Appointment]:
    """Return the visits of those who won; anything but SlotTaken fails the test."""

    def one(number: int) -> Appointment | None:
        try:
            return attempt(number)
        except SlotTaken:
            return None

    with ThreadPoolExecutor(writers) as pool:
        return [won for won in pool.map(one, range(writers)) if won is not None]


@pytest.mark.parametrize(
    ("therapists", "rooms", "units"), [(6, 6, 6), (3, 40, 40), (8, 3, 40), (6, 8, 2), (30, 30, 30)]
)
def test_as_many_as_there_are_resources_get_the_time(
    clinic: Clinic, therapists: int, rooms: int, units: int
) -> None:
    there = clinic.new_location(
        "Contested",
        rooms=[{"name": f"Room {number}"} for number in range(rooms)],
        equipment=[{"kind": "lift", "count": units}],
    )
    treatment = clinic.new_treatment(equipment_kind="lift")
    for number in range(therapists):
        clinic.new_therapist(f"T{number}", [there.id], [treatment.id])

    won = race(
        lambda number: clinic.book(
            location_id=there.id, treatment_id=treatment.id, client_id=f"cli_{number}"
        )
    )

    assert len(won) == min(WRITERS, therapists, rooms, units)
    assert clinic.database["appointments"].count_documents({}) == len(won)
    assert repository.findings(clinic.database) == {"overlaps": 0}


def test_moves_race_as_bookings_do(clinic: Clinic) -> None:
    treatment = clinic.new_treatment(duration=30, turnover=0)
    there = clinic.new_location("Mornings", rooms=[{"name": "1"}, {"name": "2"}])
    for name in ("Ann", "Bo", "Cy"):
        clinic.new_therapist(name, [there.id], [treatment.id])
    common: dict[str, Any] = {"location_id": there.id, "treatment_id": treatment.id}
    starts = [clinic.request().local_start.replace(hour=hour) for hour in (11, 12, 13, 14, 15)]
    booked = [clinic.book(local_start=start, **common) for start in starts for _ in range(2)]

    won = race(
        lambda number: clinic.move(
            booked[number], local_start=starts[0].replace(hour=9), practitioner_id="any"
        ),
        len(booked),
    )

    assert len(won) == 2
    assert repository.findings(clinic.database) == {"overlaps": 0}


def test_overlaps_are_counted_from_times_alone(clinic: Clinic) -> None:
    lift = clinic.new_treatment(equipment_kind="lift")
    clinic.change_location(equipment=[{"kind": "lift", "count": 2}])
    sam = clinic.new_therapist("Sam Two", treatments=[lift.id])
    kim = clinic.new_therapist("Kim", treatments=[lift.id])
    one = clinic.book(practitioner_id=sam.id, treatment_id=lift.id)
    two = clinic.book(practitioner_id=kim.id, treatment_id=lift.id)
    assert repository.findings(clinic.database) == {"overlaps": 0}
    forged = {"equipment_id": one.equipment_id}
    clinic.database["appointments"].update_one({"_id": two.id}, {"$set": forged})
    assert repository.findings(clinic.database) == {"overlaps": 1}
