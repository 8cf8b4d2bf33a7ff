"""A closure announced or withdrawn: a series flows round it when it is told to, and not before."""

from typing import Any

import pytest
from pymongo.database import Database

from booking.testing import WEEK, context
from booking.testing_series import Course, changes, conflicts, starts, week
from booking.use_cases import appointments
from clinic_contracts.booking import requests as r

TUESDAYS = ["12-01 10:00", "12-08 10:00", "12-15 10:00", "12-22 10:00"]
WEDNESDAYS = ["12-02 10:00", "12-09 10:00", "12-16 10:00", "12-23 10:00"]


@pytest.fixture
def clinic(database: Database[dict[str, Any]]) -> Course:
    return Course(database)


def test_with_no_closure_nothing_happens(clinic: Course) -> None:
    made = clinic.book_series(template=clinic.robin)
    clinic.fill(week(9))
    again = clinic.reflow(made)
    assert (again.changes, again.conflicts, starts(again)) == ((), (), TUESDAYS)


def test_visits_on_a_closed_day_shift_and_go_back_when_it_opens(clinic: Course) -> None:
    made = clinic.book_series(template=clinic.robin, on_closure="shift")
    clinic.open_but("tue")
    assert starts(clinic.look(made)) == TUESDAYS
    would = clinic.reflow(made, dry_run=True)
    assert changes(would)[0] == ("12-01", "moved", "12-02 10:00")
    assert starts(clinic.look(made)) == TUESDAYS

    caller = context()
    moved = clinic.reflow(made, caller)
    assert (starts(moved), moved.changes) == (WEDNESDAYS, would.changes)
    assert clinic.reflow(made, caller).version == moved.version == 2
    clinic.open_on(*WEEK)
    clinic.book(local_start=week(1), client_id="cli_9", **clinic.robin)
    back = clinic.reflow(made)
    # One of them was given to somebody else meanwhile: that visit stays where it is.
    assert starts(back) == [TUESDAYS[0], WEDNESDAYS[1], *TUESDAYS[2:]]


def test_visits_on_a_closed_day_are_called_off_and_booked_again_when_it_opens(
    clinic: Course,
) -> None:
    made = clinic.book_series()
    clinic.open_but("tue")
    would = clinic.reflow(made, dry_run=True)
    assert changes(would) == [(day[:5], "cancelled", "closed") for day in TUESDAYS]
    off = clinic.reflow(made)
    assert (starts(off), [skip.reason for skip in off.skipped]) == ([], ["closed"] * 4)
    told = [
        entry["event"]["data"]["fee_waived"]
        for visit in clinic.database["appointments"].find()
        for entry in visit["outbox"]
        if "cancelled" in entry["event"]["type"]
    ]
    assert told == [True] * 4

    clinic.open_on(*WEEK)
    clinic.fill(week(2))
    again = clinic.reflow(made)
    assert starts(again) == [*TUESDAYS[:2], TUESDAYS[3]]
    assert changes(again)[0] == ("12-01", "booked", "12-01 10:00")
    assert conflicts(again) == [("12-15", "slot_taken")]
    assert {visit.series_id for visit in again.appointments} == {made.id}


@pytest.mark.parametrize(
    ("on_closure", "flowed"),
    [("shift", WEDNESDAYS[1:2]), ("skip", [])],
)
def test_a_closure_is_announced_and_withdrawn(
    clinic: Course, on_closure: str, flowed: list[str]
) -> None:
    made = clinic.book_series(template=clinic.robin, on_closure=on_closure)
    closure = clinic.close("2026-12-08")
    assert starts(clinic.look(made)) == TUESDAYS
    assert starts(clinic.reflow(made)) == [TUESDAYS[0], *flowed, *TUESDAYS[2:]]
    clinic.withdraw(closure)
    assert starts(clinic.reflow(made)) == TUESDAYS


def test_holidays_are_skipped_or_shifted_from_the_start(clinic: Course) -> None:
    clinic.change_location(holiday_region="CA-BC")
    christmas: dict[str, Any] = {"local_start": "2026-12-18T10:00", "count": 3}
    made = clinic.book_series(**christmas)
    assert [(f"{each.on:%m-%d}", each.reason) for each in made.skipped] == [
        ("12-25", "holiday"),
        ("01-01", "holiday"),
    ]
    shifted = clinic.book_series(**christmas, on_closure="shift")
    assert starts(shifted) == ["12-18 10:00", "12-28 10:00", "01-04 10:00"]


def test_what_cannot_shift_stays_and_is_told(clinic: Course) -> None:
    made = clinic.book_series(template=clinic.robin, on_closure="shift", count=2)
    clinic.book(local_start=week(0).replace(day=2), client_id="cli_9", **clinic.robin)
    clinic.open_but("tue")
    moved = clinic.reflow(made)
    assert starts(moved) == ["12-01 10:00", "12-09 10:00"]
    (conflict,) = moved.conflicts
    assert (conflict.code, f"{conflict.local_start:%m-%d}") == ("slot_taken", "12-02")
    assert conflict.appointment_id == made.appointments[0].id


def test_what_was_moved_by_hand_or_called_off_stays_so(clinic: Course) -> None:
    made = clinic.book_series(on_closure="shift")
    by_hand, off, *_ = made.appointments
    move = r.MoveAppointment(
        appointment_id=by_hand.id,
        expected_version=1,
        local_start=week(0).replace(hour=15),
    )
    appointments.move_appointment(move, clinic.desk())
    appointments.cancel_appointment(r.CancelAppointment(appointment_id=off.id), clinic.desk())
    clinic.open_but("tue")
    moved = clinic.reflow(made)
    assert starts(moved) == ["12-01 15:00", *WEDNESDAYS[2:]]
    clinic.cancel_series(made, scope="all")
    clinic.open_on(*WEEK)
    assert starts(clinic.reflow(made)) == []
