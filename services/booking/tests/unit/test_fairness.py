"""Who is asked first when anybody will do, in which room, and how that is said."""

from dataclasses import replace
from datetime import datetime, timedelta

from booking.domain.availability import Busy, Offering, Resources, Span
from booking.domain.free import candidates, with_travel
from booking.testing import offering, visit
from clinic_contracts.booking.requests import Room

START = visit().start
THREE = offering(people=["prac_1", "prac_2", "prac_3"])


def busy(who: str, hours: float, minutes: int = 60, place: str = "loc_1") -> Busy:
    """Return a visit in a room of its own, so many hours after the start wanted."""
    start = START + timedelta(hours=hours)
    end = start + timedelta(minutes=minutes)
    return Busy("apt_1", place, Resources(who, f"room_of_{who}"), Span(start, end), end)


def turns(wanted: Offering, *taken: Busy, start: datetime = START) -> list[str]:
    return [found.practitioner_id for found in candidates(wanted, start, taken)]


def test_fewest_minutes_then_idle_longest_then_id() -> None:
    assert turns(THREE) == ["prac_1", "prac_2", "prac_3"]
    assert turns(THREE, busy("prac_1", 2)) == ["prac_2", "prac_3", "prac_1"]
    # The same minutes: the one who had theirs earlier has been idle longer; to come is not idle.
    taken = (busy("prac_1", -1), busy("prac_2", -1.5), busy("prac_3", 2))
    assert turns(THREE, *taken) == ["prac_3", "prac_2", "prac_1"]


def test_only_that_local_day_counts() -> None:
    # Ten in the morning in Vancouver; the day there began ten hours before and has fourteen to go.
    assert turns(THREE, busy("prac_1", -10.5, 30))[0] == "prac_1"
    assert turns(THREE, busy("prac_1", -10, 30))[0] == "prac_2"
    assert turns(THREE, busy("prac_1", 13.5, 30))[0] == "prac_2"
    assert turns(THREE, busy("prac_1", 14, 30))[0] == "prac_1"


def test_the_least_general_room_is_taken_first_then_by_name() -> None:
    rooms = (
        Room(id="room_a", name="Ash", kinds=("massage", "yoga")),
        Room(id="room_b", name="Birch", kinds=("massage",)),
        Room(id="room_c", name="Alder", kinds=("massage",)),
    )
    wanted = replace(THREE, location=replace(THREE.location, rooms=rooms))
    assert [room.name for room in wanted.rooms] == ["Alder", "Birch", "Ash"]
    assert next(candidates(wanted, START, [])).room_id == "room_c"
    assert next(candidates(wanted, START, [], held=["room_a"])).room_id == "room_a"


def test_the_choice_is_said_where_there_was_one() -> None:
    def said(wanted: Offering, *taken: Busy, held: tuple[str, ...] = ()) -> str | None:
        return next(candidates(wanted, START, taken, held)).choice

    one = offering(people=["prac_1"], rooms=["room_1"])
    assert said(one) is None
    assert said(offering(people=["prac_1"])) == "of 2 rooms free then, the least general"
    assert said(offering(people=["prac_1"]), held=("room_2",)) is None
    two = offering(rooms=["room_1"])
    assert said(two, busy("prac_1", -1), busy("prac_2", -2)) == (
        "of 2 practitioners free then, the one in turn: "
        "60 minutes booked that day, free since 09:00"
    )
    assert said(two) == (
        "of 2 practitioners free then, the one in turn: 0 minutes booked that day, free until then"
    )
    assert said(two, busy("prac_1", 0)) is None


def test_the_way_from_another_location_counts_before_and_after() -> None:
    wanted = replace(offering(people=["prac_1"]), ways={"loc_2": 30})

    def can(*taken: Busy) -> bool:
        return bool(turns(wanted, *with_travel(taken, wanted)))

    # A visit takes an hour and a quarter; theirs an hour.
    assert can(busy("prac_1", -1.5, place="loc_2"))
    assert not can(busy("prac_1", -1.25, place="loc_2"))
    assert can(busy("prac_1", 1.75, place="loc_2"))
    assert not can(busy("prac_1", 1.5, place="loc_2"))
    assert can(busy("prac_1", -1), busy("prac_1", 1.25))
    assert can(busy("prac_2", -1, place="loc_2"))
    assert can(busy("prac_1", -1, place="loc_3"))


def test_what_can_stand_in_the_way_lies_within_a_visit_and_the_longest_way() -> None:
    wanted = replace(THREE, ways={"loc_2": 30, "loc_3": 45})
    way, whole = timedelta(minutes=45), timedelta(minutes=75)
    assert wanted.within_reach(Span(START, START)) == Span(START - way, START + whole + way)
