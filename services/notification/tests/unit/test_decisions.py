"""What is sent is decided when it is due."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from clinic_contracts.booking.events import Visit
from clinic_contracts.money import Money
from notification import domain, wording
from notification.domain import Contact, Kind, Send, Situation, Skip, Wait

NOW = datetime(2026, 11, 24, 18, tzinfo=UTC)
GRACE = timedelta(minutes=3)
VISIT = Visit(
    appointment_id="apt_1",
    location_id="loc_1",
    practitioner_id="prac_1",
    room_id="room_1",
    client_id="cli_1",
    treatment_id="trt_1",
    start=datetime(2026, 12, 1, 17, tzinfo=UTC),
    end=datetime(2026, 12, 1, 18, tzinfo=UTC),
    local_start=datetime(2026, 12, 1, 10),
    timezone="America/Vancouver",
    price=Money(amount_minor=11500),
)
MOVED = replace(VISIT, start=VISIT.start + timedelta(hours=2))
WELL = Situation(
    visit=VISIT,
    status="booked",
    contact=Contact(name="Ada", email="ada@example.org", wants_email=True),
    location_known=True,
    told_before=False,
)


def decide(kind: Kind, situation: Situation, at: datetime = NOW) -> Send | Skip | Wait:
    return domain.decide(kind, VISIT, NOW, situation, at)


def test_a_booking_is_confirmed_after_the_grace_and_reminded_a_day_before() -> None:
    planned = domain.plan_booked(VISIT, NOW, GRACE)
    assert [(p.kind, p.due_at) for p in planned] == [
        ("confirmation", NOW + GRACE),
        ("reminder", VISIT.start - timedelta(hours=24)),
    ]


def test_a_visit_within_a_day_has_no_reminder() -> None:
    planned = domain.plan_booked(VISIT, VISIT.start - timedelta(hours=23), GRACE)
    assert [p.kind for p in planned] == ["confirmation"]


def test_a_reminder_in_quiet_hours_is_sent_the_evening_before() -> None:
    at_six = datetime(2026, 11, 30, 13, tzinfo=UTC)
    assert domain.outside_quiet_hours(at_six, "America/Vancouver") == datetime(
        2026, 11, 30, 3, 55, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("kind", "change", "skipped"),
    [
        ("confirmation", {"status": "cancelled"}, "called off"),
        ("reminder", {"status": "noshow"}, "called off"),
        ("confirmation", {"visit": MOVED}, "moved"),
        ("reminder", {"visit": MOVED}, "moved"),
        ("cancelled", {"status": "cancelled"}, "nobody had been told"),
        ("confirmation", {"contact": Contact(name="A", email=None, wants_email=True)}, "address"),
        ("confirmation", {"contact": Contact(name="A", email="a@b", wants_email=False)}, "want"),
    ],
)
def test_what_is_not_true_any_more_is_not_sent(
    kind: Kind, change: dict[str, object], skipped: str
) -> None:
    decision = decide(kind, replace(WELL, **change))  # type: ignore[arg-type]
    assert isinstance(decision, Skip)
    assert skipped in decision.reason


def test_a_move_within_the_grace_is_the_first_the_client_hears() -> None:
    decision = decide("moved", WELL)
    assert isinstance(decision, Send)
    assert decision.kind == "confirmation"


def test_a_cancellation_is_told_to_whom_the_visit_was() -> None:
    situation = replace(WELL, status="cancelled", told_before=True)
    assert decide("cancelled", situation) == Send("cancelled", "due")


def test_who_is_not_known_yet_is_waited_for_but_not_for_ever() -> None:
    unknown = replace(WELL, contact=None)
    assert isinstance(decide("confirmation", unknown), Wait)
    assert isinstance(decide("confirmation", unknown, NOW + timedelta(hours=1)), Skip)


def test_a_letter_tells_wall_time_and_escapes_names() -> None:
    letter = wording.write(
        message_id="msg_1",
        kind="confirmation",
        visit=VISIT,
        version=1,
        to="ada@example.org",
        name="<script>",
        place=wording.Place(location="Fernwood", address="1 Main", practitioner="Robin"),
        at=NOW,
    )
    assert "Tuesday, 01 December 2026 at 10:00 (Pacific time)" in letter.text
    assert "<script>" not in letter.html
    assert b"DTSTART:20261201T170000Z" in letter.calendar
    assert b"METHOD:REQUEST" in letter.calendar
