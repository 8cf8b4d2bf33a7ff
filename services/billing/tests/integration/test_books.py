"""Invoices and cash on a real database: one invoice a visit, no cent lost, no receipt skipped."""

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest

from billing.use_cases import paying, records
from clinic_contracts.billing import requests as r
from clinic_contracts.billing.payments import PrintReceipt
from clinic_contracts.client_profile.events import ClientChanged
from clinic_contracts.errors import (
    ClinicError,
    IllegalTransition,
    Invalid,
    NotFound,
    PaymentRefused,
    RegistrationLapsed,
    RetryLater,
    ServiceUnavailable,
)
from clinic_contracts.money import Money
from clinic_runtime.ids import derived_id


def test_an_invoice_explains_every_cent(office: Any) -> None:
    invoice = office.invoice()
    assert (invoice.total, invoice.client_portion, invoice.payer_portion) == (
        Money(amount_minor=12075),
        Money(amount_minor=2875),
        Money(amount_minor=9200),
    )
    assert sum(part.amount.amount_minor for part in invoice.split) == 12075
    assert len(invoice.claim_ids) == 1
    claim = office.database["claims"].find_one({"_id": invoice.claim_ids[0]})
    assert (claim["state"]["state"], claim["state"]["amount"]["amount_minor"]) == ("draft", 9200)
    assert set(office.findings().values()) == {0}


def test_a_visit_is_invoiced_once_however_often_it_is_told(office: Any) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: office.fulfil(office.visit()), range(8)))
    for name in ("invoices", "claims", "ledger"):
        assert office.database[name].count_documents({}) == 1
    assert office.database["benefit_years"].find_one({})["used"] == 9200
    assert office.database["counters"].find_one({"_id": "invoice|loc_1"})["number"] == 1


def test_invoices_are_numbered_one_after_another_at_each_location(office: Any) -> None:
    location = office.database["locations"].find_one({"_id": "loc_1"})["view"]
    elsewhere = {"_id": "loc_2", "seq": 1, "view": {**location, "location_id": "loc_2"}}
    office.database["locations"].insert_one(elsewhere)
    with ThreadPoolExecutor(6) as pool:
        numbers = {invoice.number for invoice in pool.map(office.invoice, range(6))}
    assert numbers == {f"INV-{number:06d}" for number in range(1, 7)}
    assert office.invoice(7, "loc_2").number == "INV-000001"
    assert office.invoice(7, "loc_2").number == "INV-000001"
    assert office.invoice(8, "loc_2").number == "INV-000002"


def test_what_has_not_arrived_is_waited_for(empty_office: Any) -> None:
    with pytest.raises(RetryLater):
        empty_office.fulfil(empty_office.visit())
    assert empty_office.database["invoices"].count_documents({}) == 0
    assert empty_office.database["counters"].count_documents({}) == 0


def test_a_years_maximum_is_never_overspent(empty_office: Any) -> None:
    empty_office.learn(annual_maximum=Money(amount_minor=20000))
    with ThreadPoolExecutor(6) as pool:
        invoices = list(pool.map(empty_office.invoice, range(6)))
    parts = [invoice.payer_portion.amount_minor for invoice in invoices]
    assert sorted(parts, reverse=True) == [9200, 9200, 1600, 0, 0, 0]
    assert set(empty_office.findings().values()) == {0}


def test_a_payment_gives_a_receipt_and_settles_the_invoice(office: Any) -> None:
    invoice = office.invoice()
    first = office.pay(invoice, amount=Money(amount_minor=1000))
    second = office.pay(invoice)
    assert (first.amount.amount_minor, second.amount.amount_minor) == (1000, 1875)
    with pytest.raises(IllegalTransition):
        office.pay(invoice)
    receipt = office.receipt(second)
    assert (receipt.number, receipt.balance.amount_minor, receipt.minutes) == (2, 0, 60)
    assert (receipt.invoice_number, receipt.payer_portion) == ("INV-000001", invoice.payer_portion)
    assert set(office.findings().values()) == {0}


def test_what_is_posted_names_what_reports_group_by(office: Any) -> None:
    office.pay(office.invoice())
    invoiced, paid = office.database["ledger"].find().sort("_id", 1)
    at = {"location_id": "loc_1"}
    invoice = {**at, "invoice_id": derived_id("inv", "apt_1")}
    given = {**at, "practitioner_id": "prac_1", "treatment_id": "trt_1"}
    assert invoiced["postings"] == [
        {"account": "ar_client", "minor": 2875, **invoice},
        {"account": "ar_payer", "minor": 9200, **invoice, "payer": "Carrier"},
        {"account": "revenue", "minor": -9200, **given, "payer": "Carrier"},
        {"account": "revenue", "minor": -2300, **given, "payer": "client"},
        {"account": "gst_payable", "minor": -575, **at},
    ]
    assert invoiced["day"] == "2026-12-01"
    assert paid["postings"] == [
        {"account": "cash", "minor": 2875, **at},
        {"account": "ar_client", "minor": -2875, **invoice},
    ]


def test_a_retried_payment_is_one_payment(office: Any) -> None:
    invoice = office.invoice()
    assert office.pay(invoice, "same") == office.pay(invoice, "same")
    assert office.database["payments"].count_documents({}) == 1


def test_concurrent_payments_cannot_overpay_nor_skip_a_receipt(office: Any) -> None:
    invoice = office.invoice()

    def attempt(number: int) -> int:
        pay = office.pay_by_card if number % 2 else office.pay
        try:
            return int(pay(invoice, amount=Money(amount_minor=1000)).amount.amount_minor)
        except ClinicError:
            return 0

    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(attempt, range(8)))
    assert sum(taken) == 2000
    numbers = [row["number"] for row in office.database["receipts"].find().sort("number", 1)]
    assert numbers == [1, 2]
    assert set(office.findings().values()) == {0}


@pytest.mark.parametrize(
    ("more", "refusal"),
    [
        ({"amount": Money(amount_minor=2876)}, PaymentRefused),
        ({"amount": Money(amount_minor=0)}, Invalid),
        ({"amount": Money(amount_minor=100, currency="USD")}, Invalid),
        ({"method": "card"}, Invalid),
        ({"invoice_id": "inv_none"}, NotFound),
    ],
)
def test_a_refused_payment_leaves_nothing(
    office: Any, more: dict[str, Any], refusal: type[Exception]
) -> None:
    invoice = office.invoice()
    with pytest.raises(refusal):
        office.pay(invoice, **more)
    assert office.database["payments"].count_documents({}) == 0
    assert office.database["counters"].count_documents({"_id": "receipt|loc_1"}) == 0
    assert office.database["ledger"].count_documents({}) == 1


def test_no_receipt_for_a_day_without_registration(office: Any) -> None:
    invoice = office.invoice()
    office.therapist_changes(registration_valid_to=date(2026, 11, 30))
    for pay in (office.pay, office.pay_by_card):
        with pytest.raises(RegistrationLapsed):
            pay(invoice)
    assert office.cards.asked == []


def test_receipts_keep_the_names_the_invoice_was_made_with(office: Any) -> None:
    invoice = office.invoice()
    first = office.receipt(office.pay(invoice, amount=Money(amount_minor=1000)))
    office.therapist_changes(name="Robin Ames-Lee", registration_number="RMT-2")
    second = office.receipt(office.pay(invoice))
    for receipt in (first, second):
        assert (receipt.practitioner_name, receipt.registration_number) == ("Robin Ames", "RMT-1")


def test_a_therapist_not_known_yet_is_a_clear_answer(office: Any) -> None:
    invoice = office.invoice()
    office.database["practitioners"].delete_one({"_id": "prac_1"})
    with pytest.raises(ServiceUnavailable) as refused:
        office.pay(invoice)
    assert refused.value.extra["retry_after"] > 0


def test_the_tax_number_stands_where_tax_was_charged(office: Any) -> None:
    assert office.receipt(office.pay(office.invoice())).tax_number == "123456782 RT0001"
    office.therapist_changes(gst_registered=False)
    assert office.receipt(office.pay(office.invoice(2))).tax_number == ""


def test_another_locations_invoice_is_not_there(office: Any) -> None:
    invoice = office.invoice()
    elsewhere = office.desk(location_scope=("loc_other",))
    request = r.PayInvoice(invoice_id=invoice.id, method="cash")
    with pytest.raises(NotFound):
        paying.pay_invoice(request, elsewhere)


def test_a_client_who_changes_after_the_invoice_changes_no_receipt(office: Any) -> None:
    invoice = office.invoice()
    changed = ClientChanged(
        client_id="cli_1",
        name="Ada Married",
        emails=(),
        phones=(),
        preferred_channel="email",
        language="en",
    )
    office.know("cli_1", changed, seq=2)
    assert office.receipt(office.pay(invoice)).client_name == "Ada Sample"


def test_what_arrives_late_and_is_older_changes_nothing(office: Any) -> None:
    office.therapist_changes(name="Robin Ames-Lee")
    office.know("prac_1", office.therapist, seq=1)
    assert office.invoice().parties.practitioner_name == "Robin Ames-Lee"


def test_every_print_of_a_receipt_after_the_first_says_so(office: Any) -> None:
    payment = office.pay(office.invoice())
    asked = PrintReceipt(receipt_id=payment.receipt_id)
    printed: list[bool] = []
    desk = office.desk()

    def pdf(_receipt: Any, *, duplicate: bool) -> bytes:
        printed.append(duplicate)
        return b"%PDF"

    for _ in range(3):
        records.print_receipt(asked, dataclasses.replace(desk, receipt_pdf=pdf))
    assert printed == [False, True, True]
