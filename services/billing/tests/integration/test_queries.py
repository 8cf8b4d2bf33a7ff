"""Every query the service sends is answered from an index, whatever the age of the data."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pymongo.database import Database

from billing.use_cases import answers, closing, selling
from clinic_contracts.billing import claims as c
from clinic_contracts.billing import day_closes as d
from clinic_contracts.billing import payer_files as f
from clinic_contracts.billing import payments as p
from clinic_contracts.billing import prepaid as pre
from clinic_contracts.billing import requests as r
from clinic_contracts.billing.statements import GetStatement
from clinic_contracts.context import CallContext
from clinic_contracts.money import Money
from clinic_runtime.clock import now
from clinic_runtime.ids import derived_id
from clinic_runtime.watching import Watch
from payer_formats.answers import (
    Acknowledgement,
    ClaimVerdict,
    Read,
    Remittance,
    RemittedClaim,
    SetVerdict,
)

OWNER = CallContext(actor="staff:test", correlation_id="c", operation_id="o")
CLERK = CallContext(
    actor="staff:test", correlation_id="c", operation_id="o", location_scope=("loc_1", "loc_2")
)
FILTERS: list[dict[str, Any]] = [
    {},
    {"location_id": "loc_1"},
    {"client_id": "cli_1"},
    {"location_id": "loc_1", "client_id": "cli_1"},
]
INVOICES = [
    *FILTERS,
    {"appointment_id": "apt_1"},
    {"status": "open"},
    {"location_id": "loc_1", "status": "open"},
]
CLAIMS = [
    *FILTERS,
    {"invoice_id": "inv_1"},
    {"state": "denied"},
    {"location_id": "loc_1", "state": "denied"},
    {"stage": "refused"},
    {"location_id": "loc_1", "stage": "waiting"},
]
PAGE = 5


@pytest.fixture
def busy(office: Any, watched: Database[dict[str, Any]]) -> Any:
    """An office with a few years' paid invoices, asking on the watched client."""
    fill(office)
    office.database = watched
    return office


def fill(office: Any) -> None:
    """Add many invoices and claims by hand, nearly all of them done with."""
    office.invoice()
    for name, field, done in (("invoices", "status", "paid"), ("claims", "state", "closed")):
        model = office.database[name].find_one({})
        rows = []
        for number in range(400):
            state = {
                **model["state"],
                field: done,
                "number": f"old-{number}",
                "client_id": f"cli_{number % 50}",
                "appointment_id": f"apt_old_{number}",
                "invoice_id": f"inv_old_{number}",
                "location_id": f"loc_{number % 4}",
            }
            at = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(hours=number)
            rows.append({**model, "_id": f"old_{number:04}", "at": at, "state": state})
        office.database[name].insert_many(rows)


@pytest.mark.parametrize("context", [OWNER, CLERK])
def test_each_list_is_read_from_an_index(busy: Any, watch: Watch, context: CallContext) -> None:
    service = busy.service()
    for filters in INVOICES:
        first = service.list_invoices(r.ListInvoices(**filters, limit=PAGE), context)
        if first.next:
            again = r.ListInvoices(**filters, limit=PAGE, cursor=first.next)
            assert not {i.id for i in service.list_invoices(again, context).items} & {
                i.id for i in first.items
            }
    for filters in CLAIMS:
        claims = service.list_claims(r.ListClaims(**filters, limit=PAGE), context)
        if claims.next:
            service.list_claims(r.ListClaims(**filters, limit=PAGE, cursor=claims.next), context)
    watch.explained(busy.database)


def test_what_is_open_is_found_without_reading_what_is_done(busy: Any, watch: Watch) -> None:
    service = busy.service()
    for location_id in (None, "loc_1"):
        asked = r.ListInvoices(status="open", location_id=location_id, limit=PAGE)
        service.list_invoices(asked, OWNER)
    for figures in watch.explained(busy.database):
        assert figures["totalDocsExamined"] == 1


def decided_by_somebody() -> Read:
    """Return a file that names claims, policies and days that nobody here knows."""
    decided = RemittedClaim(
        reference="nobody's",
        payer_reference="P-9",
        decision="paid",
        charge_minor=100,
        paid_minor=100,
        member_id="M-9",
        day=date(2026, 12, 1),
    )
    remittance = Remittance(
        identity="1",
        payer_id="P",
        payer_name="P",
        paid_minor=100,
        currency="CAD",
        claims=(decided,),
    )
    sets = (SetVerdict(level="set", verdict="accepted", interchange="000000001"),)
    claims = (ClaimVerdict(reference="nobody's", verdict="accepted"),)
    told = Acknowledgement(kind="999", identity="1", sets=sets, claims=claims)
    return Read(format="x12", remittances=(remittance,), acknowledgements=(told,))


def test_each_lookup_is_by_an_index(busy: Any, watch: Watch) -> None:
    service = busy.service()
    invoice = busy.invoice(2)
    busy.pay(invoice, amount=Money(amount_minor=1000))
    payment = busy.pay_by_card(invoice)
    busy.sweep()
    refund = busy.refund(payment, amount=Money(amount_minor=100))
    day = now().astimezone(UTC).date() - timedelta(days=1)
    at: dict[str, Any] = {"location_id": "loc_1"}
    service.get_day_takings(d.GetDayTakings(**at, day=day), OWNER)
    counted = Money(amount_minor=100)
    closed = closing.close_day(
        d.CloseDay(**at, day=day, counted_cash=counted, counted_card=counted), busy.desk()
    )
    service.list_day_closes(d.ListDayCloses(**at), OWNER)
    service.get_day_close(d.GetDayClose(day_close_id=closed.id), OWNER)
    service.reopen_day(d.ReopenDay(day_close_id=closed.id, reason="miscounted"), OWNER)
    service.get_statement(GetStatement(client_id="cli_1"), OWNER)
    service.get_statement(GetStatement(client_id="cli_1"), CLERK)
    card = selling.sell_gift_card(
        pre.SellGiftCard(location_id="loc_1", client_id="cli_1", amount=Money(amount_minor=500)),
        busy.desk(),
    )
    busy.pay(busy.reread(card.invoice_id))
    service.list_prepaid(pre.ListPrepaid(client_id="cli_1"), OWNER)
    service.get_prepaid(pre.GetPrepaid(prepaid_id=card.id), OWNER)
    service.refund_prepaid(pre.RefundPrepaid(prepaid_id=card.id, reason="no use"), OWNER)
    service.get_payment(p.GetPayment(payment_id=payment.id), OWNER)
    service.list_payments(p.ListPayments(invoice_id=invoice.id), OWNER)
    service.get_refund(p.GetRefund(refund_id=refund.id), OWNER)
    service.correct_receipt(
        p.CorrectReceipt(receipt_id=payment.receipt_id, reason="the name"), OWNER
    )
    service.get_invoice(r.GetInvoice(invoice_id=invoice.id), OWNER)
    service.get_claim(r.GetClaim(claim_id=invoice.claim_ids[0]), OWNER)
    service.get_receipt(r.GetReceipt(receipt_id=payment.receipt_id), OWNER)
    service.print_receipt(p.PrintReceipt(receipt_id=payment.receipt_id), OWNER)
    service.list_alarms(c.ListAlarms(), OWNER)
    service.list_alarms(c.ListAlarms(), CLERK)
    for context in (OWNER, CLERK):
        service.count_work(c.CountWork(), context)
        service.count_work(c.CountWork(location_id="loc_1"), context)
    service.send_claims()
    service.list_files(f.ListFiles(), OWNER)
    service.list_files(f.ListFiles(state="quarantined"), OWNER)
    service.list_unmatched(f.ListUnmatched(), OWNER)
    busy.files[b"a file"] = decided_by_somebody()
    answers.take_file(b"a file", "application/edi-x12", busy.desk())
    busy.therapist_changes(name="Robin Ames-Lee")
    asked = {name for query in watch.queries for name in list(query.values())[:1]}
    assert asked >= {"invoices", "claims", "payments", "receipts", "counters", "benefit_years"}
    assert asked >= {
        "locations",
        "practitioners",
        "clients",
        "refunds",
        "prepaid",
        "day_closes",
        "files",
        "unmatched",
        "batches",
    }
    watch.explained(busy.database)


def commands(watch: Watch, call: Callable[[], Any]) -> list[tuple[str, str]]:
    """Return each command that a call sends, with its collection."""
    watch.commands.clear()
    call()
    sent = [next(iter(command.items())) for command in watch.commands]
    return [(name, str(on)) for name, on in sent]


def test_each_operation_sends_the_commands_it_needs(busy: Any, watch: Watch) -> None:
    assert commands(watch, lambda: busy.fulfil(busy.visit(2))) == [
        ("aggregate", "locations"),
        ("find", "invoices"),
        ("find", "benefit_years"),
        ("update", "counters"),
        ("find", "counters"),
        ("update", "benefit_years"),
        ("insert", "claims"),
        ("insert", "invoices"),
        ("insert", "ledger"),
        ("commitTransaction", "1"),
    ]
    invoice = busy.reread(derived_id("inv", "apt_2"))
    assert commands(watch, lambda: busy.pay(invoice)) == [
        ("find", "payments"),
        ("find", "invoices"),
        ("find", "practitioners"),
        ("findAndModify", "counters"),
        ("update", "payments"),
        ("insert", "receipts"),
        ("find", "day_closes"),
        ("insert", "ledger"),
        ("update", "invoices"),
        ("commitTransaction", "1"),
    ]


def test_the_ledger_is_only_ever_added_to(busy: Any, watch: Watch) -> None:
    for number in range(2, 4):
        busy.pay_by_card(busy.invoice(number))
    busy.findings()
    verbs = {verb for c in watch.commands for verb, on in list(c.items())[:1] if on == "ledger"}
    assert verbs == {"insert", "aggregate"}
