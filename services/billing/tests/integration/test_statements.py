"""A client's statement: what the ledger says is owed, line by line, as of a day."""

import base64
from datetime import date, timedelta
from typing import Any

import pytest

from billing.use_cases import closing, fees, stating
from clinic_contracts.billing.day_closes import CloseDay, GetDayClose
from clinic_contracts.billing.invoices import VoidInvoice
from clinic_contracts.billing.statements import GetStatement, StatementView
from clinic_contracts.client_profile.events import ClientChanged
from clinic_contracts.errors import NotFound
from clinic_contracts.money import Money
from clinic_runtime.clock import now

LATER = date(2027, 1, 1)


def cad(minor: int) -> Money:
    return Money(amount_minor=minor)


def state(office: Any, as_of: date | None = LATER, **more: Any) -> StatementView:
    scope = more.pop("location_scope", None)
    desk = office.desk() if scope is None else office.desk(location_scope=scope)
    return stating.get_statement(GetStatement(client_id="cli_1", as_of=as_of, **more), desk)


def other_client(office: Any) -> None:
    office.know("cli_2", ClientChanged(
        client_id="cli_2", name="<i>Bo</i>", emails=(), phones=(), preferred_channel="email",
        language="en"))  # fmt: skip


def test_a_statement_has_every_change_of_what_is_owed(office: Any) -> None:
    invoice = office.invoice()
    payment = office.pay(invoice)
    office.refund(payment, amount=cad(875))
    owed = fees.Owed(office.visit(2), cad(5000), "no_show")
    fees.invoice_fee(owed, office.desk())
    (fee,) = office.database["invoices"].find({"state.kind": "fee"})
    fees.void_invoice(VoidInvoice(invoice_id=fee["_id"], reason="ill"), office.desk())
    found = state(office)
    assert sorted((line.what, line.amount.amount_minor) for line in found.lines) == [
        ("invoice", 2875),
        ("invoice", 5000),
        ("payment", -2875),
        ("refund", 875),
        ("void", -5000),
    ]
    assert (found.invoiced, found.paid, found.balance) == (cad(2875), cad(2000), cad(875))
    assert found.balance == office.reread(invoice.id).balance
    assert found.lines[-1].balance == found.balance
    assert found.client_name == "Ada Sample"


def test_a_statement_is_of_a_day_and_since_another(office: Any) -> None:
    invoice = office.invoice()
    office.pay(invoice)
    paid_on = date.fromisoformat(
        office.database["ledger"].find_one({"_id": {"$regex": "^payment:"}})["day"]
    )
    assert invoice.service_date > paid_on
    early = state(office, paid_on)
    assert [line.what for line in early.lines] == ["payment"]
    assert early.balance == cad(-2875)
    late = state(office, since=paid_on + timedelta(days=1))
    assert (late.opening, late.balance) == (cad(-2875), cad(0))
    assert [line.what for line in late.lines] == ["invoice"]
    assert state(office, paid_on - timedelta(days=1)).lines == ()
    assert state(office, currency="USD").lines == ()


def test_a_statement_is_of_one_client_and_of_what_the_caller_may_see(office: Any) -> None:
    other_client(office)
    office.invoice()
    assert state(office, location_scope=("loc_1",)).balance == cad(2875)
    assert state(office, location_scope=("loc_other",)).balance == cad(0)
    other = stating.get_statement(GetStatement(client_id="cli_2"), office.desk())
    assert (other.lines, other.balance) == ((), cad(0))
    with pytest.raises(NotFound):
        stating.get_statement(GetStatement(client_id="cli_9"), office.desk())


def test_an_entry_made_before_days_were_named_counts_by_its_moment(office: Any) -> None:
    office.invoice()
    office.database.command("collMod", "ledger", validator={})
    office.database["ledger"].update_one({}, {"$unset": {"day": ""}})
    (line,) = state(office).lines
    assert line.day == now().date()


def text_of(document: Any) -> str:
    return base64.b64decode(document.content_base64).decode()


def test_papers_say_what_the_records_say_and_escape_names(office: Any) -> None:
    other_client(office)
    office.pay(office.invoice(), amount=cad(1000))
    asked = GetStatement(client_id="cli_1", as_of=LATER)
    paper = stating.print_statement(asked, office.desk())
    assert paper.filename == "statement-2027-01-01.html"
    for expected in ("Ada Sample", "Payment of invoice INV-000001", "-$10.00", "$18.75"):
        assert expected in text_of(paper)
    escaped = stating.print_statement(GetStatement(client_id="cli_2"), office.desk())
    assert "&lt;i&gt;Bo&lt;/i&gt;" in text_of(escaped)
    day = now().date() - timedelta(days=1)
    counted = CloseDay(location_id="loc_1", day=day, counted_cash=cad(150), counted_card=cad(0))
    closed = closing.close_day(counted, office.desk())
    sheet = stating.print_day_close(GetDayClose(day_close_id=closed.id), office.desk())
    for expected in ("Fernwood", f"Day of {day.isoformat()}", "$1.50", "staff:test"):
        assert expected in text_of(sheet)
