"""A wall time that the clock shows twice: which of the two instants a visit keeps."""

from datetime import UTC, datetime, timedelta

import pytest

from booking.domain.appointment import Appointment
from booking.testing import Clinic
from booking.use_cases import settings
from clinic_contracts.booking import requests as r
from clinic_contracts.schemas import load

TWICE = datetime(2027, 11, 7, 1, 30)
"""In Toronto, on a Sunday."""
SECOND = datetime(2027, 11, 7, 6, 30, tzinfo=UTC)


@pytest.fixture
def later(clinic: Clinic) -> Appointment:
    """Return a visit at the second of the two."""
    hours = {"sun": [["00:00", "24:00"]]}
    place = clinic.new_location("Annex", timezone="America/Toronto", hours=hours)
    person = clinic.new_therapist("Kim", [place.id])
    night = {"location_id": place.id, "weekday": "sun", "start": "00:00", "end": "24:00"}
    change = load(r.ChangePractitioner, {"practitioner_id": person.id, "shifts": [night]})
    settings.change_practitioner(change, clinic.desk())
    return clinic.book(location_id=place.id, practitioner_id=person.id, local_start=TWICE, fold=1)


def test_it_is_shown_with_the_visit(later: Appointment) -> None:
    assert (later.start, later.view().fold) == (SECOND, 1)


def test_another_room_leaves_the_visit_when_it_is(clinic: Clinic, later: Appointment) -> None:
    place = settings.get(r.LocationView, later.location_id, clinic.desk())
    (other,) = (room.id for room in place.rooms if room.id != later.room_id)
    moved = clinic.move(later, room_id=other)
    assert (moved.room_id, moved.start, moved.fold) == (other, SECOND, 1)


def test_a_time_given_anew_is_the_earlier_unless_fold_says_otherwise(
    clinic: Clinic, later: Appointment
) -> None:
    moved = clinic.move(later, local_start=TWICE)
    assert (moved.start, moved.fold) == (SECOND - timedelta(hours=1), 0)
    back = clinic.move(moved, fold=1)
    assert (back.start, back.fold) == (SECOND, 1)
