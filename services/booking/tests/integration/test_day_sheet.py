"""What the front desk sees of a day besides its visits."""

from datetime import date, timedelta
from typing import Any

import pytest

from booking.domain.appointment import Appointment
from booking.testing import NOW, TEN, Clinic, context
from booking.use_cases import closures, day_sheet
from clinic_contracts.booking import closures as c
from clinic_contracts.booking import requests as r
from clinic_contracts.booking.day import DayWindow
from clinic_contracts.schemas import load

TODAY = TEN.date()


def sheet(clinic: Clinic, day: date = TODAY, now: Any = NOW, **more: Any) -> r.DaySheet:
    request = r.GetDaySheet(location_id=clinic.location.id, date=day, **more)
    return day_sheet.day_sheet(request, clinic.desk(now=now))


def spans(windows: tuple[DayWindow, ...]) -> list[str]:
    return [f"{each.start:%H:%M}-{each.end:%H:%M}" for each in windows]


def windows(of: r.DaySheet) -> dict[str, list[str]]:
    return {column.name: spans(column.windows) for column in of.columns}


def absences(of: r.DaySheet) -> dict[str, list[str]]:
    return {column.name: spans(column.absences) for column in of.columns if column.absences}


def close(clinic: Clinic, first: str, last: str) -> None:
    request = {"location_id": clinic.location.id, "from": first, "to": last, "reason": "Flood"}
    closures.close_location(load(c.CloseLocation, request), clinic.desk())


def away(clinic: Clinic, practitioner_id: str, first: str, last: str) -> None:
    request = {"practitioner_id": practitioner_id, "from": first, "to": last, "reason": "flu"}
    closures.record_absence(load(c.RecordAbsence, request), clinic.desk())


def over(clinic: Clinic, practitioner_id: str) -> Appointment:
    caller = context(may_override=True)
    why = r.Override(reason="came without an appointment")
    return clinic.book(caller, practitioner_id=practitioner_id, client_id="cli_2", override=why)


def test_each_column_says_when_it_is_open(clinic: Clinic) -> None:
    assert windows(sheet(clinic)) == {"Robin": ["09:00-17:00"], "Sam": ["09:00-17:00"]}
    assert windows(sheet(clinic, by="room")) == {"One": ["09:00-18:00"], "Two": ["09:00-18:00"]}
    clinic.change_location(hours={"tue": [["10:00", "12:00"], ["13:00", "24:00"]]})
    assert windows(sheet(clinic))["Sam"] == ["10:00-12:00", "13:00-17:00"]
    assert windows(sheet(clinic, by="room"))["One"] == ["10:00-12:00", "13:00-00:00"]


def test_a_closure_and_an_absence_cut_into_it(clinic: Clinic) -> None:
    close(clinic, "2026-12-01T11:00", "2026-12-01T12:00")
    away(clinic, clinic.therapists[0].id, "2026-12-01T14:00", "2026-12-02")
    found = sheet(clinic)
    assert windows(found) == {
        "Robin": ["09:00-11:00", "12:00-14:00"],
        "Sam": ["09:00-11:00", "12:00-17:00"],
    }
    assert absences(found) == {"Robin": ["14:00-00:00"]}
    [closed] = found.closures
    assert (closed.reason, closed.detail) == ("closed", "Flood")
    assert (closed.start, closed.end) == (TEN.replace(hour=11), TEN.replace(hour=12))
    assert "flu" not in repr(found)


def test_a_closure_under_way_is_shown_whole(clinic: Clinic) -> None:
    close(clinic, "2026-12-01T11:00", "2026-12-01T13:00")
    noon = sheet(clinic, now=NOW + timedelta(days=7, hours=7))
    assert noon.closures[0].start == TEN.replace(hour=11)


def test_a_day_without_hours_says_why(clinic: Clinic) -> None:
    clinic.change_location(holiday_region="CA-BC")
    christmas, sunday = sheet(clinic, date(2026, 12, 25)), sheet(clinic, date(2026, 12, 6))
    assert [(each.reason, each.start) for each in christmas.closures] == [("holiday", None)]
    assert "Christmas Day" in christmas.closures[0].detail
    assert [each.reason for each in sunday.closures] == ["closed"]
    assert windows(christmas) == windows(sunday) == {"Robin": [], "Sam": []}


def test_a_hold_is_time_taken_and_nobodys(clinic: Clinic) -> None:
    robin = clinic.therapists[0].id
    kept = clinic.hold(practitioner_id=robin)
    found = sheet(clinic)
    [hold] = found.columns[0].holds
    assert (hold.start, hold.end) == (kept.start, kept.end + timedelta(minutes=15))
    assert hold.expires_at == kept.expires_at
    assert found.columns[0].appointments == ()
    assert found.totals is not None
    assert found.totals.visits == 0
    expired = sheet(clinic, now=NOW + timedelta(minutes=5))
    assert all(column.holds == () for column in expired.columns)


def test_it_adds_up_what_takes_place(clinic: Clinic) -> None:
    robin, sam = (each.id for each in clinic.therapists)
    clinic.book(practitioner_id=robin)
    clinic.change(clinic.book(practitioner_id=sam), Appointment.arrive)
    clinic.cancel(clinic.book(practitioner_id=sam, local_start=TEN.replace(hour=14)))
    totals = sheet(clinic).totals
    assert totals is not None
    assert (totals.visits, totals.booked_minutes) == (2, 120)


def test_it_warns_of_visits_that_cannot_take_place(clinic: Clinic) -> None:
    robin, sam = (each.id for each in clinic.therapists)
    one = clinic.book(practitioner_id=robin)
    two = over(clinic, robin)
    three = clinic.book(practitioner_id=sam, local_start=TEN.replace(hour=15))
    assert not any(each.appointment_id == three.id for each in sheet(clinic).warnings)
    close(clinic, "2026-12-01T14:00", "2026-12-01T17:00")
    found = {each.appointment_id: each.why for each in sheet(clinic).warnings}
    reasons = {id_: [each.reason for each in why] for id_, why in found.items()}
    assert reasons == {
        one.id: ["double_booked"],
        two.id: ["double_booked"],
        three.id: ["closed"],
    }
    assert found[one.id][0].appointment_ids == (two.id,)
    assert sheet(clinic, now=NOW + timedelta(days=30)).warnings == ()


@pytest.mark.parametrize("day", ["2026-11-01", "2027-03-14"])
def test_on_the_day_of_a_clock_change_windows_are_wall_time(clinic: Clinic, day: str) -> None:
    toronto = clinic.new_location(
        "Toronto", timezone="America/Toronto", hours={"sun": [["00:00", "12:00"]]}
    )
    request = r.GetDaySheet(location_id=toronto.id, date=date.fromisoformat(day), by="room")
    found = day_sheet.day_sheet(request, clinic.desk())
    assert spans(found.columns[0].windows) == ["00:00-12:00"]
