"""The letter of an offered time: once, at once, by night too, and not when the offer is over."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pymongo.database import Database

from clinic_contracts.booking.events import OfferClosed
from clinic_contracts.booking.waitlist import OfferStatus
from clinic_runtime.watching import Watch
from notification import use_cases
from notification.channels.email import compose
from notification.repository import MongoMessages
from notification.sending import Sender
from notification.testing import ADA, NOW, OFFER, ROBIN, event

LATE = NOW + timedelta(hours=12)
"""Ten in the evening in Vancouver."""


def follow(office: Any, data: Any, seq: int, at: Any = NOW) -> None:
    use_cases.follow_offer(event(data, seq, at=at), office.known, office.messages)


def closed(status: OfferStatus) -> OfferClosed:
    return OfferClosed(
        offer_id=OFFER.offer_id,
        entry_id=OFFER.entry_id,
        client_id=OFFER.client_id,
        location_id=OFFER.location_id,
        status=status,
        entry_status="waiting",
    )


def row(office: Any) -> dict[str, Any]:
    found = office.database["messages"].find_one({"kind": "offer"})
    assert found is not None
    return dict(found)


def test_an_offer_is_told_at_once_with_its_link_and_once(office: Any, post: Any) -> None:
    office.known.keep(event(ROBIN))
    for _ in range(2):  # as often as it is delivered
        follow(office, OFFER, 2)
    office.run(NOW)
    office.run(NOW + timedelta(minutes=1))
    (letter,) = post.letters
    assert letter.to == "ada@example.org"
    assert letter.subject == "A time has become free: Tuesday, 01 December 2026 at 10:00"
    for words in ("Fernwood, 1 Main", "Robin", "answer by 11:15 (Pacific time)"):
        assert words in letter.text
        assert words in letter.html
    assert "https://clinic.example/offers/off_1" in letter.text
    assert 'href="https://clinic.example/offers/off_1"' in letter.html
    assert "trt_" not in letter.text + letter.html
    message = compose(letter, "desk@example.org")
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
    stored = row(office)
    (told,) = (entry["event"] for entry in stored["outbox"])
    assert (stored["state"], told["data"]["kind"]) == ("sent", "offer")


@pytest.mark.parametrize("status", ["accepted", "declined", "expired", "withdrawn"])
def test_an_offer_that_is_closed_by_then_is_not_told(
    office: Any, post: Any, status: OfferStatus
) -> None:
    follow(office, OFFER, 2)
    follow(office, closed(status), 3)
    office.run(NOW)
    assert (post.letters, row(office)["reason"]) == ([], f"the offer is {status}")


def test_events_may_come_in_any_order(office: Any, post: Any) -> None:
    follow(office, closed("withdrawn"), 3)
    follow(office, OFFER, 2)
    office.run(NOW)
    assert (post.letters, row(office)["state"]) == ([], "skipped")


def test_an_offer_whose_time_is_over_is_not_told(office: Any, post: Any) -> None:
    follow(office, OFFER, 2)
    office.run(OFFER.expires_at)
    assert (post.letters, row(office)["reason"]) == ([], "the time to answer is over")


def test_booking_decides_when_people_may_be_asked(office: Any, post: Any) -> None:
    follow(office, replace(OFFER, expires_at=LATE + timedelta(minutes=15)), 2, LATE)
    office.run(LATE)
    assert len(post.letters) == 1


def test_who_wants_no_mail_gets_none(office: Any, post: Any) -> None:
    office.known.keep(event(replace(ADA, preferred_channel="none"), 2))
    follow(office, OFFER, 2)
    office.run(NOW)
    assert (post.letters, row(office)["reason"]) == ([], "the client does not want e-mail")


def test_a_client_not_known_yet_is_waited_for(office: Any, post: Any) -> None:
    office.database["clients"].delete_many({})
    follow(office, OFFER, 2)
    office.run(NOW)
    assert row(office)["reason"] == "the client is not known yet"
    office.known.keep(event(ADA))
    office.run(NOW + timedelta(seconds=3))
    assert len(post.letters) == 1


def test_what_sending_an_offer_asks_of_the_database_has_an_index(
    office: Any, post: Any, watched: Database[dict[str, Any]], watch: Watch
) -> None:
    follow(office, OFFER, 2)
    messages = MongoMessages(watched)
    sender = Sender(
        messages=messages,
        channel=post,
        clock=lambda: NOW,
        report=lambda _id, error: pytest.fail(repr(error)),
        offer_link=str,
    )
    watch.commands.clear()
    sender.send_due()
    assert len(post.letters) == 1
    assert watch.explained(office.database)
