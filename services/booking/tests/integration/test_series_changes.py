"""Changing and calling off what of a series is still to come."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pymongo.database import Database

from booking import repository
from booking.testing import TEN, context
from booking.testing_series import Course, changes, starts, week
from clinic_contracts.booking.requests import Override
from clinic_contracts.errors import (
    Invalid,
    NotFound,
    SeriesConflicts,
    SlotTaken,
    StaleVersion,
)

TEN_OCLOCK = ["12-01 10:00", "12-08 10:00", "12-15 10:00", "12-22 10:00"]


@pytest.fixture
def clinic(database: Database[dict[str, Any]]) -> Course:
    return Course(database)


def test_all_that_is_to_come_moves_by_one_rule(clinic: Course) -> None:
    made = clinic.book_series(template=clinic.robin)
    caller = context()
    sam = clinic.therapists[1].id
    more: dict[str, Any] = {
        "scope": "all",
        "local_start": "2026-12-01T14:30",
        "practitioner_id": sam,
    }
    moved = clinic.change_series(made, caller, expected_version=1, **more)
    assert starts(moved) == ["12-01 14:30", "12-08 14:30", "12-15 14:30", "12-22 14:30"]
    assert {visit.practitioner_id for visit in moved.appointments} == {sam}
    assert changes(moved)[0] == ("12-01", "moved", "12-01 14:30")
    assert (moved.version, moved.parts[0].practitioner_id) == (2, sam)
    again = clinic.change_series(made, caller, expected_version=1, **more)
    assert again.appointments == moved.appointments
    with pytest.raises(StaleVersion):
        clinic.change_series(made, expected_version=1, **more)


def test_following_leaves_what_is_before(clinic: Course) -> None:
    made = clinic.book_series()
    third = made.appointments[2].id
    moved = clinic.change_series(
        made,
        scope="following",
        appointment_id=third,
        local_start="2026-12-17T11:00",
        rrule="FREQ=WEEKLY;INTERVAL=2;BYDAY=TH",
    )
    assert starts(moved) == ["12-01 10:00", "12-08 10:00", "12-17 11:00", "12-31 11:00"]
    assert [(part.rrule, f"{part.from_:%m-%d}") for part in moved.parts] == [
        ("FREQ=WEEKLY", "12-01"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TH", "12-17"),
    ]
    later = clinic.change_series(made, scope="all", local_start="2026-12-01T12:00")
    assert starts(later) == ["12-01 12:00", "12-08 12:00", "12-17 12:00", "12-31 12:00"]
    assert [part.rrule for part in later.parts] == [part.rrule for part in moved.parts]


def test_a_visit_may_take_the_time_that_another_one_of_them_leaves(clinic: Course) -> None:
    clinic.change_location(rooms=[{"name": "Only", "id": clinic.location.rooms[0].id}])
    made = clinic.book_series(template=clinic.robin)
    later = clinic.change_series(
        made, scope="all", local_start="2026-12-08T10:00", rrule="FREQ=WEEKLY"
    )
    assert starts(later) == [*TEN_OCLOCK[1:], "12-29 10:00"]
    back = clinic.change_series(
        made, scope="all", local_start="2026-12-01T10:30", rrule="FREQ=WEEKLY"
    )
    assert starts(back) == ["12-01 10:30", "12-08 10:30", "12-15 10:30", "12-22 10:30"]
    assert repository.findings(clinic.database) == {"overlaps": 0}


def test_one_that_cannot_go_is_in_the_way_of_the_one_before(clinic: Course) -> None:
    clinic.change_location(rooms=[{"name": "Only", "id": clinic.location.rooms[0].id}])
    made = clinic.book_series(template=clinic.robin, count=3)
    clinic.book(local_start=week(3), client_id="cli_9", **clinic.robin)
    more: dict[str, Any] = {
        "scope": "all",
        "local_start": "2026-12-08T10:00",
        "rrule": "FREQ=WEEKLY",
    }
    with pytest.raises(SeriesConflicts) as refused:
        clinic.change_series(made, **more)
    assert len(refused.value.extra["conflicts"]) == 3
    assert clinic.look(made) == made


def test_what_is_free_moves_and_the_rest_is_told(clinic: Course) -> None:
    made = clinic.book_series(template=clinic.robin)
    clinic.book(local_start=week(1) + timedelta(hours=3), client_id="cli_9", **clinic.robin)
    more: dict[str, Any] = {"scope": "all", "local_start": "2026-12-01T13:00"}
    with pytest.raises(SeriesConflicts):
        clinic.change_series(made, **more)
    assert starts(clinic.look(made)) == TEN_OCLOCK

    moved = clinic.change_series(made, **more, conflicts="book_free")
    assert starts(moved) == ["12-01 13:00", "12-08 10:00", "12-15 13:00", "12-22 13:00"]
    (conflict,) = moved.conflicts
    assert (conflict.code, conflict.appointment_id) == ("slot_taken", made.appointments[1].id)


def test_what_was_not_had_is_tried_again(clinic: Course) -> None:
    clinic.fill(week(1))
    made = clinic.book_series(conflicts="book_free")
    moved = clinic.change_series(made, scope="all", local_start="2026-12-08T13:00")
    assert starts(moved) == ["12-01 13:00", "12-08 13:00", "12-15 13:00", "12-22 13:00"]
    assert ("12-08", "booked", "12-08 13:00") in changes(moved)
    assert moved.conflicts == ()


def test_of_one_visit_and_then_it_is_left_alone(clinic: Course) -> None:
    made = clinic.book_series()
    second = made.appointments[1].id
    caller = context()
    for _ in range(2):
        one = clinic.change_series(
            made, caller, scope="this", appointment_id=second, local_start="2026-12-09T15:00"
        )
        assert starts(one) == ["12-01 10:00", "12-09 15:00", "12-15 10:00", "12-22 10:00"]
    moved = clinic.change_series(made, scope="all", local_start="2026-12-01T11:00")
    assert starts(moved) == ["12-01 11:00", "12-09 15:00", "12-15 11:00", "12-22 11:00"]
    assert ("12-08", "left", "moved_by_hand") in changes(moved)
    clinic.fill(week(2) + timedelta(hours=4))
    third: dict[str, Any] = {
        "appointment_id": made.appointments[2].id,
        "local_start": "2026-12-15T14:00",
    }
    with pytest.raises(SlotTaken):
        clinic.change_series(made, scope="this", **third)


def test_what_has_begun_or_is_called_off_stays(clinic: Course) -> None:
    made = clinic.book_series()
    clinic.cancel_series(made, scope="this", appointment_id=made.appointments[3].id)
    during = TEN.replace(tzinfo=made.appointments[0].start.tzinfo) + timedelta(minutes=5)
    moved = clinic.change_series(made, now=during, scope="all", local_start="2026-12-08T11:00")
    assert starts(moved) == ["12-01 10:00", "12-08 11:00", "12-15 11:00"]
    assert changes(moved)[:2] == [("12-01", "left", "begun"), ("12-22", "left", "cancelled")]
    over = clinic.cancel_series(made, now=during, scope="all", reason="moved away")
    assert starts(over) == ["12-01 10:00"]
    nothing = clinic.change_series(made, now=during, scope="all", local_start="2026-12-08T12:00")
    assert {change for _, change, _ in changes(nothing)} == {"left"}


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"scope": "following", "local_start": "2026-12-01T11:00"}, "appointment_id"),
        ({"scope": "this", "appointment_id": "apt_none"}, "appointment_id"),
        ({"scope": "all", "local_start": "2026-12-02T10:00"}, "local_start"),
        (
            {"scope": "all", "local_start": "2026-11-03T10:00", "rrule": "FREQ=WEEKLY"},
            "local_start",
        ),
        ({"scope": "all", "rrule": "FREQ=WEEKLY;COUNT=4"}, "rrule"),
        ({"scope": "all", "rrule": "FREQ=YEARLY"}, "rrule"),
        ({"scope": "all", "room_id": "room_none"}, "room_id"),
    ],
)
def test_a_change_that_means_nothing_is_refused_by_its_field(
    clinic: Course, more: dict[str, Any], field: str
) -> None:
    made = clinic.book_series()
    with pytest.raises(Invalid) as refused:
        clinic.change_series(made, **more)
    assert list(refused.value.extra["errors"]) == [field]
    assert clinic.look(made) == made


def test_called_off_is_each_under_its_own_policy_and_once(clinic: Course) -> None:
    clinic.fill(week(2))
    made = clinic.book_series(conflicts="book_free")
    caller, eve = context(), made.appointments[0].start - timedelta(hours=20)
    for _ in range(2):
        over = clinic.cancel_series(made, caller, now=eve, scope="all", reason="moved away")
        assert [visit.status for visit in over.appointments] == ["cancelled"] * 3
        assert (over.conflicts, {visit.reason for visit in over.appointments}) == (
            (),
            {"moved away"},
        )
    late = [
        entry["event"]["data"]["late"]
        for visit in clinic.database["appointments"].find({"series_id": made.id}).sort("start")
        for entry in visit["outbox"]
        if "cancelled" in entry["event"]["type"]
    ]
    assert late == [True, False, False]


def test_calling_off_from_one_on_takes_those_moved_by_hand_along(clinic: Course) -> None:
    made = clinic.book_series()
    clinic.change_series(
        made,
        scope="this",
        appointment_id=made.appointments[2].id,
        local_start="2026-12-16T10:00",
    )
    over = clinic.cancel_series(made, scope="following", appointment_id=made.appointments[1].id)
    assert starts(over) == ["12-01 10:00"]


def test_a_visit_double_booked_on_purpose_gives_its_time_to_the_other(clinic: Course) -> None:
    made = clinic.book_series(template=clinic.robin)
    caller = context(may_override=True)
    urgent = Override(reason="came without an appointment")
    over = clinic.book(caller, client_id="cli_2", override=urgent, **clinic.robin)
    clinic.change_series(made, scope="all", local_start="2026-12-01T14:00")
    left = clinic.desk().appointments.get(over.id)
    assert left is not None
    assert (left.overlaps, left.ceded) == ((), ())
    assert left.claims == left.wanted_claims
    assert repository.findings(clinic.database) == {"overlaps": 0}


def test_another_locations_series_does_not_exist(clinic: Course) -> None:
    made = clinic.book_series()
    caller = context(location_scope=("loc_else",))
    asks: list[Callable[[], Any]] = [
        lambda: clinic.look(made, caller),
        lambda: clinic.change_series(made, caller, scope="all", local_start="2026-12-01T11:00"),
        lambda: clinic.cancel_series(made, caller, scope="all"),
        lambda: clinic.reflow(made, caller),
        lambda: clinic.book_series(caller),
    ]
    for ask in asks:
        with pytest.raises(NotFound):
            ask()
