from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest

from tests.load import slots, visits
from tests.load.slots import Pair, Plan

PLAN = Plan(
    pairs=tuple(Pair(f"loc_{n // 3}", f"prac_{n}", f"room_{n}") for n in range(9)),
    first_day=date(2027, 3, 1),
    days=20,
    times=slots.times("08:00", 75, 4),
    treatment_id="trt_1",
    clients=("cli_1", "cli_2"),
)


def test_times_lie_a_visit_and_its_turnover_apart() -> None:
    assert slots.times("08:00", 75, 4) == ("08:00", "09:15", "10:30", "11:45")


def test_every_number_is_a_slot_of_its_own() -> None:
    bodies = [PLAN.body(number) for number in range(len(PLAN))]
    places = {(body["practitioner_id"], body["local_start"]) for body in bodies}
    assert len(places) == len(PLAN) == 9 * 20 * 4


def test_no_two_slots_claim_the_same_tick() -> None:
    claims = [
        claim
        for number in range(len(PLAN))
        for claim in visits.document(PLAN.body(number))["claims"]
    ]
    assert len(claims) == len(set(claims)) == len(PLAN) * 30


def test_neighbours_are_not_booked_in_a_row() -> None:
    starts = [datetime.fromisoformat(PLAN.body(number)["local_start"]) for number in range(10)]
    near = [abs(b - a) < timedelta(hours=2) for a, b in pairwise(starts)]
    assert sum(near) <= 2


def test_a_supply_used_up_says_so() -> None:
    with pytest.raises(IndexError):
        PLAN.body(len(PLAN))


def test_another_process_reads_the_same_plan() -> None:
    assert slots.from_json(PLAN.to_json()) == PLAN
