"""What a release of the zone data moves, told by two real releases: 2025b and the pinned one."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo

import pytest

from booking.domain import tzdb, wall_time
from booking.domain.appointment import Appointment
from booking.domain.tzdb import Shift
from booking.testing import visit
from clinic_contracts.errors import Invalid

Rules = Callable[[str], tzinfo]
VANCOUVER, EDMONTON, TORONTO = "America/Vancouver", "America/Edmonton", "America/Toronto"
LORD_HOWE = "Australia/Lord_Howe"
OLD, NEW = "2025.2", "2026.6"


def at(local: datetime, zone: str, rules: Rules, fold: int = 0, id_: str = "apt_1") -> Appointment:
    """Return a visit of an hour as it is booked by some rules."""
    start = local.replace(tzinfo=rules(zone), fold=fold).astimezone(UTC)
    return visit(
        id=id_,
        start=start,
        end=start + timedelta(hours=1),
        local_start=local,
        timezone=zone,
        fold=fold,
        tzdata_version=OLD,
    )


@pytest.mark.parametrize(
    ("zone", "local", "minutes"),
    [
        (VANCOUVER, datetime(2026, 10, 31, 10), 0),
        (VANCOUVER, datetime(2026, 11, 1, 10), -60),
        (VANCOUVER, datetime(2027, 1, 12, 10), -60),
        (VANCOUVER, datetime(2027, 7, 13, 10), 0),
        (EDMONTON, datetime(2026, 10, 31, 10), 0),
        (EDMONTON, datetime(2026, 12, 1, 10), -60),
        (TORONTO, datetime(2026, 7, 14, 10), 0),
        (TORONTO, datetime(2026, 12, 1, 10), 0),
        (LORD_HOWE, datetime(2026, 7, 14, 10), 0),
        (LORD_HOWE, datetime(2026, 12, 1, 10), 0),
    ],
)
def test_from_2025b_to_the_pinned_release(
    zone_2025b: Rules, zone: str, local: datetime, minutes: int
) -> None:
    booked = at(local, zone, zone_2025b)
    shift = tzdb.shift_of(booked, wall_time.zone)
    assert shift.minutes == minutes
    assert shift.start == booked.start + timedelta(minutes=minutes)
    assert shift.start == wall_time.instant(local, zone)
    assert tzdb.shift_of(booked, zone_2025b).minutes == 0


@pytest.mark.parametrize(("month", "minutes"), [(7, 0), (12, 30)])
def test_a_zone_that_changes_by_half_an_hour_moves_by_half_an_hour(
    zone_2025b: Rules, month: int, minutes: int
) -> None:
    def standard_time_only(_name: str) -> tzinfo:
        return timezone(timedelta(hours=10, minutes=30))

    booked = at(datetime(2026, month, 1, 10), LORD_HOWE, zone_2025b)
    assert tzdb.shift_of(booked, standard_time_only).minutes == minutes


@pytest.mark.parametrize(("fold", "minutes"), [(0, 0), (1, -60)])
def test_a_doubled_wall_time_is_the_instant_that_its_fold_says(
    zone_2025b: Rules, fold: int, minutes: int
) -> None:
    booked = at(datetime(2026, 11, 1, 1, 30), VANCOUVER, zone_2025b, fold)
    assert booked.start == datetime(2026, 11, 1, 8 + fold, 30, tzinfo=UTC)
    assert tzdb.shift_of(booked, wall_time.zone).minutes == minutes


def test_a_wall_time_that_the_clock_now_skips_is_not_guessed(zone_2025b: Rules) -> None:
    booked = at(datetime(2027, 3, 14, 2, 30), VANCOUVER, wall_time.zone)
    assert tzdb.shift_of(booked, zone_2025b) == Shift(booked, None)


def test_a_zone_that_is_no_more_has_no_wall_times() -> None:
    def none(name: str) -> tzinfo:
        raise Invalid(name)

    booked = at(datetime(2027, 1, 12, 10), VANCOUVER, wall_time.zone)
    assert tzdb.shift_of(booked, none) == Shift(booked, None)


def test_a_moved_visit_keeps_its_wall_time_and_length_and_tells_why(zone_2025b: Rules) -> None:
    booked = at(datetime(2026, 12, 1, 10), VANCOUVER, zone_2025b)
    ((moved, told),) = tzdb.moved([tzdb.shift_of(booked, wall_time.zone)], NEW)
    hour = timedelta(hours=1)
    assert moved == replace(
        booked, start=booked.start - hour, end=booked.end - hour, tzdata_version=NEW
    )
    assert (told.visit, told.previous, told.cause) == (moved.visit, booked.visit, "tzdb")


def test_what_one_cedes_to_another_moves_along(zone_2025b: Rules) -> None:
    booked = at(datetime(2026, 12, 1, 10), VANCOUVER, zone_2025b)
    over = replace(booked, overlaps=("apt_2",), ceded=tuple(booked.claims[:3]))
    ((moved, _),) = tzdb.moved([tzdb.shift_of(over, wall_time.zone)], NEW)
    assert moved.ceded == tuple(moved.wanted_claims[:3])


def test_past_is_what_is_past_by_both_releases(zone_2025b: Rules) -> None:
    booked = at(datetime(2026, 12, 1, 10), VANCOUVER, zone_2025b)
    shift = tzdb.shift_of(booked, wall_time.zone)
    later = Shift(booked, booked.start + timedelta(hours=1))
    between = [booked.start - timedelta(minutes=30), booked.start + timedelta(minutes=30)]
    assert [tzdb.is_to_come(shift, now) for now in between] == [True, False]
    assert [tzdb.is_to_come(later, now) for now in between] == [True, True]


def test_only_what_is_booked_under_another_release_is_due(zone_2025b: Rules) -> None:
    booked = at(datetime(2026, 12, 1, 10), VANCOUVER, zone_2025b)
    before, after = booked.start - timedelta(days=1), booked.start + timedelta(days=2)
    assert tzdb.is_due(booked, NEW, before)
    assert not tzdb.is_due(booked, OLD, before)
    assert not tzdb.is_due(booked, NEW, after)
    assert not tzdb.is_due(replace(booked, status="cancelled"), NEW, before)


def test_neighbours_that_move_alike_are_not_in_each_others_way(zone_2025b: Rules) -> None:
    ten = datetime(2026, 12, 1, 10)
    row = [
        tzdb.shift_of(at(ten + timedelta(hours=2 * n), VANCOUVER, zone_2025b, id_=f"apt_{n}"),
                      wall_time.zone)
        for n in range(3)
    ]  # fmt: skip
    assert tzdb.in_the_way(row, row) == {"apt_0": [], "apt_1": [], "apt_2": []}


def test_a_therapist_is_not_at_two_places(zone_2025b: Rules) -> None:
    """Vancouver's noon moves to where Toronto's two o'clock is, and Toronto does not move."""
    moving = tzdb.shift_of(at(datetime(2026, 12, 1, 12), VANCOUVER, zone_2025b), wall_time.zone)
    toronto = at(datetime(2026, 12, 1, 14), TORONTO, zone_2025b, id_="apt_2")
    elsewhere = replace(toronto, practitioner_id="prac_2", room_id="room_2", id="apt_3")
    others = [tzdb.staying(one) for one in (toronto, elsewhere)]
    assert tzdb.in_the_way([moving], others) == {"apt_1": [toronto]}
    on_purpose = Shift(replace(moving.visit, overlaps=("apt_2",)), moving.start)
    assert tzdb.in_the_way([on_purpose], others) == {"apt_1": []}


def test_a_client_is_not_at_two_places_where_that_matters(zone_2025b: Rules) -> None:
    booked = replace(at(datetime(2026, 12, 1, 12), VANCOUVER, zone_2025b), claims_client=True)
    other = at(datetime(2026, 12, 1, 14), TORONTO, zone_2025b, id_="apt_2")
    other = replace(other, practitioner_id="prac_2", room_id="room_2", claims_client=True)
    shift = tzdb.shift_of(booked, wall_time.zone)
    assert tzdb.in_the_way([shift], [tzdb.staying(other)]) == {"apt_1": [other]}
