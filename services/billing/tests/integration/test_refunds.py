"""Refunds: never more than was paid, asked of the processor once, seen in invoice and ledger."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from billing.use_cases import correcting, records, refunding
from clinic_contracts.billing.payments import (
    CorrectReceipt,
    ListPayments,
    PrintReceipt,
    RefundPayment,
    RefundView,
)
from clinic_contracts.errors import (
    ClinicError,
    IllegalTransition,
    Invalid,
    NotFound,
    PaymentRefused,
)
from clinic_contracts.money import Money


def cad(minor: int) -> Money:
    return Money(amount_minor=minor)


class ProcessEndedError(Exception):
    """Stands for the end of the process at this point."""


def is_refunded(office: Any, invoice_id: str, minor: int) -> bool:
    """Say whether one refund of so much was given back, receipted, and is owed again."""
    invoice = office.reread(invoice_id)
    (kept,) = office.database["refunds"].find()
    assert set(kept) == {"_id", "state"}
    assert kept["state"]["status"] == "succeeded"
    (payment,) = office.payments()
    assert (payment.refunded, payment.refunding) == (cad(minor), cad(0))
    assert set(office.findings().values()) == {0}
    return bool(invoice.status == "open" and invoice.balance == cad(minor))


def test_cash_is_given_back_with_a_receipt_of_its_own(office: Any) -> None:
    invoice = office.invoice()
    payment = office.pay(invoice)
    refund = office.refund(payment, amount=cad(1000))
    receipt = office.receipt(refund)
    assert (receipt.kind, receipt.number, receipt.corrects_number) == ("refund", 2, 1)
    assert (receipt.amount_paid, receipt.balance, receipt.reason) == (
        cad(1000),
        cad(1000),
        "paid twice",
    )
    assert office.cards.asked == []
    assert is_refunded(office, invoice.id, 1000)
    entry = office.database["ledger"].find_one({"_id": f"refund:{refund.id}"})
    assert [(each["account"], each["minor"]) for each in entry["postings"]] == [
        ("ar_client", 1000),
        ("cash", -1000),
    ]
    assert office.pay(invoice).amount == cad(1000)


def test_what_was_paid_on_an_invoice_and_given_back_is_one_list(office: Any) -> None:
    invoice, other = office.invoice(), office.invoice(2)
    first = office.pay(invoice, amount=cad(1000))
    second = office.pay(invoice, amount=cad(200))
    refund = office.refund(first, amount=cad(300))
    office.pay(other)
    listed = records.list_payments(ListPayments(invoice_id=invoice.id), office.desk())
    assert [each.id for each in listed.items] == [first.id, second.id]
    assert [each.refunded for each in listed.items] == [cad(300), cad(0)]
    assert listed.refunds == (refund,)


def test_a_refund_tells_of_itself_once(office: Any) -> None:
    invoice = office.invoice()
    payment = office.pay_by_card(invoice)
    assert office.refund(payment, "same") == office.refund(payment, "same")
    events = [e["event"] for e in office.database["invoices"].find_one()["outbox"]]
    (event,) = [e for e in events if e["type"] == "billing.payment_refunded.v1"]
    assert (event["data"]["amount"]["amount_minor"], event["subject"]) == (2875, invoice.id)
    assert is_refunded(office, invoice.id, 2875)


@pytest.mark.parametrize("step", ["before", "after"])
@pytest.mark.parametrize("resumed_by", ["retry", "sweep"])
def test_a_process_that_ends_around_the_refund_is_resumed(
    office: Any, step: str, resumed_by: str
) -> None:
    invoice = office.invoice()
    payment = office.pay_by_card(invoice)
    setattr(office.cards, step, ProcessEndedError())
    with pytest.raises(ProcessEndedError):
        office.refund(payment, "same")
    assert office.reread(invoice.id).status == "paid"
    assert set(office.findings().values()) == {0}
    with pytest.raises(PaymentRefused):
        office.refund(payment, amount=cad(1))
    setattr(office.cards, step, None)
    if resumed_by == "retry":
        assert office.refund(payment, "same").status == "succeeded"
    else:
        office.sweep()
    assert office.cards.refunded == {office.refund(payment, "same").id: 2875}
    assert is_refunded(office, invoice.id, 2875)


def test_a_refund_that_the_processor_refuses_leaves_all_as_it_was(office: Any) -> None:
    invoice = office.invoice()
    payment = office.pay_by_card(invoice)
    office.cards.before = PaymentRefused("no", reason="expired_or_canceled_card")
    for _ in range(2):
        with pytest.raises(PaymentRefused) as refused:
            office.refund(payment, "same")
        assert refused.value.extra == {"reason": "expired_or_canceled_card"}
    office.cards.before = None
    assert office.reread(invoice.id).status == "paid"
    assert office.database["refunds"].find_one()["state"]["status"] == "failed"
    assert office.database["receipts"].count_documents({}) == 1
    assert office.refund(payment).amount == payment.amount
    assert set(office.findings().values()) == {0}


def test_refunds_at_once_never_exceed_the_payment(office: Any) -> None:
    payment = office.pay_by_card(office.invoice())

    def attempt(_: int) -> int:
        try:
            return int(office.refund(payment, amount=cad(1000)).amount.amount_minor)
        except ClinicError:
            return 0

    with ThreadPoolExecutor(6) as pool:
        given = list(pool.map(attempt, range(6)))
    assert sum(given) == sum(office.cards.refunded.values()) == 2000
    numbers = [row["number"] for row in office.database["receipts"].find().sort("number", 1)]
    assert numbers == [1, 2, 3]
    assert set(office.findings().values()) == {0}


@pytest.mark.parametrize(
    ("more", "refusal"),
    [
        ({"amount": cad(2876)}, PaymentRefused),
        ({"amount": cad(0)}, Invalid),
        ({"amount": Money(amount_minor=100, currency="USD")}, Invalid),
        ({"payment_id": "pay_none"}, NotFound),
    ],
)
def test_a_refused_refund_leaves_nothing(
    office: Any, more: dict[str, Any], refusal: type[Exception]
) -> None:
    payment = office.pay(office.invoice())
    with pytest.raises(refusal):
        office.refund(payment, **more)
    assert office.database["refunds"].count_documents({}) == 0
    assert office.payments() == [payment]


def test_what_was_not_paid_is_not_refunded(office: Any) -> None:
    with pytest.raises(PaymentRefused):
        office.pay_by_card(office.invoice(), card_token="tok_declined")
    (payment,) = office.payments()
    with pytest.raises(IllegalTransition):
        office.refund(payment)


def test_another_locations_payments_and_refunds_are_not_there(office: Any) -> None:
    payment = office.pay(office.invoice())
    refund = office.refund(payment)
    elsewhere = office.desk(location_scope=("loc_other",))
    for look in (
        lambda: records.get_payment(payment.id, elsewhere),
        lambda: refunding.get_refund(refund.id, elsewhere),
        lambda: refunding.refund_payment(
            RefundPayment(payment_id=payment.id, reason="no"), elsewhere
        ),
        lambda: correcting.correct_receipt(
            CorrectReceipt(receipt_id=payment.receipt_id, reason="no"), elsewhere
        ),
    ):
        with pytest.raises(NotFound):
            look()
    assert isinstance(refunding.get_refund(refund.id, office.desk()), RefundView)


def test_a_refund_of_which_the_payment_knows_nothing_is_found(office: Any) -> None:
    payment = office.pay(office.invoice())
    office.refund(payment, amount=cad(1000))
    office.database["payments"].update_one({}, {"$inc": {"state.refunded.amount_minor": -300}})
    assert office.findings()["payments_unposted_minor"] == 300


def test_a_refund_that_is_not_in_the_ledger_is_found(office: Any) -> None:
    payment = office.pay(office.invoice())
    office.refund(payment, amount=cad(1000))
    office.database["ledger"].delete_one({"_id": {"$regex": "^refund:"}})
    found = office.findings()
    assert (found["payments_unposted_minor"], found["ledger_imbalance_minor"]) == (1000, 1000)


def correct(office: Any, receipt_id: str, operation_id: str | None = None) -> Any:
    request = CorrectReceipt(receipt_id=receipt_id, reason="her name was misspelt")
    return correcting.correct_receipt(request, office.desk(operation_id))


def test_a_receipt_is_corrected_by_reversal_alone(office: Any) -> None:
    payment = office.pay(office.invoice())
    first = office.receipt(payment)
    office.therapist_changes(name="Robin Ames-Lee")
    second = correct(office, first.id, "same")
    assert correct(office, first.id, "same") == second
    receipts = list(office.database["receipts"].find().sort("number", 1))
    kinds = [(r["state"]["kind"], r["state"]["corrects_number"]) for r in receipts]
    assert kinds == [("payment", None), ("reversal", 1), ("payment", 1)]
    assert office.receipt(payment) == first
    assert (second.practitioner_name, second.amount_paid) == ("Robin Ames-Lee", payment.amount)
    assert [p.receipt_id for p in office.payments()] == [second.id]
    assert set(office.findings().values()) == {0}
    with pytest.raises(IllegalTransition):
        correct(office, first.id)
    with pytest.raises(IllegalTransition):
        correct(office, receipts[1]["_id"])
    refund = office.refund(payment)
    assert office.receipt(refund).corrects_number == 3


def test_receipts_corrected_at_once_are_reversed_once(office: Any) -> None:
    first = office.receipt(office.pay(office.invoice()))

    def attempt(_: int) -> bool:
        try:
            return bool(correct(office, first.id))
        except IllegalTransition:
            return False

    with ThreadPoolExecutor(5) as pool:
        assert sorted(pool.map(attempt, range(5))) == [False] * 4 + [True]
    assert set(office.findings().values()) == {0}


@pytest.mark.parametrize("form", ["pdf", "html"])
def test_every_print_after_the_first_is_a_duplicate_whatever_the_form(
    office: Any, form: Any
) -> None:
    payment = office.pay(office.invoice())
    asked = PrintReceipt(receipt_id=payment.receipt_id, form=form)
    first, second = (records.print_receipt(asked, office.desk()) for _ in range(2))
    assert first.filename == f"receipt-1.{form}"
    assert first.content_base64 != second.content_base64
