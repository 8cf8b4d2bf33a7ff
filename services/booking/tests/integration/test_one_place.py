"""Where a location says so, a client cannot have two visits at once."""

from datetime import datetime

import pytest

from booking import repository
from booking.testing import TEN, Clinic, context
from clinic_contracts.booking.requests import Override
from clinic_contracts.errors import SlotTaken


@pytest.fixture
def strict(clinic: Clinic) -> Clinic:
    clinic.change_location(clients_in_one_place=True)
    return clinic


def test_two_at_once_are_refused_and_what_is_offered_instead_can_be_had(strict: Clinic) -> None:
    first = strict.book(practitioner_id=strict.therapists[0].id)
    with pytest.raises(SlotTaken) as refused:
        strict.book(practitioner_id=strict.therapists[1].id)
    assert [one["appointment_id"] for one in refused.value.extra["blocked_by"]] == [first.id]
    offered = refused.value.extra["alternatives"]
    assert offered[0]["local_start"] == "2026-12-01T11:00"
    for slot in offered:
        start = datetime.fromisoformat(slot["local_start"])
        booked = strict.book(practitioner_id=slot["practitioner_id"], local_start=start)
        assert booked.room_id == slot["room_id"]
        strict.cancel(booked)


def test_anybody_else_and_any_other_place_are_as_ever(strict: Clinic) -> None:
    strict.book()
    assert strict.book(client_id="cli_2").status == "booked"
    lax = strict.new_location("Lax")
    strict.new_therapist("Kim", [lax.id])
    assert strict.book(location_id=lax.id).status == "booked"


def test_a_held_time_is_claimed_for_the_client_once_it_is_booked(strict: Clinic) -> None:
    held = strict.hold()
    strict.book(practitioner_id="any", client_id="cli_1")
    with pytest.raises(SlotTaken) as refused:
        strict.book(hold_id=held.id)
    assert len(refused.value.extra["alternatives"]) == 3
    assert strict.book(hold_id=held.id, client_id="cli_2").status == "booked"


def test_a_move_asks_too(strict: Clinic) -> None:
    strict.book()
    other = strict.book(local_start=TEN.replace(hour=13))
    with pytest.raises(SlotTaken):
        strict.move(other, local_start=TEN, practitioner_id="any")
    moved = strict.move(other, local_start=TEN.replace(hour=11), practitioner_id="any")
    assert moved.local_start.hour == 11
    assert repository.findings(strict.database) == {"overlaps": 0}


def test_double_booked_on_purpose_a_client_is_still_in_one_place(strict: Clinic) -> None:
    robin = strict.therapists[0].id
    strict.book(practitioner_id=robin, client_id="cli_2")
    over = strict.book(
        context(may_override=True), practitioner_id=robin, override=Override(reason="urgent")
    )
    strict.book(practitioner_id=strict.therapists[1].id, local_start=TEN.replace(hour=13))
    with pytest.raises(SlotTaken):
        strict.move(over, local_start=TEN.replace(hour=13))
    with pytest.raises(SlotTaken):
        strict.book(
            context(may_override=True), practitioner_id=robin, override=Override(reason="urgent")
        )
