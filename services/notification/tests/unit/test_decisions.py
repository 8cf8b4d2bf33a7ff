"""What is sent is decided when it is due."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from clinic_contracts.booking.events import AppointmentArrived, AppointmentBooked, Visit
from notification import domain
from notification.domain import Contact, Fail, Kind, Place, Send, Situation, Skip, Told, Wait
from notification.testing import GRACE, NOW, VISIT, later

VANCOUVER = ZoneInfo("America/Vancouver")
MOVED = later(2)
AN_HOUR_OFF = replace(VISIT, start=VISIT.start + timedelta(hours=1))
BEGUN = replace(VISIT, start=NOW)
WELL = Situation(
    planned=VISIT,
    visit=VISIT,
    version=1,
    status="booked",
    contact=Contact(name="Ada", email="ada@example.org", wants_email=True),
    place=Place(location="Fernwood", address="1 Main", practitioner="Robin"),
    told=None,
)


def decide(kind: Kind, situation: Situation, at: datetime = NOW) -> Send | Skip | Fail | Wait:
    return domain.decide(kind, situation, NOW, at)


def local(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=VANCOUVER).astimezone(UTC)


def starting(at: datetime) -> Visit:
    return replace(VISIT, start=at, local_start=at.astimezone(VANCOUVER).replace(tzinfo=None))


def plan(visit: Visit, at: datetime) -> list[tuple[str, datetime]]:
    planned = domain.plan(AppointmentBooked(visit=visit), at, GRACE)
    return [(each.kind, each.due_at) for each in planned]


def test_a_booking_is_confirmed_after_the_grace_and_reminded_a_day_before() -> None:
    assert plan(VISIT, NOW) == [
        ("confirmation", NOW + GRACE),
        ("reminder", VISIT.start - timedelta(hours=24)),
    ]


def test_an_arrival_asks_for_no_message() -> None:
    assert domain.plan(AppointmentArrived(visit=VISIT), NOW, GRACE) == []


@pytest.mark.parametrize("before", [timedelta(hours=23), timedelta(hours=24, minutes=2)])
def test_no_reminder_goes_out_before_the_news_of_the_visit(before: timedelta) -> None:
    assert [kind for kind, _ in plan(VISIT, VISIT.start - before)] == ["confirmation"]


@pytest.mark.parametrize(
    ("booked", "starts", "reminded"),
    [
        (local(20, 12), local(29, 6), local(27, 20, 55)),
        (local(20, 12), local(29, 22), local(28, 20, 55)),
        (local(20, 12), local(29, 21), local(28, 20, 55)),
        (local(20, 12), local(29, 8), local(28, 8)),
        # The evening before is past: due inside quiet hours, it is held when it comes up.
        (local(27, 22), local(29, 7), local(28, 7)),
    ],
)
def test_a_reminder_due_in_quiet_hours_is_advanced_to_the_evening_before(
    booked: datetime, starts: datetime, reminded: datetime
) -> None:
    assert plan(starting(starts), booked)[1] == ("reminder", reminded)


@pytest.mark.parametrize(
    ("at", "starts", "resumed"),
    [
        (local(28, 20, 59), local(29, 21), None),
        (local(28, 21), local(29, 20), local(29, 8)),
        (local(28, 3), local(29, 2), local(28, 8)),
        (local(28, 8), local(29, 8), None),
        (local(28, 22), local(29, 8), None),
        (local(28, 22), local(29, 7), None),
    ],
)
def test_a_reminder_keeps_quiet_hours_unless_the_visit_begins_before_they_end(
    at: datetime, starts: datetime, resumed: datetime | None
) -> None:
    visit = starting(starts)
    decision = decide("reminder", replace(WELL, planned=visit, visit=visit), at)
    if resumed is None:
        assert isinstance(decision, Send)
    else:
        assert decision == Wait(resumed, "held until the quiet hours end")


@pytest.mark.parametrize("kind", ["confirmation", "moved", "cancelled"])
def test_news_is_not_held(kind: Kind) -> None:
    told = Told(visit=MOVED, certain=True)
    assert isinstance(decide(kind, replace(WELL, told=told), local(28, 23)), Send)


def test_quiet_hours_end_at_eight_by_the_wall_whatever_the_clock_does_at_night() -> None:
    toronto = ZoneInfo("America/Toronto")
    at = datetime(2026, 10, 31, 23, tzinfo=toronto)
    ends = domain.quiet_until(at.astimezone(UTC), "America/Toronto")
    assert ends == datetime(2026, 11, 1, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "change", "skipped"),
    [
        ("confirmation", {"status": "cancelled"}, "called off"),
        ("reminder", {"status": "noshow"}, "called off"),
        ("confirmation", {"visit": MOVED}, "moved"),
        ("reminder", {"visit": MOVED}, "moved"),
        ("confirmation", {"visit": BEGUN, "planned": BEGUN}, "begun"),
        ("moved", {"visit": BEGUN, "planned": BEGUN}, "begun"),
        ("corrected", {"visit": BEGUN, "planned": BEGUN}, "begun"),
        ("reminder", {"visit": BEGUN, "planned": BEGUN}, "begun"),
        ("cancelled", {"status": "cancelled"}, "nobody had been told"),
        ("moved", {"told": Told(visit=VISIT, certain=True)}, "told of this already"),
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


@pytest.mark.parametrize(
    ("kind", "told", "worded"),
    [
        ("confirmation", None, "confirmation"),
        ("moved", None, "confirmation"),
        ("moved", Told(visit=MOVED, certain=True), "moved"),
        ("moved", Told(visit=MOVED, certain=False), "moved"),
        ("moved", Told(visit=VISIT, certain=False), "confirmation"),
        ("confirmation", Told(visit=VISIT, certain=False), "confirmation"),
        ("confirmation", Told(visit=MOVED, certain=False), "moved"),
        ("corrected", Told(visit=AN_HOUR_OFF, certain=True), "corrected"),
        ("corrected", Told(visit=MOVED, certain=True), "moved"),
        ("corrected", None, "confirmation"),
        ("moved", Told(visit=AN_HOUR_OFF, certain=True), "corrected"),
        ("confirmation", Told(visit=AN_HOUR_OFF, certain=False), "corrected"),
    ],
)
def test_news_is_worded_by_what_the_client_may_know(
    kind: Kind, told: Told | None, worded: Kind
) -> None:
    decision = decide(kind, replace(WELL, told=told))
    assert isinstance(decision, Send)
    assert (decision.kind, decision.visit) == (worded, VISIT)


@pytest.mark.parametrize("certain", [True, False])
def test_a_cancellation_is_of_the_visit_that_the_client_knows(*, certain: bool) -> None:
    told = Told(visit=VISIT, certain=certain)
    situation = replace(WELL, visit=MOVED, planned=MOVED, status="cancelled", told=told)
    decision = decide("cancelled", situation)
    assert isinstance(decision, Send)
    assert decision.visit == VISIT


@pytest.mark.parametrize("change", [{"contact": None}, {"place": None}])
def test_who_is_not_known_yet_is_waited_for_but_not_for_ever(change: dict[str, object]) -> None:
    unknown = replace(WELL, **change)  # type: ignore[arg-type]
    assert isinstance(decide("confirmation", unknown), Wait)
    assert isinstance(decide("confirmation", unknown, NOW + timedelta(hours=1)), Fail)
