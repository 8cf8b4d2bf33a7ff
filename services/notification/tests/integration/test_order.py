"""What is told when events arrive in another order, late, or of a client who refused."""

from dataclasses import replace
from typing import Any

import pytest

from clinic_contracts.booking.events import (
    AppointmentArrived,
    AppointmentBooked,
    AppointmentMoved,
)
from clinic_contracts.client_profile.events import ConsentChanged
from notification.testing import GRACE, NOW, VISIT, event, later

DUE = NOW + GRACE
MOVED = later(2)


@pytest.mark.parametrize("purpose", ["appointments", "recalls"])
def test_who_refused_messages_about_appointments_gets_none(office: Any, purpose: str) -> None:
    refused = ConsentChanged(
        client_id="cli_1", purpose=purpose, channel="email", granted=False, given_at=NOW
    )
    office.known.keep(event(refused, subject="con_1"))
    office.book()
    office.run(DUE)
    assert office.state("confirmation") == ("skipped" if purpose == "appointments" else "sent")


def test_a_visit_recorded_after_it_was_given_is_not_confirmed(office: Any) -> None:
    office.follow(1, AppointmentBooked(visit=later(-24 * 30)))
    office.run(DUE)
    row = office.row("confirmation")
    assert (row["state"], row["reason"]) == ("skipped", "the visit has begun")
    assert office.post.told == []


def test_events_that_arrive_in_another_order_tell_the_same(office: Any) -> None:
    office.follow(3, AppointmentArrived(visit=MOVED))
    office.follow(2, AppointmentMoved(visit=MOVED, previous=VISIT))
    office.follow(1, AppointmentBooked(visit=VISIT))
    office.run(DUE)
    assert office.post.told == ["booked 12:00 ?"]


def test_a_cancellation_that_arrives_before_its_booking_tells_nothing(office: Any) -> None:
    office.cancel()
    office.book()
    office.run(DUE)
    assert office.post.told == []


def test_a_cancellation_names_the_place_that_the_client_knows_and_waits_for_no_other(
    office: Any,
) -> None:
    office.book()
    office.run(DUE)
    moved = replace(VISIT, location_id="loc_not_known_yet")
    office.follow(2, AppointmentMoved(visit=moved, previous=VISIT))
    office.cancel(moved, 3)
    office.run(DUE)
    assert office.post.told == ["booked 10:00 ?", "cancelled 10:00 ?"]
    assert "Fernwood" in office.post.letters[1].text


def test_of_two_told_at_one_instant_the_later_version_is_what_the_client_knows(
    office: Any,
) -> None:
    office.book()
    office.run(DUE)
    office.follow(2, AppointmentMoved(visit=MOVED, previous=VISIT))
    office.run(DUE)
    office.cancel(MOVED, 3)
    office.run(DUE)
    assert office.post.told == ["booked 10:00 ?", "moved 12:00 ?", "cancelled 12:00 ?"]
