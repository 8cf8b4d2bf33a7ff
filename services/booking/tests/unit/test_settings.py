"""What settings must be to make sense."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from booking.domain import settings
from booking.testing import context, offering, practitioner
from clinic_contracts.booking import requests as r
from clinic_contracts.booking.calendar import ShiftException, SpecialHours, Travel
from clinic_contracts.errors import Invalid
from clinic_contracts.money import Money

LOCATION = offering().location
HAD = LOCATION.rooms


def with_rooms(*specs: r.RoomSpec) -> r.LocationView:
    return settings.with_rooms(LOCATION, HAD, specs, lambda name: f"room_{name}")


def test_a_room_named_by_its_id_stays_the_same_room() -> None:
    there = with_rooms(r.RoomSpec(name="Quiet", id="room_2"), r.RoomSpec(name="New"))
    assert [(room.id, room.name) for room in there.rooms] == [
        ("room_2", "Quiet"),
        ("room_New", "New"),
    ]
    assert there.former_rooms == (HAD[0],)
    assert settings.removed_rooms(LOCATION, there) == [HAD[0]]


@pytest.mark.parametrize("ids", [("room_9",), ("room_1", "room_9"), ("room_1", "room_1")])
def test_an_id_is_one_of_the_locations_rooms_and_given_once(ids: tuple[str, ...]) -> None:
    with pytest.raises(Invalid) as refused:
        with_rooms(*(r.RoomSpec(name=f"N{number}", id=id_) for number, id_ in enumerate(ids)))
    assert list(refused.value.extra["errors"]) == [f"rooms.{len(ids) - 1}.id"]


def test_former_rooms_do_not_grow_without_end() -> None:
    there = LOCATION
    for number in range(3):
        had = tuple(
            r.Room(id=f"room_{number}x{each}", name=str(each), kinds=()) for each in range(60)
        )
        there = settings.with_rooms(there, had, (), str)
    assert len(there.former_rooms) == settings.FORMER_ROOMS
    assert there.former_rooms[-1].id == "room_2x59"


def test_a_room_with_visits_to_come_stays_and_says_how_many() -> None:
    settings.check_removal(HAD, {})
    with pytest.raises(Invalid) as refused:
        settings.check_removal(HAD, {"room_2": 3})
    assert "Room_2: 3" in refused.value.extra["errors"]["rooms"][0]


def test_a_kind_of_equipment_is_listed_once() -> None:
    pools = (r.EquipmentPool(kind="lift", count=1), r.EquipmentPool(kind="lift", count=2))
    with pytest.raises(Invalid) as refused:
        settings.check_location(replace(LOCATION, equipment=pools))
    assert list(refused.value.extra["errors"]) == ["equipment"]


def test_two_rooms_of_one_name_are_refused() -> None:
    same = tuple(replace(room, name="One") for room in HAD)
    with pytest.raises(Invalid):
        settings.check_location(replace(LOCATION, rooms=same))


@pytest.mark.parametrize(
    "spans",
    [(("09:00", "09:00"),), (("09:02", "10:00"),), (("09:00", "12:00"), ("11:00", "13:00"))],
)
def test_hours_follow_one_another_on_the_tick(spans: tuple[tuple[str, str], ...]) -> None:
    with pytest.raises(Invalid) as refused:
        settings.check_location(replace(LOCATION, hours={"mon": spans}))
    assert list(refused.value.extra["errors"]) == ["hours.mon"]


def test_a_practitioner_works_where_and_gives_what_exists() -> None:
    person = practitioner("prac_1")
    settings.check_practitioner(person, {"loc_1"}, {"trt_1"})
    for locations, treatments, field in (
        (set(), {"trt_1"}, "location_ids"),
        ({"loc_1"}, set(), "treatment_ids"),
    ):
        with pytest.raises(Invalid) as refused:
            settings.check_practitioner(person, locations, treatments)
        assert list(refused.value.extra["errors"]) == [field]


def test_a_shift_is_at_one_of_the_practitioners_locations() -> None:
    elsewhere = replace(practitioner("prac_1"), location_ids=())
    with pytest.raises(Invalid) as refused:
        settings.check_practitioner(elsewhere, {"loc_1"}, {"trt_1"})
    assert list(refused.value.extra["errors"]) == ["shifts"]


def test_what_is_at_other_locations_stays_as_it_is() -> None:
    here, there = practitioner("prac_1").shifts[0], practitioner("prac_1").shifts[1]
    there = replace(there, location_id="loc_2")
    both = replace(practitioner("prac_1"), location_ids=("loc_1", "loc_2"), shifts=(here, there))
    of_here = context(location_scope=("loc_1",))
    allowed: list[dict[str, Any]] = [
        {"shifts": (there,)},
        {"location_ids": ("loc_2",), "shifts": (there,)},
    ]
    for change in allowed:
        settings.check_elsewhere(both, replace(both, **change), of_here)
    refused: list[dict[str, Any]] = [
        {"shifts": (here,)},
        {"location_ids": ("loc_1",)},
        {"location_ids": ("loc_1", "loc_2", "loc_3")},
    ]
    for change in refused:
        changed = replace(both, **change)
        with pytest.raises(Invalid) as error:
            settings.check_elsewhere(both, changed, of_here)
        assert error.value.extra["errors"].keys() == change.keys()
        settings.check_elsewhere(both, changed, context())


@pytest.mark.parametrize(
    "price",
    [
        Money(amount_minor=-1),
        Money(amount_minor=settings.HIGHEST_PRICE_MINOR + 1),
        Money(amount_minor=100, currency="USD"),
    ],
)
def test_a_price_is_what_can_be_charged(price: Money) -> None:
    with pytest.raises(Invalid) as refused:
        settings.check_treatment(replace(offering().treatment, price=price))
    assert list(refused.value.extra["errors"]) == ["price"]


@pytest.mark.parametrize("field", ["duration", "turnover"])
def test_a_treatments_times_are_on_the_tick(field: str) -> None:
    treatment = replace(offering().treatment, **{field: 7})  # type: ignore[arg-type]
    with pytest.raises(Invalid) as refused:
        settings.check_treatment(treatment)
    assert list(refused.value.extra["errors"]) == [field]


DAY = date(2026, 12, 24)
HALF_PAST = (("09:00", "12:00"),)


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"special_hours": [SpecialHours(date=DAY)] * 2}, "special_hours", "twice"),
        (
            {"special_hours": [SpecialHours(date=DAY, hours=(("12:00", "09:00"),))]},
            "special_hours.0",
            "end after it starts",
        ),
        (
            {"special_hours": [SpecialHours(date=DAY, hours=(("09:02", "12:00"),))]},
            "special_hours.0",
            "5-minute tick",
        ),
        ({"travel": [Travel(location_id="loc_2", minutes=5)] * 2}, "travel", "twice"),
        ({"travel": [Travel(location_id="loc_1", minutes=5)]}, "travel", "other locations"),
    ],
)
def test_what_a_location_cannot_be_is_said_by_its_field(
    change: dict[str, Any], field: str, said: str
) -> None:
    with pytest.raises(Invalid) as refused:
        settings.check_location(replace(LOCATION, **change))
    assert said in refused.value.extra["errors"][field][0]


def exception(place: str = "loc_1", hours: Any = HALF_PAST) -> ShiftException:
    return ShiftException(location_id=place, date=DAY, hours=hours)


@pytest.mark.parametrize(
    ("exceptions", "field", "said"),
    [
        ([exception(), exception()], "shift_exceptions", "twice"),
        ([exception("loc_2")], "shift_exceptions", "not one of the practitioner's locations"),
        (
            [exception(hours=(("09:00", "11:00"), ("10:00", "12:00")))],
            "shift_exceptions.0",
            "without overlap",
        ),
    ],
)
def test_what_a_shift_exception_cannot_be_is_said(exceptions: Any, field: str, said: str) -> None:
    person = replace(practitioner("prac_1"), shift_exceptions=tuple(exceptions))
    with pytest.raises(Invalid) as refused:
        settings.check_practitioner(person, {"loc_1"}, {"trt_1"})
    assert said in refused.value.extra["errors"][field][0]


def test_exceptions_at_locations_not_the_callers_stay_as_they_are() -> None:
    person = replace(practitioner("prac_1"), location_ids=("loc_1", "loc_2"))
    caller = context(location_scope=("loc_1",))
    settings.check_elsewhere(person, replace(person, shift_exceptions=(exception(),)), caller)
    there = replace(person, shift_exceptions=(exception("loc_2"),))
    with pytest.raises(Invalid):
        settings.check_elsewhere(person, there, caller)


def test_a_practitioner_who_has_opted_out_of_msp_is_told_of_so() -> None:
    person = replace(practitioner("prac_1"), msp_opted_out=True)
    assert settings.check_practitioner(person, {"loc_1"}, {"trt_1"}).msp_opted_out is True
