"""A claim that another took the place of, when the payer takes back what it paid for it."""

import base64
from dataclasses import replace
from typing import Any

import pytest

from billing.testing import decided, remittance, reread, sent, submitted, take, taken_back
from billing.use_cases import claiming, stating, unmatched
from clinic_contracts.billing import payer_files as f
from clinic_contracts.billing.claims import ActOnClaimBecause
from clinic_contracts.billing.requests import ClaimView
from clinic_contracts.money import Money

NONE, EXPECTED = Money(amount_minor=0), Money(amount_minor=9200)


def replaced(office: Any, claim: ClaimView, how: str) -> ClaimView:
    """Return the claim that corrects or voids a paid one, as its payer has it."""
    take(office, remittance(decided(claim)))
    act = {"corrected": claiming.correct_claim, "voided": claiming.void_claim}[how]
    return submitted(office, act(ActOnClaimBecause(claim_id=claim.id, reason="x"), office.desk()))


def sound(office: Any) -> None:
    assert office.findings() == dict.fromkeys(office.findings(), 0)


def test_what_is_taken_back_of_a_corrected_claim_its_correction_waits_for(office: Any) -> None:
    claim = sent(office)
    heir = replaced(office, claim, "corrected")
    again = replace(decided(heir, 8500), payer_reference="P-2")
    file = take(office, remittance(taken_back(decided(claim)), again, identity="two"), b"second")
    assert (file.state, file.unmatched) == ("posted", 0)
    over, paid = reread(office, claim), reread(office, heir)
    assert (over.state, over.paid, over.outstanding, over.amount) == (
        "corrected", NONE, NONE, NONE,
    )  # fmt: skip
    assert (paid.state, paid.paid.amount_minor, paid.outstanding) == ("partially_paid", 8500, NONE)
    assert office.reread(claim.invoice_id).payer_paid.amount_minor == 8500
    sound(office)


def test_what_is_taken_back_of_a_voided_claim_is_the_clients_to_pay(office: Any) -> None:
    claim = sent(office)
    heir = replaced(office, claim, "voided")
    # The payer answers by the number of the claim that asked for it.
    back = taken_back(replace(decided(claim), reference=heir.number))
    file = take(office, remittance(back, identity="two"), b"second")
    assert (file.state, file.unmatched) == ("posted", 0)
    over, done = reread(office, claim), reread(office, heir)
    assert (over.state, over.paid, over.outstanding) == ("voided", NONE, NONE)
    assert (done.state, done.outstanding, done.moved_to_client) == ("voided", NONE, EXPECTED)
    assert [step.state for step in done.history][-2:] == ["adjudicated", "voided"]
    invoice = office.reread(claim.invoice_id)
    assert (invoice.payer_portion, invoice.balance) == (NONE, invoice.total)
    sound(office)


def test_a_void_that_was_not_sent_is_left_to_staff(office: Any) -> None:
    claim = sent(office)
    take(office, remittance(decided(claim)))
    request = ActOnClaimBecause(claim_id=claim.id, reason="not theirs")
    heir = claiming.void_claim(request, office.desk())
    take(office, remittance(taken_back(decided(claim)), identity="two"), b"second")
    left = reread(office, heir)
    assert (left.state, left.outstanding) == ("draft", EXPECTED)
    ended = claiming.void_claim(replace(request, claim_id=heir.id), office.desk())
    assert (ended.state, ended.outstanding) == ("voided", NONE)
    assert office.reread(claim.invoice_id).balance == office.reread(claim.invoice_id).total
    sound(office)


@pytest.mark.parametrize("how", ["corrected", "voided"])
def test_a_reversal_assigned_by_hand_goes_the_same_way(office: Any, how: str) -> None:
    claim = sent(office)
    heir = replaced(office, claim, how)
    stray = replace(taken_back(decided(claim)), reference="?", payer_reference="?")
    take(office, remittance(stray, identity="two"), b"second")
    (item,) = unmatched.list_unmatched(f.ListUnmatched(), office.desk()).items
    request = f.AssignUnmatched(unmatched_id=item.id, claim_id=claim.id)
    unmatched.assign(request, office.desk())
    assert reread(office, claim).outstanding == NONE
    left = reread(office, heir)
    at_an_end = {"corrected": ("submitted", EXPECTED), "voided": ("voided", NONE)}
    assert (left.state, left.outstanding) == at_an_end[how]
    sound(office)


@pytest.mark.parametrize("reversed_first", [False, True])
def test_paid_after_it_was_corrected_the_client_owes_it_no_more(
    office: Any, *, reversed_first: bool
) -> None:
    claim = sent(office)
    take(office, remittance(decided(claim, 0)))
    owed = office.reread(claim.invoice_id).balance
    request = ActOnClaimBecause(claim_id=claim.id, reason="the code was wrong")
    heir = submitted(office, claiming.correct_claim(request, office.desk()))
    assert (heir.amount, heir.outstanding, heir.moved_to_client) == (EXPECTED, NONE, EXPECTED)
    again = replace(decided(heir), payer_reference="P-2")
    back = [taken_back(decided(claim, 0))] if reversed_first else []
    take(office, remittance(*back, again, identity="two"), b"second")
    paid = reread(office, heir)
    assert (paid.state, paid.paid, paid.moved_to_client) == ("paid", EXPECTED, NONE)
    invoice = office.reread(claim.invoice_id)
    assert (invoice.balance, invoice.payer_paid) == (owed - EXPECTED, EXPECTED)
    sound(office)


def test_what_the_client_has_paid_of_it_is_theirs_to_have_back(office: Any) -> None:
    claim = sent(office)
    take(office, remittance(decided(claim, 0)))
    payment = office.pay(office.reread(claim.invoice_id))
    appeal = ActOnClaimBecause(claim_id=claim.id, reason="the referral was sent")
    claiming.appeal_claim(appeal, office.desk())
    take(office, remittance(decided(claim), identity="two"), b"second")
    invoice = office.reread(claim.invoice_id)
    assert invoice.balance == NONE - EXPECTED
    page = base64.b64decode(
        stating.print_invoice(invoice.id, office.desk()).content_base64
    ).decode()
    assert "-$92.00" in page
    office.refund(payment, amount=EXPECTED)
    assert office.reread(invoice.id).balance == NONE
    sound(office)


def test_a_reversal_after_its_void_was_given_up_is_the_clients_to_pay(office: Any) -> None:
    claim = sent(office)
    take(office, remittance(decided(claim)))
    request = ActOnClaimBecause(claim_id=claim.id, reason="not theirs")
    heir = claiming.void_claim(request, office.desk())
    claiming.void_claim(replace(request, claim_id=heir.id), office.desk())
    file = take(office, remittance(taken_back(decided(claim)), identity="two"), b"second")
    assert (file.state, file.unmatched) == ("posted", 0)
    invoice, done = office.reread(claim.invoice_id), reread(office, heir)
    assert (invoice.payer_portion, invoice.balance) == (NONE, invoice.total)
    assert (done.state, done.outstanding, done.moved_to_client) == ("voided", NONE, EXPECTED)
    sound(office)


def test_a_denial_taken_back_after_its_correction_was_paid_asks_nobody_again(office: Any) -> None:
    claim = sent(office)
    take(office, remittance(decided(claim, 0)))
    request = ActOnClaimBecause(claim_id=claim.id, reason="the code was wrong")
    heir = submitted(office, claiming.correct_claim(request, office.desk()))
    again = replace(decided(heir), payer_reference="P-2")
    take(office, remittance(again, identity="two"), b"second")
    take(office, remittance(taken_back(decided(claim, 0)), identity="three"), b"third")
    paid = reread(office, heir)
    assert (paid.paid, paid.outstanding, paid.moved_to_client) == (EXPECTED, NONE, NONE)
    invoice = office.reread(claim.invoice_id)
    assert invoice.payer_paid == EXPECTED
    assert invoice.balance == invoice.total - EXPECTED
    sound(office)
    take(office, remittance(taken_back(again), identity="four"), b"fourth")
    waits = reread(office, heir)
    assert (waits.paid, waits.outstanding, waits.moved_to_client) == (NONE, EXPECTED, NONE)
    sound(office)
