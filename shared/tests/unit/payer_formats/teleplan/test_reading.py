"""What MSP sends: decisions, totals to the cent, refusals, messages, and unsound files."""

import random
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from payer_formats.answers import Read, Remittance
from payer_formats.findings import has_errors
from payer_formats.teleplan.layout import signed_minor
from payer_formats.teleplan.reading import MOST_FINDINGS, read_answers
from payer_formats.teleplan.replies import (
    Adjusted,
    AskedEligibility,
    Decided,
    Payment,
    SubmittedLine,
    eligibility_answers,
    message,
    read_submission,
    refusals,
    remitted,
)

RECORD = {"S21": 0, "S01": 1, "S02": 2, "S03": 3, "S04": 4, "S22": 5, "S23": 6}
"""Where the remittance of the fixture holds what."""


def changed(raw: bytes, record: int, first: int, put: bytes) -> bytes:
    """Return the file with columns of one record written over, columns counted from 1."""
    found = raw.split(b"\r\n")
    line = found[record]
    found[record] = line[: first - 1] + put + line[first - 1 + len(put) :]
    assert found[record] != line
    return b"\r\n".join(found)


def codes(read: Read) -> list[str]:
    return [finding.code for finding in read.findings]


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
    assert paid.payer_reference == "T1234000010120261127"
    assert (paid.charge_minor, paid.paid_minor, paid.lines) == (2300, 2300, ())
    assert (short.charge_minor, short.paid_minor, short.remarks) == (2300, 2000, ("BH", "CD"))
    (line,) = short.lines
    assert (line.procedure, line.units, line.day) == ("09948", 1, date(2026, 11, 27))
    ((group, reason, minor),) = [(a.group, a.reason, a.minor) for a in line.adjustments]
    assert (group, reason, minor) == ("PI", "BH", 300)
    assert (short.member_id, short.patient_name) == ("9698658215", "Z TR")
    assert (refused.paid_minor, refused.remarks) == (0, ("HT",))
    assert refused.lines[0].adjustments[0].minor == 2300
    assert (held.charge_minor, held.paid_minor, held.remarks) == (0, 0, ("AP",))


def test_a_remittance_says_what_was_paid_and_what_was_kept(remittance_file: bytes) -> None:
    remittance = only(read_answers(remittance_file))
    assert remittance.paid_minor == 4300 - 150 - 1000
    assert (remittance.payer_id, remittance.currency, remittance.trace) == ("MSP", "CAD", "000042")
    assert remittance.paid_on == date(2026, 12, 15)
    assert remittance.identity == "MSP:A1234:20261215:000042:3150"
    kept = [(a.reason, a.minor, a.reference) for a in remittance.provider_adjustments]
    assert kept == [("RP", 150, "RECOVERY"), ("BALANCE_FORWARD", 1000, "")]


def test_the_same_file_is_the_same_remittance(remittance_file: bytes) -> None:
    first, again = read_answers(remittance_file), read_answers(remittance_file)
    assert first == again
    unix = read_answers(remittance_file.replace(b"\r\n", b"\n") + b"\n\x1a")
    assert unix == first


def test_the_order_of_the_records_does_not_matter(remittance_file: bytes) -> None:
    found = remittance_file.split(b"\r\n")[:-1]
    turned = only(read_answers(b"\n".join(reversed(found))))
    assert not turned.findings
    assert turned.identity == only(read_answers(remittance_file)).identity


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
        ("S23", 117, b"00000015J", "S21-12"),
    ],
)
def test_a_cent_amiss_is_found(
    remittance_file: bytes, record: str, first: int, put: bytes, where: str
) -> None:
    remittance = only(read_answers(changed(remittance_file, RECORD[record], first, put)))
    off = [each for each in remittance.findings if each.severity == "error"]
    assert {each.code for each in off} == {"TELEPLAN_TOTAL"}
    assert where in {each.where for each in off}
    assert all("cents" in each.text for each in off)


def test_a_claim_of_a_practitioner_without_totals_is_found(remittance_file: bytes) -> None:
    raw = changed(remittance_file, RECORD["S01"], 36, b"00999")
    remittance = only(read_answers(raw))
    assert {each.code for each in remittance.findings} == {"TELEPLAN_TOTAL"}
    assert any("00999" in each.text for each in remittance.findings)


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
    assert remittance.paid_minor == -2300
    assert not remittance.findings


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


def test_messages_are_warnings_for_somebody_to_read(payment: Payment) -> None:
    raw = message("T1234", "MSP is closed on Monday") + remitted(
        [replace(payment, messages=("Rates change on 1 April",))]
    )
    read = read_answers(raw)
    (told,) = read.findings
    assert (told.code, told.text, told.severity) == (
        "PAYER_MESSAGE",
        "MSP is closed on Monday",
        "warning",
    )
    (inner,) = read.remittances[0].findings
    assert (inner.text, inner.where, inner.severity) == (
        "Rates change on 1 April",
        "S25",
        "warning",
    )


def test_a_refusal_before_adjudication_rejects_the_claim(submitted: list[SubmittedLine]) -> None:
    raw = refusals([(submitted[0], ("AA", "ZZ")), (submitted[1], ("VC",))])
    assert [len(line) for line in raw.split(b"\r\n")] == [70, 70, 0]
    read = read_answers(raw)
    (acknowledgement,) = read.acknowledgements
    first, second = acknowledgement.claims
    assert acknowledgement.kind == "C12"
    assert (first.verdict, first.codes, first.reference) == ("rejected", ("AA", "ZZ"), "101")
    assert (second.codes, second.payer_reference) == (("VC",), "T12340000102")
    assert acknowledgement == read_answers(raw).acknowledgements[0]
    assert not read.remittances


def test_eligibility_is_answered_with_a_warning() -> None:
    asked = AskedEligibility(
        data_centre="T1234",
        sequence=6,
        phn="9698658215",
        birth_date=None,
        day=date(2026, 11, 28),
    )
    raw = eligibility_answers([(asked, True, "SUPPLEMENTARY"), (asked, False, "")])
    yes, no = read_answers(raw).eligibilities
    assert (yes.active, yes.member_id, yes.benefits[0].text) == (
        True,
        "9698658215",
        "SUPPLEMENTARY",
    )
    assert no.active is False
    assert [each.code for each in yes.findings] == ["TELEPLAN_UNCONFIRMED"]
    unknown = read_answers(raw.replace(b"20261128Y", b"20261128?"))
    assert unknown.eligibilities[0].active is None


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "TELEPLAN_EMPTY"),
        (b"\r\n\r\n\x1a", "TELEPLAN_EMPTY"),
        (b"hello", "TELEPLAN_RECORD"),
        (b"ISA*00*", "TELEPLAN_RECORD"),
        (b"\x00\xff\xfe", "TELEPLAN_RECORD"),
        (b"S21", "TELEPLAN_LENGTH"),
        (b"C12" + b" " * 68, "TELEPLAN_LENGTH"),
        (b"M01", "TELEPLAN_LENGTH"),
    ],
)
def test_what_is_no_answer_of_msp_is_found(raw: bytes, code: str) -> None:
    read = read_answers(raw)
    assert codes(read) == [code]
    assert has_errors(read.findings)


@pytest.mark.parametrize(
    ("record", "first", "put", "code", "where"),
    [
        ("S02", 118, b"00O2000", "TELEPLAN_FIELD", "S02-23"),
        ("S02", 118, b"-002000", "TELEPLAN_FIELD", "S02-23"),
        ("S02", 81, b"20261327", "TELEPLAN_DATE", "S02-14"),
        ("S01", 104, b"10.1000", "TELEPLAN_FIELD", "S01-23"),
        ("S21", 16, b"2026-215", "TELEPLAN_DATE", "S21-4"),
        ("S22", 41, b"\x07", "TELEPLAN_FIELD", "S22-9"),
    ],
)
def test_a_record_that_cannot_be_read_spoils_the_file(  # noqa: PLR0913, PLR0917 (a table's columns)
    remittance_file: bytes, record: str, first: int, put: bytes, code: str, where: str
) -> None:
    read = read_answers(changed(remittance_file, RECORD[record], first, put))
    (finding,) = read.findings
    assert (finding.code, finding.where, finding.position) == (code, where, RECORD[record] + 1)
    assert f"columns {first} to" in finding.text or put == b"\x07"
    assert not read.remittances


def test_a_truncated_file_is_not_used(remittance_file: bytes) -> None:
    read = read_answers(remittance_file[:-40])
    assert codes(read) == ["TELEPLAN_LENGTH"]
    assert not read.remittances


def test_records_of_others_are_left_unread_with_a_warning(remittance_file: bytes) -> None:
    read = read_answers(b"VRCT12340000001\nX02anything\n" + remittance_file)
    assert codes(read) == ["TELEPLAN_SKIPPED", "TELEPLAN_SKIPPED"]
    assert len(read.remittances) == 1


def test_findings_are_bounded() -> None:
    read = read_answers(b"Q99\n" * 5000)
    assert len(read.findings) == MOST_FINDINGS + 1
    assert read.findings[-1].code == "TELEPLAN_TOO_MUCH"


def test_a_submission_without_its_control_record_is_not_taken(remittance_file: bytes) -> None:
    assert [each.code for each in read_submission(b"").findings] == ["TELEPLAN_HEADER"]
    found = read_submission(remittance_file)
    assert {each.code for each in found.findings} == {"TELEPLAN_RECORD"}
    assert not found.lines


def test_a_payers_figure_that_does_not_fit_its_field_is_refused(payment: Payment) -> None:
    much = replace(payment.decided[0], paid_minor=10_000_000)
    with pytest.raises(ValueError, match="paid amount"):
        remitted([replace(payment, decided=(much,))])


def recomputed(raw: bytes) -> int:
    """Return what the claims' records were paid, from their columns, as a second reader would."""
    columns = {b"S01": (110, 117), b"S00": (117, 124), b"S02": (117, 124), b"S03": (117, 124)}
    total = 0
    for line in raw.splitlines():
        start, end = columns.get(line[:3], (0, 0))
        total += signed_minor(line[start:end].decode() or "0") or 0
    return total


answers = st.lists(
    st.tuples(
        st.sampled_from(["S00", "S01", "S02", "S04"]),
        st.integers(min_value=-99_999, max_value=99_999),
        st.sampled_from(["00567", "00568"]),
    ),
    min_size=1,
    max_size=12,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(answers, st.integers(-5000, 5000), st.integers(-5000, 5000), st.integers(-5000, 5000))
def test_what_the_payer_writes_balances_when_it_is_read(
    payment: Payment, told: list[tuple[str, int, str]], made: int, forward: int, left: int
) -> None:
    decided = [
        Decided(
            line=replace(payment.decided[0].line, practitioner=practitioner),
            answer=answer,  # type: ignore[arg-type]  # sampled from the literals
            paid_minor=0 if answer == "S04" else paid,
        )
        for answer, paid, practitioner in told
    ]
    raw = remitted(
        [
            replace(
                payment,
                decided=tuple(decided),
                adjusted=(Adjusted(code="AB", minor=made),),
                balance_forward_minor=forward,
                new_balance_minor=left,
            )
        ]
    )
    remittance = only(read_answers(raw))
    assert not remittance.findings
    balanced(remittance, raw)


def balanced(remittance: Remittance, raw: bytes) -> None:
    """Check every equation of a remittance, from the model and from the raw columns."""
    for claim in remittance.claims:
        short = sum(a.minor for line in claim.lines for a in line.adjustments)
        assert claim.charge_minor - short == claim.paid_minor
    paid = sum(claim.paid_minor for claim in remittance.claims)
    kept = sum(adjustment.minor for adjustment in remittance.provider_adjustments)
    assert paid - kept == remittance.paid_minor
    assert paid == recomputed(raw)


def mutated(raw: bytes, chance: random.Random) -> bytes:
    """Return a file with one to four things done to it that lines and disks do."""
    found = bytearray(raw)
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(found) + 1)
        match chance.randrange(6):
            case 0:
                found[place : place + 1] = bytes([chance.randrange(256)])
            case 1:
                del found[place : place + chance.randint(1, 40)]
            case 2:
                found[place:place] = chance.choice([b"\r\n", b"0", b"S21", b"C12", b"M01", b"\x1a"])
            case 3:
                found[place:place] = found[: chance.randrange(len(found) + 1)]
            case 4:
                found[place : place + 1] = chance.choice([b"}", b"J", b"9", b"-", b" ", b"\xb2"])
            case _:
                del found[place:]
        if not found:
            return b""
    return bytes(found[:20_000])


def test_no_damaged_file_raises_and_none_is_taken_that_does_not_balance(
    payment: Payment, submitted: Sequence[SubmittedLine]
) -> None:
    chance = random.Random(20261128)  # noqa: S311 (repeatable damage, no secret)
    whole = message("T1234", "news") + refusals([(submitted[0], ("AA",))]) + remitted([payment])
    start, used = time.perf_counter(), 0
    for _ in range(2500):
        raw = mutated(whole, chance)
        read = read_answers(raw)
        read_submission(raw)
        if has_errors(read.findings):
            assert not read.remittances
            continue
        sound = [each for each in read.remittances if not has_errors(each.findings)]
        used += len(sound)
        if len(sound) == len(read.remittances) == 1:
            balanced(sound[0], raw)
    assert used > 50
    assert time.perf_counter() - start < 10
