"""The plan of a bulk move: who takes which visit, told before any of them moves."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from booking.domain.appointment import Appointment
from booking.domain.availability import Busy, Offering, Resources, Span
from booking.domain.bulk_move import Step, plan
from booking.testing import offering, practitioner, visit

START = visit().start
TAKERS = offering(people=["prac_2", "prac_3"])


def of(number: int, minutes: int = 0, room: str = "room_1") -> Appointment:
    """Return one of prac_1's visits, so many minutes after ten."""
    base, later = visit(), timedelta(minutes=minutes)
    return replace(
        base,
        id=f"apt_{number}",
        room_id=room,
        start=base.start + later,
        end=base.end + later,
        local_start=base.local_start + later,
    )


def held(booked: Appointment) -> Busy:
    until = booked.end + timedelta(minutes=booked.turnover)
    span = Span(booked.start, until)
    return Busy(booked.id, booked.location_id, booked.resources, span, booked.end)


def planned(visits: Sequence[Appointment], others: Sequence[Appointment] = ()) -> list[Step]:
    busy = [held(each) for each in (*visits, *others)]
    return plan([(each, TAKERS) for each in visits], busy)


def reasons(steps: Sequence[Step]) -> list[str | None]:
    return [None if step.why is None else step.why.reason for step in steps]


def test_a_visit_keeps_its_room_when_that_is_free() -> None:
    [step] = planned([of(1, room="room_2")])
    assert (step.found, step.room_kept) == (Resources("prac_2", "room_2"), True)


def test_a_room_that_is_gone_is_replaced() -> None:
    [step] = planned([of(1, room="room_9")])
    assert step.found is not None
    assert (step.found.room_id, step.room_kept) == ("room_1", False)


def test_who_is_taken_is_passed_over() -> None:
    other = replace(of(8, room="room_2"), practitioner_id="prac_2")
    [step] = planned([of(1)], [other])
    assert step.found == Resources("prac_3", "room_1")


def test_a_move_before_it_counts() -> None:
    # Two at the same time, of one therapist: double-booked on purpose.
    both = [of(1), of(2, room="room_2"), of(3, 15, room="room_3")]
    steps = planned(both)
    assert [step.found and step.found.practitioner_id for step in steps] == [
        "prac_2",
        "prac_3",
        None,
    ]
    assert reasons(steps) == [None, None, "taken"]


def test_what_a_visit_overlaps_on_purpose_is_not_in_its_way() -> None:
    other = replace(of(8), practitioner_id="prac_2", overlaps=("apt_1",))
    one = replace(of(1), overlaps=("apt_8",))
    [step] = plan([(one, offering(people=["prac_2"]))], [held(one), held(other)])
    assert step.found == Resources("prac_2", "room_1")


def test_each_has_its_reason_to_stay() -> None:
    off = replace(practitioner("prac_2"), shifts=())
    untrained = replace(practitioner("prac_2"), treatment_ids=())
    for offered, reason in (
        (replace(TAKERS, practitioners=(off,)), "outside_shift"),
        (replace(TAKERS, practitioners=(untrained,)), "not_offered"),
        (replace(TAKERS, practitioners=()), "not_offered"),
        (offering(rooms=[], people=["prac_2"]), "no_room"),
    ):
        assert reasons(plan([(of(1), offered)], [])) == [reason]
    here = replace(of(1), status="arrived")
    assert reasons(planned([here])) == ["arrived"]


visits = st.lists(
    st.tuples(
        st.integers(0, 20).map(lambda number: number * 15),
        st.sampled_from(["room_1", "room_2", "room_3"]),
        st.sampled_from(["prac_1", "prac_2", "prac_3"]),
    ),
    max_size=12,
)


@given(visits)
def test_no_two_share_anything_after_it_and_who_stays_had_nobody(
    drawn: list[tuple[int, str, str]],
) -> None:
    """Whatever is booked, by a check of every pair, one step after the other."""
    booked = [
        replace(of(number, minutes, room), practitioner_id=person)
        for number, (minutes, room, person) in enumerate(sorted(drawn))
    ]
    to_move = [each for each in booked if each.practitioner_id == "prac_1"]
    now = {each.id: held(each) for each in booked}
    steps = plan([(each, TAKERS) for each in to_move], list(now.values()))
    assert [step.appointment_id for step in steps] == [each.id for each in to_move]
    for step, each in zip(steps, to_move, strict=True):
        if step.found is not None:
            assert _clashes(step.found, each, now) == []
            now[each.id] = replace(now[each.id], resources=step.found)
        elif step.why is not None and step.why.reason == "taken":
            assert all(_clashes(way, each, now) for way in _ways(TAKERS))


def _clashes(found: Resources, booked: Appointment, now: dict[str, Busy]) -> list[str]:
    span = held(booked).span
    return [
        id_
        for id_, other in now.items()
        if id_ != booked.id
        and other.span.overlaps(span)
        and set(other.resources.ids) & set(found.ids)
    ]


def _ways(offered: Offering) -> list[Resources]:
    return [
        Resources(person.id, room.id) for person in offered.practitioners for room in offered.rooms
    ]
