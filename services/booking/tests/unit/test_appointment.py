"""The life of a visit: which changes its status allows, and what it holds."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, get_args

import pytest

from booking.domain.appointment import Appointment
from booking.domain.availability import Resources
from booking.testing import fulfil, offering, terms, visit
from clinic_contracts.booking.events import AppointmentMoved
from clinic_contracts.booking.requests import AppointmentStatus
from clinic_contracts.errors import IllegalTransition

Change = Callable[[Appointment], tuple[Appointment, Any]]
STATUSES: tuple[AppointmentStatus, ...] = get_args(AppointmentStatus)
START = visit().start


def cancel(made: Appointment) -> tuple[Appointment, Any]:
    return made.cancel(None, START - timedelta(days=2), waive_fee=False)


def miss(made: Appointment) -> tuple[Appointment, Any]:
    return made.mark_no_show(None, waive_fee=False)


def move(made: Appointment) -> tuple[Appointment, Any]:
    later = timedelta(hours=1)
    found = Resources("prac_2", "room_2")
    there = terms(found=found, local=made.local_start + later, start=START + later)
    return made.move(there)


CHANGES: dict[str, tuple[Change, AppointmentStatus, set[str]]] = {
    "arrive": (Appointment.arrive, "arrived", {"booked"}),
    "unarrive": (Appointment.unarrive, "booked", {"arrived"}),
    "fulfil": (fulfil, "fulfilled", {"arrived"}),
    "cancel": (cancel, "cancelled", {"booked", "arrived"}),
    "no-show": (miss, "noshow", {"booked"}),
    "move": (move, "booked", {"booked"}),
}


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("name", CHANGES)
def test_each_change_from_each_status(name: str, status: AppointmentStatus) -> None:
    change, target, allowed_from = CHANGES[name]
    made = visit(status)
    if status in allowed_from:
        changed, event = change(made)
        assert changed.status == target
        assert event.visit == changed.visit
    else:
        with pytest.raises(IllegalTransition) as refused:
            change(made)
        assert refused.value.extra == {"from": status, "to": target}


def test_a_visit_holds_each_of_its_resources_for_its_time_and_turnover() -> None:
    made = visit(equipment_id="eq_loc_1_lift_1")
    ticks = 75 // 5
    assert len(made.claims) == len(set(made.claims)) == 3 * ticks
    assert {claim.partition("|")[0] for claim in made.claims} == set(made.resources.ids)


@pytest.mark.parametrize(
    ("status", "holds"),
    [
        ("booked", True),
        ("arrived", True),
        ("fulfilled", True),
        ("cancelled", False),
        ("noshow", False),
    ],
)
def test_a_visit_that_will_not_be_holds_nothing(status: AppointmentStatus, holds: bool) -> None:  # noqa: FBT001
    assert bool(visit(status).claims) is holds


@pytest.mark.parametrize(("hours", "late"), [(23, True), (24, False), (25, False)])
def test_a_cancellation_inside_the_window_is_late(hours: int, late: bool) -> None:  # noqa: FBT001
    _, event = visit().cancel(None, START - timedelta(hours=hours), waive_fee=False)
    assert event.late is late


def test_a_move_tells_what_was_and_keeps_the_terms() -> None:
    made = visit()
    moved, event = move(made)
    assert event == AppointmentMoved(visit=moved.visit, previous=made.visit)
    assert (moved.end - moved.start, moved.price, moved.turnover) == (
        made.end - made.start,
        made.price,
        made.turnover,
    )
    assert moved.resources == Resources("prac_2", "room_2")


def test_a_visit_moves_under_its_own_terms_and_keeps_its_unit_at_its_time() -> None:
    made = visit(end=START + timedelta(minutes=90), turnover=5, equipment_id="eq_loc_1_lift_3")
    there = made.terms_in(offering(units=1), START)
    assert (there.treatment.duration, there.treatment.turnover) == (90, 5)
    assert there.units == ("eq_loc_1_lift_3", "eq_loc_1_lift_1")
    later = made.terms_in(offering(units=1), START + timedelta(hours=1))
    assert later.units == ("eq_loc_1_lift_1",)
