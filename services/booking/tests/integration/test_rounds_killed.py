"""The process ends after any write of a round, and one still has the time."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from booking import repository
from booking.repository import MongoAppointments, MongoWaitlist
from booking.testing import TEN
from booking.testing_waitlist import Queue
from booking.use_cases import rounds


class Killed(BaseException):
    """The process ends."""


WRITES = (
    (MongoWaitlist, "add_round"),
    (MongoAppointments, "add"),
    (MongoWaitlist, "take_step"),
    (MongoWaitlist, "_save"),
    (MongoAppointments, "write"),
    (MongoAppointments, "release"),
)


@pytest.fixture
def killing(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Return what has the process end right after a write, counted from then on."""
    left = [-1]

    def ended(result: Any) -> Any:
        left[0] -= 1
        if left[0] == 0:
            raise Killed
        return result

    for repository_, name in WRITES:
        method = getattr(repository_, name)
        monkeypatch.setattr(
            repository_, name, lambda *a, method=method, **k: ended(method(*a, **k))
        )

    def after(writes: int) -> None:
        left[0] = writes

    return after


def unkilled(attempt: Callable[[], Any]) -> bool:
    try:
        attempt()
    except Killed:
        return False
    return True


DAYS = [TEN + timedelta(days=days) for days in (0, 1, 2, 3, 6, 7, 8, 9)]
"""A working day for each write after which the process ends."""


def on(day: datetime) -> dict[str, Any]:
    date = day.date().isoformat()
    return {"windows": [{"from": date, "to": date}]}


def test_killed_after_any_write_there_is_one_visit_and_nobody_is_stuck(
    queue: Queue, killing: Callable[[int], None]
) -> None:
    clinic, kills = queue.clinic, 0
    for writes, day in enumerate(DAYS, start=1):
        later = clinic.book(client_id=f"cli_{writes}f", local_start=day + timedelta(days=14))
        booked = clinic.book(local_start=day)
        first = queue.join(f"cli_{writes}f", appointment_id=later.id, **on(day))
        others = [queue.join(f"cli_{writes}{letter}", **on(day)) for letter in "abc"]
        event = queue.freed(booked)

        killing(writes)  # the acceptance, where the offers need fewer writes
        if not unkilled(partial(queue.offer, event)):
            queue.offer(event)
            kills += 1
        queue.sweep()
        assert queue.statuses(first, *others) == ["offered"] * 3 + ["waiting"]
        kills += not unkilled(partial(queue.accept, first))
        won = queue.accept(first)
        killing(-1)
        queue.sweep(30)

        visits = [visit for visit in queue.visits() if visit["client_id"] == first.client_id]
        assert [visit["_id"] for visit in visits] == [won.id]
        assert queue.statuses(first, *others) == ["booked", "waiting", "waiting", "waiting"]
        assert queue.visit(later.id).status == "cancelled"
    assert kills == len(DAYS)
    assert clinic.database["appointments"].count_documents({"status": "pending"}) == 0
    assert repository.findings(clinic.database) == {"overlaps": 0}


def test_replicas_that_take_the_same_step_at_once_take_it_once(queue: Queue) -> None:
    booked = queue.clinic.book()
    waiting = [queue.join(f"cli_{number}") for number in range(11, 18)]
    event = queue.freed(booked)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: queue.offer(event), range(8)))
    assert queue.statuses(*waiting) == ["offered"] * 3 + ["waiting"] * 4
    queue.now += timedelta(minutes=15)
    found = queue.round(event)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: rounds.advance(found, queue.desk()), range(8)))
    assert queue.statuses(*waiting) == ["waiting"] * 3 + ["offered"] * 3 + ["waiting"]
    assert queue.round(event).waves == 2
    assert queue.accept(waiting[4]).client_id == "cli_15"


def test_a_hold_that_another_replica_changed_first_is_looked_at_again(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    booked = queue.clinic.book()
    waiting = [queue.join(f"cli_{number}") for number in range(11, 16)]
    queue.offer(queue.freed(booked))
    save, others = MongoAppointments.save, ["another replica"]

    def overtaken(self: MongoAppointments, *change: Any) -> bool:
        if others:
            others.pop()
            save(self, *change)
        return save(self, *change)

    monkeypatch.setattr(MongoAppointments, "save", overtaken)
    queue.sweep(15)
    assert others == []
    assert queue.statuses(*waiting) == ["waiting"] * 3 + ["offered"] * 2


def test_killed_while_it_ends_a_round_the_time_is_given_back(
    queue: Queue, killing: Callable[[int], None]
) -> None:
    for writes, day in enumerate(DAYS[:5], start=1):
        booked = queue.clinic.book(local_start=day)
        entry = queue.join(f"cli_{writes}f", **on(day))
        event = queue.freed(booked)
        queue.offer(event)
        killing(writes)
        unkilled(lambda: queue.sweep(15))
        killing(-1)
        queue.sweep(1)
        assert (queue.round(event).status, queue.statuses(entry)) == ("over", ["waiting"])
        desk = queue.clinic.desk(now=queue.now + timedelta(minutes=2))
        hold = desk.appointments.get(queue.round(event).hold_id)
        assert hold is None or not hold.is_live(desk.now), "an abandoned hold expires by itself"
