"""Card payments stopped at each step: charged once, recorded once, nothing left reserved."""

import base64
import dataclasses
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from pymongo.database import Database

from billing.service import BillingService
from billing.use_cases import paying
from clinic_contracts.billing.requests import PayInvoice
from clinic_contracts.errors import IllegalTransition, PaymentRefused, ServiceUnavailable
from clinic_contracts.money import Money
from clinic_runtime.testing import eventually, running


class ProcessEndedError(Exception):
    """Stands for the end of the process at this point."""


def is_paid(office: Any, invoice_id: str) -> bool:
    """Say whether an invoice is settled by one charge, with one receipt and nothing reserved."""
    invoice = office.reread(invoice_id)
    (payment,) = office.payments()
    assert payment.status == "succeeded"
    assert office.cards.charged == {payment.id: 2875}
    assert office.receipt(payment).number == 1
    assert set(office.findings().values()) == {0}
    kept = office.database["payments"].find_one({})
    assert set(kept) == {"_id", "state"}
    return bool(invoice.status == "paid" and invoice.reserved.amount_minor == 0)


def test_a_card_settles_an_invoice(office: Any) -> None:
    invoice = office.invoice()
    payment = office.pay_by_card(invoice)
    assert (payment.status, payment.amount) == ("succeeded", invoice.balance)
    assert office.cards.asked == [payment.id]
    assert is_paid(office, invoice.id)


@pytest.mark.parametrize("step", ["before", "after"])
@pytest.mark.parametrize("resumed_by", ["retry", "sweep"])
def test_a_process_that_ends_around_the_charge_is_resumed(
    office: Any, step: str, resumed_by: str
) -> None:
    invoice = office.invoice()
    setattr(office.cards, step, ProcessEndedError())
    with pytest.raises(ProcessEndedError):
        office.pay_by_card(invoice, "same")
    assert [payment.status for payment in office.payments()] == ["processing"]
    assert office.reread(invoice.id).reserved == invoice.balance
    assert set(office.findings().values()) == {0}
    setattr(office.cards, step, None)
    if resumed_by == "retry":
        assert office.pay_by_card(invoice, "same").status == "succeeded"
    else:
        office.sweep()
    assert is_paid(office, invoice.id)
    assert office.pay_by_card(invoice, "same").status == "succeeded"
    assert is_paid(office, invoice.id)


def test_a_record_that_fails_after_the_charge_is_made_later(office: Any) -> None:
    invoice = office.invoice()
    office.database.command("collMod", "receipts", validator={"never": True})
    with pytest.raises(Exception, match="validation"):
        office.pay_by_card(invoice, "same")
    assert office.database["counters"].find_one({"_id": "receipt|loc_1"}) is None
    office.database.command("collMod", "receipts", validator={})
    office.sweep()
    assert is_paid(office, invoice.id)


def test_the_sweep_leaves_a_payment_a_minute(office: Any) -> None:
    office.cards.before = ServiceUnavailable("the processor is away", retry_after=2)
    invoice = office.invoice()
    with pytest.raises(ServiceUnavailable):
        office.pay_by_card(invoice)
    office.sweep(timedelta(seconds=50))
    assert len(office.cards.asked) == 1
    office.sweep(timedelta(seconds=70))
    assert len(office.cards.asked) == 2
    office.sweep(timedelta(seconds=80))
    assert len(office.cards.asked) == 2


def test_one_payments_trouble_does_not_keep_the_others(office: Any) -> None:
    office.cards.before = ProcessEndedError()
    invoices = [office.invoice(number) for number in range(2)]
    for invoice in invoices:
        with pytest.raises(ProcessEndedError):
            office.pay_by_card(invoice)
    office.sweep()
    assert len(office.cards.asked) == 4
    office.cards.before = None
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: office.sweep(timedelta(minutes=5)), range(4)))
    assert len(office.cards.asked) == 6
    assert {office.reread(invoice.id).status for invoice in invoices} == {"paid"}
    assert set(office.findings().values()) == {0}


def test_a_slow_answer_and_the_sweep_record_one_payment(office: Any) -> None:
    invoice = office.invoice()
    office.cards.meanwhile = office.sweep
    assert office.pay_by_card(invoice).status == "succeeded"
    assert len(office.cards.asked) == 2
    assert is_paid(office, invoice.id)


def test_a_declined_card_frees_the_balance_and_stays_declined(office: Any) -> None:
    invoice = office.invoice()
    refusals = []
    for _ in range(2):
        with pytest.raises(PaymentRefused) as refused:
            office.pay_by_card(invoice, "same", card_token="tok_declined")
        refusals.append((refused.value.detail, refused.value.extra))
    assert refusals[0] == refusals[1]
    assert refusals[0][1] == {"reason": "card_declined"}
    assert len(office.cards.asked) == 1
    assert [(p.status, p.reason) for p in office.payments()] == [("canceled", "card_declined")]
    assert office.reread(invoice.id).reserved.amount_minor == 0
    assert office.database["counters"].find_one({"_id": "receipt|loc_1"}) is None
    assert office.pay(invoice).amount == invoice.balance
    assert set(office.findings().values()) == {0}


def test_a_card_declined_in_the_sweep_frees_the_balance(office: Any) -> None:
    invoice = office.invoice()
    office.cards.before = ProcessEndedError()
    with pytest.raises(ProcessEndedError):
        office.pay_by_card(invoice, "same", card_token="tok_declined")
    office.cards.before = None
    office.sweep()
    with pytest.raises(PaymentRefused):
        office.pay_by_card(invoice, "same", card_token="tok_declined")
    assert office.pay(invoice).amount == invoice.balance


def test_cash_leaves_what_a_card_payment_has_reserved(office: Any) -> None:
    invoice = office.invoice()
    office.cards.after = ProcessEndedError()
    with pytest.raises(ProcessEndedError):
        office.pay_by_card(invoice, amount=Money(amount_minor=2000))
    with pytest.raises(PaymentRefused) as refused:
        office.pay(invoice, amount=Money(amount_minor=876))
    assert refused.value.extra == {"reason": "payment_under_way", "balance": 875}
    assert office.pay(invoice).amount == Money(amount_minor=875)
    with pytest.raises(PaymentRefused):
        office.pay(invoice)
    office.cards.after = None
    office.sweep()
    assert office.reread(invoice.id).status == "paid"
    assert set(office.findings().values()) == {0}


def test_two_cards_together_cannot_exceed_the_balance(office: Any) -> None:
    invoice = office.invoice()

    def attempt(_: int) -> str:
        try:
            return str(office.pay_by_card(invoice).status)
        except (PaymentRefused, IllegalTransition):
            return "refused"

    with ThreadPoolExecutor(6) as pool:
        outcomes = sorted(pool.map(attempt, range(6)))
    assert outcomes == ["refused"] * 5 + ["succeeded"]
    assert sum(office.cards.charged.values()) == invoice.balance.amount_minor
    assert is_paid(office, invoice.id)


def test_cash_is_one_transaction(office: Any) -> None:
    invoice = office.invoice()
    desk = office.desk()
    transactions = []

    def counted(work: Any) -> Any:
        transactions.append(work)
        return desk.transact(work)

    request = PayInvoice(invoice_id=invoice.id, method="cash")
    paid = paying.pay_invoice(request, dataclasses.replace(desk, transact=counted))
    assert (paid.status, len(transactions), office.cards.asked) == ("succeeded", 1, [])


def test_the_service_sweeps_by_itself(
    office: Any, database: Database[dict[str, Any]], mongo_uri: str, amqp_uri: str
) -> None:
    invoice = office.invoice()
    office.cards.after = ProcessEndedError()
    with pytest.raises(ProcessEndedError):
        office.pay_by_card(invoice)
    minute_ago = {"$subtract": ["$asked_at", 61_000]}
    database["payments"].update_one({}, [{"$set": {"asked_at": minute_ago}}])
    config = {
        "amqp_uri": amqp_uri,
        "mongo_uri": mongo_uri,
        "database": database.name,
        "file_key": base64.b64encode(b"k" * 32).decode(),
    }
    with running(BillingService, config):
        eventually(lambda: office.reread(invoice.id).status == "paid", timeout=20)
    assert is_paid(office, invoice.id)
    event = eventually(lambda: database["journal"].find_one({"event.actor": "staff:test"}))
    assert event["event"]["source"] == "billing"
