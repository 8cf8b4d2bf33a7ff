"""What is left of a coverage is told by the transaction that uses it, once and in order."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from typing import Any

from billing import together
from clinic_contracts.money import Money

YEAR = "pol_1|2026-01-01"


def told(office: Any) -> list[dict[str, Any]]:
    """Return the events of the benefit year, in order."""
    row = office.database["benefit_years"].find_one({"_id": YEAR}) or {}
    return [entry["event"] for entry in row.get("outbox", ())]


def test_an_invoice_tells_what_it_leaves_of_a_coverage(empty_office: Any) -> None:
    empty_office.learn(annual_maximum=Money(amount_minor=10000))
    for number in range(3):
        empty_office.invoice(number)
    events = told(empty_office)
    assert [event["sequence"] for event in events] == [1, 2]
    assert events[0]["data"] == {
        "coverage_id": "pol_1",
        "client_id": "cli_1",
        "year_from": "2026-01-01",
        "used": {"amount_minor": 9200, "currency": "CAD"},
        "left": {"amount_minor": 800, "currency": "CAD"},
        "visits_used": 1,
        "visits_left": None,
        "limit_code": None,
        "period_to": "2026-12-31",
        "window_code": None,
        "one_a_day": False,
        "disciplines": [],
        "rule": "extended-health",
    }
    last = events[1]["data"]
    assert (last["left"]["amount_minor"], last["visits_used"]) == (0, 2)
    assert (events[0]["subject"], events[0]["type"]) == (YEAR, "billing.coverage_used.v1")


def test_without_an_annual_maximum_nothing_is_said_to_be_left(office: Any) -> None:
    office.invoice()
    (event,) = told(office)
    assert (event["data"]["left"], event["data"]["visits_used"]) == (None, 1)


def test_visits_invoiced_together_are_told_of_by_one_event(office: Any) -> None:
    for wait in [office.hand_in(office.visit(number)) for number in range(10)]:
        wait()
    events = told(office)
    assert (events[-1]["data"]["visits_used"], len(events) < 10) == (10, True)


def test_of_replicas_at_once_each_event_tells_one_more_state(office: Any) -> None:
    replicas = [office.visits, together.visits(office.desk_of)]

    def invoice(number: int) -> None:
        office.fulfil(office.visit(number // 2), replicas[number % 2])

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(invoice, range(40)))
    events = told(office)
    assert [event["sequence"] for event in events] == list(range(1, len(events) + 1))
    counts = [event["data"]["visits_used"] for event in events]
    assert (counts, counts[-1]) == (sorted(counts), 20)


def test_a_year_counted_before_it_told_of_it_goes_on(office: Any) -> None:
    office.database["benefit_years"].insert_one({"_id": YEAR, "used": 1000})
    office.invoice()
    (event,) = told(office)
    assert (event["sequence"], event["data"]["used"]["amount_minor"]) == (1, 10200)


def test_a_benefit_year_begins_on_its_own_day(office: Any) -> None:
    visit = office.visit()
    office.fulfil(visit)
    later = datetime(2027, 1, 1, 10)
    office.fulfil(replace(visit, appointment_id="apt_2", local_start=later))
    ids = {row["_id"] for row in office.database["benefit_years"].find()}
    assert ids == {YEAR, "pol_1|2027-01-01"}
