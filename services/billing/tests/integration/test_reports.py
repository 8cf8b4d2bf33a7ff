"""Revenue, however it is grouped, is what the ledger's account has."""

from datetime import date
from typing import Any

import pytest

from billing.use_cases import fees, reporting
from clinic_contracts.billing.invoices import VoidInvoice
from clinic_contracts.billing.reports import GetRevenue, Revenue
from clinic_contracts.context import CallContext
from clinic_contracts.errors import Invalid, NotFound
from clinic_contracts.money import Money
from clinic_runtime.watching import Watch

FIRST, LAST = date(2026, 11, 1), date(2026, 12, 31)
WAYS = ("day", "location", "practitioner", "treatment")


def ask(office: Any, scope: tuple[str, ...] | None = None, **more: Any) -> Revenue:
    request = GetRevenue(**{"from_": FIRST, "to": LAST, **more})
    return reporting.revenue(request, office.desk(location_scope=scope))


def in_ledger(office: Any) -> int:
    postings = [each for row in office.database["ledger"].find() for each in row["postings"]]
    return int(-sum(each["minor"] for each in postings if each["account"] == "revenue"))


@pytest.mark.parametrize("by", WAYS)
def test_revenue_sums_to_the_ledgers_account(office: Any, by: str) -> None:
    office.pay(office.invoice())
    office.invoice(2)
    fees.invoice_fee(fees.Owed(office.visit(3), Money(amount_minor=5000), "no_show"), office.desk())
    (fee,) = office.database["invoices"].find({"state.kind": "fee"})
    fees.void_invoice(VoidInvoice(invoice_id=fee["_id"], reason="ill"), office.desk())
    found = ask(office, by=by)
    assert found.total.amount_minor == in_ledger(office) == 23000
    assert sum(row.amount_minor for row in found.items) == 23000


def test_revenue_is_of_the_period_and_of_what_the_caller_may_see(office: Any) -> None:
    invoice = office.invoice()
    at = [(row.id, row.amount_minor) for row in ask(office, by="location").items]
    assert at == [("loc_1", 11500)]
    assert ask(office, to=date(2026, 11, 30)).items == ()
    assert ask(office, from_=invoice.service_date).total.amount_minor == 11500
    assert ask(office, currency="USD").items == ()
    assert ask(office, ("loc_2",)).items == ()
    with pytest.raises(NotFound):
        ask(office, ("loc_2",), location_id="loc_1")
    for last in (date(2026, 10, 31), date(2027, 11, 2)):
        with pytest.raises(Invalid):
            ask(office, to=last)


def test_revenue_is_summed_from_an_index(office: Any, watched: Any, watch: Watch) -> None:
    office.invoice()
    office.database = watched
    for scope in (None, ("loc_1",)):
        context = CallContext(
            actor="staff:test", correlation_id="c", operation_id="o", location_scope=scope
        )
        request = GetRevenue(from_=FIRST, to=LAST)
        assert office.service().get_revenue(request, context).total.amount_minor == 11500
    watch.explained(office.database)
