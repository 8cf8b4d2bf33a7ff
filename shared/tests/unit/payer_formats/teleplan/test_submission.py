"""What is sent to MSP: records, numbers, and claims that stay behind."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from payer_formats.claim import Accident, Claim, Diagnosis, Provider, ServiceLine
from payer_formats.inquiry import EligibilityInquiry
from payer_formats.teleplan.records import C02, N01, VS1
from payer_formats.teleplan.submission import (
    Batch,
    Sender,
    batch,
    eligibility_batch,
)
from payer_formats.teleplan.submitted import read_submission

Make = Callable[..., Claim]
WORK = Accident(
    kind="work",
    day=date(2026, 10, 3),
    claim_number="1234567",
    body_part="23100",
    side="L",
    nature="02100",
)


def lines(sent: Batch) -> list[str]:
    return sent.raw.decode("ascii").split("\r\n")[:-1]


def held(line: str, first: int, last: int) -> str:
    """Return columns as the specification counts them, from 1."""
    return line[first - 1 : last]


def test_a_claim_is_a_control_record_and_a_claim_record(sender: Sender, make_claim: Make) -> None:
    sent = batch(sender, [make_claim()], 41)
    head, claim = lines(sent)
    assert not sent.findings
    assert (len(head), head[:15]) == (200, "VS1T12340000041")
    assert head[15:45] == "V9999" + "CLINICOPS".ljust(25)
    assert len(claim) == 424
    assert claim[:35] == "C02" + "T1234" + "0000042" + "A1234" + "00567" + "9698658215"
    assert held(claim, 36, 39) == "ZATR"
    assert held(claim, 40, 51) == "00" + "001" + "00" + "00" + "0" + "00"
    assert held(claim, 52, 64) == "09948" + "0002300" + "0"
    assert held(claim, 65, 75) == "20261127" + "00" + "0"
    assert held(claim, 77, 91) == "7245".ljust(15)
    assert held(claim, 107, 119) == "N" + "000000" + "000000"
    assert held(claim, 132, 147) == "19800229" + "0000042" + "0"
    assert held(claim, 168, 168) == "N"
    assert held(claim, 265, 266) == "  "
    assert sent.next_sequence == 43
    (only,) = sent.sent
    assert (only.sequence, only.folio, only.id, only.line) == (42, "42", "01JDCLAIM", 1)
    assert only.key == "T12340000042"


def test_a_claim_of_three_lines_is_three_records_under_one_folio(
    sender: Sender, make_claim: Make
) -> None:
    three = tuple(
        ServiceLine(
            number=number,
            procedure="09948",
            charge_minor=2300,
            units=1,
            day=date(2026, 11, number),
            reference=f"01JDCLAIM-{number}",
        )
        for number in (1, 2, 3)
    )
    sent = batch(sender, [make_claim(lines=three, charge_minor=6900)], 1)
    assert [each.folio for each in sent.sent] == ["2", "2", "2"]
    assert [held(line, 140, 146) for line in lines(sent)[1:]] == ["0000002"] * 3
    assert [held(line, 65, 72) for line in lines(sent)[1:]] == ["20261101", "20261102", "20261103"]


def test_a_short_note_is_a_comment_and_a_long_one_a_record(
    sender: Sender, make_claim: Make
) -> None:
    (_, short) = lines(batch(sender, [make_claim(note="Left shoulder")], 1))
    assert held(short, 147, 167) == "0" + "Left shoulder".ljust(20)
    _, claim, note = lines(batch(sender, [make_claim(note="Fell on the ice\nin the car park")], 1))
    assert held(claim, 147, 167) == "N" + " " * 20
    assert len(note) == 426
    assert note[:26] == "N01" + "T1234" + "0000003" + "A1234" + "00567" + "A"
    assert note[26:].rstrip() == "Fell on the ice in the car park"


def test_a_referral_and_a_crash_have_their_fields(sender: Sender, make_claim: Make) -> None:
    crash = Accident(kind="auto", day=date(2026, 10, 3), claim_number="AA123456")
    referring = Provider(name="Moss", first_name="Ann", number="01234")
    claim = make_claim(accident=crash, referring=referring)
    (_, line) = lines(batch(sender, [claim], 1))
    assert held(line, 108, 113) == "B01234"
    assert held(line, 168, 176) == "YAA123456"


def test_a_worker_stands_in_the_fields_of_another_insurer(sender: Sender, make_claim: Make) -> None:
    sent = batch(sender, [make_claim(accident=WORK)], 1)
    (_, line) = lines(sent)
    assert not sent.findings
    assert held(line, 26, 39) == "0" * 14
    assert held(line, 75, 75) == "W"
    assert held(line, 265, 286) == "WC" + "9698658215  " + "19800229"
    assert held(line, 287, 318) == "ZOE".ljust(12) + "A" + "TREMBLAY-COTE".ljust(18) + "F"
    assert held(line, 319, 343) == "20261003".ljust(25)
    assert held(line, 344, 368) == "23100L".ljust(25)
    assert held(line, 369, 393) == "02100".ljust(25)
    assert held(line, 394, 418) == "01234567".ljust(25)


def test_an_opted_out_practitioners_patient_is_paid(sender: Sender, make_claim: Make) -> None:
    opted_out = replace(sender, pays_patient=True)
    (_, line) = lines(batch(opted_out, [make_claim()], 1))
    assert held(line, 26, 39) == "0" * 14
    assert held(line, 265, 278) == "PP" + "9698658215  "
    assert held(line, 319, 343) == "12 Main St".ljust(25)
    assert held(line, 344, 368) == "Vancouver".ljust(25)
    assert held(line, 419, 424) == "V5K0A1"
    (received,) = read_submission(batch(opted_out, [make_claim()], 1).raw).lines
    assert (received.phn, received.insurer, received.surname) == (
        "9698658215",
        "PP",
        "TREMBLAY-COTE",
    )


def test_a_claim_sent_again_names_the_one_it_replaces(sender: Sender, make_claim: Make) -> None:
    key = "T1234000004220261128"
    claim = make_claim(frequency="corrected", payer_reference=key)
    (_, line) = lines(batch(sender, [claim], 1))
    assert (held(line, 75, 75), held(line, 177, 196)) == ("X", key)
    debit = make_claim(frequency="void", payer_reference=key[:12], note="Billed twice")
    _, line, note = lines(batch(sender, [debit], 1))
    assert (held(line, 75, 75), held(line, 177, 196)) == ("E", "T12340000042" + "0" * 8)
    assert note[26:].rstrip() == "Billed twice"


@pytest.mark.parametrize(
    ("changes", "code", "where"),
    [
        ({"currency": "USD"}, "CURRENCY_MIX", "C02-P27"),
        ({"charge_minor": 2299}, "CHARGE_SUM", "C02-P27"),
        ({"diagnoses": (Diagnosis(code="M5450"),)}, "DX_MISSING", "C02-P36"),
        ({"diagnoses": (Diagnosis(code="724.5", system="ICD9"),)}, "DX_FORMAT", "C02-P36"),
        ({"billing": Provider(name="Harbour")}, "PROVIDER_NUMBER", "C02-P06"),
        ({"rendering": Provider(name="Lee", number="56")}, "PROVIDER_NUMBER", "C02-P08"),
        ({"referring": Provider(name="Moss")}, "PROVIDER_NUMBER", "C02-P42"),
        ({"frequency": "corrected"}, "PAYER_REFERENCE", "C02-P64"),
        ({"payer_reference": "x" * 21}, "PAYER_REFERENCE", "C02-P64"),
        ({"frequency": "void", "payer_reference": "T12340000042"}, "NOTE_MISSING", "N01"),
        ({"note": "x" * 401}, "NOTE_LENGTH", "N01"),
        ({"accident": replace(WORK, claim_number="")}, "WORK_CLAIM_NUMBER", "C02-P120"),
        ({"accident": replace(WORK, claim_number="123456789")}, "WORK_CLAIM_NUMBER", "C02-P120"),
        (
            {"accident": Accident(kind="auto", day=WORK.day, claim_number="AB-123456789")},
            "TELEPLAN_FIELD",
            "C02-P62",
        ),
        ({"lines": (), "charge_minor": 0}, "LINES", "C02"),
    ],
)
def test_a_claim_msp_would_refuse_stays_behind(
    sender: Sender, make_claim: Make, changes: dict[str, Any], code: str, where: str
) -> None:
    good = make_claim(id="GOOD")
    sent = batch(sender, [make_claim(**changes), good], 1)
    found = [(each.code, each.where, each.reference) for each in sent.findings]
    assert (code, where, "01JDCLAIM") in found
    assert [each.id for each in sent.sent] == ["GOOD"]
    assert sent.sent[0].sequence == 2
    assert len(lines(sent)) == 2


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"units": 0}, "UNITS"),
        ({"units": 1000}, "UNITS"),
        ({"charge_minor": -1}, "AMOUNT"),
        ({"charge_minor": 10_000_000}, "AMOUNT"),
        ({"procedure": "099480"}, "PROCEDURE"),
        ({"procedure": ""}, "PROCEDURE"),
    ],
)
def test_a_line_that_does_not_fit_says_which(
    sender: Sender, make_claim: Make, changes: dict[str, Any], code: str
) -> None:
    line = replace(make_claim().lines[0], number=7, **changes)
    sent = batch(sender, [make_claim(lines=(line,), charge_minor=line.charge_minor)], 1)
    assert [(each.code, each.line) for each in sent.findings] == [(code, 7)]
    assert (sent.raw, sent.next_sequence) == (b"", 1)


def test_a_wrong_health_number_is_found(sender: Sender, make_claim: Make) -> None:
    claim = make_claim()
    person = replace(claim.treated, health_number="9698648215")
    sent = batch(sender, [replace(claim, patient=person)], 1)
    assert [each.code for each in sent.findings] == ["PHN_INVALID"]
    assert "9698648215" not in sent.findings[0].text


def test_an_address_is_asked_for_when_the_patient_is_paid(sender: Sender, make_claim: Make) -> None:
    claim = make_claim()
    nowhere = replace(claim, patient=replace(claim.treated, address=None))
    assert not batch(sender, [nowhere], 1).findings
    sent = batch(replace(sender, pays_patient=True), [nowhere], 1)
    assert [each.code for each in sent.findings] == ["ADDRESS_MISSING"]


def test_numbers_begin_again_after_the_last(sender: Sender, make_claim: Make) -> None:
    sent = batch(sender, [make_claim(id="A"), make_claim(id="B")], 9_999_998)
    assert [each.sequence for each in sent.sent] == [9_999_999, 1]
    assert sent.next_sequence == 2


def test_a_sender_without_a_data_centre_sends_nothing(sender: Sender, make_claim: Make) -> None:
    sent = batch(replace(sender, data_centre="TOO-LONG"), [make_claim()], 1)
    assert (sent.raw, sent.sent) == (b"", ())
    assert "VS1-P02" in [each.where for each in sent.findings]


def test_what_was_sent_is_what_msp_reads(sender: Sender, make_claim: Make) -> None:
    claims = [make_claim(id="A", note="x" * 30), make_claim(id="B", accident=WORK)]
    received = read_submission(batch(sender, claims, 8).raw)
    assert not received.findings
    first, second = received.lines
    assert (received.data_centre, received.sequence) == ("T1234", 8)
    assert (first.sequence, first.phn, first.charge_minor, first.note) == (
        9,
        "9698658215",
        2300,
        "x" * 30,
    )
    assert (second.sequence, second.phn, second.insurer) == (11, "9698658215", "WC")
    assert (second.initials, second.surname) == ("Z", "TREMBLAY-COTE")
    assert (first.initials, first.surname) == ("Z", "TR")


def test_eligibility_is_asked_of_msp(sender: Sender, make_claim: Make) -> None:
    claim = make_claim()
    asked = EligibilityInquiry(
        trace="Q1",
        payer=claim.payer,
        provider=Provider(name="Lee", number="00567"),
        subscriber=claim.subscriber,
        day=date(2026, 11, 28),
    )
    wrong = replace(asked, trace="Q2", patient=replace(claim.treated, health_number="9698648215"))
    sent = eligibility_batch(sender, [asked, wrong], 5)
    (_, line) = lines(sent)
    assert line[:34] == "B04T12340000006" + "00567" + "9698658215" + "00" + "ZA"
    assert line[34:52] == "TR" + "19800229" + "20261128"
    assert (len(line), held(line, 53, 61)) == (80, "F 0000006")
    received = read_submission(sent.raw)
    (question,) = received.asked
    assert (question.phn, question.day, question.sequence) == ("9698658215", asked.day, 6)
    assert [(each.id, each.key) for each in sent.sent] == [("Q1", "T12340000006")]
    assert [(each.code, each.severity, each.reference) for each in sent.findings] == [
        ("PHN_INVALID", "error", "Q2"),
    ]


def test_the_member_number_of_msp_is_a_health_number(sender: Sender, make_claim: Make) -> None:
    claim = make_claim()
    person = replace(claim.subscriber.person, health_number="")
    own = replace(claim, subscriber=replace(claim.subscriber, person=person))
    (_, line) = lines(batch(sender, [own], 1))
    assert held(line, 26, 35) == "9698658215"
    other = replace(own, patient=person)
    assert [each.code for each in batch(sender, [other], 1).findings] == ["PHN_INVALID"]


def test_a_thousand_claims_are_written_within_a_second(sender: Sender, make_claim: Make) -> None:
    claims = [make_claim(id=f"C{number}") for number in range(1000)]
    start = time.perf_counter()
    sent = batch(sender, claims, 1)
    assert time.perf_counter() - start < 1
    assert len(sent.sent) == 1000


def test_the_layouts_are_the_ones_the_file_is_made_of(sender: Sender, make_claim: Make) -> None:
    sent = batch(sender, [make_claim(note="y" * 25)], 1)
    assert [len(line) for line in lines(sent)] == [VS1.length, C02.length, N01.length]
