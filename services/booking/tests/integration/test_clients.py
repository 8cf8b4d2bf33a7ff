"""What others say of a client comes in as events; refusals, warnings and limits go out."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from pymongo.collection import Collection
from pymongo.database import Database

from booking.testing import NOW, TEN, Clinic, context, service_on
from booking.testing_waitlist import Queue
from clinic_contracts.billing.events import CoverageUsed
from clinic_contracts.booking import clients as c
from clinic_contracts.booking import requests as r
from clinic_contracts.booking.holds import PlaceHold
from clinic_contracts.client_profile.events import AlertChanged, ReferralChanged
from clinic_contracts.errors import ClientBlocked, NotBookable, OfferOver, ReferralNeeded
from clinic_contracts.money import Money
from clinic_runtime.telling import told
from clinic_runtime.watching import Watch

DAY = TEN.date()
A_DAY = timedelta(days=1)
AN_HOUR = timedelta(hours=1)


class Desk:
    """A clinic and its service, which hears of clients."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self.clinic = Clinic(database)
        self.ask_through(database)

    def ask_through(self, database: Database[dict[str, Any]]) -> None:
        self.service = service_on(database)

    def hear_of_alert(self, seq: int = 1, **more: Any) -> None:
        given = {"alert_id": "alert_1", "level": "caution", "acknowledgement_needed": True, **more}
        alert = AlertChanged(client_id="cli_1", **given)
        self.service.keep(told(alert.alert_id, seq, alert))

    def hear_of_referral(self, **more: Any) -> None:
        given = {
            "referral_id": "ref_1",
            "issued": DAY - 60 * A_DAY,
            "expires": DAY + 60 * A_DAY,
            "maximum_visits": 3,
            **more,
        }
        referral = ReferralChanged(client_id="cli_1", **given)
        self.service.keep(told(referral.referral_id, 1, referral))

    def hear_of_use(self, seq: int, minor: int, left: int) -> None:
        used = CoverageUsed(
            coverage_id="pol_1",
            client_id="cli_1",
            year_from=date(2026, 1, 1),
            used=Money(amount_minor=minor),
            left=Money(amount_minor=left),
            visits_used=seq,
        )
        self.service.keep(told("pol_1|2026-01-01", seq, used))

    def hear_of_injury(self, visits_left: int, **more: Any) -> None:
        used = CoverageUsed(
            coverage_id="pol_2",
            client_id="cli_1",
            year_from=DAY - 10 * A_DAY,
            used=Money(amount_minor=0),
            left=None,
            visits_used=0,
            visits_left=visits_left,
            limit_code="AUTH_LIMIT",
            period_to=DAY + 30 * A_DAY,
            window_code="AUTH_WINDOW",
            one_a_day=True,
            disciplines=("massage_therapy",),
            rule="icbc-massage-therapy",
            **more,
        )
        self.service.keep(told("pol_2|icbc", 1, used))

    def book(self, operation_id: str | None = None, **more: Any) -> r.AppointmentView:
        request = self.clinic.request(**more)
        view: r.AppointmentView = self.service.book_appointment(request, context(operation_id))
        return view

    def move(self, booked: r.AppointmentView, **more: Any) -> r.AppointmentView:
        move = r.MoveAppointment(appointment_id=booked.id, expected_version=booked.version, **more)
        view: r.AppointmentView = self.service.move_appointment(move, context())
        return view

    def limits(self) -> c.BookingLimits:
        request = c.GetBookingLimits(client_id="cli_1")
        found: c.BookingLimits = self.service.get_booking_limits(request, context())
        return found


def codes(view: r.AppointmentView) -> list[str]:
    return [warning.code for warning in view.warnings]


@pytest.fixture
def desk(database: Database[dict[str, Any]]) -> Desk:
    return Desk(database)


def test_a_blocking_alert_refuses_to_book_to_move_and_to_book_what_is_held(desk: Desk) -> None:
    booked = desk.book()
    hold = desk.service.place_hold(
        PlaceHold(
            location_id=desk.clinic.location.id,
            treatment_id=desk.clinic.treatment.id,
            local_start=TEN,
        ),
        context(),
    )
    desk.hear_of_alert(level="block", until=DAY)
    refusals: tuple[Callable[[], Any], ...] = (
        desk.book,
        lambda: desk.move(booked, local_start=TEN + 3 * AN_HOUR),
        lambda: desk.book(hold_id=hold.id),
    )
    for refused in refusals:
        with pytest.raises(ClientBlocked) as said:
            refused()
        assert said.value.extra == {"alert_ids": ["alert_1"]}
    assert desk.move(booked, local_start=TEN + A_DAY).version == 2
    assert codes(desk.book(client_id="cli_2", hold_id=hold.id)) == []


def test_an_alert_warns_once_lifted_no_more_and_never_by_what_was_said_before(desk: Desk) -> None:
    desk.hear_of_alert(seq=3, lifted=True)
    desk.hear_of_alert(seq=2, level="block")
    assert codes(desk.book()) == []
    desk.hear_of_alert(seq=4, level="needs_clearance")
    view = desk.book(local_start=TEN + 2 * AN_HOUR)
    (warning,) = view.warnings
    assert (warning.code, warning.alert_id, warning.level) == (
        "alert",
        "alert_1",
        "needs_clearance",
    )
    get = r.GetAppointment(appointment_id=view.id)
    assert desk.service.get_appointment(get, context()).warnings == ()


def test_an_alert_read_for_a_visit_stays_read_when_it_moves(desk: Desk) -> None:
    desk.hear_of_alert()
    booked = desk.book(acknowledge_alerts=("alert_1",))
    assert (codes(booked), booked.acknowledged_alerts) == ([], ("alert_1",))
    moved = desk.move(booked, local_start=TEN + 2 * AN_HOUR)
    assert (codes(moved), moved.acknowledged_alerts) == ([], ("alert_1",))
    unread = desk.book(client_id="cli_1", local_start=TEN + 4 * AN_HOUR)
    moved = desk.move(unread, local_start=TEN + 5 * AN_HOUR, acknowledge_alerts=("alert_1",))
    assert (codes(unread), codes(moved)) == (["alert"], [])
    assert moved.acknowledged_alerts == ("alert_1",)


def test_a_retry_is_warned_as_the_first_try_and_not_refused_by_what_came_since(desk: Desk) -> None:
    desk.hear_of_alert()
    desk.hear_of_referral()
    first = desk.book("same")
    assert codes(first) == ["alert", "referral_low"]
    assert desk.book("same") == first
    desk.hear_of_alert(seq=2, level="block")
    assert desk.book("same").id == first.id


def test_a_referral_is_counted_from_the_visits_it_covers(desk: Desk) -> None:
    desk.hear_of_referral()
    views = [desk.book(local_start=TEN + days * A_DAY) for days in (0, 1, 2, 3)]
    assert [codes(view) for view in views] == [
        ["referral_low"],
        ["referral_low"],
        ["referral_low"],
        ["referral_used_up"],
    ]
    assert [view.warnings[0].visits_left for view in views] == [2, 1, 0, -1]
    again = desk.move(views[2], local_start=TEN + 2 * A_DAY + AN_HOUR)
    assert codes(again) == ["referral_used_up"]
    (item,) = desk.limits().referrals.items
    assert (item.visits_left, item.maximum_visits) == (-1, 3)


def test_a_location_may_treat_on_referral_alone(desk: Desk) -> None:
    desk.clinic.change_location(require_referral=True)
    with pytest.raises(ReferralNeeded) as refused:
        desk.book()
    assert refused.value.extra == {"reason": "none"}
    desk.hear_of_referral(maximum_visits=1, disciplines=("massage_therapy",))
    desk.book()
    with pytest.raises(ReferralNeeded) as refused:
        desk.book(local_start=TEN + A_DAY)
    assert refused.value.extra == {"reason": "used_up"}


def test_a_treatment_may_be_for_clients_who_have_been_here(desk: Desk) -> None:
    treatment = desk.clinic.treatment.id
    change = r.ChangeTreatment(treatment_id=treatment, new_clients=False, online=True)
    desk.service.change_treatment(change, context())
    with pytest.raises(NotBookable) as refused:
        desk.book(online=True)
    assert refused.value.extra == {"reason": "new_client"}
    booked = desk.book()
    assert codes(booked) == ["new_client"]
    for step in (desk.service.arrive, desk.service.fulfil):
        step(r.ChangeStatus(appointment_id=booked.id), context())
    assert codes(desk.book(online=True, local_start=TEN + A_DAY)) == []


def test_limits_say_what_was_heard_as_of_when_and_what_was_not(desk: Desk) -> None:
    nothing = desk.limits()
    assert [part.known for part in (nothing.alerts, nothing.referrals, nothing.coverages)] == [
        False,
        False,
        False,
    ]
    desk.hear_of_alert(level="block", until=date(2026, 1, 1))
    desk.hear_of_alert(alert_id="alert_2", from_=DAY)
    desk.hear_of_referral()
    desk.hear_of_referral(referral_id="ref_0", expires=DAY - 50 * A_DAY)
    desk.hear_of_use(2, 18400, 41600)
    desk.hear_of_use(1, 9200, 50800)
    desk.book()
    known = desk.limits()
    (alert,), (referral,), (used,) = (
        known.alerts.items,
        known.referrals.items,
        known.coverages.items,
    )
    assert (alert.alert_id, alert.from_, referral.visits_left) == ("alert_2", DAY, 2)
    assert (used.left, used.visits_used) == (Money(amount_minor=41600), 2)
    kept = {row["_id"]: row["as_of"] for row in desk.clinic.database["client_facts"].find()}
    assert (alert.as_of, referral.as_of, used.as_of) == (
        kept["alert_2"],
        kept["ref_1"],
        kept["pol_1|2026-01-01"],
    )


def test_visits_booked_take_of_what_a_payer_has_left_while_billing_is_silent(desk: Desk) -> None:
    desk.hear_of_injury(visits_left=3)
    booked = [desk.book(local_start=TEN + number * A_DAY) for number in range(4)]
    assert [codes(view) for view in booked] == [["coverage_low"]] * 3 + [["coverage_used_up"]]
    assert [view.warnings[0].visits_left for view in booked] == [2, 1, 0, 0]
    assert booked[3].warnings[0].limit_code == "AUTH_LIMIT"
    (shown,) = desk.limits().coverages.items
    assert (shown.visits_left, shown.period_to) == (0, DAY + 30 * A_DAY)
    desk.service.cancel_appointment(
        r.CancelAppointment(appointment_id=booked[0].id, expected_version=1), context()
    )
    assert codes(desk.move(booked[3], local_start=TEN + 6 * A_DAY)) == ["coverage_low"]


def fill(collection: Collection[dict[str, Any]]) -> None:
    """Add what is kept of many other clients, on days of their own."""
    row = collection.find_one({}) or {}
    row.pop("claims", None)
    start = row.get("start", NOW)
    collection.insert_many(
        {
            **row,
            "_id": f"other_{number}",
            "client_id": f"cli_{number % 90 + 2}",
            "start": start - number * A_DAY,
            "outbox": [],
        }
        for number in range(1, 900)
    )


def booking_with_everything(desk: Desk) -> Any:
    return desk.book(local_start=TEN + AN_HOUR)


@pytest.mark.parametrize("ask", [booking_with_everything, Desk.limits])
def test_each_question_is_served_by_an_index(
    desk: Desk, watched: Database[dict[str, Any]], watch: Watch, ask: Callable[[Desk], Any]
) -> None:
    desk.clinic.change_location(require_referral=True)
    change = r.ChangeTreatment(treatment_id=desk.clinic.treatment.id, new_clients=False)
    desk.service.change_treatment(change, context())
    desk.hear_of_alert()
    desk.hear_of_referral()
    desk.hear_of_injury(visits_left=12)
    desk.book()
    fill(desk.clinic.database["client_facts"])
    fill(desk.clinic.database["appointments"])
    desk.ask_through(watched)
    ask(desk)
    figures = watch.explained(desk.clinic.database)
    assert len(figures) >= 2
    assert all(each["totalDocsExamined"] <= 20 for each in figures)


def test_an_alert_read_for_a_visit_booked_over_another_is_kept_too(desk: Desk) -> None:
    desk.hear_of_alert()
    robin = desk.clinic.therapists[0].id
    desk.book(client_id="cli_2", practitioner_id=robin)
    request = desk.clinic.request(
        practitioner_id=robin,
        override=r.Override(reason="the only time"),
        acknowledge_alerts=("alert_1",),
    )
    view = desk.service.book_appointment(request, context(may_override=True))
    assert (codes(view), view.acknowledged_alerts) == ([], ("alert_1",))
    assert len(view.overlaps) == 1


def test_an_offer_is_refused_without_a_word_of_why_and_the_time_stays_held(desk: Desk) -> None:
    queue = Queue(desk.clinic)
    booked = desk.clinic.book(client_id="cli_9")
    ill, well = queue.join("cli_1"), queue.join("cli_2")
    queue.offer(queue.freed(booked))
    desk.hear_of_alert(level="block")
    with pytest.raises(OfferOver) as refused:
        queue.accept(ill)
    assert "alert" not in f"{refused.value} {refused.value.extra}"
    assert refused.value.extra["offer_status"] == "open"
    assert queue.accept(well).client_id == "cli_2"
