"""Thousands of spoilt files: each is answered, none raises, and no money is made of a mistake."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payer_formats.answers import (
    Acknowledgement,
    Benefit,
    ClaimVerdict,
    Eligibility,
    ProviderAdjustment,
    Read,
    Remittance,
    RemittedClaim,
    RemittedLine,
    SetVerdict,
)
from payer_formats.claim import Adjustment
from payer_formats.findings import Finding, has_errors
from payer_formats.inquiry import EligibilityInquiry
from payer_formats.testing.mutations import recounted, spoilt
from payer_formats.testing.strategies import CLINIC, ENVELOPE, PAYER, REMITTER, claim_sent
from payer_formats.x12.acknowledging import write_277ca, write_999, write_ta1
from payer_formats.x12.entitling import write_271
from payer_formats.x12.inquiring import read_270, write_270
from payer_formats.x12.reading import GUIDES, read_answers
from payer_formats.x12.remitting import write_835
from payer_formats.x12.writing import SetWriter, written

SAMPLES = Path(__file__).parent / "samples"
SPOILT_EACH = 300
WORDS = (
    *("", "0", "-5", "5", "10.5", "1.001", "1", "2", "4", "22", "A", "E", "R", "U", "WQ", "PT"),
    *("CO", "PR", "45", "HC:97124:GP", "WO:X", "A7:562", "A2:20", "QC", "IL", "472", "6R", "30"),
    *("20261103", "20261399", "B6", "20", "21", "19", "22", "23", "8", "30^33", "CLM01:C-1", ":"),
)
NAMES = (
    *("BPR", "TRN", "CUR", "DTM", "N1", "REF", "LX", "CLP", "CAS", "NM1", "MOA", "SVC", "AMT"),
    *("LQ", "PLB", "AK1", "AK2", "IK3", "CTX", "IK4", "IK5", "AK9", "HL", "STC", "EB", "AAA"),
    *("MSG", "EQ", "DMG", "INS", "ZZZ"),
)
segments = st.builds(
    lambda name, elements: "*".join([name, *elements]),
    st.sampled_from(NAMES),
    st.lists(st.sampled_from(WORDS), max_size=12),
)


def remitted() -> bytes:
    """Return an 835 with a reversal and its correction, and adjustments of every level."""
    reasons = tuple(Adjustment(group="CO", reason=str(n), minor=n * 100) for n in range(1, 9))
    line = RemittedLine(
        procedure="97124", charge_minor=12000, paid_minor=8400, adjustments=reasons, reference="L1"
    )
    claim = RemittedClaim(
        reference="C-1",
        decision="paid",
        code="1",
        charge_minor=24000,
        paid_minor=16300,
        adjustments=(Adjustment(group="PR", reason="3", minor=500),),
        lines=(line, replace(line, reference="L2")),
        payer_reference="P-1",
        day=date(2026, 11, 3),
    )
    undone = RemittedClaim(
        reference="C-0",
        decision="reversed",
        code="22",
        charge_minor=-5000,
        paid_minor=-5000,
        payer_reference="P-0",
    )
    remittance = Remittance(
        identity="",
        payer_id="60054",
        payer_name="A PAYER",
        paid_minor=11425,
        currency="CAD",
        claims=(undone, claim),
        trace="EFT1",
        paid_on=date(2026, 11, 20),
        provider_adjustments=(
            ProviderAdjustment(reason="L6", minor=-200, reference="INTEREST"),
            ProviderAdjustment(reason="WO", minor=75),
        ),
    )
    return write_835(ENVELOPE, [remittance, replace(remittance, trace="EFT2")], REMITTER, CLINIC)


def acknowledged() -> Iterator[tuple[str, bytes]]:
    error = Finding(code="I6", text="", where="CLM05-1", position=20, reference="C-1")
    group = SetVerdict(level="group", verdict="rejected", group="42")
    refused = SetVerdict(
        level="set", verdict="rejected", group="42", set="0001", codes=("5",), errors=(error,)
    )
    yield "999", write_999(ENVELOPE, (group, refused))
    verdict = ClaimVerdict(
        reference="C-1", verdict="rejected", codes=("A7:562:85",), amount_minor=12000
    )
    batch = SetVerdict(level="set", verdict="accepted", set="B1", codes=("A1:19",))
    told = Acknowledgement(kind="277CA", identity="", sets=(batch,), claims=(verdict, verdict))
    yield "277CA", write_277ca(ENVELOPE, told, PAYER, CLINIC, {"C-1": claim_sent("C-1")})
    sent = SetVerdict(level="interchange", verdict="accepted", interchange="000000042")
    yield "TA1", write_ta1(ENVELOPE, sent, datetime(2026, 11, 28, 9, 0))


def entitled() -> bytes:
    limit = Benefit(kind="limit", code="F", services=("33", "PT"), quantity=12, period="remaining")
    share = Benefit(kind="coinsurance", code="A", services=("30",), percent=20, in_network=True)
    cover = Benefit(kind="active", code="1", services=("30",), text="GOLD")
    answer = Eligibility(
        payer_id="60054", member_id="M1", active=True, benefits=(cover, share, limit), trace="T1"
    )
    return write_271(ENVELOPE, [answer], PAYER, CLINIC)


FILES = {
    **{
        each.name: each.read_bytes()
        for each in sorted(SAMPLES.glob("*_*.[2389]*"))
        if each.suffix != ".837"
    },
    "835": remitted(),
    "271": entitled(),
    **dict(acknowledged()),
}


def test_the_files_are_good_before_they_are_spoilt() -> None:
    assert len(FILES) == 11
    for name, raw in FILES.items():
        assert not any(map(has_errors, all_findings(read_answers(raw)))), name
        assert recounted(raw) == raw, name


@pytest.mark.parametrize("name", FILES)
def test_every_spoilt_file_is_answered_and_what_is_posted_balances(name: str) -> None:
    clean = 0
    for number in range(SPOILT_EACH):
        raw = spoilt(FILES[name], f"{name}:{number}")
        read = read_answers(raw)
        assert read.findings or read.acknowledgements or read.remittances or read.eligibilities
        if has_errors(read.findings):
            continue
        clean += 1
        for remittance in read.remittances:
            if not has_errors(remittance.findings):
                assert_balanced(remittance)
        assert_as_paid(read, raw)
    assert 0 < clean < SPOILT_EACH


@settings(max_examples=150, deadline=None)
@given(st.data(), st.sampled_from(sorted(GUIDES)))
def test_any_order_of_the_guides_own_words_is_answered(data: st.DataObject, code: str) -> None:
    one = SetWriter(code, 1, f"{GUIDES[code]}A1")
    one.segments += data.draw(st.lists(segments, max_size=25))
    raw = written(ENVELOPE, "XX", f"{GUIDES[code]}A1", [one])
    read = read_answers(raw)
    assert not read.findings
    assert len([*all_findings(read)]) > 1
    for remittance in read.remittances:
        if not has_errors(remittance.findings):
            assert_balanced(remittance)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([b"", remitted()[:106], remitted()[:180]]))
def test_any_bytes_are_answered(after: bytes, before: bytes) -> None:
    assert has_errors(read_answers(before + after).findings)


def test_every_spoilt_question_is_answered() -> None:
    inquiry = EligibilityInquiry(
        trace="T1",
        payer=PAYER,
        provider=CLINIC,
        subscriber=claim_sent("C-1").subscriber,
        day=date(2026, 11, 28),
    )
    raw = write_270(ENVELOPE, [inquiry])
    for number in range(SPOILT_EACH):
        asked, findings = read_270(spoilt(raw, f"270:{number}"))
        assert asked or findings


def all_findings(read: Read) -> Iterator[tuple[Finding, ...]]:
    yield read.findings
    yield from (each.findings for each in read.acknowledgements)
    yield from (each.findings for each in read.remittances)
    yield from (each.findings for each in read.eligibilities)


def assert_balanced(remittance: Remittance) -> None:
    kept = 0
    for claim in remittance.claims:
        taken = sum(each.minor for each in claim.adjustments)
        for line in claim.lines:
            of_line = sum(each.minor for each in line.adjustments)
            assert line.charge_minor - of_line == line.paid_minor
            taken += of_line
        assert claim.charge_minor - taken == claim.paid_minor
        if claim.lines:
            assert sum(line.charge_minor for line in claim.lines) == claim.charge_minor
        kept += claim.paid_minor
    kept -= sum(each.minor for each in remittance.provider_adjustments)
    assert kept == remittance.paid_minor >= 0


def assert_as_paid(read: Read, raw: bytes) -> None:
    """Add up the file itself, with nothing of the reader's, and compare."""
    text = raw.decode("latin-1").lstrip()
    element, terminator = text[3], text[105]
    segments = [each.strip("\r\n").split(element) for each in text.split(terminator)]
    sums: list[Decimal] = []
    told: list[str] = []
    for segment in segments:
        match segment:
            case ["ST", "835", *_]:
                sums.append(Decimal(0))
            case ["BPR", _, amount, *_]:
                told.append(amount)
            case ["CLP", _, _, _, paid, *_] if sums:
                sums[-1] += decimal(paid)
            case ["PLB", _, _, *pairs] if sums:
                sums[-1] -= sum(map(decimal, pairs[1::2]), Decimal(0))
    for remittance, total, payment in zip(read.remittances, sums, told, strict=False):
        if not has_errors(remittance.findings):
            assert total == decimal(payment) == Decimal(remittance.paid_minor) / 100


def decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except ArithmeticError:
        return Decimal("NaN")
