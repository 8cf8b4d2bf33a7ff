"""Double booking on purpose, interleaved step by step: whoever comes in between is marked too."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Event
from typing import Any

import pytest

from booking import repository
from booking.domain.appointment import Appointment
from booking.ports import Change, Desk
from booking.repository import MongoAppointments
from booking.testing import TEN, Clinic, context
from booking.use_cases import appointments
from clinic_contracts.booking import requests as r
from clinic_contracts.context import CallContext
from clinic_contracts.errors import SlotTaken, StaleVersion

URGENT = r.Override(reason="came without an appointment")
QUARTER = timedelta(minutes=15)
"""A visit takes an hour and a quarter here, its turnover included."""
WAIT_SECONDS = 30
NOTHING_BY_ACCIDENT = {"overlaps": 0}


class Interrupted(MongoAppointments):
    """Others do something just before one of some visits is read, or before several are saved."""

    def __init__(
        self, clinic: Clinic, meanwhile: Callable[[], Any], reading: Sequence[str]
    ) -> None:
        super().__init__(clinic.database)
        self.meanwhile: Callable[[], Any] | None = meanwhile
        self.reading = reading

    def get(self, id_: str) -> Appointment | None:
        if id_ in self.reading:
            self._interrupt()
        return super().get(id_)

    def save_together(
        self, saved: Sequence[Change], context: CallContext, made: Change | None = None
    ) -> bool:
        if not self.reading:
            self._interrupt()
        return super().save_together(saved, context, made)

    def _interrupt(self) -> None:
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            meanwhile()


def interrupted(clinic: Clinic, meanwhile: Callable[[], Any], *reading: str) -> Desk:
    desk = clinic.desk(context(may_override=True))
    return replace(desk, appointments=Interrupted(clinic, meanwhile, reading))


def over(clinic: Clinic, client: str, **more: Any) -> Appointment:
    caller = context(may_override=True)
    robin = clinic.therapists[0].id
    wanted = {"practitioner_id": robin, "client_id": client, "override": URGENT, **more}
    return clinic.book(caller, **wanted)


def stored(clinic: Clinic, visit: Appointment) -> Appointment:
    return appointments.get_appointment(visit.id, clinic.desk())


@pytest.fixture
def one_room(clinic: Clinic) -> dict[str, Any]:
    """Return what is asked for where there is one room and one therapist, so nothing to choose."""
    there = clinic.new_location("Cook Street", rooms=[{"name": "Only"}])
    person = clinic.new_therapist("Kim", [there.id])
    return {"location_id": there.id, "practitioner_id": person.id}


@pytest.mark.parametrize("when", ["reading", "saving"])
def test_an_override_marks_who_was_booked_over_since_it_looked(clinic: Clinic, when: str) -> None:
    first = clinic.book(practitioner_id=clinic.therapists[0].id)
    second = over(clinic, "cli_2")
    others: list[Appointment] = []

    def meanwhile() -> None:
        others.append(over(clinic, "cli_3"))

    reading = (first.id, second.id) if when == "reading" else ()
    desk = interrupted(clinic, meanwhile, *reading)
    request = clinic.request(
        practitioner_id=clinic.therapists[0].id,
        client_id="cli_4",
        override=URGENT,
        local_start=TEN + QUARTER,
    )
    last = appointments.book_appointment(request, desk)

    assert len(others) == 1
    assert set(last.overlaps) == {first.id, second.id, others[0].id}
    assert repository.findings(clinic.database) == NOTHING_BY_ACCIDENT


def test_two_overrides_that_looked_before_and_after_a_room_was_freed_mark_each_other(
    clinic: Clinic,
) -> None:
    robin = clinic.therapists[0].id
    first = clinic.book(practitioner_id=robin)
    second = over(clinic, "cli_2")
    over(clinic, "cli_3")  # as both rooms are taken, it claims nothing
    has_looked, is_booked = Event(), Event()

    def book(client: str, meanwhile: Callable[[], Any]) -> Appointment:
        request = clinic.request(practitioner_id=robin, client_id=client, override=URGENT)
        desk = interrupted(clinic, meanwhile, first.id, second.id)
        return appointments.book_appointment(request, desk)

    def then_wait() -> None:
        has_looked.set()
        is_booked.wait(WAIT_SECONDS)

    with ThreadPoolExecutor(1) as pool:
        others: list[Future[Appointment]] = []

        def meanwhile() -> None:
            clinic.cancel(second)
            others.append(pool.submit(book, "cli_5", then_wait))
            has_looked.wait(WAIT_SECONDS)

        one = book("cli_4", meanwhile)
        is_booked.set()
        other = others[0].result(WAIT_SECONDS)

    assert repository.findings(clinic.database) == NOTHING_BY_ACCIDENT
    assert other.id in stored(clinic, one).overlaps
    assert one.id in other.overlaps
    assert second.id not in other.overlaps


def test_visits_that_claim_nothing_are_not_in_each_others_way(
    clinic: Clinic, one_room: dict[str, Any]
) -> None:
    for hours in (timedelta(0), timedelta(hours=3)):
        clinic.book(local_start=TEN + hours, **one_room)
        assert over(clinic, "cli_2", local_start=TEN + hours, **one_room).claims == []


def test_an_override_does_not_name_who_left_since_it_looked(clinic: Clinic) -> None:
    first = clinic.book(practitioner_id=clinic.therapists[0].id)
    request = clinic.request(
        practitioner_id=clinic.therapists[0].id, client_id="cli_2", override=URGENT
    )
    desk = interrupted(clinic, lambda: clinic.cancel(first), first.id)
    booked = appointments.book_appointment(request, desk)
    assert (booked.overlaps, booked.override) == ((), None)
    assert len(booked.claims) == len(booked.wanted_claims)


def test_an_overlapped_visit_is_not_moved_onto_another_that_overlaps_the_same(
    clinic: Clinic, one_room: dict[str, Any]
) -> None:
    clinic.book(**one_room)
    early = over(clinic, "cli_2", local_start=TEN - 3 * QUARTER, **one_room)
    over(clinic, "cli_3", local_start=TEN + 3 * QUARTER, **one_room)
    with pytest.raises(SlotTaken):
        clinic.move(early, local_start=TEN - QUARTER)
    assert stored(clinic, early).local_start == TEN - 3 * QUARTER
    assert repository.findings(clinic.database) == NOTHING_BY_ACCIDENT


@pytest.mark.parametrize("when", ["reading", "saving"])
def test_nor_onto_one_that_is_booked_over_it_meanwhile(
    clinic: Clinic, one_room: dict[str, Any], when: str
) -> None:
    first = clinic.book(**one_room)
    early = over(clinic, "cli_2", local_start=TEN - 3 * QUARTER, **one_room)
    move = r.MoveAppointment(
        appointment_id=early.id,
        expected_version=early.version,
        local_start=TEN - QUARTER,
    )

    def meanwhile() -> None:
        over(clinic, "cli_3", local_start=TEN + 3 * QUARTER, **one_room)

    desk = interrupted(clinic, meanwhile, *([first.id] if when == "reading" else []))
    with pytest.raises(SlotTaken):
        appointments.move_appointment(move, desk)
    assert len(stored(clinic, first).overlaps) == 2
    assert repository.findings(clinic.database) == NOTHING_BY_ACCIDENT


def test_what_a_visit_gives_up_while_another_cedes_it_is_claimed(
    clinic: Clinic, one_room: dict[str, Any]
) -> None:
    first = clinic.book(**one_room)
    early = over(clinic, "cli_2", local_start=TEN - 3 * QUARTER, **one_room)
    move = r.MoveAppointment(
        appointment_id=early.id,
        expected_version=early.version,
        local_start=TEN + 2 * QUARTER,
    )

    def meanwhile() -> None:
        clinic.move(stored(clinic, first), local_start=TEN - QUARTER)

    with pytest.raises(StaleVersion):
        appointments.move_appointment(move, interrupted(clinic, meanwhile))

    both = [stored(clinic, first), stored(clinic, early)]
    assert [one.local_start for one in both] == [TEN - QUARTER, TEN - 3 * QUARTER]
    claimed = [key for one in both for key in one.claims]
    assert sorted(claimed) == sorted({key for one in both for key in one.wanted_claims})
