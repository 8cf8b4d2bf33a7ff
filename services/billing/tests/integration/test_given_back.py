"""A payer's limits, once a claim ended without what was expected of it."""

from typing import Any

from billing.testing import decided, remittance, sent, submitted, take, taken_back
from billing.use_cases import claiming
from billing.use_cases.rebilling import rebill_invoice
from clinic_contracts.billing.claims import ActOnClaimBecause
from clinic_contracts.billing.invoices import RebillInvoice
from clinic_contracts.billing.requests import ClaimView

YEAR = "pol_1|2026-01-01"


def because(claim: ClaimView) -> ActOnClaimBecause:
    return ActOnClaimBecause(claim_id=claim.id, reason="x")


def used(office: Any) -> tuple[int, int]:
    """Return minor units and visits, as they are counted, which is as they were told last."""
    row = office.database["benefit_years"].find_one({"_id": YEAR})
    told = row["outbox"][-1]["event"]["data"]
    assert (told["used"]["amount_minor"], told["visits_used"]) == (row["used"], row["visits"])
    return row["used"], row["visits"]


def test_a_draft_taken_back_gives_its_visit_back(office: Any) -> None:
    claim = office.claim(office.invoice())
    office.invoice(2)
    assert used(office) == (18400, 2)
    claiming.void_claim(because(claim), office.desk())
    assert used(office) == (9200, 1)
    told = office.reread(claim.invoice_id).uncounted
    assert [(each.coverage_id, each.visit) for each in told] == [("pol_1", True)]


def test_a_denied_claim_counts_until_it_is_closed(office: Any) -> None:
    claim = sent(office)
    take(office, remittance(decided(claim, 0)))
    assert used(office) == (9200, 1), "it may be corrected or appealed"
    claiming.close_claim(because(claim), office.desk())
    assert used(office) == (0, 0)


def test_what_was_paid_short_counts_as_it_was_paid(office: Any) -> None:
    claim = sent(office)
    take(office, remittance(decided(claim, 8000)))
    claiming.close_claim(because(claim), office.desk())
    assert used(office) == (8000, 1)


def test_paid_after_all_the_visit_counts_again(office: Any) -> None:
    claim = sent(office)
    take(office, remittance(decided(claim, 0)))
    claiming.close_claim(because(claim), office.desk())
    again = [taken_back(decided(claim, 0)), decided(claim, 9000, 6)]
    take(office, remittance(*again, identity="two"), b"second")
    assert used(office) == (9000, 1)
    assert [each.visit for each in office.reread(claim.invoice_id).uncounted] == [False]


def test_a_void_that_the_payer_follows_gives_the_visit_back(office: Any) -> None:
    claim = sent(office)
    take(office, remittance(decided(claim)))
    submitted(office, claiming.void_claim(because(claim), office.desk()))
    assert used(office) == (9200, 1)
    take(office, remittance(taken_back(decided(claim)), identity="two"), b"second")
    assert used(office) == (0, 0)


def test_billed_again_the_visit_counts_once(office: Any) -> None:
    claim = office.claim(office.invoice())
    claiming.void_claim(because(claim), office.desk())
    request = RebillInvoice(invoice_id=claim.invoice_id)
    again = rebill_invoice(request, office.desk())
    assert len(again.claim_ids) == 2
    assert (used(office), again.uncounted) == ((9200, 1), ())
    assert rebill_invoice(request, office.desk()) == office.reread(claim.invoice_id)
    assert used(office) == (9200, 1)
    assert office.findings() == dict.fromkeys(office.findings(), 0)
