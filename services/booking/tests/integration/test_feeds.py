"""Calendar feeds: what they show, to whom, and for how long."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar
from pymongo.database import Database

from booking.calendars import calendar_of
from booking.domain.appointment import Appointment
from booking.domain.feed import MOST_FEEDS
from booking.testing import NOW, TEN, Clinic, context, service_on
from booking.use_cases import feeds
from clinic_contracts.booking import feeds as f
from clinic_contracts.context import CallContext
from clinic_contracts.errors import Invalid, NotFound
from clinic_runtime.watching import Watch


@pytest.fixture
def robin(clinic: Clinic) -> str:
    return clinic.therapists[0].id


def open_feed(clinic: Clinic, person: str, caller: CallContext | None = None) -> f.OpenedFeed:
    return feeds.open_feed(f.OpenFeed(practitioner_id=person), clinic.desk(caller))


def text_of(clinic: Clinic, secret: str, now: datetime = NOW) -> str:
    desk = clinic.desk(now=now)
    shown = feeds.read_feed(f.ReadFeed(secret=secret), desk)
    return calendar_of(shown).text


def times(clinic: Clinic, secret: str, now: datetime = NOW) -> list[datetime]:
    found = [event.start for event in Calendar.from_ical(text_of(clinic, secret, now)).events]
    return [start for start in found if isinstance(start, datetime)]


def test_it_shows_when_and_where_and_nothing_of_whom(clinic: Clinic, robin: str) -> None:
    visit = clinic.book(practitioner_id=robin, client_id="cli_ada")
    secret = open_feed(clinic, robin).secret
    text = text_of(clinic, secret)
    (event,) = Calendar.from_ical(text).events
    assert (event["summary"], event["location"]) == ("Busy", "Fernwood")
    assert (event.start, event.end) == (visit.start, visit.end)
    assert "DTSTART:20261201T170000Z" in text
    for told in (visit.id, "cli_ada", visit.treatment_id, "Massage", secret):
        assert told not in text


def test_it_shows_what_takes_time_of_this_therapist_alone(clinic: Clinic, robin: str) -> None:
    booked = clinic.book(practitioner_id=robin)
    arrived = clinic.book(practitioner_id=robin, local_start=TEN + timedelta(hours=2))
    clinic.change(arrived, Appointment.arrive)
    clinic.cancel(clinic.book(practitioner_id=robin, local_start=TEN + timedelta(hours=4)))
    clinic.book(practitioner_id=clinic.therapists[1].id)
    clinic.hold(practitioner_id=robin, local_start=TEN + timedelta(days=1))
    secret = open_feed(clinic, robin).secret
    assert times(clinic, secret) == [booked.start, arrived.start]


def test_it_reaches_from_a_month_back_to_half_a_year_ahead(clinic: Clinic, robin: str) -> None:
    start = clinic.book(practitioner_id=robin).start
    secret = open_feed(clinic, robin).secret
    day = timedelta(days=1)
    for days, shown in ((-180, False), (-179, True), (0, True), (30, True), (31, False)):
        assert bool(times(clinic, secret, start + days * day)) is shown


def test_its_text_changes_with_the_visits_and_not_within_the_day(
    clinic: Clinic, robin: str
) -> None:
    visit = clinic.book(practitioner_id=robin)
    secret = open_feed(clinic, robin).secret
    text = text_of(clinic, secret)
    assert text_of(clinic, secret, NOW + timedelta(hours=5)) == text
    clinic.move(visit, local_start=TEN + timedelta(hours=2))
    moved = text_of(clinic, secret)
    before, after = (Calendar.from_ical(each).events[0] for each in (text, moved))
    assert before["uid"] == after["uid"]
    assert (before["sequence"], after["sequence"]) == (1, 2)


def test_who_is_bound_to_locations_opens_a_feed_of_theirs(clinic: Clinic) -> None:
    elsewhere = clinic.new_location("Kitsilano").id
    robin = clinic.new_therapist("Robin", [clinic.location.id, elsewhere]).id
    here = clinic.book(practitioner_id=robin)
    clinic.book(practitioner_id=robin, location_id=elsewhere, local_start=TEN + timedelta(hours=3))
    caller = context(location_scope=(clinic.location.id,))
    assert times(clinic, open_feed(clinic, robin, caller).secret) == [here.start]
    stranger = context(location_scope=("loc_0",))
    with pytest.raises(NotFound):
        open_feed(clinic, robin, stranger)


def test_the_secret_is_shown_once_and_only_a_fingerprint_is_kept(
    clinic: Clinic, robin: str
) -> None:
    made = open_feed(clinic, robin)
    assert made.secret not in str(list(clinic.database["calendar_feeds"].find()))
    page = feeds.list_feeds(f.ListFeeds(practitioner_id=robin), clinic.desk())
    assert [(each.id, each.created_by) for each in page.items] == [(made.id, "staff:test")]
    assert made.secret not in str(page)


def test_a_revoked_address_answers_as_one_that_never_was(clinic: Clinic, robin: str) -> None:
    made, other = open_feed(clinic, robin), open_feed(clinic, robin)
    revoke = f.RevokeFeed(practitioner_id=robin, feed_id=made.id)
    of_another = replace(revoke, practitioner_id=clinic.therapists[1].id)
    with pytest.raises(NotFound):
        feeds.revoke_feed(of_another, clinic.desk())
    assert feeds.revoke_feed(revoke, clinic.desk()).id == made.id
    answers = []
    for secret in (made.secret, "never"):
        with pytest.raises(NotFound) as refused:
            text_of(clinic, secret)
        answers.append(str(refused.value))
    assert answers[0] == answers[1]
    with pytest.raises(NotFound):
        feeds.revoke_feed(revoke, clinic.desk())
    assert times(clinic, other.secret) == []


def test_a_therapist_has_so_many_feeds(clinic: Clinic, robin: str) -> None:
    for _ in range(MOST_FEEDS):
        open_feed(clinic, robin)
    with pytest.raises(Invalid):
        open_feed(clinic, robin)


def test_each_call_is_served_by_an_index(
    clinic: Clinic, watched: Database[dict[str, Any]], watch: Watch, robin: str
) -> None:
    clinic.book(practitioner_id=robin)
    clinic.database["calendar_feeds"].insert_many(
        {"_id": f"feed_{n}", "practitioner_id": f"prac_{n % 50}", "fingerprint": str(n),
         "created_at": datetime(2026, 1, 1, tzinfo=UTC)} for n in range(500)
    )  # fmt: skip
    service = service_on(watched)
    made = service.open_feed(f.OpenFeed(practitioner_id=robin), context())
    service.list_feeds(f.ListFeeds(practitioner_id=robin), context())
    service.read_feed(f.ReadFeed(secret=made.secret), context())
    service.revoke_feed(f.RevokeFeed(practitioner_id=robin, feed_id=made.id), context())
    assert all(each["totalDocsExamined"] <= 2 for each in watch.explained(clinic.database))
