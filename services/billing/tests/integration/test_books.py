"""Billing's use cases on a real database: one invoice a visit, no cent lost, no receipt skipped."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pymongo.database import Database
from pymongo.errors import WriteError

from billing import printing, repository, use_cases
from billing.cards import SimulatedCards
from billing.ports import Desk
from billing.rules import tax_rules
from clinic_contracts.billing import requests as r
from clinic_contracts.booking.events import (
    LocationChanged,
    PractitionerChanged,
    TreatmentChanged,
    Visit,
)
from clinic_contracts.client_profile.events import ClientChanged, CoverageChanged
from clinic_contracts.context import CallContext
from clinic_contracts.errors import (
    ClinicError,
    IllegalTransition,
    Invalid,
    NotFound,
    PaymentRefused,
    RegistrationLapsed,
    RetryLater,
)
from clinic_contracts.money import Money
from clinic_contracts.schemas import load_answer
from clinic_runtime.clock import now
from clinic_runtime.ids import derived_id, ulid

START = datetime(2026, 12, 1, 17, tzinfo=UTC)
THERAPIST = PractitionerChanged(
    practitioner_id="prac_1",
    name="Robin Ames",
    college="CCHPBC",
    registration_number="RMT-1",
    gst_registered=True,
)


def visit(number: int = 1) -> Visit:
    return Visit(
        appointment_id=f"apt_{number}",
        location_id="loc_1",
        practitioner_id="prac_1",
        room_id="room_1",
        client_id="cli_1",
        treatment_id="trt_1",
        start=START,
        end=START + timedelta(hours=1),
        local_start=datetime(2026, 12, 1, 10),
        timezone="America/Vancouver",
        price=Money(amount_minor=11500),
    )


class Office:
    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self.database = database
        repository.ensure(database)

    def learn(self, annual_maximum: Money | None = None) -> None:
        known = [
            ("locations", "loc_1", LocationChanged(
                location_id="loc_1", name="Fernwood", timezone="America/Vancouver",
                address="1 Main", tax_region="CA-BC")),
            ("practitioners", "prac_1", THERAPIST),
            ("treatments", "trt_1", TreatmentChanged(
                treatment_id="trt_1", name="Massage", discipline="massage_therapy",
                duration=60, price=Money(amount_minor=11500))),
            ("clients", "cli_1", ClientChanged(
                client_id="cli_1", name="Ada Sample", emails=(), phones=(),
                preferred_channel="email", language="en")),
            ("coverages", "pol_1", CoverageChanged(
                coverage_id="pol_1", client_id="cli_1", kind="extended_health", carrier="Carrier",
                group_number="", member_id="1", percent=80, order=1, benefit_year_start="01-01",
                annual_maximum=annual_maximum)),
        ]  # fmt: skip
        for name, id_, view in known:
            repository.keep(self.database, name, id_, 1, view)

    def desk(self, operation_id: str | None = None, **more: Any) -> Desk:
        context = CallContext(
            actor="staff:test", correlation_id=ulid(), operation_id=operation_id or ulid(), **more
        )
        return Desk(
            transact=lambda work: repository.transact(self.database, context, work),
            rules=tax_rules(),
            cards=SimulatedCards(),
            context=context,
            now=now(),
            new_id=derived_id,
        )

    def invoice(self, number: int = 1) -> r.InvoiceView:
        use_cases.invoice_visit(visit(number), self.desk())
        found = self.database["invoices"].find_one({"state.appointment_id": f"apt_{number}"})
        assert found is not None
        return repository.view_of(r.InvoiceView, found)

    def pay(
        self, invoice: r.InvoiceView, operation_id: str | None = None, **more: Any
    ) -> r.PaymentView:
        request = r.PayInvoice(**{"invoice_id": invoice.id, "method": "cash", **more})
        return use_cases.pay_invoice(request, self.desk(operation_id))


@pytest.fixture
def office(database: Database[dict[str, Any]]) -> Office:
    made = Office(database)
    made.learn()
    return made


def test_an_invoice_explains_every_cent(office: Office) -> None:
    invoice = office.invoice()
    assert (invoice.total, invoice.client_portion, invoice.payer_portion) == (
        Money(amount_minor=12075),
        Money(amount_minor=2875),
        Money(amount_minor=9200),
    )
    assert sum(part.amount.amount_minor for part in invoice.split) == 12075
    assert len(invoice.claim_ids) == 1
    claim = office.database["claims"].find_one({"_id": invoice.claim_ids[0]})
    assert claim is not None
    assert (claim["state"]["state"], claim["state"]["amount"]["amount_minor"]) == ("draft", 9200)
    assert repository.imbalance(office.database) == 0


def test_a_visit_is_invoiced_once_however_often_it_is_told(office: Office) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: use_cases.invoice_visit(visit(), office.desk()), range(8)))
    for name in ("invoices", "claims", "ledger"):
        assert office.database[name].count_documents({}) == 1
    used = office.database["benefit_years"].find_one({})
    assert used is not None
    assert used["used"] == 9200


def test_what_has_not_arrived_is_waited_for(database: Database[dict[str, Any]]) -> None:
    office = Office(database)
    with pytest.raises(RetryLater):
        use_cases.invoice_visit(visit(), office.desk())
    assert database["invoices"].count_documents({}) == 0


def test_a_years_maximum_is_never_overspent(database: Database[dict[str, Any]]) -> None:
    office = Office(database)
    office.learn(annual_maximum=Money(amount_minor=20000))
    with ThreadPoolExecutor(6) as pool:
        parts = [i.payer_portion.amount_minor for i in pool.map(office.invoice, range(6))]
    assert sorted(parts, reverse=True) == [9200, 9200, 1600, 0, 0, 0]
    assert repository.imbalance(database) == 0


def test_a_payment_gives_a_receipt_and_settles_the_invoice(office: Office) -> None:
    invoice = office.invoice()
    first = office.pay(invoice, amount=Money(amount_minor=1000))
    second = office.pay(invoice, method="card", card_token="tok_visa")
    assert (first.amount.amount_minor, second.amount.amount_minor) == (1000, 1875)
    with pytest.raises(IllegalTransition):
        office.pay(invoice)
    assert repository.imbalance(office.database) == 0
    receipt = office.database["receipts"].find_one({"_id": second.receipt_id})
    assert receipt is not None
    view = load_answer(r.ReceiptView, receipt["state"])
    assert (view.number, view.practitioner_name, view.balance.amount_minor) == (2, "Robin Ames", 0)
    assert printing.receipt_pdf(view, duplicate=True).startswith(b"%PDF")


def test_a_retried_payment_is_one_payment(office: Office) -> None:
    invoice = office.invoice()
    assert office.pay(invoice, "same") == office.pay(invoice, "same")
    assert office.database["payments"].count_documents({}) == 1


def test_concurrent_payments_cannot_overpay_nor_skip_a_receipt(office: Office) -> None:
    invoice = office.invoice()

    def attempt(_: int) -> int:
        try:
            return office.pay(invoice, amount=Money(amount_minor=1000)).amount.amount_minor
        except ClinicError:
            return 0

    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(attempt, range(8)))
    assert sum(taken) == 2000
    numbers = [row["number"] for row in office.database["receipts"].find().sort("number", 1)]
    assert numbers == [1, 2]
    assert repository.imbalance(office.database) == 0


@pytest.mark.parametrize(
    ("more", "refusal"),
    [
        ({"amount": Money(amount_minor=2876)}, PaymentRefused),
        ({"amount": Money(amount_minor=0)}, Invalid),
        ({"amount": Money(amount_minor=100, currency="USD")}, Invalid),
        ({"method": "card"}, Invalid),
        ({"method": "card", "card_token": "tok_declined"}, PaymentRefused),
        ({"invoice_id": "inv_none"}, NotFound),
    ],
)
def test_a_refused_payment_leaves_nothing(
    office: Office, more: dict[str, Any], refusal: type[Exception]
) -> None:
    invoice = office.invoice()
    with pytest.raises(refusal):
        office.pay(invoice, **more)
    assert office.database["payments"].count_documents({}) == 0
    assert office.database["counters"].count_documents({}) == 0
    assert office.database["ledger"].count_documents({}) == 1


def test_no_receipt_for_a_day_without_registration(office: Office) -> None:
    lapsed = replace(THERAPIST, registration_valid_to=date(2026, 11, 30))
    repository.keep(office.database, "practitioners", "prac_1", 2, lapsed)
    with pytest.raises(RegistrationLapsed):
        office.pay(office.invoice())


def test_the_database_itself_refuses_what_does_not_balance(office: Office) -> None:
    postings = [{"account": "cash", "minor": 5}, {"account": "revenue", "minor": -4}]
    with pytest.raises(WriteError):
        office.database["ledger"].insert_one({"currency": "CAD", "postings": postings})


def test_another_locations_invoice_is_not_there(office: Office) -> None:
    invoice = office.invoice()
    elsewhere = office.desk(location_scope=("loc_other",))
    request = r.PayInvoice(invoice_id=invoice.id, method="cash")
    with pytest.raises(NotFound):
        use_cases.pay_invoice(request, elsewhere)
