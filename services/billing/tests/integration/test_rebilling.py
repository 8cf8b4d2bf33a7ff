"""A claim accepted after the treatment: the client is paid back, then the payer is billed."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from billing.testing import decided, remittance, reread, sent, take
from billing.use_cases.claiming import void_claim
from billing.use_cases.rebilling import rebill_invoice
from clinic_contracts.billing.claims import ActOnClaimBecause
from clinic_contracts.billing.invoices import RebillInvoice
from clinic_contracts.billing.requests import InvoiceView
from clinic_contracts.client_profile.events import CoverageChanged
from clinic_contracts.envelope import Event, type_of
from clinic_contracts.errors import AlreadyExists, NotFound, PaymentRefused
from clinic_contracts.money import Money
from clinic_contracts.trusted import read
from clinic_runtime.clock import now
from clinic_runtime.ids import ulid

INJURY = "pol_2|2026-11-20|worksafebc-massage-therapy"
PENDING = CoverageChanged(
    coverage_id="pol_2", client_id="cli_1", kind="worksafebc", carrier="WorkSafeBC",
    group_number="", member_id="", percent=100, order=1, benefit_year_start="01-01",
    claim_number="W1", accident_date=date(2026, 11, 20), referred_on=date(2026, 11, 21),
)  # fmt: skip


@pytest.fixture
def worker(office: Any) -> Any:
    """An office whose client has no plan, and a claim that WorkSafeBC has not accepted."""
    office.database["coverages"].delete_many({})
    office.know("pol_2", PENDING)
    return office


def accept(office: Any) -> None:
    office.know("pol_2", replace(PENDING, accepted_on=date(2026, 12, 3)), seq=2)


def rebill(office: Any, invoice: InvoiceView, **context: Any) -> InvoiceView:
    return rebill_invoice(RebillInvoice(invoice_id=invoice.id), office.desk(**context))


def shares(invoice: InvoiceView) -> list[tuple[str, int, str | None]]:
    return [(part.payer, part.amount.amount_minor, part.code) for part in invoice.split]


def test_accepted_later_the_worker_is_paid_back_and_then_the_payer_is_billed(worker: Any) -> None:
    invoice = worker.invoice()
    assert shares(invoice) == [("WorkSafeBC", 0, "NOT_ACCEPTED"), ("client", 12075, None)]
    payment = worker.pay(invoice)
    accept(worker)
    with pytest.raises(PaymentRefused) as refused:
        rebill(worker, invoice)
    assert refused.value.extra == {"reason": "refund_first", "refund": 12075}
    assert worker.database["claims"].count_documents({}) == 0

    worker.refund(payment)
    billed = rebill(worker, invoice)
    assert shares(billed) == [("WorkSafeBC", 12075, None), ("client", 0, None)]
    assert (billed.status, billed.balance, billed.payer_portion) == (
        "paid",
        Money(amount_minor=0),
        Money(amount_minor=12075),
    )
    assert [(each.kind, each.amount.amount_minor) for each in billed.adjustments] == [
        ("moved_to_payer", 12075)
    ]
    claim = worker.claim(invoice)
    assert (claim.state, claim.carrier, claim.amount) == (
        "draft",
        "WorkSafeBC",
        Money(amount_minor=12075),
    )
    assert not any(worker.findings().values())


def test_billed_again_nothing_changes_and_the_visit_counts_once(worker: Any) -> None:
    invoice = worker.invoice()
    accept(worker)
    first = rebill(worker, invoice)
    assert rebill(worker, invoice) == worker.reread(invoice.id)
    assert worker.reread(invoice.id).claim_ids == first.claim_ids
    row = worker.database["benefit_years"].find_one({"_id": INJURY})
    assert (row["visits"], row["days"]) == (1, ["2026-12-01"])
    assert not any(worker.findings().values())


def test_what_no_payer_takes_stays_the_clients(worker: Any) -> None:
    invoice = worker.invoice()
    assert rebill(worker, invoice) == invoice


def test_a_claim_to_another_payer_is_voided_first_and_gives_its_visit_back(office: Any) -> None:
    office.know("pol_2", PENDING)
    invoice = office.invoice()
    accept(office)
    with pytest.raises(AlreadyExists) as refused:
        rebill(office, invoice)
    assert refused.value.detail == "the claim to Carrier stands (draft): void it first"
    (claim_id,) = invoice.claim_ids
    void_claim(ActOnClaimBecause(claim_id=claim_id, reason="WorkSafeBC pays"), office.desk())
    billed = rebill(office, invoice)
    assert shares(billed) == [
        ("WorkSafeBC", 12075, None),
        ("Carrier", 0, None),
        ("client", 0, None),
    ]
    assert (billed.client_portion, billed.payer_portion) == (
        Money(amount_minor=0),
        Money(amount_minor=12075),
    )
    plan = office.database["benefit_years"].find_one({"_id": "pol_1|2026-01-01"})
    assert (plan["used"], plan["visits"]) == (0, 0)
    assert not any(office.findings().values())


def test_an_invoice_of_another_location_is_not_there(worker: Any) -> None:
    invoice = worker.invoice()
    with pytest.raises(NotFound):
        rebill(worker, invoice, location_scope=("loc_2",))


def hear(office: Any, coverage: CoverageChanged, at: datetime) -> None:
    """Hand the service the event of a coverage that changed then."""
    event = Event(
        id=f"evt_{ulid()}", type=type_of(CoverageChanged), subject=coverage.coverage_id, seq=1,
        occurred_at=at, data=coverage, actor="staff:desk", correlation_id="c",
    )  # fmt: skip
    office.service().keep(event)


def test_a_plan_heard_of_after_the_visit_was_invoiced_is_billed_by_itself(office: Any) -> None:
    plan = read(CoverageChanged, office.database["coverages"].find_one({})["view"])
    office.database["coverages"].delete_many({})
    before = now()
    invoice = office.invoice()
    assert invoice.claim_ids == ()
    for _ in range(2):  # a broker delivers at least once
        hear(office, plan, before)
    billed = office.reread(invoice.id)
    assert shares(billed)[0] == ("Carrier", 9200, None)
    assert len(billed.claim_ids) == 1
    assert not any(office.findings().values())


def test_a_plan_made_after_the_visit_was_invoiced_changes_nothing(office: Any) -> None:
    plan = read(CoverageChanged, office.database["coverages"].find_one({})["view"])
    office.database["coverages"].delete_many({})
    invoice = office.invoice()
    hear(office, plan, now())
    assert office.reread(invoice.id) == invoice


def test_heard_again_a_plan_whose_claim_was_taken_back_is_not_billed_anew(office: Any) -> None:
    plan = read(CoverageChanged, office.database["coverages"].find_one({})["view"])
    before = now()
    invoice = office.invoice()
    (claim_id,) = invoice.claim_ids
    void_claim(ActOnClaimBecause(claim_id=claim_id, reason="the client pays"), office.desk())
    hear(office, plan, before)
    hear(office, replace(plan, coverage_id="pol_3", percent=50, order=2), before)
    assert office.reread(invoice.id).claim_ids == (claim_id,)


def test_what_was_paid_before_the_plan_was_heard_of_is_left_to_staff(
    office: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = read(CoverageChanged, office.database["coverages"].find_one({})["view"])
    office.database["coverages"].delete_many({})
    before = now()
    invoice = office.invoice()
    office.pay(invoice)
    hear(office, plan, before)
    assert office.reread(invoice.id).claim_ids == ()
    assert invoice.id in capsys.readouterr().out


def test_a_payer_that_has_paid_is_not_billed_again(office: Any) -> None:
    plan = read(CoverageChanged, office.database["coverages"].find_one({})["view"])
    office.know("pol_1", replace(plan, percent=40), seq=2)
    claim = sent(office)
    take(office, remittance(decided(claim, 4600)))
    because = ActOnClaimBecause(claim_id=claim.id, reason="not theirs")
    heir = void_claim(because, office.desk())
    void_claim(replace(because, claim_id=heir.id), office.desk())
    billed = office.reread(claim.invoice_id)
    with pytest.raises(AlreadyExists, match=r"has settled \$46.00 of it"):
        rebill(office, billed)
    assert office.reread(claim.invoice_id) == billed


def test_a_claim_billed_again_that_is_paid_all_the_same_is_paid_twice(office: Any) -> None:
    claim = office.claim(office.invoice())
    void_claim(ActOnClaimBecause(claim_id=claim.id, reason="the wrong plan"), office.desk())
    billed = rebill(office, office.reread(claim.invoice_id))
    take(office, remittance(decided(claim)))
    after = office.reread(claim.invoice_id)
    assert (after.payer_portion, after.balance) == (billed.payer_portion, billed.balance)
    (made,) = reread(office, claim).settlements
    assert (made.paid, made.overpaid) == (Money(amount_minor=0), Money(amount_minor=9200))
    assert not any(office.findings().values())
