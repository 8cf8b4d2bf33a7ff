"""A location's utilisation, from its visits, shifts, hours and closures."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pymongo.database import Database

from booking.domain.appointment import Appointment
from booking.testing import NOW, TEN, Clinic, context, service_on
from booking.use_cases import closures, reports
from clinic_contracts.booking import closures as c
from clinic_contracts.booking import reports as p
from clinic_contracts.errors import Invalid, NotFound
from clinic_runtime.watching import Watch

DAY = 480


def ask(clinic: Clinic, **more: Any) -> list[tuple[str, int, int, int]]:
    report = reports.utilisation(request(clinic, **more), clinic.desk())
    return [
        (each.name, each.visits, each.booked_minutes, each.available_minutes)
        for each in report.items
    ]


def request(clinic: Clinic, **more: Any) -> p.GetUtilisation:
    asked = p.GetUtilisation(location_id=clinic.location.id, from_="2026-12-01", to="2026-12-01")
    return replace(asked, **more)


@pytest.fixture
def day(clinic: Clinic) -> Clinic:
    """Return the clinic with a day on which Robin has three visits, one called off, and Sam one."""
    robin, sam = clinic.therapists
    rooms = [room.id for room in clinic.location.rooms]
    for hours in (0, 2, 4):
        visit = clinic.book(
            practitioner_id=robin.id, room_id=rooms[0], local_start=TEN + timedelta(hours=hours)
        )
    clinic.cancel(visit)
    other = clinic.book(practitioner_id=sam.id, room_id=rooms[1])
    clinic.change(other, Appointment.arrive)
    clinic.hold(local_start=TEN + timedelta(hours=5))
    return clinic


def test_by_whom_in_which_room_and_all_in_all(day: Clinic) -> None:
    assert ask(day) == [("Robin", 2, 120, DAY), ("Sam", 1, 60, DAY)]
    assert ask(day, by="room") == [("One", 2, 120, DAY + 60), ("Two", 1, 60, DAY + 60)]
    assert ask(day, by="location") == [("Fernwood", 3, 180, 2 * DAY)]
    (row,) = reports.utilisation(request(day, by="location"), day.desk()).items
    assert row.percent == 19


def test_a_visit_counts_as_far_as_it_lies_in_the_period(day: Clinic) -> None:
    half_past = {"from_": "2026-12-01T10:30", "to": "2026-12-01T12:15"}
    assert ask(day, **half_past) == [("Robin", 2, 45, 105), ("Sam", 1, 30, 105)]


def test_a_closure_that_is_over_still_counts(day: Clinic) -> None:
    closing = c.CloseLocation(
        location_id=day.location.id, from_="2026-12-01T09:00", to="2026-12-01T12:00", reason="Flood"
    )
    closures.close_location(closing, day.desk())
    later = NOW + timedelta(days=20)
    report = reports.utilisation(request(day), day.desk(now=later))
    assert [each.available_minutes for each in report.items] == [DAY - 180, DAY - 180]


def test_who_has_gone_is_named_by_their_visits(day: Clinic) -> None:
    sam = day.therapists[1]
    day.database["practitioners"].update_one(
        {"_id": sam.id}, {"$set": {"state.location_ids": ["loc_0"]}}
    )
    assert ask(day) == [("Robin", 2, 120, DAY), ("Sam", 1, 60, 0)]


def test_it_is_of_a_location_one_sees_and_at_most_31_days(clinic: Clinic) -> None:
    stranger = clinic.desk(context(location_scope=("loc_0",)))
    with pytest.raises(NotFound):
        reports.utilisation(request(clinic), stranger)
    with pytest.raises(Invalid):
        reports.utilisation(request(clinic, to="2027-01-15"), clinic.desk())


def test_each_query_is_served_by_an_index(
    day: Clinic, watched: Database[dict[str, Any]], watch: Watch
) -> None:
    stored = day.database["appointments"].find_one({"status": "booked"})
    assert stored is not None
    del stored["claims"]
    day.database["appointments"].insert_many(
        {
            **stored,
            "_id": f"apt_{number:05}",
            "start": stored["start"] - timedelta(days=number),
            "end": stored["end"] - timedelta(days=number),
            "outbox": [],
        }
        for number in range(1, 1_000)
    )
    service = service_on(watched)
    for by in ("practitioner", "room", "location"):
        watch.commands.clear()
        service.get_utilisation(request(day, by=by), context())
        figures = watch.explained(day.database)
        assert max(each["totalDocsExamined"] for each in figures) < 20
