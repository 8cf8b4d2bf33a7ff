"""Payers' files: taken in once, whole or not at all, to the cent, on a real database."""

import base64
import re
from dataclasses import replace
from typing import Any

import eventlet
import pytest

from billing.pages import paper_html
from billing.testing import decided, remittance, reread, sent, take, taken_back
from billing.use_cases import answers, claiming, stating, unmatched
from clinic_contracts.billing import claims as c
from clinic_contracts.billing import payer_files as f
from clinic_contracts.errors import ClaimUnfit, IllegalTransition
from clinic_contracts.money import Money
from payer_formats.answers import (
    Acknowledgement,
    ClaimVerdict,
    Read,
)
from payer_formats.findings import Finding

EXPECTED, COPAY = 9200, 2300


def test_a_remittance_pays_its_claims_and_says_so_on_the_invoice(office: Any) -> None:
    claim = sent(office)
    file = take(office, remittance(decided(claim, 8000)))
    assert (file.state, file.kind, file.unmatched) == ("posted", "remittance", 0)
    assert {(p.account, p.amount.amount_minor) for p in file.postings} == {
        ("cash_clearing", 8000),
        ("ar_client", 1200),
        ("ar_payer", -9200),
    }
    after = reread(office, claim)
    assert (after.state, after.payer_reference) == ("partially_paid", f"P-{claim.number[:6]}")
    invoice = office.reread(claim.invoice_id)
    assert invoice.payer_paid.amount_minor == 8000
    assert invoice.client_portion.amount_minor + invoice.payer_portion.amount_minor == (
        invoice.total.amount_minor
    )
    assert [(a.kind, a.amount.amount_minor) for a in invoice.adjustments] == [
        ("payer_paid", 8000),
        ("moved_to_client", 1200),
    ]
    assert office.findings() == dict.fromkeys(office.findings(), 0)


def test_the_page_of_an_invoice_explains_every_cent(office: Any) -> None:
    claim = sent(office)
    office.pay(office.reread(claim.invoice_id), amount=Money(amount_minor=1000))
    take(office, remittance(decided(claim, 8000)))
    desk = replace(office.desk(), paper_html=paper_html)
    document = stating.print_invoice(claim.invoice_id, desk)
    page = base64.b64decode(document.content_base64).decode()
    for text in ("$115.00", "GST 5 % of $115.00", "80 %", "$80.00", "$12.00", claim.number):
        assert text in page, text
    unexplained = re.search(r"Not explained</th><td[^>]*>([^<]*)", page)
    assert unexplained is not None
    assert unexplained[1] == "$0.00"
    assert "<script" not in page


def test_the_same_file_five_times_at_once_is_posted_once(office: Any) -> None:
    claim = sent(office)
    office.files[b"a file"] = remittance(decided(claim))
    pool = eventlet.GreenPool(5)

    def post(_number: int) -> f.FileView:
        return answers.take_file(b"a file", "application/edi-x12", office.desk())

    told = list(pool.imap(post, range(5)))
    assert sorted(each.state for each in told) == ["duplicate"] * 4 + ["posted"]
    assert {each.id for each in told} == {told[0].id}
    assert {each.postings for each in told} == {told[0].postings}
    assert reread(office, claim).paid.amount_minor == EXPECTED
    assert office.database["ledger"].count_documents({"_id": {"$regex": "^remittance:"}}) == 1


def test_the_same_remittance_in_other_bytes_changes_nothing(office: Any) -> None:
    claim = sent(office)
    first = take(office, remittance(decided(claim)))
    again = take(office, remittance(decided(claim)), b"with another line end")
    assert (again.state, again.first_id, again.postings) == ("duplicate", first.id, ())
    assert reread(office, claim).paid.amount_minor == EXPECTED


def test_what_has_an_error_is_kept_and_posts_nothing(office: Any) -> None:
    claim = sent(office)
    wrong = Finding(code="REMIT_TOTAL_BALANCE", text="off by 1", position=3)
    off = remittance(decided(claim), findings=(wrong,))
    file = take(office, off, b"off by a cent")
    assert (file.state, file.postings) == ("quarantined", ())
    assert [each.code for each in file.findings] == ["REMIT_TOTAL_BALANCE"]
    assert office.desk().claims.raw(file.id) == b"off by a cent"
    assert b"off by a cent" not in str(office.database["files"].find_one()).encode()
    assert reread(office, claim).state == "submitted"
    assert office.database["ledger"].count_documents({"_id": {"$regex": "^remittance:"}}) == 0
    assert take(office, off, b"off by a cent") == file


def test_nothing_of_a_payer_is_quarantined(office: Any) -> None:
    file = take(office, Read(format="x12"))
    assert (file.state, [each.code for each in file.findings]) == ("quarantined", ["EMPTY"])


def test_a_reversal_comes_before_its_correction(office: Any) -> None:
    claim = sent(office)
    take(office, remittance(decided(claim)))
    mended = remittance(taken_back(decided(claim)), decided(claim, 8500, 6), identity="two")
    assert take(office, mended, b"second").state == "posted"
    after = reread(office, claim)
    assert (after.state, after.paid.amount_minor) == ("partially_paid", 8500)
    assert [each.undone for each in after.settlements] == [True, False]
    steps = [step.state for step in after.history][-4:]
    assert steps == ["adjudicated", "paid", "adjudicated", "partially_paid"]
    assert office.reread(claim.invoice_id).payer_paid.amount_minor == 8500
    assert office.findings() == dict.fromkeys(office.findings(), 0)


def test_a_correction_may_stand_before_its_reversal(office: Any) -> None:
    claim = sent(office)
    take(office, remittance(decided(claim)))
    mended = remittance(decided(claim, 8500, 6), taken_back(decided(claim)), identity="two")
    file = take(office, mended, b"second")
    assert (file.state, file.unmatched, file.findings) == ("posted", 0, ())
    after = reread(office, claim)
    assert (after.state, after.paid.amount_minor) == ("partially_paid", 8500)
    assert [each.undone for each in after.settlements] == [True, False]
    assert office.findings() == dict.fromkeys(office.findings(), 0)


def test_what_is_paid_and_taken_back_in_one_remittance_comes_to_nothing(office: Any) -> None:
    claim = sent(office)
    file = take(office, remittance(decided(claim), taken_back(decided(claim))))
    assert (file.state, file.unmatched, file.findings) == ("posted", 0, ())
    after = reread(office, claim)
    assert (after.state, after.paid.amount_minor) == ("adjudicated", 0)
    assert office.findings() == dict.fromkeys(office.findings(), 0)


def test_what_the_payer_withholds_is_booked_apart(office: Any) -> None:
    claim = sent(office)
    file = take(office, remittance(decided(claim), withheld=700))
    sums = {p.account: 0 for p in file.postings}
    for each in file.postings:
        sums[each.account] += each.amount.amount_minor
    assert sums == {"cash_clearing": 8500, "ar_payer": -9200, "payer_adjustment": 700}
    assert office.findings() == dict.fromkeys(office.findings(), 0)


def test_what_names_no_claim_waits_in_the_work_queue_until_somebody_says(office: Any) -> None:
    claim = sent(office)
    stranger = replace(decided(claim), reference=claim.number[:9], payer_reference="P-1")
    file = take(office, remittance(stranger))
    assert (file.state, file.unmatched) == ("posted", 1)
    assert [each.code for each in file.findings] == ["UNMATCHED"]
    (item,) = unmatched.list_unmatched(f.ListUnmatched(), office.desk()).items
    assert item.suggestions[0].claim_id == claim.id
    assert office.findings() == dict.fromkeys(office.findings(), 0)

    request = f.AssignUnmatched(unmatched_id=item.id, claim_id=claim.id)
    assert unmatched.assign(request, office.desk()).state == "assigned"
    assert unmatched.assign(request, office.desk()).state == "assigned"
    assert reread(office, claim).state == "paid"
    assert office.findings() == dict.fromkeys(office.findings(), 0)
    held = office.database["ledger"].aggregate(
        [
            {"$unwind": "$postings"},
            {"$match": {"postings.account": "unapplied"}},
            {"$group": {"_id": None, "minor": {"$sum": "$postings.minor"}}},
        ]
    )
    assert [row["minor"] for row in held] == [0]
    assert not unmatched.list_unmatched(f.ListUnmatched(), office.desk()).items


def test_a_remittance_that_differs_from_the_ledger_is_found(office: Any) -> None:
    take(office, remittance(decided(sent(office))))
    office.database["remittances"].update_one({}, {"$inc": {"paid_minor": 3}})
    assert office.findings()["remittances_off_minor"] == 3
    office.database["remittances"].delete_many({})
    assert office.findings()["remittances_off_minor"] == EXPECTED


def test_what_cannot_be_of_a_claim_is_not_assigned_to_it(office: Any) -> None:
    claim, other = sent(office), sent(office, 2)
    stranger = replace(decided(claim), reference="X", payer_reference="")
    take(office, remittance(replace(stranger, charge_minor=100, paid_minor=100, adjustments=())))
    (item,) = unmatched.list_unmatched(f.ListUnmatched(), office.desk()).items
    with pytest.raises(ClaimUnfit, match="charge"):
        unmatched.assign(f.AssignUnmatched(unmatched_id=item.id, claim_id=other.id), office.desk())


def test_an_acknowledgement_moves_claims_on_and_never_back(office: Any) -> None:
    claim, refused = sent(office), sent(office, 2)

    def told(*verdicts: ClaimVerdict) -> Read:
        one = Acknowledgement(kind="277CA", identity="1", claims=verdicts)
        return Read(format="x12", acknowledgements=(one,))

    first = told(
        ClaimVerdict(reference=claim.number, verdict="accepted", payer_reference="P-5"),
        ClaimVerdict(reference=refused.number, verdict="rejected", codes=("A3:21",)),
        ClaimVerdict(reference="nobody", verdict="accepted"),
    )
    file = take(office, first)
    assert [each.code for each in file.findings] == ["UNKNOWN_CLAIM"]
    assert (reread(office, claim).state, reread(office, claim).payer_reference) == (
        "accepted",
        "P-5",
    )
    (why,) = reread(office, refused).findings
    assert (reread(office, refused).state, why.code) == ("rejected", "PAYER_REJECTED")
    assert "A3:21" in why.text
    take(office, remittance(decided(claim)), b"paid")
    late = told(ClaimVerdict(reference=claim.number, verdict="rejected"))
    assert take(office, late, b"late").state == "posted"
    assert reread(office, claim).state == "paid"


def test_820_decisions_are_one_transaction(office: Any) -> None:
    """On the server a transaction ends after 5 seconds."""
    claim = sent(office)
    (model,) = office.database["claims"].find({"_id": claim.id})
    rows = [
        {**model, "_id": f"clm_{n:026}", "state": {**model["state"], "number": f"N{n}"}}
        for n in range(820)
    ]
    (invoice,) = office.database["invoices"].find({"_id": claim.invoice_id})
    invoices = [
        {**invoice, "_id": f"inv_{n}", "state": {**invoice["state"], "number": f"OLD-{n}"}}
        for n in range(820)
    ]
    for number, row in enumerate(rows):
        row["state"]["invoice_id"] = f"inv_{number}"
    office.database["claims"].insert_many(rows)
    office.database["invoices"].insert_many(invoices)
    told = [replace(decided(claim), reference=f"N{n}", payer_reference=f"P{n}") for n in range(820)]
    file = take(office, remittance(*told))
    assert (file.state, file.unmatched) == ("posted", 0)
    assert office.database["claims"].count_documents({"state.state": "paid"}) == 820


def test_a_claim_that_never_went_out_is_voided_and_the_client_pays(office: Any) -> None:
    claim = office.claim(office.invoice())
    gone = claiming.void_claim(
        c.ActOnClaimBecause(claim_id=claim.id, reason="paid by hand"), office.desk()
    )
    assert (gone.state, gone.outstanding) == ("voided", gone.paid)
    invoice = office.reread(claim.invoice_id)
    assert invoice.balance.amount_minor == EXPECTED + COPAY + invoice.tax_total.amount_minor
    assert "paid by hand" in invoice.adjustments[0].text
    assert office.findings() == dict.fromkeys(office.findings(), 0)
    with pytest.raises(IllegalTransition):
        claiming.submit_claim(c.ActOnClaim(claim_id=claim.id), office.desk())


def test_a_decided_claim_is_corrected_by_another_once(office: Any) -> None:
    claim = sent(office)
    take(office, remittance(decided(claim, 0)))
    request = c.ActOnClaimBecause(claim_id=claim.id, reason="the code was wrong")
    desk = office.desk("one operation")
    following = claiming.correct_claim(request, desk)
    assert claiming.correct_claim(request, desk).id == following.id
    assert (following.frequency, following.replaces) == ("corrected", claim.id)
    assert following.details is not None
    assert reread(office, claim).state == "corrected"
    assert office.findings() == dict.fromkeys(office.findings(), 0)
