"""A freed time is held for those who wait, offered in their order, and taken by one."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from booking.domain.waitlist import precedence
from booking.testing import NOW, TEN, service_on
from booking.testing_waitlist import Queue, public
from booking.use_cases import offers, rounds
from clinic_contracts.booking.waitlist import WaitlistEntry
from clinic_contracts.client_profile.events import AlertChanged
from clinic_contracts.errors import NotFound, OfferOver, SlotTaken
from clinic_runtime.telling import told


def test_the_first_three_are_offered_the_time_and_nobody_else_can_have_it(queue: Queue) -> None:
    clinic = queue.clinic
    robin, sam = (person.id for person in clinic.therapists)
    booked = clinic.book(practitioner_id=robin)
    clinic.book(practitioner_id=sam, client_id="cli_2")
    waiting = [queue.join(f"cli_{number}") for number in (11, 12, 13, 14)]
    queue.offer(queue.freed(booked))
    assert queue.statuses(*waiting) == ["offered"] * 3 + ["waiting"]
    with pytest.raises(SlotTaken):
        clinic.book(client_id="cli_99")
    visit = queue.accept(waiting[1])
    assert (visit.client_id, visit.status, visit.practitioner_id) == ("cli_12", "booked", robin)
    assert queue.statuses(*waiting) == ["waiting", "booked", "waiting", "waiting"]
    assert queue.entry(waiting[1].id).booked_appointment_id == visit.id
    assert [queue.entry(e.id).offers[0].status for e in waiting[:3]] == [
        "withdrawn",
        "accepted",
        "withdrawn",
    ]
    for late in (waiting[0], waiting[2]):
        with pytest.raises(OfferOver):
            queue.accept(late)
    assert queue.accept(waiting[1]).id == visit.id, "sent twice is answered the same"


def test_the_next_three_are_asked_when_all_declined_or_the_time_is_over(queue: Queue) -> None:
    booked = queue.clinic.book()
    waiting = [queue.join(f"cli_{number}") for number in range(10, 18)]
    event = queue.freed(booked)
    queue.offer(event)
    for entry in waiting[:3]:
        queue.decline(entry)
    queue.sweep()
    assert queue.statuses(*waiting) == ["waiting"] * 3 + ["offered"] * 3 + ["waiting"] * 2
    queue.sweep(14)
    assert queue.round(event).waves == 2
    queue.sweep(1)
    assert queue.statuses(*waiting) == ["waiting"] * 6 + ["offered"] * 2
    with pytest.raises(OfferOver) as refused:
        queue.accept(waiting[3])
    assert refused.value.extra["offer_status"] == "expired"
    queue.sweep(15)
    assert queue.round(event).status == "over"
    assert queue.statuses(*waiting) == ["waiting"] * 8
    assert [len(queue.entry(entry.id).offers) for entry in waiting] == [1] * 8
    assert queue.clinic.database["appointments"].count_documents({"status": "pending"}) == 0


def test_an_offer_cannot_be_accepted_when_its_time_is_over_though_nobody_looked(
    queue: Queue,
) -> None:
    booked, entry = queue.clinic.book(), queue.join("cli_11")
    queue.offer(queue.freed(booked))
    with pytest.raises(OfferOver):
        queue.accept(entry, queue.now + timedelta(minutes=15))
    queue.accept(entry, queue.now + timedelta(minutes=14, seconds=59))


def test_an_event_delivered_again_begins_no_second_round(queue: Queue) -> None:
    booked = queue.clinic.book()
    waiting = [queue.join(f"cli_{number}") for number in range(10, 15)]
    event = queue.freed(booked)
    first = queue.offer(event)
    assert queue.offer(event) == first
    assert queue.statuses(*waiting).count("offered") == 3
    assert queue.clinic.database["waitlist_rounds"].count_documents({}) == 1


def test_one_of_200_waiting_at_three_locations_has_it_in_the_declared_order(queue: Queue) -> None:
    clinic = queue.clinic
    places = [clinic.location.id, *(clinic.new_location(name).id for name in ("B", "C"))]
    booked = clinic.book()
    waiting = []
    for number in range(200):
        allowed = [places[number % 3], places[number * 7 % 3]]
        urgency = ("routine", "soon", "urgent")[number % 5 % 3]
        entry = queue.join(f"cli_{number}a", location_ids=allowed, urgency=urgency)
        if clinic.location.id in allowed:
            waiting.append(entry)
    waiting.sort(key=precedence)
    event = queue.freed(booked)
    queue.offer(event)
    asked: list[str] = []
    for _ in range(5):
        offers = queue.round(event).offers[len(asked) :]
        asked += [offer.entry_id for offer in offers]
        queue.sweep(15)
    assert asked == [entry.id for entry in waiting[:15]]
    winner = waiting[16]
    assert queue.accept(winner).client_id == winner.client_id
    queue.sweep(60)
    assert [visit["client_id"] for visit in queue.visits()] == [winner.client_id]
    found = clinic.database["waitlist"].find({"status": "offered"})
    assert list(found) == []


def test_thirty_accept_at_once_and_one_has_it(queue: Queue) -> None:
    booked = queue.clinic.book()
    waiting = [queue.join(f"cli_{number}") for number in (11, 12, 13)]
    queue.offer(queue.freed(booked))

    def accept(entry: WaitlistEntry) -> str | None:
        try:
            return queue.accept(entry).client_id
        except OfferOver:
            return None

    with ThreadPoolExecutor(30) as pool:
        answers = list(pool.map(accept, waiting * 10))

    (visit,) = queue.visits()
    assert {answer for answer in answers if answer} == {visit["client_id"]}
    assert answers.count(visit["client_id"]) == 10, "the winner's ten are answered the same"
    assert sorted(queue.statuses(*waiting)) == ["booked", "waiting", "waiting"]


def test_the_later_visit_is_given_up_and_its_time_offered_in_turn(queue: Queue) -> None:
    clinic = queue.clinic
    later = clinic.book(client_id="cli_11", local_start=TEN + timedelta(days=2))
    booked = clinic.book()
    first = queue.join("cli_11", appointment_id=later.id)
    second = queue.join("cli_12")
    queue.offer(queue.freed(booked))
    queue.accept(first)
    gone = queue.visit(later.id)
    assert (gone.status, gone.reason) == ("cancelled", "an earlier time was accepted")
    event = queue.last_event(gone)
    assert event.data.fee_waived
    queue.offer(event)
    assert queue.accept(second).local_start == later.local_start


def test_only_earlier_times_are_offered_to_who_has_a_visit(queue: Queue) -> None:
    clinic = queue.clinic
    sooner = clinic.book(client_id="cli_11", local_start=TEN)
    booked = clinic.book(local_start=TEN + timedelta(days=1))
    entry = queue.join("cli_11", appointment_id=sooner.id)
    queue.offer(queue.freed(booked))
    assert queue.statuses(entry) == ["waiting"]


def test_who_thinks_about_one_time_is_not_asked_about_another(queue: Queue) -> None:
    clinic = queue.clinic
    one, two = clinic.book(), clinic.book(client_id="cli_2")
    first, second = queue.join("cli_11"), queue.join("cli_12")
    queue.withdraw(second)
    queue.offer(queue.freed(one))
    other = queue.freed(two)
    assert queue.offer(other).status == "over"
    assert len(queue.entry(first.id).offers) == 1


def test_a_wave_is_served_by_one_hold_and_passes_nobody_over(queue: Queue) -> None:
    """A longer treatment joins the wave and the hold grows; a too long one is left out."""
    clinic = queue.clinic
    half = clinic.new_treatment(name="Half an hour", duration=30)
    lift = clinic.new_treatment(name="On a lift", duration=30, equipment_kind="lift")
    long = clinic.new_treatment(name="Two hours", duration=120)
    clinic.change_location(equipment=[{"kind": "lift", "count": 1}])
    given = [clinic.treatment.id, half.id, lift.id, long.id]
    kim = clinic.new_therapist("Kim", treatments=given).id
    booked = clinic.book(practitioner_id=kim)
    clinic.book(practitioner_id=kim, local_start=TEN + timedelta(minutes=75), client_id="cli_3")
    entries = [
        queue.join("cli_11", treatment_id=half.id),
        queue.join("cli_12", treatment_id=long.id),
        queue.join("cli_13"),
        queue.join("cli_14", treatment_id=lift.id),
        queue.join("cli_15"),
    ]
    event = queue.freed(booked)
    hold_id = queue.offer(event).hold_id
    assert queue.statuses(*entries) == ["offered", "waiting", "offered", "waiting", "waiting"]
    held = queue.visit(hold_id)
    assert held.end - held.start == timedelta(minutes=60)
    queue.sweep(15)
    assert queue.statuses(*entries) == ["waiting", "waiting", "waiting", "offered", "offered"]
    visit = queue.accept(entries[4])
    assert (visit.treatment_id, visit.equipment_id) == (clinic.treatment.id, None)
    assert visit.end - visit.start == timedelta(minutes=60)
    assert not [key for key in visit.claims if key.startswith("eq_")]


def test_who_is_elsewhere_then_is_not_asked(queue: Queue) -> None:
    clinic = queue.clinic
    clinic.change_location(clients_in_one_place=True)
    robin, sam = (person.id for person in clinic.therapists)
    booked = clinic.book(practitioner_id=robin)
    clinic.book(practitioner_id=sam, client_id="cli_11", local_start=TEN + timedelta(minutes=30))
    there, free = queue.join("cli_11"), queue.join("cli_12")
    queue.offer(queue.freed(booked))
    assert queue.statuses(there, free) == ["waiting", "offered"]
    # Who books elsewhere meanwhile is told so, and the time stays on offer.
    clinic.book(practitioner_id=sam, client_id="cli_12", local_start=TEN - timedelta(minutes=45))
    with pytest.raises(OfferOver) as refused:
        queue.accept(free)
    assert "another visit" in refused.value.detail


def test_who_may_not_be_treated_then_is_not_asked(queue: Queue) -> None:
    booked = queue.clinic.book()
    blocked, other = queue.join("cli_11"), queue.join("cli_12")
    alert = AlertChanged(
        alert_id="alert_1", client_id="cli_11", level="block", acknowledgement_needed=True
    )
    service_on(queue.clinic.database).keep(told("alert_1", 1, alert))
    queue.offer(queue.freed(booked))
    assert queue.statuses(blocked, other) == ["waiting", "offered"]


def test_at_night_the_time_is_kept_and_offered_in_the_morning(queue: Queue) -> None:
    queue.now = NOW  # four o'clock in Vancouver
    booked, entry = queue.clinic.book(), queue.join("cli_11")
    event = queue.freed(booked)
    hold_id = queue.offer(event).hold_id
    queue.sweep(60)
    assert queue.statuses(entry) == ["waiting"]
    held = queue.visit(hold_id)
    assert held.is_live(queue.now)
    queue.sweep(180)
    assert queue.statuses(entry) == ["offered"]
    assert queue.accept(entry).id == hold_id


def test_what_begins_within_the_hour_is_offered_to_nobody(queue: Queue) -> None:
    booked, entry = queue.clinic.book(), queue.join("cli_11")
    event = queue.freed(booked)
    queue.now = booked.start - timedelta(minutes=59)
    rounds.time_freed(event, queue.desk())
    assert queue.statuses(entry) == ["waiting"]
    assert queue.clinic.database["waitlist_rounds"].count_documents({}) == 0


def test_a_moved_visit_frees_the_time_it_had(queue: Queue) -> None:
    booked, entry = queue.clinic.book(), queue.join("cli_11")
    moved = queue.clinic.move(booked, local_start=TEN + timedelta(hours=2))
    queue.offer(queue.last_event(moved))
    assert queue.accept(entry).start == booked.start


def test_a_time_that_somebody_took_first_is_offered_to_nobody(queue: Queue) -> None:
    robin = queue.clinic.therapists[0].id
    booked, entry = queue.clinic.book(practitioner_id=robin), queue.join("cli_11")
    event = queue.freed(booked)
    queue.clinic.book(practitioner_id=robin, client_id="cli_5")
    assert queue.offer(event).status == "over"
    assert queue.statuses(entry) == ["waiting"]


def test_staff_who_book_the_hold_end_the_round(queue: Queue) -> None:
    booked, entry = queue.clinic.book(), queue.join("cli_11")
    event = queue.freed(booked)
    hold_id = "hold_" + queue.offer(event).hold_id.removeprefix("apt_")
    queue.clinic.book(hold_id=hold_id, client_id="cli_7")
    with pytest.raises(OfferOver):
        queue.accept(entry)
    queue.sweep(15)
    assert queue.round(event).status == "over"
    assert [visit["client_id"] for visit in queue.visits()] == ["cli_7"]


def test_who_withdraws_loses_the_offer_and_the_next_are_asked(queue: Queue) -> None:
    booked = queue.clinic.book()
    entries = [queue.join(f"cli_{number}") for number in (11, 12)]
    queue.offer(queue.freed(booked))
    queue.withdraw(entries[0])
    with pytest.raises(OfferOver):
        queue.accept(entries[0])
    assert queue.statuses(*entries) == ["withdrawn", "offered"]
    assert queue.accept(entries[1]).client_id == "cli_12"


def test_a_token_that_nobody_was_given_is_no_offer(queue: Queue) -> None:
    with pytest.raises(NotFound):
        offers.accept_offer("A" * 43, queue.desk(public()))


def test_events_carry_no_token(queue: Queue) -> None:
    booked, entry = queue.clinic.book(), queue.join("cli_11")
    queue.offer(queue.freed(booked))
    stored = queue.clinic.database["waitlist"].find_one({"_id": entry.id})
    assert stored is not None
    told = [each["event"]["type"] for each in stored["outbox"]]
    assert told == ["booking.waitlist_entry_changed.v1", "booking.offer_made.v1"]
    round_ = queue.clinic.database["waitlist_rounds"].find_one({})
    assert queue.token(entry) not in f"{stored} {round_}"
