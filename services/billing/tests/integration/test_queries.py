"""Every query the service sends is answered from an index, whatever the age of the data."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.monitoring import CommandListener, CommandStartedEvent

from billing.service import BillingService
from clinic_contracts.billing import requests as r
from clinic_contracts.context import CallContext
from clinic_contracts.money import Money

PLAIN = {
    "find": ("filter", "sort", "limit", "projection"),
    "update": ("updates",),
    "findAndModify": ("query", "update", "upsert", "sort"),
}
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
]
PAGE = 5


class Sent(CommandListener):
    """The queries sent, as they can be explained."""

    def __init__(self) -> None:
        self.queries: list[dict[str, Any]] = []

    def started(self, event: CommandStartedEvent) -> None:
        members = PLAIN.get(event.command_name)
        if members is not None:
            target = event.command[event.command_name]
            kept = {name: event.command[name] for name in members if name in event.command}
            self.queries.append({event.command_name: target, **kept})

    def succeeded(self, event: Any) -> None:
        """Nothing to do."""

    def failed(self, event: Any) -> None:
        """Nothing to do."""


def stages(plan: Any) -> Iterator[str]:
    """Yield the name of each stage of a plan."""
    if isinstance(plan, dict):
        if "stage" in plan:
            yield plan["stage"]
        for name, part in plan.items():
            if name != "rejectedPlans":
                yield from stages(part)
    elif isinstance(plan, list):
        for part in plan:
            yield from stages(part)


@pytest.fixture
def sent(office: Any, mongo_uri: str) -> Iterator[Sent]:
    """Record what is sent to a database with a few years' paid invoices in it."""
    fill(office)
    listener = Sent()
    client: MongoClient[dict[str, Any]] = MongoClient(
        mongo_uri, event_listeners=[listener], tz_aware=True, w="majority"
    )
    plain, office.database = office.database, client[office.database.name]
    yield listener
    office.database = plain
    client.close()


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


def check(office: Any, sent: Sent) -> None:
    """Explain everything that was sent."""
    assert sent.queries
    for query in list(sent.queries):
        plan = office.database.command("explain", query, verbosity="queryPlanner")
        names = set(stages(plan["queryPlanner"]["winningPlan"]))
        assert names, query
        assert not names & {"COLLSCAN", "SORT"}, (query, names)


@pytest.mark.parametrize("context", [OWNER, CLERK])
def test_each_list_is_read_from_an_index(office: Any, sent: Sent, context: CallContext) -> None:
    service = BillingService()
    service.database = office.database
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
    check(office, sent)


def test_what_is_open_is_found_without_reading_what_is_done(office: Any, sent: Sent) -> None:
    service = BillingService()
    service.database = office.database
    for location_id in (None, "loc_1"):
        asked = r.ListInvoices(status="open", location_id=location_id, limit=PAGE)
        service.list_invoices(asked, OWNER)
    for query in list(sent.queries):
        plan = office.database.command("explain", query, verbosity="executionStats")
        assert plan["executionStats"]["totalDocsExamined"] == 1


def test_each_lookup_is_by_an_index(office: Any, sent: Sent) -> None:
    service = BillingService()
    service.database = office.database
    invoice = office.invoice(2)
    office.pay(invoice, amount=Money(amount_minor=1000))
    payment = office.pay_by_card(invoice)
    office.sweep()
    service.get_invoice(r.GetInvoice(invoice_id=invoice.id), OWNER)
    service.get_claim(r.GetClaim(claim_id=invoice.claim_ids[0]), OWNER)
    service.get_receipt(r.GetReceipt(receipt_id=payment.receipt_id), OWNER)
    service.print_receipt(r.GetReceipt(receipt_id=payment.receipt_id), OWNER)
    office.therapist_changes(name="Robin Ames-Lee")
    asked = {name for query in sent.queries for name in list(query.values())[:1]}
    assert asked >= {"invoices", "claims", "payments", "receipts", "counters", "benefit_years"}
    assert asked >= {"coverages", "practitioners"}
    check(office, sent)


def test_the_ledger_is_only_ever_added_to(office: Any, sent: Sent) -> None:
    for number in range(2, 4):
        office.pay_by_card(office.invoice(number))
    office.findings()
    assert "ledger" not in {name for query in sent.queries for name in list(query.values())[:1]}
