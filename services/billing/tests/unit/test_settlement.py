"""What a payer's decision does: to the cent, explained, and undone by its reversal."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing import testing
from billing.domain.claim import Cause, outstanding
from billing.domain.ledger import CASH_CLEARING
from billing.domain.settlement import Settled, Source, Unsettled, settle
from clinic_contracts.billing.requests import ClaimView
from clinic_contracts.money import Money
from payer_formats.answers import RemittedClaim
from payer_formats.claim import Adjustment

SOURCE = Source(
    remittance_id="rem_1",
    currency="CAD",
    cause=Cause(word="remittance", actor="payer", at=testing.AT, file_id="fil_1", position=7),
)


def claim(state: str = "accepted", amount: int = 9200) -> ClaimView:
    due = Money(amount_minor=amount)
    return testing.claim(state, amount=due, outstanding=due)


def decided(paid: int, charge: int = 11500, **groups: int) -> RemittedClaim:
    """Return a decision whose adjustments are given by group; the rest of the charge is OA."""
    rest = charge - paid - sum(groups.values())
    told = {**groups, "OA": rest} if rest else groups
    return RemittedClaim(
        reference="N1",
        decision="paid" if paid else "denied",
        charge_minor=charge,
        paid_minor=paid,
        adjustments=tuple(
            Adjustment(group=group, reason="1", minor=minor) for group, minor in told.items()
        ),
    )


def reversal(of: RemittedClaim) -> RemittedClaim:
    return replace(
        of,
        decision="reversed",
        charge_minor=-of.charge_minor,
        paid_minor=-of.paid_minor,
        adjustments=tuple(replace(each, minor=-each.minor) for each in of.adjustments),
    )


def accounts(settled: Settled) -> dict[str, int]:
    return {each.account: each.minor for each in settled.postings}


def test_what_was_expected_is_paid_and_nothing_else_moves() -> None:
    done = settle(claim(), decided(9200, PR=2300), SOURCE)
    assert done.claim.state == "paid"
    assert accounts(done) == {"cash_clearing": 9200, "ar_payer": -9200}
    assert [step.state for step in done.claim.history] == ["adjudicated", "paid"]
    assert (done.event.previous, done.event.through, done.event.state) == (
        "accepted",
        ("adjudicated",),
        "paid",
    )
    assert (done.event.file_id, done.event.position) == ("fil_1", 7)


def test_what_the_patient_owes_beyond_their_part_moves_to_the_client() -> None:
    done = settle(claim(), decided(8000, PR=3500), SOURCE)
    assert done.claim.state == "partially_paid"
    assert accounts(done) == {"cash_clearing": 8000, "ar_client": 1200, "ar_payer": -9200}
    assert done.claim.outstanding == Money(amount_minor=0)
    assert done.settlement is not None
    assert any("$35.00" in text and "$23.00" in text for text in done.settlement.explanation)


def test_what_the_contract_forbids_is_written_off() -> None:
    done = settle(claim(), decided(8000, PR=2300, CO=1200), SOURCE)
    assert accounts(done) == {
        "cash_clearing": 8000,
        "contractual_adjustment": 1200,
        "ar_payer": -9200,
    }


def test_what_is_short_for_other_reasons_stays_outstanding() -> None:
    done = settle(claim(), decided(8000, PR=2300), SOURCE)
    assert done.claim.state == "partially_paid"
    assert done.claim.outstanding == Money(amount_minor=1200)


def test_what_is_paid_beyond_the_outstanding_is_unapplied() -> None:
    done = settle(claim(), decided(10000, PR=1500), SOURCE)
    assert accounts(done) == {"cash_clearing": 10000, "ar_payer": -9200, "unapplied": -800}


def test_what_an_appeal_brings_is_the_clients_no_more() -> None:
    denied = settle(claim(), decided(0, PR=11500), SOURCE).claim
    done = settle(replace(denied, state="appealed"), decided(9000, PR=2500), SOURCE)
    assert accounts(done) == {"cash_clearing": 9000, "ar_client": -9000}
    assert (done.claim.state, done.claim.moved_to_client.amount_minor) == ("partially_paid", 200)
    more = settle(done.claim, decided(200, PR=2300), SOURCE).claim
    assert (more.state, more.paid, more.moved_to_client.amount_minor) == (
        "paid",
        Money(amount_minor=9200),
        0,
    )


def test_what_an_appeal_brings_is_written_off_no_more() -> None:
    denied = settle(claim(), decided(0, PR=2300, CO=9200), SOURCE).claim
    assert denied.written_off == Money(amount_minor=9200)
    done = settle(replace(denied, state="appealed"), decided(9200, PR=2300), SOURCE)
    assert accounts(done) == {"cash_clearing": 9200, "contractual_adjustment": -9200}
    assert (done.claim.state, done.claim.written_off.amount_minor) == ("paid", 0)
    back = settle(done.claim, reversal(decided(9200, PR=2300)), SOURCE)
    assert accounts(back) == {"cash_clearing": -9200, "contractual_adjustment": 9200}
    assert back.claim.written_off == denied.written_off


@pytest.mark.parametrize("first", [{"PR": 11500}, {"PR": 2300, "CO": 9200}])
def test_a_denial_taken_back_after_it_was_paid_after_all_leaves_what_was_paid(
    first: dict[str, int],
) -> None:
    denial, payment = decided(0, **first), decided(9000, PR=2500)
    denied = settle(claim(), denial, SOURCE).claim
    paid = settle(denied, payment, SOURCE).claim
    back = settle(paid, reversal(denial), SOURCE)
    assert (back.claim.paid.amount_minor, back.claim.outstanding) == (9000, Money(amount_minor=200))
    assert (back.claim.moved_to_client.amount_minor, back.claim.written_off.amount_minor) == (0, 0)
    assert sum(each.minor for each in back.postings) == 0
    nothing = settle(back.claim, reversal(payment), SOURCE).claim
    assert (nothing.paid.amount_minor, nothing.outstanding) == (0, nothing.amount)
    assert (nothing.moved_to_client.amount_minor, nothing.written_off.amount_minor) == (0, 0)


def test_what_is_paid_twice_takes_nothing_from_what_the_client_owes() -> None:
    short = settle(claim(), decided(8000, PR=3500), SOURCE).claim
    twice = settle(short, decided(8000, PR=3500), SOURCE)
    assert accounts(twice) == {"cash_clearing": 8000, "unapplied": -8000}


def test_a_denied_claim_is_the_clients_when_the_payer_says_so() -> None:
    done = settle(claim(), decided(0, PR=11500), SOURCE)
    assert done.claim.state == "denied"
    assert accounts(done) == {"ar_client": 9200, "ar_payer": -9200}


@pytest.mark.parametrize("state", ["draft", "validated", "queued", "rejected"])
def test_a_claim_that_was_not_sent_is_not_paid(state: str) -> None:
    with pytest.raises(Unsettled, match=state):
        settle(claim(state), decided(9200, PR=2300), SOURCE)


def test_a_decision_about_another_charge_is_about_another_claim() -> None:
    with pytest.raises(Unsettled, match=r"\$114.00"):
        settle(claim(), decided(9200, charge=11400), SOURCE)


def test_another_currency_is_not_taken_for_ours() -> None:
    with pytest.raises(Unsettled, match="USD"):
        settle(claim(), decided(9200, PR=2300), replace(SOURCE, currency="USD"))


def test_a_reversal_of_what_was_never_paid_is_refused() -> None:
    with pytest.raises(Unsettled, match="takes back"):
        settle(claim(), reversal(decided(9200, PR=2300)), SOURCE)
    paid = settle(claim(), decided(9200, PR=2300), SOURCE).claim
    back = settle(paid, reversal(decided(9200, PR=2300)), SOURCE).claim
    with pytest.raises(Unsettled, match="takes back"):
        settle(back, reversal(decided(9200, PR=2300)), SOURCE)


def test_a_closed_claim_is_taken_back_as_well() -> None:
    paid = settle(claim(), decided(9200, PR=2300), SOURCE).claim
    closed = replace(paid, state="closed")
    back = settle(closed, reversal(decided(9200, PR=2300)), SOURCE).claim
    assert back.state == "adjudicated"


def test_held_and_forwarded_claims_post_nothing() -> None:
    held = settle(claim(), replace(decided(0), decision="pended", payer_reference="P9"), SOURCE)
    assert (held.claim.state, held.claim.payer_reference) == ("pended", "P9")
    passed = settle(held.claim, replace(decided(0), decision="forwarded"), SOURCE)
    assert (passed.claim.state, passed.claim.history[-1].state) == ("pended", "forwarded")
    assert held.postings == passed.postings == ()


def test_what_was_paid_before_it_was_forwarded_is_paid() -> None:
    told = replace(decided(9200, PR=2300), decision="forwarded")
    done = settle(claim(), told, SOURCE)
    assert (done.claim.state, accounts(done)[CASH_CLEARING]) == ("paid", 9200)


@pytest.mark.parametrize("decision", ["pended", "refused", "predetermined"])
def test_money_for_what_is_not_decided_is_for_a_biller_to_look_at(decision: Any) -> None:
    with pytest.raises(Unsettled, match=r"\$92.00"):
        settle(claim(), replace(decided(9200, PR=2300), decision=decision), SOURCE)


@given(
    amount=st.integers(0, 11500),
    paid=st.integers(0, 12000),
    patient=st.integers(0, 11500),
    contract=st.integers(-2000, 11500),
)
def test_whatever_is_decided_balances_and_can_be_undone(
    amount: int, paid: int, patient: int, contract: int
) -> None:
    told = decided(paid, PR=patient, CO=contract)
    before = claim(amount=amount)
    done = settle(before, told, SOURCE)
    assert sum(each.minor for each in done.postings) == 0
    assert accounts(done).get(CASH_CLEARING, 0) == paid
    after = done.claim
    known = (after.paid, after.written_off, after.moved_to_client, outstanding(after))
    assert sum(each.amount_minor for each in known) == amount
    assert all(each.amount_minor >= 0 for each in known)
    back = settle(after, reversal(told), SOURCE)
    assert accounts(back) == {account: -minor for account, minor in accounts(done).items()}
    assert outstanding(back.claim) == outstanding(before)
    assert settle(back.claim, told, SOURCE).postings == done.postings
