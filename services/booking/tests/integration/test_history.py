"""What became of a visit: each change, when by the clinic's clock, and by whom."""

from dataclasses import replace
from datetime import timedelta

import pytest

from booking.testing import Clinic, context
from booking.use_cases import appointments
from clinic_contracts.errors import NotFound


def test_each_change_is_told_in_order_with_what_it_changed(clinic: Clinic) -> None:
    robin, sam = clinic.therapists[0].id, clinic.therapists[1].id
    booked = clinic.book(replace(context(), actor="staff:ada"), practitioner_id=robin)
    later = booked.local_start.replace(hour=14)
    moved = clinic.move(booked, local_start=later, practitioner_id=sam)
    clinic.cancel(moved)

    told = appointments.get_history(booked.id, clinic.desk()).items
    assert [(entry.version, entry.kind) for entry in told] == [
        (1, "booked"),
        (2, "moved"),
        (3, "cancelled"),
    ]
    assert told[0].actor == "staff:ada"
    assert told[0].at.utcoffset() == timedelta(hours=-7)
    before, after = told[1].previous, told[1].visit
    assert before is not None
    assert (before.local_start, before.practitioner_id) == (booked.local_start, robin)
    assert (after.local_start, after.practitioner_id) == (later, sam)


def test_another_locations_visit_has_no_history(clinic: Clinic) -> None:
    booked = clinic.book()
    foreign = clinic.desk(context(location_scope=("loc_elsewhere",)))
    with pytest.raises(NotFound):
        appointments.get_history(booked.id, foreign)
