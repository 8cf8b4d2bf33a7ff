"""Lists and the day sheet: every visit, and nothing of somebody else's."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from booking.domain.appointment import Appointment
from booking.testing import TEN, Clinic, context, service_on
from booking.use_cases import day_sheet, lists, settings
from clinic_contracts.booking import requests as r
from clinic_contracts.errors import Invalid, NotBookable, NotFound

TODAY = TEN.date()


def sheet(clinic: Clinic, by: Any = "practitioner", day: date = TODAY) -> r.DaySheet:
    request = r.GetDaySheet(location_id=clinic.location.id, date=day, by=by)
    return day_sheet.day_sheet(request, clinic.desk())


def columns(of: r.DaySheet) -> dict[str, list[str]]:
    return {column.name: [visit.id for visit in column.appointments] for column in of.columns}


def listed(clinic: Clinic, caller: Any = None, **filters: Any) -> list[str]:
    found = lists.list_appointments(r.ListAppointments(**filters), clinic.desk(caller))
    return [visit.id for visit in found.items]


def test_the_day_sheet_has_a_column_for_everybody(clinic: Clinic) -> None:
    booked = clinic.book(practitioner_id=clinic.therapists[1].id)
    assert columns(sheet(clinic)) == {"Robin": [], "Sam": [booked.id]}
    assert columns(sheet(clinic, "room")) == {"One": [booked.id], "Two": []}


def test_visits_of_who_left_and_of_rooms_removed_are_on_the_day_sheet(clinic: Clinic) -> None:
    last_month = TEN - timedelta(days=28)
    robin, sam = clinic.therapists
    one, two = clinic.location.rooms
    of_robin = clinic.book(practitioner_id=robin.id, local_start=last_month)
    of_sam = clinic.book(practitioner_id=sam.id, local_start=last_month)
    left = r.ChangePractitioner(practitioner_id=robin.id, location_ids=(), shifts=())
    settings.change_practitioner(left, clinic.desk())
    clinic.change_location(rooms=[{"id": two.id, "name": "Quiet"}])
    assert of_robin.room_id == one.id
    by_person = columns(sheet(clinic, day=last_month.date()))
    assert by_person == {"Sam": [of_sam.id], "Robin": [of_robin.id]}
    by_room = columns(sheet(clinic, "room", last_month.date()))
    assert by_room == {"Quiet": [of_sam.id], "One": [of_robin.id]}


def test_a_room_nobody_remembers_still_has_its_column(clinic: Clinic) -> None:
    booked = clinic.book()
    gone = {"room_id": "room_0"}
    clinic.database["appointments"].update_one({"_id": booked.id}, {"$set": gone})
    assert columns(sheet(clinic, "room")) == {"One": [], "Two": [], "room_0": [booked.id]}


def test_a_day_of_too_many_visits_is_refused_rather_than_cut(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(day_sheet, "DAY_LIMIT", 1)
    clinic.book()
    assert sum(map(len, columns(sheet(clinic)).values())) == 1
    clinic.book()
    with pytest.raises(Invalid) as refused:
        sheet(clinic)
    assert list(refused.value.extra["errors"]) == ["date"]


def test_a_status_alone_is_not_enough(clinic: Clinic) -> None:
    for caller in (context(), context(location_scope=(clinic.location.id,))):
        with pytest.raises(Invalid) as refused:
            listed(clinic, caller, status="booked")
        assert list(refused.value.extra["errors"]) == ["location_id"]


def test_filters_narrow_the_list(clinic: Clinic) -> None:
    robin, sam = clinic.therapists
    one = clinic.book(practitioner_id=robin.id)
    two = clinic.book(practitioner_id=sam.id, client_id="cli_2")
    clinic.change(two, Appointment.arrive)
    here = clinic.location.id
    assert listed(clinic, location_id=here, date="2026-12-01", status="arrived") == [two.id]
    assert listed(clinic, location_id=here, practitioner_id=robin.id) == [one.id]
    assert listed(clinic, client_id="cli_2", practitioner_id=robin.id) == []
    assert listed(clinic, location_id=here, from_="2026-12-02", to="2026-12-03") == []


def test_a_scoped_caller_sees_their_locations_alone(clinic: Clinic) -> None:
    north = clinic.new_location("North")
    robin = clinic.new_therapist("Robin of two", [clinic.location.id, north.id])
    here = clinic.book(practitioner_id=robin.id)
    there = clinic.book(
        practitioner_id=robin.id, location_id=north.id, local_start=TEN + timedelta(hours=2)
    )
    caller = context(location_scope=(north.id,))
    for filters in ({"practitioner_id": robin.id}, {"client_id": "cli_1"}):
        assert listed(clinic, caller, **filters) == [there.id]
        assert listed(clinic, **filters) == [here.id, there.id]
        assert listed(clinic, context(location_scope=()), **filters) == []
    with pytest.raises(NotFound):
        listed(clinic, caller, location_id=clinic.location.id)


@pytest.mark.parametrize(("zone", "hour"), [("Pacific/Auckland", 9), ("Pacific/Honolulu", 16)])
def test_without_a_location_a_day_is_the_visits_own(clinic: Clinic, zone: str, hour: int) -> None:
    island = clinic.new_location("Island", timezone=zone)
    clinic.new_therapist("Di", [island.id])
    booked = clinic.book(location_id=island.id, local_start=TEN.replace(hour=hour))
    assert booked.start.date() != TODAY
    for filters in ({"date": "2026-12-01"}, {"from_": "2026-12-01", "to": "2026-12-01"}):
        assert listed(clinic, client_id="cli_1", **filters) == [booked.id]
    for day in ("2026-11-30", "2026-12-02"):
        assert listed(clinic, client_id="cli_1", date=day) == []


def test_pages_follow_one_another_to_the_end(clinic: Clinic) -> None:
    service = service_on(clinic.database)
    starts = [
        TEN,
        TEN,
        TEN + timedelta(hours=2),
        TEN + timedelta(hours=2),
        TEN + timedelta(hours=4),
    ]
    booked = {clinic.book(local_start=start).id for start in starts}
    seen: list[str] = []
    cursor = None
    while len(seen) < len(booked):
        request = r.ListAppointments(
            location_id=clinic.location.id, from_="2026-12-01", limit=2, cursor=cursor
        )
        page = service.list_appointments(request, context())
        seen += [visit.id for visit in page.items]
        cursor = page.next
    assert (set(seen), len(seen), cursor) == (booked, len(booked), None)


def test_a_date_and_a_period_are_not_asked_for_at_once(clinic: Clinic) -> None:
    with pytest.raises(Invalid):
        listed(clinic, location_id=clinic.location.id, date="2026-12-01", to="2026-12-02")


@pytest.mark.parametrize("year", [1, 9999])
def test_the_edges_of_the_calendar_are_refused_in_words(clinic: Clinic, year: int) -> None:
    day = f"{year:04}-12-31" if year > 1 else "0001-01-01"
    here = {"location_id": clinic.location.id}
    for filters in ({"date": day}, {"from_": day}, {"to": day}, {"from_": f"{day}T00:00Z"}):
        for where in (here, {"client_id": "cli_1"}):
            with pytest.raises(Invalid):
                listed(clinic, **where, **filters)
    with pytest.raises(Invalid):
        sheet(clinic, day=date.fromisoformat(day))
    with pytest.raises(Invalid):
        clinic.search(from_=day, to=day)
    at = datetime.combine(date.fromisoformat(day), TEN.time())
    with pytest.raises(NotBookable) as refused:
        clinic.book(local_start=at)
    assert refused.value.extra == {"reason": "off_calendar"}
    booked = clinic.book()
    with pytest.raises(NotBookable) as refused:
        clinic.move(booked, local_start=at)
    assert refused.value.extra == {"reason": "off_calendar"}


def test_search_offers_nothing_out_of_reach(clinic: Clinic) -> None:
    for day in ("2036-01-07", "2001-01-08"):
        assert clinic.search(from_=day, to=day) == ()


def test_a_place_where_nobody_works_has_no_slots(clinic: Clinic) -> None:
    empty = clinic.new_location("Empty", rooms=[])
    assert clinic.search(location_id=empty.id) == ()
