"""What a payer says of a file on its way in, and what is wrong with how it says so."""

from datetime import date, datetime

import pytest

from payer_formats.answers import Acknowledgement, ClaimVerdict, SetVerdict, Verdict
from payer_formats.findings import Finding, has_errors
from payer_formats.testing.strategies import CLINIC, ENVELOPE, PAYER, claim_sent
from payer_formats.x12.acknowledging import write_277ca, write_999, write_ta1
from payer_formats.x12.reading import read_answers
from payer_formats.x12.writing import SetWriter, written

GROUP = SetVerdict(level="group", verdict="accepted_with_errors", group="42")
GOOD = SetVerdict(level="set", verdict="accepted", group="42", set="0001")
BAD = SetVerdict(level="set", verdict="rejected", group="42", set="0002", codes=("5",))
BATCH = SetVerdict(level="set", verdict="accepted", set="B1", codes=("A1:19",))
TAKEN = ClaimVerdict(
    reference="C-1",
    verdict="accepted",
    codes=("A2:20",),
    payer_reference="P-1",
    amount_minor=12000,
    day=date(2026, 11, 28),
)


def about(*lines: str) -> bytes:
    """Return a 999 of these segments."""
    one = SetWriter("999", 1, "005010X231A1")
    one.add("AK1", "HC", "42", "005010X222A1")
    for line in lines:
        one.segments.append(line)
    return written(ENVELOPE, "FA", "005010X231A1", [one])


def of_claims(*claims: ClaimVerdict, batch: SetVerdict = BATCH) -> bytes:
    told = Acknowledgement(kind="277CA", identity="", sets=(batch,), claims=claims)
    sent = {each.reference: claim_sent(each.reference) for each in claims}
    return write_277ca(ENVELOPE, told, PAYER, CLINIC, sent)


def read(raw: bytes) -> Acknowledgement:
    answers = read_answers(raw)
    assert not answers.findings
    (told,) = answers.acknowledgements
    return told


def replaced(raw: bytes, old: bytes, new: bytes) -> bytes:
    assert raw.count(old) == 1, old
    return raw.replace(old, new)


def test_a_999_names_segment_element_value_and_claim() -> None:
    told = read(
        about(
            "AK2*837*0001*005010X222A1",
            "IK3*CLM*22**8",
            "CTX*SITUATIONAL TRIGGER*CLM*43**5:3*C023:1325",
            "CTX*CLM01:C-77",
            "IK4*5:3*1325*7*B",
            "IK4*2*782*1",
            "IK3*REF*57*2300*3",
            "IK5*R*5*I5",
            "AK9*R*1*1*0*5",
        )
    )
    group, one = told.sets
    assert (group.verdict, group.codes) == ("rejected", ("5",))
    assert (one.verdict, one.codes) == ("rejected", ("5", "I5"))
    assert one.errors == (
        Finding(
            code="7",
            text="'CLM05-3' 'B' is refused with '7'",
            where="CLM05-3",
            position=22,
            reference="C-77",
        ),
        Finding(
            code="1",
            text="'CLM02' is refused with '1'",
            where="CLM02",
            position=22,
            reference="C-77",
        ),
        Finding(code="3", text="segment 'REF' is refused with '3'", where="REF", position=57),
    )
    assert not told.findings


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        ("A", "accepted"),
        ("E", "accepted_with_errors"),
        ("P", "accepted_with_errors"),
        ("R", "rejected"),
        ("M", "rejected"),
        ("W", "rejected"),
        ("X", "rejected"),
    ],
)
def test_a_group_is_accepted_in_whole_in_part_or_not(code: str, verdict: Verdict) -> None:
    assert read(about(f"AK9*{code}*1*1*1")).sets[0].verdict == verdict


def test_a_set_is_rejected_and_its_neighbour_accepted() -> None:
    told = read(write_999(ENVELOPE, (GROUP, GOOD, BAD)))
    assert [each.verdict for each in told.sets] == ["accepted_with_errors", "accepted", "rejected"]
    assert [each.set for each in told.sets] == ["", "0001", "0002"]
    assert not told.findings


@pytest.mark.parametrize(
    ("lines", "code", "severity", "where"),
    [
        ((), "MISSING_SEGMENT", "error", "AK9"),
        (("AK9*Z*1*1*1",), "ACK_VERDICT", "error", "AK901"),
        (("AK2*837*0001", "AK9*A*1*1*1"), "MISSING_SEGMENT", "error", "IK5"),
        (("AK2*837", "IK5*A", "AK9*A*1*1*1"), "MISSING_ELEMENT", "error", "AK202"),
        (("AK2*837*1", "IK5*A", "IK5*R", "AK9*A*1*1*1"), "DUPLICATE_SEGMENT", "error", "IK5"),
        (("AK2*837*1", "IK5*R", "AK9*A*1*1*1"), "ACK_COUNT", "warning", "AK904"),
    ],
)
def test_a_999_that_cannot_be_understood_says_why(
    lines: tuple[str, ...], code: str, severity: str, where: str
) -> None:
    told = read(about(*lines))
    findings = {(each.code, each.severity, each.where) for each in told.findings}
    assert (code, severity, where) in findings


@pytest.mark.parametrize(
    ("category", "verdict"),
    [
        ("A0", "accepted"),
        ("A1", "accepted"),
        ("A2", "accepted"),
        ("A3", "rejected"),
        ("A4", "rejected"),
        ("A5", "accepted"),
        ("A6", "rejected"),
        ("A7", "rejected"),
        ("A8", "rejected"),
        ("E0", "rejected"),
        ("P1", "pended"),
        ("R4", "pended"),
    ],
)
def test_the_category_of_a_status_is_the_verdict(category: str, verdict: Verdict) -> None:
    action = b"U" if verdict == "rejected" else b"WQ"
    raw = of_claims(TAKEN).replace(b"STC*A2:20*20261128*WQ", b"STC*%s:20*20261128*WQ")
    told = read(raw.replace(b"%s:20*20261128*WQ", category.encode() + b":20*20261128*" + action))
    assert told.claims[0].verdict == verdict
    assert told.claims[0].codes == (f"{category}:20",)
    assert not told.findings


def test_a_claim_with_one_refusal_among_its_statuses_is_rejected() -> None:
    more = b"STC*A2:20*20261128*WQ*120~\nSTC*A7:562:85*20261128*U*120******A6:481**NO NPI~"
    raw = replaced(of_claims(TAKEN), b"STC*A2:20*20261128*WQ*120~", more)
    told = read(replaced(raw, b"SE*22*", b"SE*23*"))
    (claim,) = told.claims
    assert (claim.verdict, claim.text) == ("rejected", "NO NPI")
    assert claim.codes == ("A2:20", "A7:562:85", "A6:481")


def test_a_batch_refused_as_a_whole_names_no_claim() -> None:
    refused = SetVerdict(level="set", verdict="rejected", set="B1", codes=("A3:24",))
    told = read(of_claims(batch=refused))
    assert (told.sets, told.claims) == ((refused,), ())
    assert not told.findings


def test_a_provider_refused_as_a_whole_is_told() -> None:
    raw = replaced(of_claims(TAKEN), b"STC*A1:19**WQ*120~", b"STC*A8:496:85**U*120~")
    (finding,) = read(raw).findings
    assert (finding.code, finding.severity) == ("PROVIDER_REJECTED", "warning")
    assert "1215954003" in finding.text


@pytest.mark.parametrize(
    ("old", "new", "code", "severity", "where"),
    [
        (b"STC*A2:20*", b"STC*A2>20*", "BAD_COMPOSITE", "error", "STC01"),
        (b"STC*A2:20*", b"STC**", "BAD_COMPOSITE", "error", "STC01"),
        (b"STC*A2:20*", b"STC*ZZ:20*", "ACK_CATEGORY", "error", "STC01"),
        (
            b"STC*A2:20*20261128*WQ",
            b"STC*A2:20*20261128*U",
            "ACK_CONTRADICTION",
            "warning",
            "STC03",
        ),
        (b"STC*A2:20*20261128*WQ", b"STC*A2:20*20261199*WQ", "DATE", "warning", "STC02"),
        (b"*20261128*WQ*120~\nREF", b"*20261128*WQ*120.005~\nREF", "AMOUNT", "error", "STC04"),
        (b"TRN*2*C-1~", b"TRN*2~", "MISSING_ELEMENT", "error", "TRN02"),
        (b"STC*A2:20*20261128*WQ*120~", b"REF*D9*1~", "MISSING_SEGMENT", "error", "STC"),
    ],
)
def test_a_277ca_that_cannot_be_understood_says_why(
    old: bytes, new: bytes, code: str, severity: str, where: str
) -> None:
    told = read(replaced(of_claims(TAKEN), old, new))
    findings = {(each.code, each.severity, each.where) for each in told.findings}
    assert (code, severity, where) in findings


def test_a_277ca_that_speaks_of_nothing_says_so() -> None:
    one = SetWriter("277", 1, "005010X214")
    told = read(written(ENVELOPE, "HN", "005010X214", [one]))
    assert [each.code for each in told.findings] == ["NOTHING_TOLD"]


def test_another_277_is_not_taken_for_a_277ca() -> None:
    raw = of_claims(TAKEN).replace(b"005010X214", b"005010X212")
    assert [each.code for each in read_answers(raw).findings] == ["UNEXPECTED_SET"]


@pytest.mark.parametrize(
    ("code", "verdict"), [("A", "accepted"), ("E", "accepted_with_errors"), ("R", "rejected")]
)
def test_a_ta1_speaks_of_the_interchange(code: str, verdict: Verdict) -> None:
    sent = SetVerdict(level="interchange", verdict=verdict, interchange="000000042")
    raw = write_ta1(ENVELOPE, sent, datetime(2026, 11, 28, 9, 0))
    assert b"TA1*000000042*261128*0900*%s*000~" % code.encode() in raw
    assert read(raw).sets == (sent,)
    assert has_errors(read(replaced(raw, b"*0900*%s*" % code.encode(), b"*0900*?*")).findings)


def test_the_same_acknowledgement_has_the_same_identity_and_another_has_not() -> None:
    one, same = read(of_claims(TAKEN)), read(of_claims(TAKEN).replace(b"\n", b""))
    assert one.identity == same.identity
    assert read(replaced(of_claims(TAKEN), b"A2:20", b"A1:20")).identity != one.identity


@pytest.mark.parametrize(
    ("old", "new", "severity"),
    [
        (b"IEA*1*000000007", b"IEA*1*000000001", "warning"),
        (b"GE*1*7", b"GE*1*8", "warning"),
        (b"IEA*1*", b"IEA*2*", "error"),
        (b"SE*8*0001", b"SE*8*0002", "error"),
        (b"SE*8*", b"SE*9*", "error"),
    ],
)
def test_an_outer_trailer_with_a_wrong_number_is_flagged_and_no_more(
    old: bytes, new: bytes, severity: str
) -> None:
    raw = replaced(write_999(ENVELOPE, (GROUP, GOOD, BAD)), old, new)
    answers = read_answers(raw)
    assert [each.severity for each in answers.findings] == [severity]
    assert len(answers.acknowledgements) == 1
