"""What was decided of claims, and totals that hold to the cent."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from payer_formats.answers import Read, Remittance
from payer_formats.balance import imbalances
from payer_formats.claim import Claim
from payer_formats.teleplan.layout import MOST_FINDINGS
from payer_formats.teleplan.reading import read_answers
from payer_formats.teleplan.replies import Answer, Decided, Payment, remitted
from payer_formats.teleplan.submission import Sender, batch
from payer_formats.teleplan.submitted import read_submission

Change = Callable[[bytes, str, int, bytes], bytes]


def only(read: Read) -> Remittance:
    assert not read.findings
    (remittance,) = read.remittances
    return remittance


def test_every_decision_is_told_in_our_words(remittance_file: bytes) -> None:
    remittance = only(read_answers(remittance_file))
    assert not remittance.findings
    paid, short, refused, held = remittance.claims
    assert [each.decision for each in remittance.claims] == ["paid", "paid", "refused", "pended"]
    assert [each.code for each in remittance.claims] == ["S01", "S02", "S03", "S04"]
    assert [each.reference for each in remittance.claims] == ["101", "102", "103", "104"]
    assert [each.position for each in remittance.claims] == [2, 3, 4, 5]
    assert paid.payer_reference == "T12340000101"
    assert (paid.charge_minor, paid.paid_minor) == (2300, 2300)
    assert [(line.charge_minor, line.procedure) for line in paid.lines] == [(2300, "")]
    assert (short.charge_minor, short.paid_minor, short.remarks) == (2300, 2000, ("BH", "CD"))
    (line,) = short.lines
    assert (line.procedure, line.units, line.day) == ("09948", 1, date(2026, 11, 27))
    ((group, reason, minor),) = [(a.group, a.reason, a.minor) for a in line.adjustments]
    assert (group, reason, minor) == ("PI", "BH", 300)
    assert (short.member_id, short.patient_name) == ("9698658215", "Z TR")
    assert (refused.paid_minor, refused.remarks) == (0, ("HT",))
    assert refused.lines[0].adjustments[0].minor == 2300
    assert (held.charge_minor, held.paid_minor, held.remarks) == (0, 0, ("AP",))
    assert held.lines == ()


def test_a_remittance_says_what_was_paid_and_what_was_kept(remittance_file: bytes) -> None:
    remittance = only(read_answers(remittance_file))
    assert remittance.paid_minor == 4300 - 150 - 1000
    assert (remittance.payer_id, remittance.currency, remittance.trace) == ("MSP", "CAD", "000042")
    assert remittance.paid_on == date(2026, 12, 15)
    assert remittance.identity == "MSP:A1234:20261215:000042:3150"
    kept = [(a.reason, a.minor, a.reference) for a in remittance.provider_adjustments]
    assert kept == [("RP", 150, "RECOVERY"), ("BALANCE_FORWARD", 1000, "")]


@pytest.mark.parametrize(
    ("record", "first", "put", "where"),
    [
        ("S01", 111, b"0002301", "S21-10"),
        ("S02", 118, b"0001999", "S21-10"),
        ("S21", 70, b"000004299", "S21-10"),
        ("S21", 88, b"000003151", "S21-12"),
        ("S21", 79, b"00000999R", "S21-12"),
        ("S21", 97, b"000000001", "S21-12"),
        ("S22", 75, b"000004299", "S22-11"),
        ("S22", 75, b"000004301", "S22-11"),
        ("S23", 117, b"00000015J", "S21-12"),
    ],
)
def test_a_cent_amiss_is_found(  # noqa: PLR0913, PLR0917 (a table's columns)
    changed: Change, remittance_file: bytes, record: str, first: int, put: bytes, where: str
) -> None:
    remittance = only(read_answers(changed(remittance_file, record, first, put)))
    off = [each for each in remittance.findings if each.severity == "error"]
    assert {each.code for each in off} == {"TELEPLAN_TOTAL"}
    assert where in {each.where for each in off}
    assert all("cents" in each.text for each in off)


def test_a_claim_of_a_practitioner_without_totals_is_found(
    changed: Change, remittance_file: bytes
) -> None:
    raw = changed(remittance_file, "S01", 36, b"00999")
    remittance = only(read_answers(raw))
    assert {each.code for each in remittance.findings} == {"TELEPLAN_TOTAL"}
    assert any("00999" in each.text for each in remittance.findings)


def test_a_practitioner_with_two_totals_is_found(remittance_file: bytes) -> None:
    found = remittance_file.split(b"\r\n")[:-1]
    twice = only(read_answers(b"\n".join([*found, found[5]])))
    assert [(each.code, each.where) for each in twice.findings] == [("TELEPLAN_TOTAL", "S22")]


def test_a_refused_claim_with_money_is_found(payment: Payment) -> None:
    refused = replace(payment.decided[2], paid_minor=100)
    remittance = only(read_answers(remitted([replace(payment, decided=(refused,))])))
    (finding,) = remittance.findings
    assert (finding.code, finding.reference) == ("TELEPLAN_REFUSED_PAID", "103")


def test_claims_without_totals_are_found(remittance_file: bytes) -> None:
    found = remittance_file.split(b"\r\n")[:-1]
    missing = only(read_answers(b"\n".join(found[1:])))
    assert [each.code for each in missing.findings] == ["TELEPLAN_TOTAL_MISSING"]
    twice = only(read_answers(b"\n".join([found[0], *found])))
    assert [each.code for each in twice.findings] == ["TELEPLAN_TOTAL_MISSING"]


def test_a_debit_takes_a_payment_back(payment: Payment) -> None:
    debit = replace(payment.decided[1], paid_minor=-2300, codes=("DB",))
    raw = remitted([replace(payment, decided=(debit,), adjusted=(), balance_forward_minor=0)])
    remittance = only(read_answers(raw))
    (claim,) = remittance.claims
    assert (claim.decision, claim.charge_minor, claim.paid_minor) == ("reversed", -2300, -2300)
    assert not claim.lines[0].adjustments
    assert not remittance.findings
    assert remittance.paid_minor == 0
    kept = [(each.reason, each.minor) for each in remittance.provider_adjustments]
    assert kept == [("NEW_BALANCE", -2300)]


def test_a_cheque_below_nothing_is_found(changed: Change, payment: Payment) -> None:
    debit = replace(payment.decided[1], paid_minor=-2300)
    raw = remitted([replace(payment, decided=(debit,), adjusted=(), balance_forward_minor=0)])
    for cheque, balance in ((b"00000230}", b"000000000"), (b"00000000J", b"00000229R")):
        swapped = changed(raw, "S21", 88, cheque + balance)
        found = only(read_answers(swapped)).findings
        assert [each.code for each in found] == ["TELEPLAN_NEGATIVE"]


def test_a_line_decided_again_is_a_decision_of_its_own(payment: Payment) -> None:
    short = payment.decided[1]
    more = replace(short, paid_minor=300, codes=("RA",))
    remittance = only(read_answers(remitted([replace(payment, decided=(short, more))])))
    assert [(claim.charge_minor, claim.paid_minor) for claim in remittance.claims] == [
        (2300, 2000),
        (2300, 300),
    ]


def test_the_lines_of_a_claim_are_one_decision(
    sender: Sender, make_claim: Callable[..., Claim], payment: Payment
) -> None:
    line = make_claim().lines[0]
    three = tuple(replace(line, number=number) for number in (1, 2, 3))
    sent = batch(sender, [make_claim(lines=three, charge_minor=6900)], 500)
    first, second, third = read_submission(sent.raw).lines
    decided = (
        Decided(line=first, answer="S01", paid_minor=2300),
        Decided(line=second, answer="S02", paid_minor=2000, codes=("BH",)),
        Decided(line=third, answer="S03", codes=("HT",)),
        Decided(line=first, answer="S02", paid_minor=-2300, codes=("DB",)),
    )
    remittance = only(read_answers(remitted([replace(payment, decided=decided)])))
    assert not remittance.findings
    claim, reversal = remittance.claims
    assert (claim.decision, claim.charge_minor, claim.paid_minor) == ("paid", 6900, 4300)
    assert (claim.reference, claim.payer_reference) == (sent.sent[0].folio, sent.sent[0].key)
    assert [line.reference for line in claim.lines] == [each.key for each in sent.sent]
    assert claim.remarks == ("BH", "HT")
    assert (reversal.decision, reversal.paid_minor) == ("reversed", -2300)
    assert not list(imbalances(remittance))


def test_the_lines_of_a_claim_are_held_taken_back_and_decided_again_together(
    sender: Sender, make_claim: Callable[..., Claim], payment: Payment
) -> None:
    line = make_claim().lines[0]
    lines = (line, replace(line, number=2))
    sent = batch(sender, [make_claim(lines=lines, charge_minor=4600)], 100)
    told = read_submission(sent.raw).lines
    held = [Decided(line=each, answer="S04", codes=("AP",)) for each in told]
    short = [Decided(line=each, answer="S02", paid_minor=2000, codes=("BH",)) for each in told]
    back = [replace(each, paid_minor=-2000) for each in short]
    full = [Decided(line=each, answer="S01", paid_minor=2300) for each in told]
    decided = tuple(each for pair in (held, short, back, full) for each in pair)
    remittance = only(read_answers(remitted([replace(payment, decided=decided)])))
    assert [(each.decision, each.charge_minor, each.paid_minor) for each in remittance.claims] == [
        ("pended", 0, 0),
        ("paid", 4600, 4000),
        ("reversed", -4600, -4000),
        ("paid", 4600, 4600),
    ]
    assert {each.payer_reference for each in remittance.claims} == {sent.sent[0].key}


@pytest.mark.parametrize(
    ("answers", "decision"),
    [(("S03", "S03"), "refused"), (("S02", "S03"), "denied"), (("S01", "S03"), "paid")],
)
def test_a_claim_is_paid_when_any_line_is(
    payment: Payment, answers: tuple[Answer, Answer], decision: str
) -> None:
    line = payment.decided[0].line
    decided = [
        Decided(
            line=replace(line, sequence=number),
            answer=answer,
            paid_minor=2300 if answer == "S01" else 0,
        )
        for number, answer in enumerate(answers, start=1)
    ]
    (claim,) = only(read_answers(remitted([replace(payment, decided=tuple(decided))]))).claims
    assert claim.decision == decision


def test_a_claim_paid_nothing_with_an_explanation_is_denied(payment: Payment) -> None:
    nothing = replace(payment.decided[1], paid_minor=0)
    remittance = only(read_answers(remitted([replace(payment, decided=(nothing,))])))
    assert [claim.decision for claim in remittance.claims] == ["denied"]


def test_a_claim_paid_short_without_a_code_still_balances(payment: Payment) -> None:
    silent = replace(payment.decided[1], codes=())
    remittance = only(read_answers(remitted([replace(payment, decided=(silent,))])))
    assert remittance.claims[0].lines[0].adjustments[0].reason == "NONE"


def test_two_payees_are_two_remittances(payment: Payment) -> None:
    other = replace(payment, payee="B1234", decided=payment.decided[:1])
    read = read_answers(remitted([payment, other]))
    assert [len(each.claims) for each in read.remittances] == [4, 1]
    assert len({each.identity for each in read.remittances}) == 2
    assert not any(each.findings for each in read.remittances)


def test_the_order_of_the_records_does_not_matter(remittance_file: bytes) -> None:
    found = remittance_file.split(b"\r\n")[:-1]
    turned = only(read_answers(b"\n".join(reversed(found))))
    assert not turned.findings
    assert turned.identity == only(read_answers(remittance_file)).identity


def test_what_can_grow_is_bounded(payment: Payment) -> None:
    line = payment.decided[0].line
    many = tuple(
        Decided(line=replace(line, sequence=number), answer="S01", paid_minor=1)
        for number in range(1, 121)
    )
    raw = remitted([replace(payment, decided=many, messages=("news",) * 300)])
    remittance = only(read_answers(raw))
    assert [len(claim.lines) for claim in remittance.claims] == [50, 50, 20]
    assert sum(claim.paid_minor for claim in remittance.claims) == 120
    assert not list(imbalances(remittance))
    assert len(remittance.findings) == MOST_FINDINGS
