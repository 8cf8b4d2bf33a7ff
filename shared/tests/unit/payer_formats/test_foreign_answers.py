"""Answers that others published, judged by the sums and codes that their README works out."""

from pathlib import Path

import pytest

from payer_formats.answers import Read
from payer_formats.claim import Adjustment
from payer_formats.findings import Finding, has_errors
from payer_formats.x12.reading import read_answers

FOREIGN = Path(__file__).parent / "foreign"


def read(name: str, *changes: tuple[bytes, bytes]) -> Read:
    raw = (FOREIGN / name).read_bytes()
    for old, new in changes:
        assert raw.count(old) == 1, old
        raw = raw.replace(old, new)
    return read_answers(raw)


def errors(findings: tuple[Finding, ...]) -> list[tuple[str, str, int]]:
    return [(each.code, each.where, each.position) for each in findings if each.severity == "error"]


DECLARED = (b"*1*T*:~", b"*1*T*>~")


def test_a_payers_own_remittance_adds_up() -> None:
    found = read("united_healthcare.835")
    (remittance,) = found.remittances
    assert (*found.findings, *remittance.findings) == ()
    assert (remittance.paid_minor, remittance.payer_id) == (34999, "87726")
    one, two = remittance.claims
    assert (one.paid_minor, one.client_minor, two.paid_minor) == (8892, 10526, 26107)
    assert (one.payer_reference, two.payer_reference) == ("ATL2819897200", "ATL2819897800")
    assert [line.units for line in one.lines] == [234, 277]
    assert two.lines[2].adjustments == (
        Adjustment(group="PR", reason="2", minor=513),
        Adjustment(group="PR", reason="1", minor=11000),
        Adjustment(group="CO", reason="45", minor=18432),
    )


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        (
            "secondary_payment.835",
            [("BAD_COMPOSITE", "SVC01", 29), ("BAD_COMPOSITE", "SVC01", 34)],
        ),
        ("cob_contractual_adjustment.835", [("BAD_COMPOSITE", "SVC01", 21)]),
        ("bcbs_line_short.835", [("REMIT_CLAIM_BALANCE", "CLP04", 19)]),
    ],
)
def test_what_is_wrong_with_one_is_told_by_segment(
    name: str, wrong: list[tuple[str, str, int]]
) -> None:
    (remittance,) = read(name).remittances
    assert errors(remittance.findings) == wrong


def test_a_secondary_payment_adds_up_once_its_separator_is_declared() -> None:
    (remittance,) = read("secondary_payment.835", DECLARED).remittances
    assert [(each.code, each.where) for each in remittance.findings] == [("DATE", "BPR16")]
    assert (remittance.paid_minor, remittance.paid_on) == (122200, None)
    whole, lined = remittance.claims
    prior = Adjustment(group="OA", reason="23", minor=941164)
    assert (whole.lines, whole.adjustments) == ((), (prior,))
    assert [(line.procedure, line.modifiers) for line in lined.lines] == [
        ("12345", ("26",)),
        ("66543", ("26",)),
    ]
    assert [line.paid_minor for line in lined.lines] == [3000, 28000]


def test_a_negative_adjustment_adds_to_what_is_paid() -> None:
    (remittance,) = read("cob_contractual_adjustment.835", DECLARED).remittances
    assert not has_errors(remittance.findings)
    (line,) = remittance.claims[0].lines
    assert [each.minor for each in line.adjustments] == [51600, -900]
    assert (line.charge_minor, line.paid_minor, line.allowed_minor) == (54100, 3400, 55000)


def test_payments_below_nothing_are_refused_in_each_set() -> None:
    one, two = read("below_nothing.835").remittances
    assert errors(one.findings) == [
        ("REMIT_CLAIM_BALANCE", "CLP04", 18),
        ("REMIT_NEGATIVE", "BPR02", 0),
    ]
    assert errors(two.findings) == [("REMIT_NEGATIVE", "BPR02", 0)]
    assert one.identity != two.identity


def test_a_999_rejects_a_group_and_its_set() -> None:
    found = read("rejected.999")
    (told,) = found.acknowledgements
    assert not found.findings
    assert [(each.level, each.verdict, each.group, each.set) for each in told.sets] == [
        ("group", "rejected", "28", ""),
        ("set", "rejected", "28", "0028"),
    ]


def test_an_interchange_is_accepted_and_its_set_rejected_in_one_file() -> None:
    envelope, sets = read("rejected_with_ta1.999").acknowledgements
    assert (envelope.kind, [each.verdict for each in envelope.sets]) == ("TA1", ["accepted"])
    assert [(each.level, each.verdict) for each in sets.sets] == [
        ("group", "rejected"),
        ("set", "rejected"),
    ]


def test_a_277ca_rejects_by_its_category_whatever_its_action_says() -> None:
    (told,) = read("rejected.277").acknowledgements
    (claim,) = told.claims
    assert (claim.reference, claim.verdict) == ("3920394930203", "rejected")
    assert claim.codes == ("A7:562:85",)
    assert (claim.payer_reference, claim.amount_minor) == ("1107000000001120", 19914)
    assert [(each.code, each.severity) for each in told.findings] == [
        ("ACK_CONTRADICTION", "warning")
    ]
