from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from pymongo.errors import WriteError

from billing import payments, repository
from clinic_contracts.billing import requests as r
from clinic_contracts.booking import events as b
from clinic_contracts.client_profile import events as c
from clinic_contracts.context import CallContext
from clinic_contracts.errors import IllegalTransition, PaymentRefused
from clinic_contracts.money import Money
from clinic_contracts.schemas import dump

AT = datetime(2026, 12, 1, 18, 0, tzinfo=UTC)
VISIT = b.Visit(
    appointment_id="apt_1", location_id="loc_1", practitioner_id="prac_1", room_id="room_1",
    client_id="cli_1", treatment_id="trt_1", start=AT, end=AT + timedelta(hours=1),
    local_start=datetime(2026, 12, 1, 10), timezone="America/Vancouver",
    price=Money(amount_minor=11500),
)  # fmt: skip
COVERAGE = c.CoverageChanged(
    coverage_id="pol_1", client_id="cli_1", kind="extended_health", carrier="Life",
    group_number="G", member_id="M", percent=80, order=1, benefit_year_start="01-01",
)  # fmt: skip


def context(operation):
    return CallContext(actor="staff:1", correlation_id="c", operation_id=operation)


@pytest.fixture
def invoiced(database):
    repository.ensure(database)
    rows = {
        "locations": b.LocationChanged(location_id="loc_1", name="F", timezone="America/Vancouver",
                                       address="1 Street", tax_region="CA-BC"),
        "practitioners": b.PractitionerChanged(
            practitioner_id="prac_1", name="R", college="CCHPBC", registration_number="1",
            registration_valid_to=date(2027, 3, 31), gst_registered=True),
        "treatments": b.TreatmentChanged(treatment_id="trt_1", name="Massage", duration=60,
                                         discipline="massage_therapy", price=VISIT.price),
    }  # fmt: skip
    for name, data in rows.items():
        id_ = getattr(data, f"{name[:-1]}_id")
        database[name].insert_one({"_id": id_, **dump(data)})
    database["clients"].insert_one({"_id": "cli_1", "name": "Ada"})
    database["coverages"].insert_one({"_id": "pol_1", "client_id": "cli_1", "view": dump(COVERAGE)})
    for _ in range(2):
        repository.issue_invoice(database, VISIT, context("evt_1"), AT)
    return database


def test_an_event_delivered_twice_invoices_once(invoiced):
    assert [invoiced[n].count_documents({}) for n in ("invoices", "claims", "ledger")] == [1, 1, 1]
    view = payments.invoice_view(invoiced["invoices"].find_one())
    assert view.client_portion.amount_minor == 2300 + 575


def test_eight_concurrent_payments_cannot_overpay(invoiced):
    id_ = invoiced["invoices"].find_one()["_id"]

    def pay(n):
        request = r.PayInvoice(invoice_id=id_, method="cash", amount=Money(amount_minor=1000))
        try:
            return payments.pay(invoiced, request, context(f"op{n}"), AT)
        except (PaymentRefused, IllegalTransition):
            return None

    with ThreadPoolExecutor(8) as pool:
        paid = [p for p in pool.map(pay, range(8)) if p]
    assert len(paid) == 2
    assert sorted(x["number"] for x in invoiced["receipts"].find()) == [1, 2]
    row = invoiced["receipts"].find_one()
    assert payments.print_receipt(invoiced, row, context("p"), AT).content_base64


def test_the_database_refuses_an_unbalanced_entry(invoiced):
    entry = {"key": "x", "currency": "CAD", "postings": [
        {"account": "a", "minor": 1, "currency": "CAD"},
        {"account": "b", "minor": 1, "currency": "CAD"}]}  # fmt: skip
    with pytest.raises(WriteError):
        invoiced["ledger"].insert_one(entry)
