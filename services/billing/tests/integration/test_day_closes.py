"""Days closed once, to the cent, whatever is paid at that moment; reopened by reversal alone."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from billing.use_cases import closing
from clinic_contracts.billing import day_closes as c
from clinic_contracts.errors import AlreadyExists, ClinicError, IllegalTransition, Invalid, NotFound
from clinic_contracts.money import Money
from clinic_runtime.clock import now


def cad(minor: int) -> Money:
    return Money(amount_minor=minor)


def today() -> date:
    return now().astimezone(ZoneInfo("America/Vancouver")).date()


def close(
    office: Any, cash: int, card: int, operation_id: str | None = None, **more: Any
) -> c.DayCloseView:
    asked = {"location_id": "loc_1", "day": today(), **more}
    request = c.CloseDay(**asked, counted_cash=cad(cash), counted_card=cad(card))
    return closing.close_day(request, office.desk(operation_id))


def totals(office: Any, day: date | None = None) -> tuple[int, int, bool]:
    request = c.GetDayTakings(location_id="loc_1", day=day or today())
    found = closing.get_day_takings(request, office.desk())
    return found.cash.amount_minor, found.card.amount_minor, found.closed


def all_well(office: Any) -> bool:
    return set(office.findings().values()) == {0}


@pytest.fixture
def busy(office: Any) -> Any:
    """A day with 28.75 in cash, of which 5.00 was given back, and 28.75 by card."""
    office.refund(office.pay(office.invoice(1)), amount=cad(500))
    office.pay_by_card(office.invoice(2))
    return office


def test_a_day_that_was_counted_right_posts_nothing(busy: Any) -> None:
    assert totals(busy) == (2375, 2875, False)
    closed = close(busy, 2375, 2875)
    assert [(m.method, m.expected, m.difference) for m in closed.methods] == [
        ("cash", cad(2375), cad(0)),
        ("card", cad(2875), cad(0)),
    ]
    assert (closed.closed_by, closed.location_name) == ("staff:test", "Fernwood")
    assert busy.database["ledger"].find_one({"_id": f"day_close:{closed.id}"}) is None
    assert totals(busy) == (2375, 2875, True)
    assert all_well(busy)


def test_what_is_short_or_over_is_posted_and_then_the_ledger_is_what_was_counted(busy: Any) -> None:
    closed = close(busy, 2000, 2900, "same")
    assert close(busy, 2000, 2900, "same") == closed
    entry = busy.database["ledger"].find_one({"_id": f"day_close:{closed.id}"})
    assert [(p["account"], p["minor"]) for p in entry["postings"]] == [
        ("cash", -375),
        ("card_clearing", 25),
        ("cash_over_short", 375),
        ("cash_over_short", -25),
    ]
    assert totals(busy) == (2000, 2900, True)
    assert all_well(busy)
    (told,) = busy.database["day_closes"].find_one({})["outbox"]
    assert told["event"]["data"]["difference"]["amount_minor"] == -350


def test_a_day_is_closed_once(busy: Any) -> None:
    def attempt(_: int) -> bool:
        try:
            return bool(close(busy, 2375, 2875))
        except AlreadyExists:
            return False

    with ThreadPoolExecutor(5) as pool:
        assert sorted(pool.map(attempt, range(5))) == [False] * 4 + [True]
    assert all_well(busy)


def test_what_is_paid_after_the_close_counts_to_the_next_day(busy: Any) -> None:
    close(busy, 2375, 2875)
    payment = busy.pay(busy.invoice(3))
    busy.refund(payment, amount=cad(75))
    assert totals(busy) == (2375, 2875, True)
    assert totals(busy, today() + timedelta(days=1)) == (2800, 0, False)
    assert busy.receipt(payment).paid_on == today()
    assert all_well(busy)


def test_payments_at_the_same_moment_are_in_the_day_or_after_it(busy: Any) -> None:
    invoices = [busy.invoice(number) for number in range(10, 18)]
    start = threading.Barrier(9)

    def pay(invoice: Any) -> None:
        start.wait()
        busy.pay(invoice)

    def end(_: Any) -> c.DayCloseView:
        start.wait()
        return close(busy, 2375, 2875)

    with ThreadPoolExecutor(9) as pool:
        closed = pool.submit(end, None)
        list(pool.map(pay, invoices))
    (cash, _) = closed.result().methods
    before = (cash.expected.amount_minor - 2375) // 2875
    assert totals(busy)[0] == 2375
    assert totals(busy, today() + timedelta(days=1))[0] == (8 - before) * 2875
    assert all_well(busy)


def test_a_closed_day_is_opened_by_reversal_and_closed_anew(busy: Any) -> None:
    closed = close(busy, 2000, 2875)
    request = c.ReopenDay(day_close_id=closed.id, reason="found it under the drawer")
    reopened = closing.reopen_day(request, busy.desk())
    assert closing.reopen_day(request, busy.desk()).status == reopened.status == "reopened"
    with pytest.raises(IllegalTransition):
        closing.reopen_day(replace(request, reason="again"), busy.desk())
    assert totals(busy) == (2375, 2875, False)
    again = close(busy, 2375, 2875)
    assert again.id != closed.id
    page = closing.list_day_closes(c.ListDayCloses(location_id="loc_1"), busy.desk())
    assert {(each.id, each.status) for each in page.items} == {
        (closed.id, "reopened"),
        (again.id, "closed"),
    }
    assert all_well(busy)


def test_another_locations_money_is_not_in_it(busy: Any) -> None:
    location = busy.database["locations"].find_one({"_id": "loc_1"})["view"]
    elsewhere = {"_id": "loc_2", "seq": 1, "view": {**location, "location_id": "loc_2"}}
    busy.database["locations"].insert_one(elsewhere)
    busy.pay(busy.invoice(5, "loc_2"))
    assert totals(busy) == (2375, 2875, False)
    assert close(busy, 2875, 0, location_id="loc_2").methods[0].difference == cad(0)
    assert all_well(busy)


@pytest.mark.parametrize(
    ("more", "refusal"),
    [
        ({"day": date(2999, 1, 1)}, Invalid),
        ({"location_id": "loc_9"}, NotFound),
    ],
)
def test_what_cannot_be_closed_is_refused(
    busy: Any, more: dict[str, Any], refusal: type[ClinicError]
) -> None:
    with pytest.raises(refusal):
        close(busy, 0, 0, **more)
    assert busy.database["day_closes"].count_documents({}) == 0


def test_another_locations_closes_are_not_there(busy: Any) -> None:
    closed = close(busy, 2375, 2875)
    elsewhere = busy.desk(location_scope=("loc_other",))
    for look in (
        lambda: closing.get_day_close(closed.id, elsewhere),
        lambda: closing.list_day_closes(c.ListDayCloses(location_id="loc_1"), elsewhere),
        lambda: closing.get_day_takings(
            c.GetDayTakings(location_id="loc_1", day=today()), elsewhere
        ),
        lambda: closing.reopen_day(c.ReopenDay(day_close_id=closed.id, reason="x"), elsewhere),
    ):
        with pytest.raises(NotFound):
            look()
    assert closing.get_day_close(closed.id, busy.desk()).id == closed.id


def test_a_closed_day_that_differs_from_the_ledger_is_found(busy: Any) -> None:
    close(busy, 2375, 2875)
    busy.database["ledger"].insert_one({
        "currency": "CAD", "day": today().isoformat(), "postings": [
            {"account": "cash", "minor": 7, "location_id": "loc_1"},
            {"account": "card_clearing", "minor": -7, "location_id": "loc_1"},
        ]})  # fmt: skip
    assert busy.findings()["day_closes_off_minor"] == 14
