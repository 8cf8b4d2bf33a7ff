from functools import partial
from typing import Any

import eventlet
import pytest
from eventlet.event import Event

from gateway.memory import Memory
from gateway.searches import Searches, period_of

WEEK = ("loc_1", "2026-11-30", "2026-12-08")
ELSEWHERE = ("loc_2", "2026-11-30", "2026-12-08")
NEXT_WEEK = ("loc_1", "2026-12-07", "2026-12-15")
BODIES = {WEEK: b"prac_1", ELSEWHERE: b"prac_1 prac_2", NEXT_WEEK: b"prac_1"}


@pytest.fixture
def kept() -> Searches:
    made = Searches()
    made.connected()
    for about, body in BODIES.items():
        made.read(about, "key", partial(bytes, body))
    return made


def visit(**more: str) -> dict[str, str]:
    booked = {"location_id": "loc_1", "practitioner_id": "prac_3"}
    return {"id": "apt_1", "local_start": "2026-12-02T10:00", **booked, **more}


def event(name: str, **data: Any) -> dict[str, Any]:
    return {"type": f"booking.{name}.v1", "data": data}


@pytest.mark.parametrize(
    ("told", "left"),
    [
        (event("appointment_booked", visit=visit()), {ELSEWHERE, NEXT_WEEK}),
        (event("appointment_booked", visit=visit(practitioner_id="prac_2")), {NEXT_WEEK}),
        (event("appointment_booked", visit=visit(location_id="loc_3")), set(BODIES)),
        (
            event("appointment_booked", visit=visit(location_id="loc_3", practitioner_id="prac_2")),
            {WEEK, NEXT_WEEK},
        ),
        # Who gives up a time elsewhere may be had here, and stands in no answer yet.
        (event("appointment_cancelled", visit=visit(location_id="loc_3")), {NEXT_WEEK}),
        (event("appointment_missed", visit=visit()), {NEXT_WEEK}),
        (
            event(
                "appointment_moved",
                visit=visit(location_id="loc_3", local_start="2027-01-01T10:00"),
                previous=visit(location_id="loc_3"),
            ),
            {NEXT_WEEK},
        ),
        (event("appointment_booked", visit=visit(local_start="2026-12-08T00:00")), {ELSEWHERE}),
        (event("appointment_arrived", visit=visit()), set(BODIES)),
        (event("appointment_fulfilled", visit=visit()), set(BODIES)),
        (event("closure_changed", closure_id="clo_1"), set()),
        (event("practitioner_changed", practitioner_id="prac_9"), set()),
        (event("something_new", visit={"location_id": "loc_9"}), set()),
        ({"data": {"visit": {"location_id": "loc_1", "local_start": "2026-12-02T10:00"}}}, None),
        ([], set()),
    ],
)
def test_an_event_drops_the_searches_it_may_change(kept: Searches, told: Any, left: Any) -> None:
    kept.seen(told)
    assert set(kept.kept) == ({NEXT_WEEK} if left is None else left)


def test_ones_own_write_drops_what_it_may_change(kept: Searches) -> None:
    kept.changed(visit(status="booked"))
    assert set(kept.kept) == {ELSEWHERE, NEXT_WEEK}
    kept.changed(visit(status="cancelled"))
    assert set(kept.kept) == {NEXT_WEEK}
    kept.moved(visit(location_id="loc_9", status="booked"))
    assert not kept.kept


@pytest.mark.parametrize("place", ["loc_1", "loc_3"])
def test_what_was_fetched_meanwhile_is_not_kept(kept: Searches, place: str) -> None:
    gate = Event()
    about = ("loc_1", "2026-11-01", "2026-12-31")

    def slow() -> bytes:
        gate.wait()
        return b"prac_1"

    asking = eventlet.spawn(kept.read, about, "key", slow)
    eventlet.sleep(0)
    kept.seen(event("appointment_booked", visit=visit(location_id=place)))
    gate.send(None)
    assert asking.wait()[0].body == b"prac_1"
    assert about not in kept.kept


def test_an_answer_grows_old_fast_since_holds_are_told_by_nobody() -> None:
    at = [100.0]
    kept = Searches(clock=lambda: at[0])
    kept.connected()
    asked = []

    def look() -> bytes:
        asked.append(at[0])
        return b""

    for seconds in (0, 4.5, 0.5):
        at[0] += seconds
        kept.read(WEEK, "key", look)
    assert asked == [100.0, 105.0]


@pytest.mark.parametrize(
    ("first", "last", "period"),
    [
        ("2026-12-01", "2026-12-07", WEEK),
        ("2026-12-01T23:00-08:00", "2026-12-07T01:00Z", WEEK),
        ("2026-13-01", "2026-12-07", None),
        ("0001-01-01", "2026-12-07", None),
        ("soon", "2026-12-07", None),
    ],
)
def test_a_search_is_about_its_days_and_one_more_on_either_side(
    first: str, last: str, period: Any
) -> None:
    assert period_of({"location_id": "loc_1", "from": first, "to": last}) == period
    assert period_of({"from": first, "to": last}) is None


def test_both_kinds_of_answers_hear_of_what_happens() -> None:
    memory = Memory()
    memory.connected()

    def fill() -> None:
        memory.days.read(("loc_1", "2026-12-02"), "key", bytes)
        memory.searches.read(WEEK, "key", bytes)

    changes: list[Any] = [
        lambda: memory.seen(event("appointment_booked", visit=visit())),
        lambda: memory.changed(visit(status="booked")),
        lambda: memory.moved(visit(status="booked")),
        memory.clear,
        memory.lost,
    ]
    for change in changes:
        fill()
        assert [len(kept.kept) for kept in memory.all] == [1, 1]
        change()
        assert [len(kept.kept) for kept in memory.all] == [0, 0]
