"""The draft of a claim, asked for by who has an invoice."""

from dataclasses import replace
from typing import Any

import pytest

from billing.testing import sent
from billing.use_cases.claiming import void_claim
from billing.use_cases.drafting import draft_claim
from clinic_contracts.billing.claims import ActOnClaimBecause, DraftClaim
from clinic_contracts.billing.requests import ClaimView, InvoiceView
from clinic_contracts.client_profile.events import CoverageChanged
from clinic_contracts.errors import AlreadyExists, Invalid, NotFound
from clinic_contracts.trusted import read


def drafted(office: Any, invoice: InvoiceView, **more: Any) -> ClaimView:
    context = {key: more.pop(key) for key in ("location_scope",) if key in more}
    return draft_claim(DraftClaim(invoice_id=invoice.id, **more), office.desk(**context))


def test_the_draft_that_there_is_is_answered_with_what_is_given_of_it(office: Any) -> None:
    invoice = office.invoice()
    claim = drafted(office, invoice)
    assert (claim.id,) == invoice.claim_ids
    told = drafted(office, invoice, diagnoses=("M5450",), note="left side")
    assert told.details is not None
    assert (told.id, told.details.diagnoses, told.details.note) == (
        claim.id, ("M5450",), "left side",
    )  # fmt: skip
    assert told.details.lines == claim.details.lines  # type: ignore[union-attr]  # it has them


def test_after_a_void_another_is_made(office: Any) -> None:
    invoice = office.invoice()
    (first,) = invoice.claim_ids
    void_claim(ActOnClaimBecause(claim_id=first, reason="x"), office.desk())
    claim = drafted(office, invoice)
    assert (claim.state, claim.id != first) == ("draft", True)
    assert drafted(office, invoice).id == claim.id
    assert office.findings() == dict.fromkeys(office.findings(), 0)


def test_one_that_was_sent_is_named(office: Any) -> None:
    claim = sent(office)
    with pytest.raises(AlreadyExists, match=f"{claim.id}, which is submitted"):
        drafted(office, office.reread(claim.invoice_id))


def test_of_several_payers_one_is_to_be_named(office: Any) -> None:
    plan = read(CoverageChanged, office.database["coverages"].find_one({})["view"])
    office.know("pol_2", replace(plan, coverage_id="pol_2", order=2, percent=50))
    invoice = office.invoice()
    with pytest.raises(Invalid, match=r"say which of its payers \(pol_1, pol_2\)"):
        drafted(office, invoice)
    assert drafted(office, invoice, coverage_id="pol_2").coverage_id == "pol_2"


def test_without_a_payer_there_is_no_claim(office: Any) -> None:
    office.database["coverages"].delete_many({})
    with pytest.raises(Invalid, match="no payer takes a part of it"):
        drafted(office, office.invoice())


def test_an_invoice_of_another_location_is_not_there(office: Any) -> None:
    invoice = office.invoice()
    with pytest.raises(NotFound):
        drafted(office, invoice, location_scope=("loc_2",))
