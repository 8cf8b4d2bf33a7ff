"""Gift cards, packages and deposits: a liability when sold, revenue when used, to the cent."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from billing.use_cases import fees, refunding, selling
from clinic_contracts.billing import prepaid as c
from clinic_contracts.billing.invoices import VoidInvoice
from clinic_contracts.errors import (
    ClinicError,
    IllegalTransition,
    Invalid,
    NotFound,
    PaymentRefused,
)
from clinic_contracts.money import Money
from clinic_runtime.clock import now


def cad(minor: int) -> Money:
    return Money(amount_minor=minor)


@pytest.fixture
def shop(office: Any) -> Any:
    """An office whose client has no insurer."""
    office.database["coverages"].delete_many({})
    return office


def gift_card(office: Any, minor: int = 20000, operation_id: str | None = None) -> c.PrepaidView:
    request = c.SellGiftCard(location_id="loc_1", client_id="cli_1", amount=cad(minor))
    return selling.sell_gift_card(request, office.desk(operation_id))


def package(office: Any, **more: Any) -> c.PrepaidView:
    asked = {"units": 3, "price": cad(30001), **more}
    request = c.SellPackage(location_id="loc_1", client_id="cli_1", treatment_id="trt_1", **asked)
    return selling.sell_package(request, office.desk())


def deposit(office: Any, minor: int = 5000) -> c.PrepaidView:
    request = c.TakeDeposit(
        location_id="loc_1", client_id="cli_1", amount=cad(minor), appointment_id="apt_1"
    )
    return selling.take_deposit(request, office.desk())


def paid_for(office: Any, sold: c.PrepaidView, *, by_card: bool = False) -> c.PrepaidView:
    pay = office.pay_by_card if by_card else office.pay
    pay(office.reread(sold.invoice_id))
    return again(office, sold)


def again(office: Any, sold: c.PrepaidView) -> c.PrepaidView:
    return selling.get_prepaid(sold.id, office.desk())


def redeem(office: Any, sold: c.PrepaidView, invoice: Any, **more: Any) -> Any:
    return office.pay(invoice, **{"method": sold.kind, "prepaid_id": sold.id, **more})


def accounts(office: Any) -> dict[str, int]:
    """Return the balance of each account that has one."""
    rows = office.database["ledger"].aggregate([
        {"$unwind": "$postings"},
        {"$group": {"_id": "$postings.account", "minor": {"$sum": "$postings.minor"}}},
    ])  # fmt: skip
    return {row["_id"]: row["minor"] for row in rows if row["minor"]}


def all_well(office: Any) -> bool:
    return set(office.findings().values()) == {0}


def test_a_gift_card_is_a_liability_until_it_is_used(shop: Any) -> None:
    card = paid_for(shop, gift_card(shop))
    assert (card.status, card.balance) == ("active", cad(20000))
    assert accounts(shop) == {"cash": 20000, "gift_card_liability": -20000}
    invoice = shop.invoice()
    payment = redeem(shop, card, invoice)
    assert (payment.amount, payment.value) == (cad(12075), cad(12075))
    assert shop.reread(invoice.id).status == "paid"
    assert again(shop, card).balance == cad(7925)
    assert accounts(shop) == {
        "cash": 20000,
        "gift_card_liability": -7925,
        "revenue": -11500,
        "gst_payable": -575,
    }
    rest = redeem(shop, card, shop.invoice(2))
    assert rest.amount == cad(7925)
    assert (again(shop, card).status, again(shop, card).balance) == ("used_up", cad(0))
    assert shop.receipt(rest).method == "gift_card"
    assert all_well(shop)


def test_a_sale_is_made_once_and_tells_of_itself(shop: Any) -> None:
    with ThreadPoolExecutor(4) as pool:
        sold = list(pool.map(lambda _: gift_card(shop, operation_id="same"), range(4)))
    assert len({each.id for each in sold}) == 1
    assert shop.database["invoices"].count_documents({}) == 1
    paid_for(shop, sold[0])
    row = shop.database["prepaid"].find_one({})
    told = [entry["event"]["data"]["status"] for entry in row["outbox"]]
    assert told == ["unpaid", "active"]


def test_what_is_not_paid_for_pays_nothing(shop: Any) -> None:
    card = gift_card(shop)
    with pytest.raises(IllegalTransition):
        redeem(shop, card, shop.invoice())
    with pytest.raises(PaymentRefused, match="at once"):
        shop.pay(shop.reread(card.invoice_id), amount=cad(1))
    other = paid_for(shop, gift_card(shop))
    with pytest.raises(PaymentRefused, match="with money"):
        redeem(shop, other, shop.reread(card.invoice_id))
    off = fees.void_invoice(
        VoidInvoice(invoice_id=card.invoice_id, reason="changed her mind"), shop.desk()
    )
    assert (off.status, again(shop, card).status) == ("void", "void")
    assert all_well(shop)


def test_visits_of_a_package_are_worth_what_they_were_sold_for_to_the_cent(shop: Any) -> None:
    sold = paid_for(shop, package(shop))
    values = []
    for number in range(3):
        payment = redeem(shop, sold, shop.invoice(number))
        assert payment.amount == cad(12075)
        values.append(payment.value.amount_minor)
    assert values == [10000, 10000, 10001]
    assert (again(shop, sold).status, again(shop, sold).units_left) == ("used_up", 0)
    assert accounts(shop) == {
        "cash": 30001,
        "package_discount": 3 * 12075 - 30001,
        "revenue": -3 * 11500,
        "gst_payable": -3 * 575,
    }
    with pytest.raises(IllegalTransition):
        redeem(shop, sold, shop.invoice(3))
    assert all_well(shop)


def test_a_package_is_its_owners_and_of_whom_it_is_shared_with(shop: Any) -> None:
    theirs = paid_for(shop, package(shop))
    shared = paid_for(shop, package(shop, shared_with=("cli_2",)))
    invoice = shop.invoice()
    shop.database["invoices"].update_one(
        {"_id": invoice.id}, {"$set": {"state.client_id": "cli_2"}}
    )
    with pytest.raises(PaymentRefused) as refused:
        redeem(shop, theirs, invoice)
    assert refused.value.extra == {"reason": "other_client"}
    assert redeem(shop, shared, invoice).status == "succeeded"


def test_a_package_pays_a_whole_visit_of_its_treatment(shop: Any) -> None:
    sold = paid_for(shop, package(shop, price=cad(37000)))
    invoice = shop.invoice()
    for change, reason in (
        ({"state.lines.0.treatment_id": "trt_2"}, "other_treatment"),
        ({"state.lines.0.treatment_id": "trt_1"}, "worth_more"),
    ):
        shop.database["invoices"].update_one({"_id": invoice.id}, {"$set": change})
        with pytest.raises(PaymentRefused) as refused:
            redeem(shop, sold, invoice)
        assert refused.value.extra["reason"] == reason
    cheaper = paid_for(shop, package(shop))
    shop.pay(invoice, amount=cad(1))
    with pytest.raises(PaymentRefused) as refused:
        redeem(shop, cheaper, invoice)
    assert refused.value.extra["reason"] == "part_of_visit"


def test_a_visit_given_back_is_on_the_package_again(shop: Any) -> None:
    sold = paid_for(shop, package(shop))
    invoice = shop.invoice()
    before = accounts(shop)
    payment = redeem(shop, sold, invoice)
    with pytest.raises(PaymentRefused, match="whole"):
        shop.refund(payment, amount=cad(1))
    refund = shop.refund(payment)
    assert (refund.method, shop.receipt(refund).kind) == ("package", "refund")
    assert (again(shop, sold).units_left, again(shop, sold).balance) == (3, cad(30001))
    assert accounts(shop) == before
    assert shop.reread(invoice.id).status == "open"
    assert all_well(shop)


def test_part_of_a_payment_goes_back_on_the_gift_card(shop: Any) -> None:
    card = paid_for(shop, gift_card(shop, 12075))
    payment = redeem(shop, card, shop.invoice())
    shop.refund(payment, amount=cad(75))
    assert (again(shop, card).status, again(shop, card).balance) == ("active", cad(75))
    assert all_well(shop)


@pytest.mark.parametrize("by_card", [False, True])
def test_what_is_left_is_given_back_the_way_it_was_paid(shop: Any, by_card: bool) -> None:  # noqa: FBT001
    held = paid_for(shop, deposit(shop), by_card=by_card)
    redeem(shop, held, shop.invoice(), amount=cad(2000))
    refund = refunding.refund_prepaid(
        c.RefundPrepaid(prepaid_id=held.id, reason="moves away"), shop.desk()
    )
    assert (refund.amount, refund.method) == (cad(3000), "card" if by_card else "cash")
    assert shop.cards.refunded == ({refund.id: 3000} if by_card else {})
    ended = again(shop, held)
    assert (ended.status, ended.balance) == ("refunded", cad(0))
    assert [use.what for use in ended.uses] == ["redeemed", "refunded"]
    assert shop.reread(held.invoice_id).status == "paid"
    assert "deposit_liability" not in accounts(shop)
    assert all_well(shop)
    with pytest.raises(IllegalTransition):
        redeem(shop, ended, shop.invoice(2))


def test_nothing_is_used_while_what_is_left_is_given_back(shop: Any) -> None:
    card = paid_for(shop, gift_card(shop), by_card=True)
    shop.cards.before = ConnectionError("no answer")
    asked = c.RefundPrepaid(prepaid_id=card.id, reason="unwanted")
    with pytest.raises(ConnectionError):
        refunding.refund_prepaid(asked, shop.desk("same"))
    assert again(shop, card).status == "refunding"
    with pytest.raises(IllegalTransition):
        redeem(shop, card, shop.invoice())
    shop.cards.before = PaymentRefused("no", reason="expired_card")
    with pytest.raises(PaymentRefused):
        refunding.refund_prepaid(asked, shop.desk("same"))
    assert again(shop, card).status == "active"
    shop.cards.before = None
    assert refunding.refund_prepaid(asked, shop.desk()).status == "succeeded"
    assert all_well(shop)


def test_the_price_of_a_sale_is_not_refunded_past_what_was_used(shop: Any) -> None:
    card = paid_for(shop, gift_card(shop))
    (payment,) = shop.payments()
    assert payment.id == card.payment_id
    with pytest.raises(PaymentRefused) as refused:
        shop.refund(payment)
    assert refused.value.extra == {"reason": "sale"}


def test_what_is_left_of_a_package_expires_as_revenue(shop: Any) -> None:
    today = now().date()
    sold = paid_for(shop, package(shop, expires_on=today + timedelta(days=2)))
    redeem(shop, sold, shop.invoice())
    shop.sweep()
    assert again(shop, sold).status == "active"
    shop.sweep(timedelta(days=4))
    shop.sweep(timedelta(days=4))
    ended = again(shop, sold)
    assert (ended.status, ended.units_left, ended.balance) == ("expired", 0, cad(0))
    assert accounts(shop)["breakage"] == -20001
    with pytest.raises(IllegalTransition):
        redeem(shop, sold, shop.invoice(2))
    assert all_well(shop)


def test_a_package_is_not_used_after_its_last_day_though_no_sweep_came(shop: Any) -> None:
    sold = paid_for(shop, package(shop, expires_on=now().date() + timedelta(days=2)))
    gone = (now() - timedelta(days=2)).date().isoformat()
    shop.database["prepaid"].update_one({}, {"$set": {"state.expires_on": gone}})
    with pytest.raises(PaymentRefused) as refused:
        redeem(shop, sold, shop.invoice())
    assert refused.value.extra == {"reason": "expired"}


def test_a_gift_card_used_at_once_in_many_places_pays_no_more_than_it_has(shop: Any) -> None:
    card = paid_for(shop, gift_card(shop, 30000))
    invoices = [shop.invoice(number) for number in range(5)]

    def attempt(invoice: Any) -> int:
        try:
            return int(redeem(shop, card, invoice).amount.amount_minor)
        except ClinicError:
            return 0

    with ThreadPoolExecutor(5) as pool:
        taken = list(pool.map(attempt, invoices))
    assert sorted(taken, reverse=True) == [12075, 12075, 5850, 0, 0]
    assert again(shop, card).status == "used_up"
    assert all_well(shop)


@pytest.mark.parametrize(
    ("sell", "refusal"),
    [
        (lambda shop: gift_card(shop, 0), Invalid),
        (lambda shop: deposit(shop, -5), Invalid),
        (lambda shop: package(shop, price=cad(2)), Invalid),
        (lambda shop: package(shop, expires_on=now().date()), Invalid),
    ],
)
def test_what_cannot_be_sold_is_refused(shop: Any, sell: Any, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        sell(shop)
    assert shop.database["invoices"].count_documents({}) == 0


def test_who_and_where_are_known_and_the_callers(shop: Any) -> None:
    asked = c.SellGiftCard(location_id="loc_1", client_id="cli_9", amount=cad(5))
    with pytest.raises(NotFound):
        selling.sell_gift_card(asked, shop.desk())
    elsewhere = shop.desk(location_scope=("loc_other",))
    with pytest.raises(NotFound):
        selling.sell_gift_card(c.SellGiftCard(
            location_id="loc_1", client_id="cli_1", amount=cad(5)), elsewhere)  # fmt: skip
    card = paid_for(shop, gift_card(shop))
    with pytest.raises(NotFound):
        redeem(shop, card, shop.invoice(), method="deposit")
    with pytest.raises(Invalid):
        shop.pay(shop.invoice(), method="deposit")
    with pytest.raises(PaymentRefused):
        redeem(shop, card, shop.invoice(2), amount=cad(12076))


def test_a_gift_card_that_differs_from_its_liability_is_found(shop: Any) -> None:
    paid_for(shop, gift_card(shop))
    paid_for(shop, gift_card(shop))
    first, second = (row["_id"] for row in shop.database["prepaid"].find())
    for id_, minor in ((first, 100), (second, -100)):
        shop.database["prepaid"].update_one(
            {"_id": id_}, {"$inc": {"state.balance.amount_minor": minor}}
        )
    # Each differs from its liability and from its own uses.
    assert shop.findings()["prepaid_unposted_minor"] == 400


def test_an_insurer_is_not_asked_for_what_a_gift_card_paid(office: Any) -> None:
    """The client's part alone is paid by it: the claim stays as it was."""
    card = paid_for(office, gift_card(office))
    invoice = office.invoice()
    assert redeem(office, card, invoice).amount == cad(2875)
    (claim,) = office.database["claims"].find()
    assert claim["state"]["amount"]["amount_minor"] == 9200
    assert all_well(office)
