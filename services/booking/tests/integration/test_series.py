"""Recurring visits in the database: all of a series or nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo.database import Database

from booking.testing import TEN, WEEK, context, service_on
from booking.testing_series import Course, conflicts, starts, week
from booking.use_cases import appointments, lists
from clinic_contracts.booking import requests as r
from clinic_contracts.client_profile.events import AlertChanged, ReferralChanged
from clinic_contracts.errors import Invalid, NotBookable, NotFound, SeriesConflicts
from clinic_runtime.telling import told


@pytest.fixture
def clinic(database: Database[dict[str, Any]]) -> Course:
    return Course(database)


def test_a_series_is_booked_and_found_again(clinic: Course) -> None:
    caller = context()
    made = clinic.book_series(caller)
    assert starts(made) == ["12-01 10:00", "12-08 10:00", "12-15 10:00", "12-22 10:00"]
    assert {visit.series_id for visit in made.appointments} == {made.id}
    assert all(visit.choice for visit in made.appointments)
    assert made.id is not None
    assert clinic.look(made) == made
    assert (made.conflicts, made.skipped) == ((), ())
    listed = r.ListAppointments(series_id=made.id)
    assert lists.list_appointments(listed, clinic.desk()).items == made.appointments
    events = [visit["outbox"][0]["event"] for visit in clinic.database["appointments"].find()]
    assert {event["data"]["visit"]["series_id"] for event in events} == {made.id}
    # Delivered once more, it is the same.
    assert clinic.book_series(caller) == made
    assert clinic.stored == 5


def test_a_dry_run_tells_all_and_keeps_nothing(clinic: Course) -> None:
    clinic.fill(week(1))
    before = clinic.stored
    would = clinic.book_series(dry_run=True)
    assert (would.id, would.version) == (None, 0)
    assert starts(would) == ["12-01 10:00", "12-15 10:00", "12-22 10:00"]
    assert {visit.status for visit in would.appointments} == {"proposed"}
    (conflict,) = would.conflicts
    assert (conflict.code, f"{conflict.on:%m-%d}") == ("slot_taken", "12-08")
    assert conflict.alternatives[0]["local_start"] == "2026-12-08T11:15"
    assert len(conflict.blocked_by) == 2
    assert clinic.stored == before


def test_all_or_nothing_or_what_is_free(clinic: Course) -> None:
    clinic.book(local_start=week(1), **clinic.robin)
    before = clinic.stored
    with pytest.raises(SeriesConflicts) as refused:
        clinic.book_series(template=clinic.robin)
    (told,) = refused.value.extra["conflicts"]
    assert (told["code"], told["on"]) == ("slot_taken", "2026-12-08T10:00")
    assert len(told["alternatives"]) == 3
    assert clinic.stored == before

    made = clinic.book_series(template=clinic.robin, conflicts="book_free")
    assert starts(made) == ["12-01 10:00", "12-15 10:00", "12-22 10:00"]
    assert conflicts(made) == [("12-08", "slot_taken")]
    with pytest.raises(SeriesConflicts):
        clinic.book_series(template=clinic.robin, conflicts="book_free")


@pytest.mark.parametrize(
    ("more", "kind", "field"),
    [
        ({"rrule": "FREQ=HOURLY"}, Invalid, "rrule"),
        ({"template": {"room_id": "room_none"}}, Invalid, "room_id"),
        ({"template": {"practitioner_id": "prac_none"}}, Invalid, "practitioner_id"),
        ({"template": {"location_id": "loc_none"}}, NotFound, "location_id"),
        ({"local_start": "2026-12-01T10:02"}, NotBookable, None),
    ],
)
def test_what_is_wrong_with_all_of_it_is_refused_at_once(
    clinic: Course, more: dict[str, Any], kind: type[Invalid], field: str | None
) -> None:
    with pytest.raises(kind) as refused:
        clinic.book_series(**more)
    assert list(refused.value.extra.get("errors", {None: ""})) == [field]


def test_a_closed_day_is_skipped_or_shifted(clinic: Course) -> None:
    monthly: dict[str, Any] = {
        "rrule": "FREQ=MONTHLY;BYMONTHDAY=5",
        "local_start": "2026-12-01T10:00",
        "count": 3,
    }
    skipped = clinic.book_series(**monthly)
    assert starts(skipped) == ["01-05 10:00", "02-05 10:00"]
    ((on, reason),) = [(each.on, each.reason) for each in skipped.skipped]
    assert (on, reason) == (datetime(2026, 12, 5, 10), "closed")
    shifted = clinic.book_series(**monthly, on_closure="shift")
    assert starts(shifted) == ["12-07 10:00", "01-05 10:00", "02-05 10:00"]
    assert (shifted.skipped, shifted.conflicts) == ((), ())


def test_a_shift_ends_before_the_next_visit_and_at_who_works(clinic: Course) -> None:
    daily = clinic.book_series(
        rrule="FREQ=DAILY",
        local_start="2026-12-04T10:00",
        on_closure="shift",
        conflicts="book_free",
    )
    assert starts(daily) == ["12-04 10:00", "12-07 10:00"]
    assert conflicts(daily) == [("12-05", "closed"), ("12-06", "closed")]
    # On Monday the clinic is open, but the therapist is not there.
    half = [{"location_id": clinic.location.id, "weekday": "tue", "start": "09:00", "end": "17:00"}]
    person = clinic.therapists[1]
    clinic.change_shifts(person.id, half)
    weekly = clinic.book_series(
        template={"practitioner_id": person.id},
        local_start="2026-12-12T10:00",
        on_closure="shift",
        count=1,
    )
    assert starts(weekly) == ["12-15 10:00"]


@pytest.fixture
def nights(clinic: Course) -> dict[str, str]:
    """A clinic in Toronto that is open at night, where clocks still change."""
    hours = {day: [["00:00", "24:00"]] for day in (*WEEK, "sat", "sun")}
    toronto = clinic.new_location("Queen West", timezone="America/Toronto", hours=hours)
    people = [clinic.new_therapist(name, [toronto.id]) for name in ("Night", "Dawn")]
    shift = {"location_id": toronto.id, "weekday": "sun", "start": "00:00", "end": "24:00"}
    for person in people:
        clinic.change_shifts(person.id, [shift])
    return {"location_id": toronto.id, "practitioner_id": people[0].id}


def test_of_a_time_that_the_clock_skips_that_visit_is_a_conflict(
    clinic: Course, nights: dict[str, str]
) -> None:
    made = clinic.book_series(
        template=nights, local_start="2027-03-07T02:30", count=3, conflicts="book_free"
    )
    assert conflicts(made) == [("03-14", "nonexistent_time")]
    assert [visit.start.astimezone(UTC).hour for visit in made.appointments] == [7, 6]


def test_of_a_doubled_time_it_is_the_earlier_until_somebody_says_the_later(
    clinic: Course, nights: dict[str, str]
) -> None:
    made = clinic.book_series(template=nights, local_start="2027-11-07T01:30", count=2)
    first, _ = made.appointments
    assert first.start.astimezone(UTC).hour == 5
    later = r.MoveAppointment(appointment_id=first.id, expected_version=1, fold=1)
    appointments.move_appointment(later, clinic.desk())
    dawn = next(
        p.id
        for p in clinic.desk().settings.practitioners_at(nights["location_id"])
        if p.id != nights["practitioner_id"]
    )
    moved = clinic.change_series(made, scope="all", practitioner_id=dawn)
    assert {visit.practitioner_id for visit in moved.appointments} == {dawn}
    assert moved.appointments[0].start.astimezone(UTC).hour == 6


def test_each_visit_is_booked_under_what_is_known_of_the_client(clinic: Course) -> None:
    day, service = TEN.date(), service_on(clinic.database)
    alert = AlertChanged(
        alert_id="alert_1",
        client_id="cli_1",
        level="block",
        acknowledgement_needed=True,
        until=day + timedelta(days=7),
    )
    service.keep(told(alert.alert_id, 1, alert))
    with pytest.raises(SeriesConflicts) as refused:
        clinic.book_series()
    assert [each["code"] for each in refused.value.extra["conflicts"]] == ["client_blocked"] * 2

    caution = replace(alert, level="caution", until=None)
    service.keep(told(alert.alert_id, 2, caution))
    referral = ReferralChanged(
        referral_id="ref_1",
        client_id="cli_1",
        issued=day,
        expires=day + timedelta(days=90),
        maximum_visits=3,
    )
    service.keep(told(referral.referral_id, 1, referral))
    clinic.change_location(require_referral=True)
    # The visits of the series itself use the referral up.
    made = clinic.book_series(conflicts="book_free")
    assert starts(made) == ["12-01 10:00", "12-08 10:00", "12-15 10:00"]
    assert conflicts(made) == [("12-22", "used_up")]
    assert [warning.code for warning in made.appointments[0].warnings] == ["alert", "referral_low"]


def test_alerts_that_were_read_are_noted_on_each_visit(clinic: Course) -> None:
    alert = AlertChanged(
        alert_id="alert_1", client_id="cli_1", level="caution", acknowledgement_needed=True
    )
    service_on(clinic.database).keep(told(alert.alert_id, 1, alert))
    made = clinic.book_series(acknowledge_alerts=["alert_1"])
    assert {visit.acknowledged_alerts for visit in made.appointments} == {("alert_1",)}
    assert {visit.warnings for visit in made.appointments} == {()}
