"""Which times a client waits for, in which order clients are asked, and when nobody is."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from booking.domain.round import MOST_WAVES, Offer, Opening, Round, asleep_until, freed_by
from booking.domain.waitlist import closed, join, offered, precedence, wants, withdraw
from booking.testing import NOW, visit
from clinic_contracts.booking.events import AppointmentBooked, AppointmentMoved
from clinic_contracts.booking.offer_token import offer_token, token_hash
from clinic_contracts.booking.waitlist import JoinWaitlist, WaitlistEntry
from clinic_contracts.errors import IllegalTransition, Invalid
from clinic_contracts.schemas import load

EARLIER = replace(visit(), client_id="cli_0").visit
OPENING = freed_by(AppointmentMoved(visit=EARLIER, previous=EARLIER))
assert OPENING is not None
DECEMBER = {"from": "2026-12-01", "to": "2026-12-31"}


def wish(**more: Any) -> WaitlistEntry:
    asked = {
        "client_id": "cli_1",
        "treatment_id": "trt_1",
        "location_ids": ["loc_1"],
        "windows": [DECEMBER],
    }
    return join("wl_1", load(JoinWaitlist, asked | more), NOW)[0]


def opening(**more: Any) -> Opening:
    assert OPENING is not None
    return replace(OPENING, **more)


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ({}, True),
        ({"location_ids": ["loc_2"]}, False),
        ({"location_ids": ["loc_2", "loc_1"]}, True),
        ({"practitioner_ids": ["prac_2"]}, False),
        ({"practitioner_ids": ["prac_2", "prac_1"]}, True),
        ({"windows": [DECEMBER | {"to": "2026-12-01"}]}, True),
        ({"windows": [DECEMBER | {"from": "2026-12-02"}]}, False),
        ({"windows": [DECEMBER | {"weekdays": ["tue"]}]}, True),
        ({"windows": [DECEMBER | {"weekdays": ["mon", "wed"]}]}, False),
        ({"windows": [DECEMBER | {"earliest": "10:00", "latest": "11:00"}]}, True),
        ({"windows": [DECEMBER | {"earliest": "10:05"}]}, False),
        ({"windows": [DECEMBER | {"latest": "10:55"}]}, False),
        ({"windows": [DECEMBER | {"latest": "09:00"}, DECEMBER]}, True),
        ({"client_id": "cli_0"}, False),
    ],
)
def test_a_time_is_wanted_where_when_and_with_whom_the_client_said(
    asked: dict[str, Any],
    wanted: bool,  # noqa: FBT001 (a case's answer)
) -> None:
    assert wants(wish(**asked), opening(), 60) is wanted


@pytest.mark.parametrize(
    "window",
    [
        {"from": "2026-12-02", "to": "2026-12-01"},
        {"from": "2026-11-01", "to": "2026-11-22"},
        {"from": "2026-12-01", "to": "2027-12-01"},
        DECEMBER | {"earliest": "12:00", "latest": "12:00"},
    ],
)
def test_windows_in_which_no_time_can_lie_are_refused(window: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        wish(windows=[window])
    assert list(refused.value.extra["errors"]) == ["windows"]


def test_the_declared_order() -> None:
    first = wish(urgency="urgent")
    later = NOW + timedelta(days=1)
    expected = [
        replace(first, id="wl_9", waiting_since=later),
        replace(first, id="wl_8", urgency="soon"),
        replace(first, id="wl_2", urgency="routine"),
        replace(first, id="wl_3", urgency="routine"),
        replace(first, id="wl_1", urgency="routine", offered=1),
        replace(first, id="wl_0", urgency="routine", waiting_since=later),
    ]
    jumbled = [expected[number] for number in (3, 0, 5, 1, 4, 2)]
    assert sorted(jumbled, key=precedence) == expected


def test_the_record_says_what_was_offered_when_and_why() -> None:
    round_ = Round(id="rnd_1", version=1, opening=opening(), hold_id="apt_1", freed_at=NOW, due=NOW)
    entry = wish(urgency="soon")
    made = round_.offer_to([offer_of(entry)], NOW + timedelta(minutes=15))
    asked, event = offered(entry, made.offers[0], made, NOW)
    assert asked.status == "offered"
    assert (
        asked.offers[0].why
        == "soon, waiting since 2026-11-24T12:00:00+00:00, offered 0 times before"
    )
    assert (asked.offers[0].place, event.expires_at) == (1, NOW + timedelta(minutes=15))
    declined = made.decline("off_1", NOW)
    waits, told = closed(asked, declined.offers[0], declined, NOW, "waiting")
    assert (waits.status, waits.offers[0].status, told.status) == (
        "waiting",
        "declined",
        "declined",
    )
    assert declined.due == NOW, "when all have answered the next are asked at once"


def test_the_record_keeps_the_latest_twenty() -> None:
    entry = wish()
    for number in range(25):
        round_ = Round(
            id=f"rnd_{number}", version=1, opening=opening(), hold_id="a", freed_at=NOW, due=NOW
        ).offer_to([offer_of(entry)], NOW)
        entry, _ = offered(entry, round_.offers[0], round_, NOW)
    assert (entry.offered, len(entry.offers)) == (25, 20)
    assert entry.offers[-1].round_id == "rnd_24"


def test_who_has_a_time_cannot_withdraw() -> None:
    with pytest.raises(IllegalTransition):
        withdraw(replace(wish(), status="booked"))


@pytest.mark.parametrize(
    ("at", "asked_at"),
    [
        ("08:00", None),
        ("20:59", None),
        ("21:00", "2026-11-25T15:00"),
        ("07:59", "2026-11-24T15:00"),
    ],
)
def test_nobody_is_asked_at_night(at: str, asked_at: str | None) -> None:
    hour, minute = map(int, at.split(":"))
    # Vancouver is seven hours behind.
    now = datetime(2026, 11, 24, hour, minute, tzinfo=UTC) + timedelta(hours=7)
    expected = None if asked_at is None else datetime.fromisoformat(f"{asked_at}+00:00")
    assert asleep_until(opening(), now) == expected


def test_what_begins_soon_is_offered_at_night_too() -> None:
    now = datetime(2026, 12, 1, 6, tzinfo=UTC)  # 23:00 there
    assert asleep_until(opening(), now) is None
    assert asleep_until(opening(), now - timedelta(minutes=61)) is not None


def test_rounds_end_before_it_is_too_late_and_after_a_hundred_waves() -> None:
    round_ = Round(id="rnd_1", version=1, opening=opening(), hold_id="apt_1", freed_at=NOW, due=NOW)
    assert not round_.is_done(round_.opening.start - timedelta(hours=1))
    assert round_.is_done(round_.opening.start - timedelta(minutes=59))
    assert replace(round_, waves=MOST_WAVES).is_done(NOW)


def test_what_frees_nothing() -> None:
    assert freed_by(AppointmentBooked(visit=EARLIER)) is None
    assert freed_by(AppointmentMoved(visit=EARLIER, previous=EARLIER, cause="tzdb")) is None


def test_a_token_is_secret_to_who_has_not_the_secret() -> None:
    token = offer_token("one", "off_1")
    assert len(token) == 43
    assert token == offer_token("one", "off_1")
    assert len({token, offer_token("one", "off_2"), offer_token("two", "off_1")}) == 3
    assert token_hash(token) != token


def test_days_count_where_the_time_is() -> None:
    late = opening(local_start=datetime(2026, 12, 31, 22))
    assert wants(wish(), late, 60)
    assert not wants(wish(windows=[{"from": "2027-01-01", "to": "2027-01-01"}]), late, 60)
    assert late.local_start.date() == date(2026, 12, 31)


def offer_of(entry: WaitlistEntry) -> Offer:
    return Offer(
        id="off_1",
        entry_id=entry.id,
        client_id=entry.client_id,
        treatment_id=entry.treatment_id,
        token_hash="",
        expires_at=NOW + timedelta(minutes=15),
    )
