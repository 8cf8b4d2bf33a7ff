"""Double booking on purpose: marks on both sides, and no claim lost when one of them ends."""

from dataclasses import replace
from datetime import timedelta

from booking.domain.appointment import Appointment
from booking.domain.override import after, overlapping
from booking.testing import visit


def over(*standing: Appointment, id_: str = "apt_2") -> tuple[Appointment, list[Appointment]]:
    made, marked = overlapping(visit(id=id_), standing)
    return made, [one.visit for one in marked]


def test_both_are_marked_and_no_claim_is_held_twice() -> None:
    made, (marked,) = over(visit())
    assert (made.overlaps, marked.overlaps) == (("apt_1",), ("apt_2",))
    assert set(made.claims).isdisjoint(marked.claims)
    assert set(made.claims) | set(marked.claims) == set(visit().claims)


def test_what_the_first_takes_beyond_the_second_stays_its_own() -> None:
    longer = visit(end=visit().end + timedelta(minutes=30))
    made, _ = overlapping(visit(id="apt_2", room_id="room_2"), [longer])
    assert [key for key in made.claims if key.startswith("room_2")]
    assert not [key for key in made.claims if key.startswith("prac_1")]


def test_when_the_first_is_called_off_the_second_takes_its_claims_over() -> None:
    made, (first,) = over(visit())
    ended, (heir,) = after(first, replace(first, status="cancelled"), [made])
    assert ended.claims == []
    assert sorted(heir.visit.claims) == sorted(visit(id="apt_2").claims)
    assert (ended.overlaps, heir.visit.overlaps) == ((), ())
    assert heir.event.visit == heir.visit.visit


def test_of_three_the_next_in_turn_takes_them_over() -> None:
    second, (first,) = over(visit())
    third, (first, second) = over(first, second, id_="apt_3")
    ended, found = after(first, replace(first, status="noshow"), [second, third])
    by_id = {one.visit.id: one.visit for one in found}
    assert sorted(by_id["apt_2"].claims) == sorted(visit().claims)
    assert by_id["apt_3"].claims == []
    assert by_id["apt_2"].overlaps == ("apt_3",)
    assert by_id["apt_3"].overlaps == ("apt_2",)
    assert ended.overlaps == ()


def test_moved_away_neither_is_marked_any_more() -> None:
    made, (first,) = over(visit())
    hours = timedelta(hours=3)
    away = replace(made, start=made.start + hours, end=made.end + hours)
    moved, (left,) = after(made, away, [first])
    assert (moved.overlaps, left.visit.overlaps, moved.ceded) == ((), (), ())
    assert len(moved.claims) == len(visit().claims)


def test_a_change_that_keeps_the_time_concerns_nobody_else() -> None:
    made, (first,) = over(visit())
    arrived, _ = made.arrive()
    changed, found = after(made, arrived, [first])
    assert (changed, found) == (arrived, [])


def test_what_a_third_holds_is_not_taken_over() -> None:
    start = visit().start + timedelta(minutes=30)
    early, late = visit(id="apt_a"), visit(id="apt_c", start=start + timedelta(minutes=45))
    late = replace(late, end=late.start + timedelta(hours=1))
    between = visit(id="apt_b", start=start, end=start + timedelta(hours=1))
    made, marked = overlapping(between, [early, late])
    early, late = (one.visit for one in marked)
    _, (heir,) = after(early, replace(early, status="cancelled"), [made])
    assert set(heir.visit.claims).isdisjoint(late.claims)
    assert set(heir.visit.claims) | set(late.claims) >= set(between.claims)
