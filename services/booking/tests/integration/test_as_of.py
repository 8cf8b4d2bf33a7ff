"""An appointment as it was at an instant."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo.database import Database

from booking.domain.appointment import Appointment
from booking.testing import TEN, Clinic, context, service_on
from booking.use_cases import appointments
from clinic_contracts import envelope
from clinic_contracts.booking import requests as r
from clinic_contracts.errors import Invalid, NotFound
from clinic_runtime import history
from clinic_runtime.telling import journalled
from clinic_runtime.watching import Watch

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
FRIDAY = MONDAY + timedelta(days=4)


@pytest.fixture
def elsewhere(clinic: Clinic) -> str:
    return clinic.new_location("Kitsilano").id


@pytest.fixture
def past(clinic: Clinic, elsewhere: str) -> list[Appointment]:
    """Return a visit after each of its changes, of which one happened every hour."""
    robin = clinic.new_therapist("Robin", [clinic.location.id, elsewhere])
    states = [clinic.book(practitioner_id=robin.id)]
    states.append(clinic.change(states[-1], Appointment.arrive))
    states.append(clinic.change(states[-1], Appointment.unarrive))
    later = TEN + timedelta(hours=2)
    states.append(clinic.move(states[-1], location_id=elsewhere, local_start=later))
    request = r.CancelAppointment(appointment_id=states[-1].id, reason="unwell")
    states.append(appointments.cancel_appointment(request, clinic.desk()))
    _date(clinic.database, states[0].id)
    return states


def _date(database: Database[dict[str, Any]], id_: str) -> None:
    """Have each event be an hour after the last; the relay has moved all but the last two."""
    found = database["appointments"].find_one({"_id": id_})
    assert found is not None
    for number, entry in enumerate(found["outbox"]):
        entry["at"] = MONDAY + timedelta(hours=number)
        event = replace(envelope.from_wire(entry["event"]), occurred_at=entry["at"])
        if number < 3:
            journalled(database, event)
    database["appointments"].update_one({"_id": id_}, {"$set": {"outbox": found["outbox"][3:]}})


def as_of(clinic: Clinic, id_: str, at: datetime, *scope: str) -> r.AppointmentView:
    caller = context(location_scope=scope or None)
    found = appointments.get_appointment_as_of(id_, at, clinic.desk(caller, now=FRIDAY))
    return found.view()


def test_it_is_what_its_last_event_until_then_left(clinic: Clinic, past: list[Appointment]) -> None:
    for number, state in enumerate(past):
        for minutes in (0, 59):
            at = MONDAY + timedelta(hours=number, minutes=minutes)
            assert as_of(clinic, state.id, at) == state.view()
    assert as_of(clinic, past[-1].id, FRIDAY) == past[-1].view()
    assert [state.version for state in past] == [1, 2, 3, 4, 5]


def test_before_it_was_booked_there_was_none(clinic: Clinic, past: list[Appointment]) -> None:
    with pytest.raises(NotFound):
        as_of(clinic, past[0].id, MONDAY - timedelta(seconds=1))
    with pytest.raises(NotFound):
        as_of(clinic, "apt_0", MONDAY)


def test_the_future_is_not_known(clinic: Clinic, past: list[Appointment]) -> None:
    with pytest.raises(Invalid) as refused:
        as_of(clinic, past[0].id, FRIDAY + timedelta(seconds=1))
    assert refused.value.extra["errors"] == {"as_of": ["lies in the future"]}


def test_whose_location_it_was_then_may_see_it(
    clinic: Clinic, past: list[Appointment], elsewhere: str
) -> None:
    here = clinic.location.id
    assert as_of(clinic, past[0].id, MONDAY, here).location_id == here
    for at, scope in ((MONDAY, elsewhere), (FRIDAY, here)):
        with pytest.raises(NotFound):
            as_of(clinic, past[0].id, at, scope)


def test_the_service_answers_both(clinic: Clinic) -> None:
    booked = clinic.book()
    service = service_on(clinic.database)
    request = r.GetAppointment(appointment_id=booked.id)
    assert service.get_appointment(request, context()) == booked.view()
    with pytest.raises(NotFound):
        service.get_appointment(replace(request, as_of=MONDAY - timedelta(days=99)), context())


def test_a_past_is_found_by_its_index(
    clinic: Clinic, past: list[Appointment], watched: Database[dict[str, Any]], watch: Watch
) -> None:
    clinic.database["journal"].create_index([("subject", 1), ("seq", 1)])
    history.last_of(watched["appointments"], past[0].id, MONDAY)
    assert [each["totalDocsExamined"] for each in watch.explained(clinic.database)] == [1, 3]


def test_a_repeated_booking_gets_its_first_answer_whatever_became_of_the_visit(
    clinic: Clinic,
) -> None:
    caller = context("op_1", fingerprint="one")
    first = clinic.book(caller)
    moved = clinic.move(first, local_start=TEN + timedelta(hours=2))
    assert clinic.book(caller).view() == first.view()
    _date(clinic.database, first.id)  # the relay has both
    clinic.cancel(moved)
    assert clinic.book(caller).view() == first.view()
