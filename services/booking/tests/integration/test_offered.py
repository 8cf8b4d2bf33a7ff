"""What is offered can be had, of everything that bounds a clinic's week, over the real database."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from pymongo.database import Database

from booking.domain.appointment import Appointment
from booking.repository import Recent
from booking.testing import NOW, TEN, Clinic, context, service_on
from booking.use_cases import closures
from clinic_contracts.booking import requests as r
from clinic_contracts.booking.closures import CloseLocation, RecordAbsence
from clinic_contracts.errors import Invalid, NotBookable, SlotTaken
from clinic_contracts.schemas import load
from clinic_runtime.watching import Watch

WEEK: dict[str, Any] = {"from_": "2026-12-21", "to": "2026-12-27"}
MONDAY = datetime(2026, 12, 21)
NEXT_DAYS: dict[str, Any] = {"from_": f"{NOW:%Y-%m-%d}", "to": "2026-12-10"}


class Chain(Clinic):
    """Two locations half an hour apart, each with rooms of its kinds, people and exceptions."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        super().__init__(database)
        rooms = [
            {"name": "All", "kinds": ["massage", "yoga"]},
            {"name": "Small", "kinds": ["massage"]},
            {"name": "Hall", "kinds": ["yoga"]},
        ]
        place: dict[str, Any] = {
            "rooms": rooms,
            "equipment": [{"kind": "lift", "count": 1}],
            "holiday_region": "CA-BC",
        }
        self.north = self.new_location("North", **place)
        way = [{"location_id": self.north.id, "minutes": 30}]
        self.south = self.new_location("South", **place, travel=way)
        self.treatments = [
            self.new_treatment(room_kind="massage"),
            self.new_treatment(room_kind="massage", duration=45, equipment_kind="lift"),
            self.new_treatment(room_kind="yoga", duration=90, turnover=0),
        ]
        given = [each.id for each in self.treatments]
        both = [self.north.id, self.south.id]
        self.people = [self.new_therapist(name, both, given) for name in ("Alex", "Kim")]
        self.people.append(self.new_therapist("Lou", [self.north.id], given))
        self.change_therapist(
            self.people[0],
            shift_exceptions=[
                {"location_id": self.north.id, "date": "2026-12-23", "hours": [["11:10", "15:00"]]},
                {"location_id": self.south.id, "date": "2026-12-22", "hours": []},
            ],
        )
        closed = {"location_id": self.south.id, "reason": "Paint"}
        times = {"from": "2026-12-22T12:00", "to": "2026-12-22T14:00"}
        closures.close_location(load(CloseLocation, {**closed, **times}), self.desk())
        away = {"practitioner_id": self.people[1].id, "from": "2026-12-24", "to": "2026-12-24"}
        closures.record_absence(load(RecordAbsence, away), self.desk())

    def offered(self, place: r.LocationView, treatment: r.TreatmentView) -> Sequence[r.Slot]:
        return self.search(location_id=place.id, treatment_id=treatment.id, **WEEK)

    def have(self, place: r.LocationView, treatment: r.TreatmentView, slot: r.Slot) -> Appointment:
        return self.book(
            location_id=place.id,
            treatment_id=treatment.id,
            practitioner_id=slot.practitioner_id,
            local_start=slot.local_start,
        )


@pytest.mark.parametrize("seed", [1, 2])
def test_everything_offered_can_be_had_until_nothing_is(
    database: Database[dict[str, Any]], seed: int
) -> None:
    chain, chance = Chain(database), random.Random(seed)  # noqa: S311 (not cryptography)
    kinds = [(place, each) for place in (chain.north, chain.south) for each in chain.treatments]
    had = 0
    while kinds:
        place, treatment = chance.choice(kinds)
        slots = chain.offered(place, treatment)
        if not slots:
            kinds.remove((place, treatment))
            continue
        # A few at a time: later ones may have been taken by those before.
        slot = chance.choice(slots)
        booked = chain.have(place, treatment, slot)
        assert (booked.room_id, booked.start) == (slot.room_id, slot.start)
        had += 1
    assert had > 20
    days = {visit["local_start"][:10] for visit in database["appointments"].find()}
    assert days == {"2026-12-21", "2026-12-22", "2026-12-23", "2026-12-24"}
    for kind in chain.treatments:
        with pytest.raises(NotBookable, match="Christmas Day"):
            chain.book(
                location_id=chain.north.id,
                treatment_id=kind.id,
                local_start=datetime(2026, 12, 25, 10),
            )
    check_ways(database, chain)


def check_ways(database: Database[dict[str, Any]], chain: Chain) -> None:
    """Fail when anybody has less than half an hour from one location to the other."""
    for person in chain.people:
        visits = list(database["appointments"].find({"practitioner_id": person.id}).sort("start"))
        for one, other in pairwise(visits):
            if one["location_id"] != other["location_id"]:
                ends = one["end"] + timedelta(minutes=one["turnover"])
                assert other["start"] - ends >= timedelta(minutes=30)


def test_what_blocks_a_way_is_shown_and_three_times_offered_that_can_be_had(
    database: Database[dict[str, Any]],
) -> None:
    chain = Chain(database)
    alex, treatment = chain.people[0], chain.treatments[0]
    wanted: dict[str, Any] = {"treatment_id": treatment.id, "practitioner_id": alex.id}
    booked = chain.book(**wanted, location_id=chain.north.id, local_start=MONDAY.replace(hour=10))
    # The visit lasts until 11:15 with its turnover, the way half an hour.
    with pytest.raises(SlotTaken) as taken:
        chain.book(**wanted, location_id=chain.south.id, local_start=MONDAY.replace(hour=11))
    (blocked,) = taken.value.extra["blocked_by"]
    assert blocked["appointment_id"] == booked.id
    starts = [each["local_start"] for each in taken.value.extra["alternatives"]]
    assert starts == [f"2026-12-21T{time}" for time in ("11:45", "12:00", "12:15")]
    assert chain.book(
        **wanted, location_id=chain.south.id, local_start=MONDAY.replace(hour=11, minute=45)
    )


def test_alternatives_are_looked_for_as_far_as_they_are(
    clinic: Clinic, watched: Database[dict[str, Any]], watch: Watch
) -> None:
    robin = clinic.therapists[0]
    clinic.book(practitioner_id=robin.id)
    away = {"practitioner_id": robin.id, "from": "2026-12-01T11:00", "to": "2027-01-19"}
    closures.record_absence(load(RecordAbsence, away), clinic.desk())
    clinic.database = watched
    with pytest.raises(SlotTaken) as taken:
        clinic.book(practitioner_id=robin.id)
    starts = [each["local_start"] for each in taken.value.extra["alternatives"]]
    assert starts == ["2027-01-20T09:00", "2027-01-20T09:15", "2027-01-20T09:30"]
    # What is in the way, then one, two, four … days at a time.
    assert len(watch.queries) < 20


def test_who_books_online_is_offered_what_online_can_be_had(clinic: Clinic) -> None:
    online = clinic.new_treatment(online=True)
    robin = clinic.new_therapist("Robin", treatments=[online.id])
    clinic.change_location(online={"minimum_notice_minutes": 24 * 60, "horizon_days": 8})
    wanted: dict[str, Any] = {"treatment_id": online.id, "practitioner_id": robin.id}
    days = {slot.local_start.day for slot in clinic.search(**wanted, **NEXT_DAYS, online=True)}
    assert days == {25, 26, 27, 30, 1, 2}
    assert {slot.local_start.day for slot in clinic.search(**wanted, **NEXT_DAYS)} > days
    with pytest.raises(NotBookable, match="not booked online"):
        clinic.search(online=True)
    last = datetime(2026, 12, 2, 16)
    clinic.book(**wanted, local_start=last, online=True)
    with pytest.raises(SlotTaken) as taken:
        clinic.book(**wanted, local_start=last, online=True)
    assert taken.value.extra["alternatives"] == []
    with pytest.raises(SlotTaken) as taken:
        clinic.book(**wanted, local_start=last)
    assert len(taken.value.extra["alternatives"]) == 3
    with pytest.raises(NotBookable) as told:
        clinic.book(**wanted, local_start=datetime(2026, 11, 24, 10), online=True)
    assert told.value.extra == {"reason": "too_soon"}


def test_holidays_and_ways_are_of_regions_and_locations_that_exist(clinic: Clinic) -> None:
    for change, said in (
        ({"holiday_region": "CA-ZZ"}, "holidays of CA-ZZ are not known"),
        ({"travel": [{"location_id": "loc_9", "minutes": 5}]}, "there is no loc_9"),
    ):
        with pytest.raises(Invalid, match=said):
            clinic.change_location(**change)
    clinic.change_location(holiday_region="CA-BC")
    with pytest.raises(NotBookable, match="Christmas Day"):
        clinic.book(local_start=datetime(2026, 12, 25, 10))
    clinic.change_location(holiday_region=None)
    clinic.book(local_start=datetime(2026, 12, 25, 10))


def test_the_answer_says_why_and_says_it_again(clinic: Clinic) -> None:
    caller = context()
    first = clinic.book(caller)
    assert first.choice is not None
    assert first.choice.startswith("of 2 practitioners free then, the one in turn")
    assert clinic.book(caller).view() == first.view()
    second = clinic.book(local_start=TEN + timedelta(hours=2))
    assert second.practitioner_id != first.practitioner_id
    third = clinic.book(
        practitioner_id=clinic.therapists[0].id,
        room_id=clinic.location.rooms[0].id,
        local_start=TEN + timedelta(hours=4),
    )
    assert third.choice is None


def test_a_period_that_ends_in_the_day_offers_nothing_that_is_taken_after_it(
    clinic: Clinic,
) -> None:
    for person, room in zip(clinic.therapists, clinic.location.rooms, strict=True):
        clinic.book(
            practitioner_id=person.id, room_id=room.id, local_start=TEN + timedelta(minutes=30)
        )
    asked: dict[str, Any] = {"from_": "2026-12-01T09:00", "to": "2026-12-01T10:00"}
    starts = {f"{slot.local_start:%H:%M}" for slot in clinic.search(**asked)}
    assert starts == {"09:00", "09:15"}


def test_each_query_is_served_by_an_index_and_reads_what_is_there_right_then(
    database: Database[dict[str, Any]], watched: Database[dict[str, Any]], watch: Watch
) -> None:
    chain, service = Chain(database), service_on(watched)
    service.recent = Recent(lambda: 0.0)  # type: ignore[assignment]  # in one and the same second
    for hour in (9, 11, 13):
        for room in chain.north.rooms[:2]:
            chain.book(
                location_id=chain.north.id,
                treatment_id=chain.treatments[0].id,
                room_id=room.id,
                local_start=MONDAY.replace(hour=hour),
            )
    request = chain.request(
        location_id=chain.north.id,
        treatment_id=chain.treatments[0].id,
        practitioner_id=chain.people[2].id,
        local_start=MONDAY + timedelta(hours=14, minutes=15),
    )
    service.book_appointment(request, context())
    watch.explained(database)
    watch.commands.clear()
    later = MONDAY + timedelta(hours=15, minutes=30)
    again = chain.request(
        **{name: getattr(request, name) for name in ("location_id", "treatment_id")},
        practitioner_id=chain.people[2].id,
        local_start=later,
    )
    service.book_appointment(again, context())
    watch.commands = [each for each in watch.commands if each.get("find") == "appointments"]
    (looked,) = watch.explained(database)
    # Six visits of the rooms that day and one of the practitioner's are not read; what is explained
    # afterwards finds the visit that was booked.
    assert looked["totalDocsExamined"] == 1
