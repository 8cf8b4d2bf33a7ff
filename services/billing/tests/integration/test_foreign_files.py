"""Payers' 835s as they are met: other numbers, other orders, sums without claims, by the one door.

Each is written out here segment by segment, by 005010X221A1, not by our own writer.
"""

from collections.abc import Sequence
from typing import Any

import eventlet
import pytest

from billing.payers.reading import LARGE_FILE, read_beside, read_file
from billing.testing import codes, handed_in, reread, sent
from billing.use_cases import claiming
from clinic_contracts.billing import claims as c
from clinic_contracts.billing import payer_files as f
from clinic_contracts.billing import requests as r
from payer_formats.testing.segments import interchange

OURS = "N1*PE*FERNWOOD MASSAGE*XX*1234567893"


def payment(
    paid: str, *claims: Sequence[str], trace: str = "1", day: str = "20261209", **more: Any
) -> list[str]:
    payer, payee = more.get("payer", "1CARRIER00"), more.get("payee", [OURS])
    return [
        f"BPR*I*{paid}*C*{more.get('method', 'ACH')}************{day}",
        f"TRN*1*{trace}*{payer}",
        "CUR*PR*CAD",
        f"N1*PR*{more.get('name', 'Carrier')}",
        *payee,
        *(segment for claim in claims for segment in ("LX*1", *claim)),
        *more.get("plb", ()),
    ]


def decided(
    reference: str, paid: str = "92", client: str = "23", icn: str = "ICN1", code: str = "1"
) -> list[str]:
    return [
        f"CLP*{reference}*{code}*115*{paid}*{client}*12*{icn}",
        "NM1*QC*1*SAMPLE*ADA****MI*1",
        f"SVC*HC:97124*115*{paid}**4",
        "DTM*472*20261201",
        *([f"CAS*PR*2*{client}"] if client else []),
    ]


def reversed_(reference: str, icn: str = "ICN1") -> list[str]:
    return [
        f"CLP*{reference}*22*-115*-92*-23*12*{icn}",
        "NM1*QC*1*SAMPLE*ADA****MI*1",
        "SVC*HC:97124*-115*-92",
        "DTM*472*20261201",
        "CAS*PR*2*-23",
    ]


def take_835(office: Any, *sets: Sequence[str]) -> f.FileView:
    """Hand a file in as the gateway does; whatever becomes of it, the books are in order."""
    return handed_in(office, interchange("HP", "005010X221A1", *sets))


def is_known_as(office: Any, claim: r.ClaimView, icn: str, payer: str = "") -> None:
    """Let the payer have told its number of a claim, as a 277CA does."""
    change = {"state.payer_reference": icn, **({"state.payer_id": payer} if payer else {})}
    office.database["claims"].update_one(
        {"_id": claim.id}, {"$set": change, "$inc": {"version": 1}}
    )


def test_the_payers_own_number_tells_a_claim_whose_number_it_cut(office: Any) -> None:
    claim = sent(office)
    is_known_as(office, claim, "ICN1")
    file = take_835(office, payment("92", decided(claim.number[:8])))
    assert (file.state, file.unmatched, codes(file)) == ("posted", 0, [])
    assert reread(office, claim).state == "paid"


def test_two_payers_may_give_two_claims_the_same_number(office: Any) -> None:
    other, claim = sent(office, 1), sent(office, 2)
    is_known_as(office, other, "ICN1", "ANOTHER")
    file = take_835(office, payment("92", decided(claim.number)))
    assert (file.state, file.unmatched) == ("posted", 0)
    assert (reread(office, claim).state, reread(office, other).state) == ("paid", "submitted")


def test_the_payers_own_number_of_another_day_is_for_a_biller(office: Any) -> None:
    claim = sent(office)
    is_known_as(office, claim, "ICN1")
    another_day = [each.replace("20261201", "20261130") for each in decided("SOMEBODY")]
    file = take_835(office, payment("92", another_day))
    assert (file.state, file.unmatched) == ("posted", 1)
    assert reread(office, claim).state == "submitted"


def test_our_number_with_another_charge_is_for_a_biller(office: Any) -> None:
    claim = sent(office)
    other = [each.replace("*115*", "*116*") for each in decided(claim.number, client="24")]
    file = take_835(office, payment("92", other))
    assert (file.state, file.unmatched, codes(file)) == ("posted", 1, ["UNMATCHED"])
    assert reread(office, claim).state == "submitted"


def test_a_payment_of_adjustments_alone_is_posted(office: Any) -> None:
    file = take_835(office, payment("5.01", plb=["PLB*1234567893*20261231*L6:X*-5.01"]))
    assert (file.state, codes(file)) == ("posted", [])
    assert {each.account: each.amount.amount_minor for each in file.postings} == {
        "cash_clearing": 501,
        "payer_adjustment": -501,
    }


@pytest.mark.parametrize("group", ["PR", "OA", "CO"])
def test_a_remittance_without_payment_denies(office: Any, group: str) -> None:
    claim = sent(office)
    denied = [*decided(claim.number, paid="0", client="", code="4"), f"CAS*{group}*16*115"]
    file = take_835(office, payment("0", denied, method="NON"))
    assert (file.state, codes(file)) == ("posted", [])
    assert reread(office, claim).state == "denied"


@pytest.mark.parametrize("how", [claiming.correct_claim, claiming.appeal_claim])
def test_what_a_denial_wrote_off_may_be_paid_after_all(office: Any, how: Any) -> None:
    """CARC 16, a claim that lacks information, under CO: the usual denial to be mended."""
    claim = sent(office)
    denied = [*decided(claim.number, paid="0", client="", code="4"), "CAS*CO*16*115"]
    take_835(office, payment("0", denied, method="NON"))
    assert reread(office, claim).written_off.amount_minor == 9200
    again = how(c.ActOnClaimBecause(claim_id=claim.id, reason="mended"), office.desk())
    if again.id != claim.id:
        change = {"$set": {"state.state": "submitted"}, "$inc": {"version": 1}}
        office.database["claims"].update_one({"_id": again.id}, change)
    file = take_835(office, payment("92", decided(again.number, icn="ICN2"), trace="2"))
    assert (file.state, file.unmatched) == ("posted", 0)
    assert {each.account: each.amount.amount_minor for each in file.postings} == {
        "cash_clearing": 9200,
        "contractual_adjustment": -9200,
    }
    after = reread(office, again)
    assert (after.state, after.paid.amount_minor, after.written_off.amount_minor) == (
        "paid",
        9200,
        0,
    )


def test_nothing_at_all_is_paid_for_nothing(office: Any) -> None:
    assert take_835(office, payment("0", method="NON")).state == "posted"


def test_a_correction_in_an_earlier_file_than_its_reversal_is_held(office: Any) -> None:
    claim = sent(office)
    assert take_835(office, payment("92", decided(claim.number), trace="1")).state == "posted"
    again = decided(claim.number, paid="80", client="35", icn="ICN2")
    file = take_835(office, payment("80", again, trace="2"))
    assert {each.account: each.amount.amount_minor for each in file.postings} == {
        "cash_clearing": 8000,
        "unapplied": -8000,
    }
    assert reread(office, claim).state == "paid"
    back = payment(
        "0",
        reversed_(claim.number),
        trace="3",
        method="NON",
        plb=["PLB*1234567893*20261231*FB:X*-92"],
    )
    assert take_835(office, back).unmatched == 0
    after = reread(office, claim)
    assert (after.state, after.paid.amount_minor) == ("adjudicated", 0)
    assert [(each.overpaid.amount_minor, each.undone) for each in after.settlements] == [
        (0, True),
        (8000, False),
    ]


@pytest.mark.parametrize("code", ["2", "19", "20", "21"])
def test_a_payer_who_comes_second_names_what_the_first_paid(office: Any, code: str) -> None:
    claim = sent(office)
    second = [
        *decided(claim.number, paid="92", client="", code=code),
        "CAS*OA*23*20",
        "CAS*CO*45*3",
    ]
    assert take_835(office, payment("92", second)).state == "posted"
    assert reread(office, claim).paid.amount_minor == 9200


def test_interest_is_no_part_of_a_claim(office: Any) -> None:
    claim = sent(office)
    with_interest = decided(claim.number)
    with_interest[2:2] = ["AMT*I*1.5"]
    file = take_835(
        office, payment("93.5", with_interest, plb=["PLB*1234567893*20261231*L6:ICN1*-1.5"])
    )
    assert (file.state, codes(file)) == ("posted", [])
    assert reread(office, claim).paid.amount_minor == 9200


def test_a_claim_may_be_adjusted_as_a_whole(office: Any) -> None:
    claim = sent(office)
    whole = [
        f"CLP*{claim.number}*1*115*92*23*12*ICN1",
        "CAS*PR*1*1**2*2**3*3**4*4**5*5**6*6",
        "CAS*PR*7*2",
        "NM1*QC*1*SAMPLE*ADA****MI*1",
        "MIA*0***0*M1",
        "MOA***MA01*MA18",
        "DTM*232*20261201",
        "DTM*233*20261201",
        "DTM*050*20261205",
    ]
    file = take_835(office, payment("92", whole))
    assert (file.state, codes(file)) == ("posted", [])
    assert reread(office, claim).state == "paid"


def test_lines_bundled_or_counted_in_quarters_are_read(office: Any) -> None:
    claim = sent(office)
    lines = [
        f"CLP*{claim.number}*1*115*92*23*12*ICN1",
        "NM1*QC*1*SAMPLE*ADA****MI*1",
        "SVC*HC:97124*100*92**1.5*HC:97140:59*4",
        "DTM*150*20261201",
        "DTM*151*20261201",
        "CAS*PR*2*8*1.5",
        "AMT*B6*100",
        "LQ*HE*N130",
        "SVC*HC:97140*15*0**0",
        "DTM*472*20261201",
        "CAS*PR*97*15",
    ]
    file = take_835(office, payment("92", lines))
    assert (file.state, [each.severity for each in file.findings]) == ("posted", ["warning"] * 2)
    assert reread(office, claim).paid.amount_minor == 9200


def test_two_payers_in_one_file_and_one_number_on_two_days_are_all_paid(office: Any) -> None:
    claims = [sent(office, number) for number in range(4)]
    one, two, three, four = (decided(each.number, icn=f"I{each.number}") for each in claims)
    file = take_835(
        office,
        payment("92", one, payer="1CARRIER00", trace="A"),
        payment("92", two, payer="1OTHER0000", trace="A", name="Other"),
        payment("92", three, payer="1CARRIER00", trace="A", day="20261210"),
    )
    assert (file.state, file.unmatched) == ("posted", 0)
    assert take_835(office, payment("92", four, trace="A", day="20261211")).state == "posted"
    assert {reread(office, each).state for each in claims} == {"paid"}


def test_a_remittance_under_another_set_number_is_the_same(office: Any) -> None:
    """Clearing houses put payers' sets into files of their own, and number them anew."""
    claims = [sent(office, number) for number in range(2)]
    one, two = (
        payment("92", decided(each.number, icn=f"I{each.number}"), trace=f"T{n}")
        for n, each in enumerate(claims)
    )
    assert take_835(office, one, one).state == "posted"
    file = take_835(office, two, one)
    assert (file.state, {each.amount.amount_minor for each in file.postings}) == (
        "posted",
        {9200, -9200},
    )
    assert take_835(office, one, two).state == "duplicate"
    assert [reread(office, each).paid.amount_minor for each in claims] == [9200, 9200]
    assert office.database["remittances"].count_documents({}) == 2


@pytest.mark.parametrize("together", [False, True])
def test_another_payment_under_a_number_told_before_is_kept_aside(
    office: Any, *, together: bool
) -> None:
    one, two = (
        payment("92", decided(sent(office, number).number, icn=f"I{number}"), trace="T1")
        for number in range(2)
    )
    if together:
        file = handed_in(
            office, b"".join(interchange("HP", "005010X221A1", each) for each in (one, two))
        )
    else:
        assert take_835(office, one).state == "posted"
        file = take_835(office, two)
    assert (file.state, codes(file)) == ("quarantined", ["TRACE_REUSED"])
    posted = office.database["remittances"].count_documents({})
    assert posted == (0 if together else 1)


@pytest.mark.parametrize(
    "payee",
    [
        ["N1*PE*FERNWOOD*FI*123456789"],
        ["N1*PE*FERNWOOD*FI*12-3456789"],
        ["N1*PE*FERNWOOD*XX*1245319599", "REF*TJ*123456789"],
        ["N1*PE*FERNWOOD"],
    ],
)
def test_who_is_paid_is_told_by_any_number_of_ours(office: Any, payee: list[str]) -> None:
    stranger = payment("92", decided("NOT-OURS"), payee=payee)
    file = take_835(office, stranger)
    assert (file.state, codes(file)) == ("posted", ["UNMATCHED"])


def test_a_large_file_is_read_while_the_service_goes_on() -> None:
    raw = interchange(
        "HP", "005010X221A1", payment("92000", *(decided(f"N{n}") for n in range(1000)))
    )
    assert len(raw) > LARGE_FILE
    turns: list[int] = []

    def others() -> None:
        while True:
            turns.append(1)
            eventlet.sleep()

    going_on = eventlet.spawn(others)
    read = read_beside(raw, "application/edi-x12")
    going_on.kill()
    assert turns
    assert read == read_file(raw, "application/edi-x12")
