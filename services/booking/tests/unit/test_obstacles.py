"""Why a visit cannot take place as it stands."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from booking.domain.appointment import Appointment
from booking.domain.availability import Offering, Span
from booking.domain.calendar import Calendar
from booking.domain.closure import Closure
from booking.domain.obstacles import Review, outcome_missing
from booking.testing import TEN, offering, visit
from clinic_contracts.booking.day import Obstacle
from clinic_contracts.booking.requests import LocationView, Room, TreatmentView

AS_BOOKED = offering(people=["prac_1"])
START, END = visit().start, visit().start + timedelta(minutes=90)


def why_not(booked: Appointment, now: Offering) -> tuple[Obstacle, ...]:
    span = Span(booked.start - timedelta(days=2), booked.end)
    review = Review(now.location, now.calendar, span)
    return review.why_not(booked, now.treatment, now.practitioners[0])


def reasons(booked: Appointment, now: Offering) -> list[str]:
    return [each.reason for each in why_not(booked, now)]


def location(**change: Any) -> LocationView:
    return replace(AS_BOOKED.location, **change)


def treatment(**change: Any) -> TreatmentView:
    return replace(AS_BOOKED.treatment, **change)


def test_nothing_stands_in_the_way_of_what_was_booked() -> None:
    assert why_not(visit(), AS_BOOKED) == ()


def by(**change: Any) -> Offering:
    return replace(AS_BOOKED, practitioners=(replace(AS_BOOKED.practitioners[0], **change),))


def at(**change: Any) -> Offering:
    return replace(AS_BOOKED, location=location(**change))


def shut(**owner: Any) -> Offering:
    closure = Closure(
        id="clo_1",
        from_="2026-12-01",
        to="2026-12-01",
        local_start=TEN.replace(hour=0),
        local_end=TEN.replace(hour=0) + timedelta(days=1),
        timezone="America/Vancouver",
        start=visit().start - timedelta(hours=10),
        end=visit().start + timedelta(minutes=30),
        reason="stocktaking",
        **owner,
    )
    return replace(AS_BOOKED, calendar=Calendar([closure]))


HOLIDAY = replace(AS_BOOKED, calendar=Calendar(holiday=lambda _day: "Boxing Day"))


@pytest.mark.parametrize(
    ("now", "reason"),
    [
        (at(hours={}), "closed"),
        (shut(location_id="loc_1"), "closed"),
        (shut(practitioner_id="prac_1"), "absent"),
        (HOLIDAY, "holiday"),
        (at(hours={"tue": (("09:00", "10:30"),)}), "outside_hours"),
        (by(shifts=()), "outside_shift"),
        (by(treatment_ids=()), "not_offered"),
        (at(rooms=(Room(id="room_9", name="Nine", kinds=()),)), "room_removed"),
    ],
)
def test_each_change_of_the_settings_has_its_reason(now: Offering, reason: str) -> None:
    assert reasons(visit(), now) == [reason]


def test_a_closure_and_a_holiday_are_named() -> None:
    for now, name in ((shut(location_id="loc_1"), "stocktaking"), (HOLIDAY, "Boxing Day")):
        assert name in why_not(visit(), now)[0].detail
    assert "stocktaking" not in why_not(visit(), shut(practitioner_id="prac_1"))[0].detail


def test_one_look_serves_visits_of_several_lengths() -> None:
    review = Review(at(hours={"tue": (("09:00", "11:00"),)}).location, Calendar(), Span(START, END))
    hour, longer = visit(), visit(end=END)
    found = [
        review.why_not(each, AS_BOOKED.treatment, AS_BOOKED.practitioners[0])
        for each in (hour, longer, hour)
    ]
    assert [[each.reason for each in why] for why in found] == [[], ["outside_hours"], []]


def test_everything_that_is_wrong_is_told() -> None:
    gone = replace(AS_BOOKED, location=location(hours={}, rooms=()))
    found = why_not(visit(overlaps=("apt_2",)), gone)
    assert [each.reason for each in found] == ["closed", "room_removed", "double_booked"]
    assert found[-1].appointment_ids == ("apt_2",)
    assert all(each.detail for each in found)


def test_a_visit_keeps_the_length_it_was_booked_with() -> None:
    longer = replace(AS_BOOKED, treatment=treatment(duration=480))
    assert why_not(visit(), longer) == ()


def test_a_visit_keeps_its_unit_of_equipment() -> None:
    none_left = offering(people=["prac_1"], units=0)
    assert why_not(visit(equipment_id="eq_loc_1_lift_1"), none_left) == ()


@pytest.mark.parametrize(
    ("status", "reason"), [("booked", "not_arrived"), ("arrived", "not_fulfilled")]
)
def test_what_is_missing_of_a_visit_that_has_ended(status: Any, reason: str) -> None:
    assert outcome_missing(visit(status)).reason == reason
