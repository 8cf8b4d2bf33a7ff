"""Who and what is free: the one answer that search and claim share."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from booking.domain.availability import Busy, Offering, Resources, Span
from booking.domain.bookable import refuse_if_nobody_could
from booking.domain.free import FreeTimes, candidates, times
from booking.entrypoints.wire import written
from booking.testing import TEN, offering, visit
from clinic_contracts.booking.requests import Availability, Slot
from clinic_contracts.errors import NotBookable
from clinic_contracts.trusted import dump

START = visit().start


def busy(*ids: str | None, at: datetime = START, minutes: int = 75) -> Busy:
    person, room, unit = (*ids, None)[:3]
    taken = Resources(person or "prac_x", room or "room_x", unit)
    ends = at + timedelta(minutes=minutes)
    return Busy("apt_1", "loc_1", taken, Span(at, ends), ends)


def slots(*asked: Any) -> Sequence[Slot]:
    return FreeTimes(tuple(times(*asked))).slots


def found(wanted: Offering, *taken: Busy, held: tuple[str, ...] = ()) -> list[Resources]:
    return list(candidates(wanted, START, taken, held))


def test_each_free_practitioner_comes_with_a_free_room() -> None:
    assert found(offering()) == [Resources("prac_1", "room_1"), Resources("prac_2", "room_1")]
    assert found(offering(), busy("prac_1", "room_1")) == [Resources("prac_2", "room_2")]


def test_without_a_free_room_nobody_is_free() -> None:
    assert found(offering(rooms=["room_1"]), busy(None, "room_1")) == []


def test_a_visit_that_ends_when_another_starts_does_not_clash() -> None:
    before = busy("prac_1", "room_1", at=START - timedelta(minutes=75))
    after = busy("prac_1", "room_1", at=START + timedelta(minutes=75))
    assert len(found(offering(people=["prac_1"], rooms=["room_1"]), before, after)) == 1


def test_who_has_the_least_to_do_comes_first() -> None:
    later = busy("prac_1", "room_1", at=START + timedelta(hours=3))
    assert [each.practitioner_id for each in found(offering(), later)] == ["prac_2", "prac_1"]


def test_what_a_visit_holds_it_keeps_where_that_is_free() -> None:
    held = ("room_2", "eq_loc_1_lift_2")
    first = found(offering(units=2), held=held)[0]
    assert (first.room_id, first.equipment_id) == held
    first = found(offering(units=2), busy(None, *held), held=held)[0]
    assert (first.room_id, first.equipment_id) == ("room_1", "eq_loc_1_lift_1")


def test_a_unit_is_taken_for_the_visit_and_its_turnover() -> None:
    wanted = offering(units=1)
    assert {each.equipment_id for each in found(wanted)} == {"eq_loc_1_lift_1"}
    last_tick = busy("prac_3", "room_3", "eq_loc_1_lift_1", at=START + timedelta(minutes=70))
    assert found(wanted, last_tick) == []
    assert found(offering(), last_tick) != []


def test_a_visit_that_needs_no_equipment_any_more_keeps_its_unit_at_its_time() -> None:
    wanted = offering(kept_unit="eq_loc_1_lift_1")
    assert found(wanted, held=("eq_loc_1_lift_1",))[0].equipment_id == "eq_loc_1_lift_1"


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        (offering(people=[]), "not_offered"),
        (offering(rooms=[]), "no_room"),
        (offering(units=0), "no_equipment"),
    ],
)
def test_what_is_not_there_is_said(wanted: Offering, reason: str) -> None:
    with pytest.raises(NotBookable) as refused:
        refuse_if_nobody_could(wanted, START)
    assert refused.value.extra == {"reason": reason}


@pytest.mark.parametrize(
    ("hour", "reason"), [(8, "outside_hours"), (16.5, "outside_shift"), (17.5, "outside_hours")]
)
def test_outside_hours_or_shift_nobody_could(hour: float, reason: str) -> None:
    start = START + timedelta(hours=hour - TEN.hour)
    with pytest.raises(NotBookable) as refused:
        refuse_if_nobody_could(offering(), start)
    assert refused.value.extra == {"reason": reason}


def test_one_practitioner_who_could_is_enough() -> None:
    refuse_if_nobody_could(offering(), START)


def test_slots_are_one_a_practitioner_and_stay_in_their_period() -> None:
    offered = list(slots(offering(), START, START + timedelta(minutes=30), []))
    assert [(slot.local_start.minute, slot.practitioner_id) for slot in offered] == [
        (0, "prac_1"),
        (0, "prac_2"),
        (15, "prac_1"),
        (15, "prac_2"),
    ]


def test_a_period_that_ends_before_it_starts_has_no_slots() -> None:
    assert list(slots(offering(), START, START - timedelta(days=9), [])) == []


def test_what_is_written_is_what_the_contract_writes() -> None:
    free = FreeTimes(tuple(times(offering(), START, START + timedelta(hours=2), [])))
    assert written(free) == dump(Availability(slots=tuple(free.slots)))


def test_the_whole_days_of_a_span_hold_all_of_it_and_no_other_day() -> None:
    fourth = datetime(2026, 12, 4, tzinfo=UTC)
    evening = fourth.astimezone(ZoneInfo("America/Vancouver")) - timedelta(hours=1)
    assert Span(evening, fourth).whole_days == Span(fourth - timedelta(days=1), fourth)
    morning = fourth + timedelta(hours=9)
    a_day = Span(fourth, fourth + timedelta(days=1))
    assert Span(morning, morning + timedelta(hours=1)).whole_days == a_day
    assert a_day.whole_days == a_day
