"""Fees of visits that were not kept: the client's alone, invoiced once, or called off."""

import base64
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest

from billing.service import BillingService
from billing.use_cases import fees
from clinic_contracts.billing.invoices import VoidInvoice
from clinic_contracts.billing.requests import InvoiceView
from clinic_contracts.booking.events import AppointmentCancelled, AppointmentMissed
from clinic_contracts.errors import IllegalTransition, NotFound, RetryLater
from clinic_contracts.money import Money
from clinic_runtime.ids import derived_id
from clinic_runtime.telling import deliver, forget, told
from clinic_runtime.testing import eventually, running

FEE = Money(amount_minor=5750)


def owe(office: Any, number: int = 1) -> InvoiceView:
    owed = fees.Owed(office.visit(number), FEE, "late_cancellation")
    fees.invoice_fee(owed, office.desk())
    invoice: InvoiceView = office.reread(derived_id("inv", f"apt_{number}", "fee"))
    return invoice


def test_a_fee_has_its_tax_in_it_and_is_no_insurers(office: Any) -> None:
    invoice = owe(office)
    assert (invoice.total, invoice.balance, invoice.payer_portion.amount_minor) == (FEE, FEE, 0)
    (gst,) = invoice.taxes
    assert (gst.base.amount_minor, gst.amount.amount_minor, gst.rule) == (
        5476,
        274,
        "ca-gst-services-2008",
    )
    assert (invoice.kind, invoice.lines[0].description) == ("fee", "Late cancellation: Massage")
    assert [part.payer for part in invoice.split] == ["client"]
    assert office.database["claims"].count_documents({}) == 0
    assert office.database["benefit_years"].count_documents({}) == 0
    assert set(office.findings().values()) == {0}


def test_a_fee_told_many_times_is_invoiced_once(office: Any) -> None:
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: owe(office), range(6)))
    assert office.database["invoices"].count_documents({}) == 1
    assert office.database["counters"].find_one({"_id": "invoice|loc_1"})["number"] == 1


def test_a_fee_waits_for_what_it_needs_to_know(empty_office: Any) -> None:
    with pytest.raises(RetryLater):
        owe(empty_office)
    assert empty_office.database["invoices"].count_documents({}) == 0


def test_a_fee_is_paid_whatever_the_registration_since_nobody_was_treated(office: Any) -> None:
    invoice = owe(office)
    office.therapist_changes(registration_valid_to=date(2026, 1, 1))
    receipt = office.receipt(office.pay(invoice))
    assert (receipt.treatment, receipt.minutes) == ("Late cancellation: Massage", 0)
    assert office.reread(invoice.id).status == "paid"


def void(office: Any, invoice: InvoiceView, reason: str = "she had written", **more: Any) -> Any:
    request = VoidInvoice(invoice_id=invoice.id, reason=reason)
    return fees.void_invoice(request, office.desk(**more))


def test_an_invoice_called_off_is_undone_in_the_ledger(office: Any) -> None:
    invoice = owe(office)
    off = void(office, invoice)
    again = void(office, invoice)
    assert again == office.reread(invoice.id)
    assert (off.status, off.balance.amount_minor, off.total) == ("void", 0, FEE)
    entries = list(office.database["ledger"].find())
    assert {entry["_id"].partition(":")[0] for entry in entries} == {"invoice", "void"}
    totals: dict[str, int] = {}
    for entry in entries:
        for each in entry["postings"]:
            totals[each["account"]] = totals.get(each["account"], 0) + each["minor"]
    assert totals == {"ar_client": 0, "revenue": 0, "gst_payable": 0}
    events = office.database["invoices"].find_one({})["outbox"]
    assert events[-1]["event"]["type"] == "billing.invoice_voided.v1"
    assert set(office.findings().values()) == {0}
    with pytest.raises(IllegalTransition):
        office.pay(invoice)
    with pytest.raises(IllegalTransition):
        void(office, invoice, "another reason")


def test_what_is_paid_or_claimed_is_not_called_off(office: Any) -> None:
    paid = owe(office)
    payment = office.pay(paid, amount=Money(amount_minor=1))
    with pytest.raises(IllegalTransition, match="paid"):
        void(office, paid)
    office.refund(payment)
    assert void(office, paid).status == "void"
    with pytest.raises(IllegalTransition, match="claimed"):
        void(office, office.invoice(2))
    with pytest.raises(NotFound):
        void(office, owe(office, 3), location_scope=("loc_other",))
    assert set(office.findings().values()) == {0}


def test_the_service_invoices_what_booking_tells_and_not_what_was_waived(
    office: Any, mongo_uri: str, amqp_uri: str
) -> None:
    config = {
        "amqp_uri": amqp_uri,
        "mongo_uri": mongo_uri,
        "database": office.database.name,
        "file_key": base64.b64encode(b"k" * 32).decode(),
    }
    late: dict[str, Any] = {"late": True, "fee_reason": "late_cancellation"}
    events = [
        told("apt_1", 2, AppointmentCancelled(
            visit=office.visit(1), fee_waived=False, fee=FEE, **late)),
        told("apt_2", 2, AppointmentCancelled(
            visit=office.visit(2), fee_waived=True, waived_because="discretion", **late)),
        told("apt_3", 2, AppointmentCancelled(
            visit=office.visit(3), late=False, fee_waived=False)),
        told("apt_4", 2, AppointmentMissed(
            visit=office.visit(4), fee_waived=False, fee=Money(amount_minor=11500),
            fee_reason="no_show")),
    ]  # fmt: skip
    forget(amqp_uri, "billing")
    with running(BillingService, config):
        deliver(amqp_uri, "billing", events)
        eventually(lambda: office.database["inbox"].count_documents({}) == len(events), timeout=30)
    invoices = office.database["invoices"].find().sort("state.appointment_id", 1)
    described = [(i["state"]["appointment_id"], i["state"]["lines"][0]["description"])
                 for i in invoices]  # fmt: skip
    assert described == [
        ("apt_1", "Late cancellation: Massage"),
        ("apt_4", "Missed visit: Massage"),
    ]
