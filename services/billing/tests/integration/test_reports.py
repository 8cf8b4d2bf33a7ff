"""Reports agree with the ledger to the cent, however they are grouped."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from billing.use_cases import closing, fees, reporting
from billing.use_cases.rebilling import rebill_invoice
from clinic_contracts.billing import reports as c
from clinic_contracts.billing.day_closes import CloseDay, ReopenDay
from clinic_contracts.billing.invoices import RebillInvoice, VoidInvoice
from clinic_contracts.client_profile.events import CoverageChanged
from clinic_contracts.context import CallContext
from clinic_contracts.errors import Invalid, NotFound
from clinic_contracts.money import Money
from clinic_runtime.clock import now
from clinic_runtime.watching import Watch

FIRST, LAST = date(2026, 11, 1), date(2026, 12, 31)
WAYS: tuple[Any, ...] = ("day", "location", "practitioner", "treatment", "payer")


def ask(office: Any, scope: tuple[str, ...] | None = None, **more: Any) -> c.Revenue:
    request = c.GetRevenue(**{"from_": FIRST, "to": LAST, **more})
    return reporting.revenue(request, office.desk(location_scope=scope))


def aged(office: Any, as_of: date, **more: Any) -> c.AgedReceivables:
    return reporting.aged_receivables(c.GetAgedReceivables(as_of=as_of, **more), office.desk())


def in_ledger(office: Any, *accounts: str) -> int:
    postings = [each for row in office.database["ledger"].find() for each in row["postings"]]
    return int(sum(each["minor"] for each in postings if each["account"] in accounts))


def missed(office: Any, number: int) -> str:
    """Return the id of the invoice of a fee of $50.00."""
    owed = fees.Owed(office.visit(number), Money(amount_minor=5000), "no_show")
    fees.invoice_fee(owed, office.desk())
    found = office.database["invoices"].find_one({"state.appointment_id": f"apt_{number}"})
    return str(found["_id"])


def void(office: Any, invoice_id: str) -> None:
    fees.void_invoice(VoidInvoice(invoice_id=invoice_id, reason="ill"), office.desk())


@pytest.mark.parametrize("by", WAYS)
def test_revenue_sums_to_the_ledgers_account(office: Any, by: str) -> None:
    office.pay(office.invoice())
    office.invoice(2)
    void(office, missed(office, 3))
    found = ask(office, by=by)
    assert found.total.amount_minor == -in_ledger(office, "revenue") == 23000
    assert sum(row.amount_minor for row in found.items) == 23000


def test_revenue_is_of_those_who_are_billed(office: Any) -> None:
    office.invoice()
    office.database.command("collMod", "ledger", validator={})
    missed(office, 2)
    rows = {row.id: row.amount_minor for row in ask(office, by="payer").items}
    assert rows == {"Carrier": 9200, "client": 2300 + 4762}
    office.database["ledger"].update_one(
        {"_id": {"$regex": "^invoice:"}, "postings.account": "ar_payer"},
        {"$unset": {"postings.$[].payer": ""}},
    )
    rows = {row.id: row.amount_minor for row in ask(office, by="payer").items}
    assert rows == {"": 11500, "client": 4762}


def test_a_visit_billed_to_a_payer_later_is_revenue_of_that_payer(office: Any) -> None:
    pending = CoverageChanged(
        coverage_id="pol_2", client_id="cli_1", kind="worksafebc", carrier="WorkSafeBC",
        group_number="", member_id="", percent=100, order=1, benefit_year_start="01-01",
        claim_number="W1", accident_date=date(2026, 11, 20), referred_on=date(2026, 11, 21),
    )  # fmt: skip
    office.database["coverages"].delete_many({})
    office.know("pol_2", pending)
    invoice = office.invoice()
    assert [(row.id, row.amount_minor) for row in ask(office, by="payer").items] == [
        ("client", 11500)
    ]
    office.know("pol_2", replace(pending, accepted_on=date(2026, 12, 3)), seq=2)
    rebill_invoice(RebillInvoice(invoice_id=invoice.id), office.desk())
    found = ask(office, by="payer")
    rows = {row.id: row.amount_minor for row in found.items}
    assert rows == {"WorkSafeBC": 11500, "client": 0}
    assert found.total == ask(office, by="day").total


def test_revenue_is_of_the_period_and_of_what_the_caller_may_see(office: Any) -> None:
    invoice = office.invoice()
    at = [(row.id, row.name, row.amount_minor) for row in ask(office, by="location").items]
    assert at == [("loc_1", "Fernwood", 11500)]
    assert ask(office, to=date(2026, 11, 30)).items == ()
    assert ask(office, from_=invoice.service_date).total.amount_minor == 11500
    assert ask(office, currency="USD").items == ()
    assert ask(office, ("loc_2",)).items == ()
    with pytest.raises(NotFound):
        ask(office, ("loc_2",), location_id="loc_1")
    for last in (date(2026, 10, 31), date(2027, 11, 2)):
        with pytest.raises(Invalid):
            ask(office, to=last)


def test_receivables_age_from_the_invoices_day(office: Any) -> None:
    office.invoice()
    void(office, missed(office, 2))
    ages = {
        date(2026, 12, 31): (9200, 0, 0, 0),
        date(2027, 1, 1): (0, 9200, 0, 0),
        date(2027, 2, 1): (0, 0, 9200, 0),
        date(2027, 3, 2): (0, 0, 0, 9200),
    }
    for as_of, buckets in ages.items():
        found = aged(office, as_of)
        payer, client = found.items
        assert (payer.id, payer.kind, client.id) == ("Carrier", "payer", "client")
        assert (client.total_minor, found.total) == (2875, found.ledger)
        told = (payer.days_0_30_minor, payer.days_31_60_minor, payer.days_61_90_minor)
        assert (*told, payer.over_90_minor) == buckets
        assert found.ledger.amount_minor == in_ledger(office, "ar_client", "ar_payer") == 12075


def test_receivables_are_as_they_were_on_the_day(office: Any) -> None:
    invoice = office.invoice()
    office.pay(invoice)
    day = max(invoice.service_date, now().date())
    assert [row.total_minor for row in aged(office, day).items] == [9200]
    before = aged(office, date(2026, 11, 1))
    assert (before.items, before.ledger.amount_minor) == ((), 0)


def test_an_entry_without_a_day_counts_to_its_moments(office: Any) -> None:
    office.invoice()
    office.database.command("collMod", "ledger", validator={})
    office.database["ledger"].update_many({}, {"$unset": {"day": ""}})
    today = now().date()
    before = aged(office, today - timedelta(days=2))
    assert (before.items, before.ledger.amount_minor) == ((), 0)
    for as_of in (today + timedelta(days=1), date.max):
        found = aged(office, as_of)
        assert found.total == found.ledger == Money(amount_minor=12075)


def test_receivables_by_client_are_each_clients_and_their_payers(office: Any) -> None:
    office.invoice()
    found = aged(office, LAST, by="client")
    assert [(row.id, row.total_minor) for row in found.items] == [("cli_1", 12075)]
    assert aged(office, LAST, location_id="loc_2").items == ()


def test_a_tax_return_agrees_with_the_accounts_of_taxes(office: Any) -> None:
    office.invoice()
    void(office, missed(office, 2))
    office.therapist_changes(gst_registered=False)
    office.invoice(3)
    request = c.GetTaxReturn(from_=FIRST, to=LAST)
    found = reporting.tax_return(request, office.desk())
    untaxed = next(row for row in found.items if not row.tax)
    taxed = [row for row in found.items if row.tax]
    assert (untaxed.supplies_minor, untaxed.net_minor) == (11500, 0)
    assert {(row.tax, row.region, row.location_name) for row in taxed} == {
        ("GST", "CA-BC", "Fernwood")
    }
    assert sum(row.supplies_minor for row in taxed) == 11500
    assert (sum(row.collected_minor for row in taxed), taxed[0].reversed_minor) == (813, 238)
    assert found.total == found.ledger
    assert found.total.amount_minor == -in_ledger(office, "gst_payable") == 575


def test_a_day_close_agrees_with_the_ledger_until_it_does_not(office: Any) -> None:
    office.pay(office.invoice(), amount=Money(amount_minor=1000))
    (paid,) = office.database["ledger"].find({"_id": {"$regex": "^payment:"}})
    day = date.fromisoformat(paid["day"])
    request = c.GetDayCloseReport(from_=day, to=day)
    (open_,) = reporting.day_close(request, office.desk()).items
    assert (open_.status, open_.ledger_minor, open_.counted_minor) == ("open", 1000, None)
    counted = {"counted_cash": Money(amount_minor=990), "counted_card": Money(amount_minor=0)}
    closed = closing.close_day(CloseDay(location_id="loc_1", day=day, **counted), office.desk())
    found = reporting.day_close(request, office.desk())
    assert found.reconciled
    cash = next(row for row in found.items if row.method == "cash")
    assert (cash.status, cash.location_name) == ("closed", "Fernwood")
    figures = (cash.expected_minor, cash.counted_minor, cash.difference_minor, cash.ledger_minor)
    assert figures == (1000, 990, -10, 990)

    office.database.command("collMod", "ledger", validator={})
    office.database["ledger"].update_one(
        {"_id": paid["_id"], "postings.account": "cash"}, {"$inc": {"postings.$.minor": 7}}
    )
    found = reporting.day_close(request, office.desk())
    assert not found.reconciled
    assert [row.off_minor for row in found.items if row.method == "cash"] == [7]
    closing.reopen_day(ReopenDay(day_close_id=closed.id, reason="miscounted"), office.desk())
    assert {row.status for row in reporting.day_close(request, office.desk()).items} == {"open"}


def test_every_report_is_summed_from_an_index(office: Any, watched: Any, watch: Watch) -> None:
    office.invoice()
    office.database = watched
    days: dict[str, Any] = {"from_": FIRST, "to": LAST}
    service = office.service()
    asked: list[tuple[Callable[..., Any], Any]] = [
        *((service.get_revenue, c.GetRevenue(**days, by=by)) for by in WAYS),
        (service.get_aged_receivables, c.GetAgedReceivables(as_of=LAST)),
        (service.get_tax_return, c.GetTaxReturn(**days)),
        (service.get_claim_turnaround, c.GetClaimTurnaround(**days)),
        (service.get_denial_reasons, c.GetDenialReasons(**days)),
        (service.get_day_close_report, c.GetDayCloseReport(**days)),
    ]
    for scope in (None, ("loc_1",)):
        context = CallContext(
            actor="staff:test", correlation_id="c", operation_id="o", location_scope=scope
        )
        for call, request in asked:
            call(request, context)
    watch.explained(office.database)
