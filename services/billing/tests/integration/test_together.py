"""Visits invoiced together, payments taken at once: nobody starts over for another's sake."""

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pymongo.database import Database
from pymongo.errors import PyMongoError, WriteError

from billing import together
from clinic_contracts.errors import RetryLater
from clinic_contracts.money import Money
from clinic_runtime.watching import Watch

MANY = 20


def sent(watch: Watch, name: str) -> int:
    return [next(iter(command)) for command in watch.commands].count(name)


def numbers(office: Any, location_id: str = "loc_1") -> list[str]:
    found = office.database["invoices"].find({"state.location_id": location_id})
    return sorted(row["state"]["number"] for row in found)


def in_a_row(count: int) -> list[str]:
    return [f"INV-{number:06d}" for number in range(1, count + 1)]


def at_once(office: Any, visits: list[Any]) -> list[Exception | None]:
    """Hand all visits in before the first is invoiced; return what became of each."""
    waits = [office.hand_in(visit) for visit in visits]
    outcomes: list[Exception | None] = []
    for wait in waits:
        try:
            outcomes.append(wait())
        except (RetryLater, PyMongoError) as error:
            outcomes.append(error)
    return outcomes


@pytest.fixture
def watched_office(office: Any, watched: Database[dict[str, Any]]) -> Any:
    office.database = watched
    return office


def test_many_visits_at_one_location_are_one_transaction(watched_office: Any, watch: Watch) -> None:
    at_once(watched_office, [watched_office.visit(number) for number in range(MANY)])
    assert (sent(watch, "commitTransaction"), sent(watch, "abortTransaction")) == (1, 0)
    assert len([c for c in watch.commands if c.get("txnNumber")]) < MANY
    assert numbers(watched_office) == in_a_row(MANY)
    assert set(watched_office.findings().values()) == {0}


def test_each_names_the_event_that_caused_it(office: Any) -> None:
    at_once(office, [office.visit(number) for number in range(3)])
    rows = list(office.database["invoices"].find())
    told = {event["event"]["correlationid"] for row in rows for event in row["outbox"]}
    assert len(told) == len(rows) == 3
    claims = {
        event["event"]["correlationid"]
        for row in office.database["claims"].find()
        for event in row["outbox"]
    }
    assert claims == told


def test_a_visit_that_is_refused_keeps_none_of_the_others(office: Any) -> None:
    visits = [office.visit(number) for number in range(5)]
    visits[2] = dataclasses.replace(visits[2], price=Money(amount_minor=11500, currency="?"))
    outcomes = at_once(office, visits)
    assert [each is None for each in outcomes] == [True, True, False, True, True]
    assert isinstance(outcomes[2], WriteError)
    assert numbers(office) == in_a_row(4)
    assert set(office.findings().values()) == {0}


def test_a_visit_of_which_too_little_is_known_keeps_none_of_the_others(office: Any) -> None:
    visits = [office.visit(number) for number in range(5)]
    visits[2] = dataclasses.replace(visits[2], practitioner_id="prac_late")
    outcomes = at_once(office, visits)
    assert [isinstance(each, RetryLater) for each in outcomes] == [False, False, True, False, False]
    assert numbers(office) == in_a_row(4)


def test_visits_told_twice_and_told_before_are_invoiced_once(office: Any) -> None:
    office.invoice(0)
    visits = [office.visit(number) for number in (0, 1, 1, 2)]
    assert at_once(office, visits) == [None] * 4
    assert numbers(office) == in_a_row(3)
    assert set(office.findings().values()) == {0}


def test_two_replicas_number_and_count_benefits_as_one(empty_office: Any) -> None:
    empty_office.learn(annual_maximum=Money(amount_minor=20000))
    replicas = [empty_office.visits, together.visits(empty_office.desk_of)]

    def invoice(number: int) -> Any:
        empty_office.fulfil(empty_office.visit(number // 2), replicas[number % 2])

    with ThreadPoolExecutor(MANY) as pool:
        list(pool.map(invoice, range(2 * MANY)))
    rows = list(empty_office.database["invoices"].find())
    parts = [row["state"]["payer_portion"]["amount_minor"] for row in rows]
    assert sorted(parts, reverse=True)[:4] == [9200, 9200, 1600, 0]
    assert empty_office.database["benefit_years"].find_one({})["used"] == sum(parts) == 20000
    assert numbers(empty_office) == in_a_row(MANY)
    assert set(empty_office.findings().values()) == {0}


def test_of_payments_at_once_each_starts_over_once_at_most(
    watched_office: Any, watch: Watch
) -> None:
    at_once(watched_office, [watched_office.visit(number) for number in range(MANY)])
    invoices = [watched_office.invoice(number) for number in range(MANY)]
    with ThreadPoolExecutor(MANY) as pool:
        list(pool.map(watched_office.pay, invoices))
    assert sent(watch, "abortTransaction") < MANY
    assert set(watched_office.findings().values()) == {0}
