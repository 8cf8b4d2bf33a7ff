"""What the database itself refuses, and what verification finds in books tampered with."""

import copy
from typing import Any

import pytest
from bson import Decimal128
from pymongo.database import Database
from pymongo.errors import OperationFailure, WriteError
from structlog.testing import capture_logs

from billing import repository
from billing.repository.collections import BALANCED, LedgerBoundOtherwiseError
from clinic_contracts.errors import ServiceUnavailable
from clinic_contracts.money import Money
from clinic_runtime.watching import Watch

CASH, REVENUE = {"account": "cash", "minor": 5}, {"account": "revenue", "minor": -5}


@pytest.mark.parametrize(
    "entry",
    [
        {"currency": "CAD", "postings": []},
        {"currency": "CAD", "postings": [{"account": "cash", "minor": 0}]},
        {"currency": "CAD", "postings": [CASH, {**REVENUE, "minor": -4}]},
        {"currency": "CAD", "postings": [{**CASH, "minor": 5.0}, {**REVENUE, "minor": -5.0}]},
        {"currency": "CAD", "postings": [{**CASH, "minor": Decimal128("5")}, REVENUE]},
        {"currency": "CAD", "postings": [CASH, {"minor": -5}]},
        {"postings": [CASH, REVENUE]},
        {"currency": "", "postings": [CASH, REVENUE]},
        {"currency": ["CAD", "USD"], "postings": [CASH, REVENUE]},
        {"currency": "CAD", "postings": [CASH, {**REVENUE, "currency": "USD"}]},
    ],
)
def test_the_database_refuses_an_entry_that_is_not_one(office: Any, entry: dict[str, Any]) -> None:
    with pytest.raises(WriteError):
        office.database["ledger"].insert_one(entry)


@pytest.fixture
def books(office: Any) -> Any:
    """Two paid invoices, whose books are in order."""
    for number in range(2):
        invoice = office.invoice(number)
        office.pay(invoice, amount=Money(amount_minor=1000))
        office.pay_by_card(invoice)
    assert set(office.findings().values()) == {0}
    return office


def test_errors_of_two_invoices_do_not_cancel(books: Any) -> None:
    change_by = {0: 100, 1: -100}
    for number, minor in change_by.items():
        books.database["invoices"].update_one(
            {"state.appointment_id": f"apt_{number}"},
            {"$inc": {"state.balance.amount_minor": minor}},
        )
    assert books.findings()["ledger_imbalance_minor"] == 200


def test_a_claim_that_differs_from_the_ledger_is_found(books: Any) -> None:
    books.database["claims"].update_one({}, {"$inc": {"state.outstanding.amount_minor": -50}})
    assert books.findings()["ledger_imbalance_minor"] == 50
    books.database["claims"].delete_one({})
    assert books.findings()["ledger_imbalance_minor"] == 9200


def test_a_claim_of_which_a_cent_is_not_accounted_for_is_found(books: Any) -> None:
    books.database["claims"].update_one({}, {"$inc": {"state.amount.amount_minor": 1}})
    assert books.findings()["claims_unexplained_minor"] == 1


def test_an_invoice_without_its_entry_is_found(books: Any) -> None:
    books.database["ledger"].delete_one({"_id": {"$regex": "^invoice:"}})
    assert books.findings()["ledger_imbalance_minor"] == 2875 + 9200


def test_a_receivable_of_no_invoice_is_found(books: Any) -> None:
    stray = [{"account": "ar_client", "minor": 7}, {"account": "revenue", "minor": -7}]
    books.database["ledger"].insert_one({"currency": "CAD", "postings": stray})
    assert books.findings()["ledger_imbalance_minor"] == 7


def test_a_receivable_in_another_currency_is_found(books: Any) -> None:
    books.database["ledger"].update_one(
        {"_id": {"$regex": "^invoice:"}}, {"$set": {"currency": "USD"}}
    )
    assert books.findings()["ledger_imbalance_minor"] == 2 * (2875 + 9200)


def test_an_entry_that_does_not_sum_to_zero_is_found(books: Any) -> None:
    books.database.command("collMod", "ledger", validator={})
    for minor in (3, -3):
        books.database["ledger"].insert_one(
            {"currency": "CAD", "postings": [{"account": "cash", "minor": minor}]}
        )
    assert books.findings()["ledger_imbalance_minor"] == 6


def test_a_skipped_receipt_is_found(books: Any) -> None:
    books.database["receipts"].delete_one({"number": 2})
    assert books.findings() == {
        "ledger_imbalance_minor": 0,
        "receipt_gaps": 1,
        "payments_unreceipted": 1,
        "claims_unexplained_minor": 0,
        "remittances_off_minor": 0,
        "payments_unposted_minor": 0,
        "prepaid_unposted_minor": 0,
        "day_closes_off_minor": 0,
    }


@pytest.mark.parametrize("number", [2, 9])
def test_a_counter_that_differs_from_the_receipts_is_found(books: Any, number: int) -> None:
    books.database["counters"].update_one({"_id": "receipt|loc_1"}, {"$set": {"number": number}})
    assert books.findings()["receipt_gaps"] == abs(number - 4)


def test_a_second_receipt_of_a_payment_is_found(books: Any) -> None:
    receipt = books.database["receipts"].find_one({"number": 4})
    books.database["receipts"].insert_one({**receipt, "_id": "rcp_second", "number": 5})
    books.database["counters"].update_one({"_id": "receipt|loc_1"}, {"$inc": {"number": 1}})
    assert books.findings() == {
        "ledger_imbalance_minor": 0,
        "receipt_gaps": 0,
        "payments_unreceipted": 1,
        "claims_unexplained_minor": 0,
        "remittances_off_minor": 0,
        "payments_unposted_minor": 0,
        "prepaid_unposted_minor": 0,
        "day_closes_off_minor": 0,
    }


def test_a_receipt_without_its_payment_is_found(books: Any) -> None:
    books.database["payments"].delete_one({})
    assert books.findings()["payments_unreceipted"] == 1


def test_an_invoice_given_up_is_logged_without_names(office: Any) -> None:
    office.invoice(1)
    office.database["counters"].update_one({"_id": "invoice|loc_1"}, {"$set": {"number": 0}})
    with capture_logs() as logs, pytest.raises(ServiceUnavailable):
        office.invoice(2)
    assert "INV-000001" in str(logs)
    assert "Ada" not in str(logs)


def test_a_duplicate_that_stays_is_given_up_soon_and_logged(books: Any) -> None:
    invoice = books.invoice(7)
    books.database["counters"].update_one({"_id": "receipt|loc_1"}, {"$set": {"number": 0}})
    desk = books.desk()
    attempts = []

    def work(transaction: Any) -> None:
        attempts.append(transaction)
        transaction.add_receipt(receipt)

    receipt = books.receipt(books.payments()[0])
    with capture_logs() as logs, pytest.raises(ServiceUnavailable) as refused:
        desk.transact(work)
    assert refused.value.extra["retry_after"] > 0
    assert len(attempts) == 5
    (given_up,) = [entry for entry in logs if entry["event"] == "transaction.given_up"]
    assert "DuplicateKeyError" in given_up["error"]
    with pytest.raises(ServiceUnavailable):
        books.pay(invoice)


def test_a_ledger_of_an_earlier_release_takes_what_entries_hold_now(
    watched: Database[dict[str, Any]], watch: Watch
) -> None:
    old = copy.deepcopy(BALANCED)
    allowed = old["$jsonSchema"]["properties"]["postings"]["items"]["properties"]
    del allowed["location_id"]
    watched.drop_collection("ledger")
    watched.create_collection("ledger", validator=old)
    for _ in range(2):
        repository.ensure(watched)
    assert [next(iter(c)) for c in watch.commands].count("collMod") == 1
    located = [{**CASH, "location_id": "loc_1"}, REVENUE]
    watched["ledger"].insert_one({"currency": "CAD", "postings": located})
    with pytest.raises(WriteError):
        watched["ledger"].insert_one({"currency": "CAD", "postings": [CASH, CASH]})


def test_an_account_that_may_not_bind_the_ledger_does_not_start(
    database: Database[dict[str, Any]],
) -> None:
    database.drop_collection("ledger")
    database.create_collection("ledger", validator={"currency": "CAD"})
    refused = OperationFailure("not authorized", code=13)

    class Bound(Database[dict[str, Any]]):
        """A database on which this account may change no validator."""

        def command(self, command: Any, *args: Any, **kwargs: Any) -> Any:
            if command == "collMod":
                raise refused
            return super().command(command, *args, **kwargs)

    with pytest.raises(LedgerBoundOtherwiseError, match="collMod: 'ledger'"):
        repository.ensure(Bound(database.client, database.name))
