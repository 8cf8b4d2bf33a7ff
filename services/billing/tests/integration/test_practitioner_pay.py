"""Rates of pay on a real database, and pay that agrees with the ledger's revenue."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest

from billing.use_cases import fees, practitioner_pay, reporting
from clinic_contracts.billing import pay as c
from clinic_contracts.billing.invoices import VoidInvoice
from clinic_contracts.billing.reports import GetRevenue
from clinic_contracts.context import CallContext
from clinic_contracts.errors import AlreadyExists, Invalid, NotFound
from clinic_contracts.money import Money
from clinic_runtime.watching import Watch

FIRST, LAST = date(2026, 11, 1), date(2026, 12, 31)


def add(office: Any, operation_id: str | None = None, **more: Any) -> c.PayRate:
    given = {"location_id": "loc_1", "from_": date(2026, 1, 1), "rate_bp": 4000}
    desk = office.desk(operation_id)
    return practitioner_pay.add_pay_rate(c.AddPayRate(**{**given, **more}), desk)


def report(office: Any, scope: tuple[str, ...] | None = None, **more: Any) -> c.PractitionerPay:
    request = c.GetPractitionerPay(**{"from_": FIRST, "to": LAST, **more})
    return practitioner_pay.practitioner_pay(request, office.desk(location_scope=scope))


def missed(office: Any, number: int) -> str:
    owed = fees.Owed(office.visit(number), Money(amount_minor=5000), "no_show")
    fees.invoice_fee(owed, office.desk())
    found = office.database["invoices"].find_one({"state.appointment_id": f"apt_{number}"})
    return str(found["_id"])


def test_pay_is_of_the_ledgers_revenue(office: Any) -> None:
    office.pay(office.invoice())
    office.invoice(2)
    missed(office, 3)
    fees.void_invoice(VoidInvoice(invoice_id=missed(office, 4), reason="ill"), office.desk())
    without = report(office)
    assert [(row.visits, row.pay_minor) for row in without.items] == [(2, None)]
    assert without.unrated == without.revenue

    rate = add(office)
    found = report(office)
    revenue = reporting.revenue(GetRevenue(from_=FIRST, to=LAST), office.desk())
    assert found.revenue == revenue.total == Money(amount_minor=2 * 11500 + 4762)
    (row,) = found.items
    assert (row.practitioner_name, row.location_name, row.treatment_name) == (
        "Robin Ames",
        "Fernwood",
        "Massage",
    )
    assert (row.visits, row.rate_id, row.rate_bp, row.pay_minor) == (2, rate.id, 4000, 11105)
    assert (found.total.amount_minor, found.unrated.amount_minor) == (11105, 0)


def test_what_is_voided_counts_against_the_day_it_is_posted(office: Any) -> None:
    add(office)
    fees.void_invoice(VoidInvoice(invoice_id=missed(office, 1), reason="ill"), office.desk())
    (void,) = office.database["ledger"].find({"_id": {"$regex": "^void:"}})
    day = date.fromisoformat(void["day"])
    alone = report(office, from_=day, to=day)
    assert alone.revenue.amount_minor == (0 if day == date(2026, 12, 1) else -4762)
    assert report(office).revenue.amount_minor == 0


def test_an_amount_a_visit_of_a_treatment_comes_before_a_share(office: Any) -> None:
    office.invoice()
    add(office)
    add(
        office,
        practitioner_id="prac_1",
        treatment_id="trt_1",
        rate_bp=None,
        amount=Money(amount_minor=6000),
    )
    (row,) = report(office).items
    assert (row.rate_bp, row.rate_minor, row.pay_minor) == (None, 6000, 6000)


def test_a_rate_is_followed_never_edited(office: Any) -> None:
    first = add(office, "same")
    assert add(office, "same") == first
    with pytest.raises(AlreadyExists):
        add(office, rate_bp=5000)
    with pytest.raises(AlreadyExists):
        add(office, from_=date(2025, 1, 1))
    later = add(office, from_=date(2026, 12, 1), rate_bp=5000)
    other = add(office, practitioner_id="prac_1")
    pages = practitioner_pay.list_pay_rates(
        c.ListPayRates(location_id="loc_1", limit=2), office.desk()
    )
    assert [each.id for each in pages.items] == [other.id, later.id]
    rest = practitioner_pay.list_pay_rates(
        c.ListPayRates(location_id="loc_1", cursor=pages.next), office.desk()
    )
    assert (rest.items, rest.next) == ((first,), None)


def test_of_rates_from_one_day_that_are_added_at_once_one_is(office: Any) -> None:
    def attempt(rate_bp: int) -> int:
        try:
            add(office, rate_bp=rate_bp)
        except AlreadyExists:
            return 0
        return 1

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(attempt, range(4))) == 1
    assert office.database["pay_rates"].count_documents({}) == 1


def test_a_rate_is_of_what_is_known_where_the_caller_is(office: Any) -> None:
    for unknown in ({"practitioner_id": "prac_9"},
                    {"practitioner_id": "prac_1", "treatment_id": "trt_9"}):  # fmt: skip
        with pytest.raises(Invalid):
            add(office, **unknown)
    elsewhere = office.desk(location_scope=("loc_2",))
    for location_id in ("loc_1", "loc_9"):
        request = c.AddPayRate(location_id=location_id, from_=FIRST, rate_bp=1)
        with pytest.raises(NotFound):
            practitioner_pay.add_pay_rate(request, elsewhere)
    with pytest.raises(NotFound):
        practitioner_pay.list_pay_rates(c.ListPayRates(location_id="loc_1"), elsewhere)
    office.invoice()
    assert report(office, ("loc_2",)).items == ()


def test_pay_is_read_from_an_index(office: Any, watched: Any, watch: Watch) -> None:
    office.invoice()
    add(office)
    office.database = watched
    service = office.service()
    for scope in (None, ("loc_1",)):
        context = CallContext(
            actor="staff:test", correlation_id="c", operation_id="o", location_scope=scope
        )
        service.get_practitioner_pay(c.GetPractitionerPay(from_=FIRST, to=LAST), context)
        service.list_pay_rates(c.ListPayRates(location_id="loc_1"), context)
    service.add_pay_rate(c.AddPayRate(location_id="loc_1", from_=LAST, rate_bp=1), context)
    watch.explained(office.database)
