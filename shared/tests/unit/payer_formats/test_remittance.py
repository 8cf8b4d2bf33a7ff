"""A remittance that does not add up, or cannot be read, is not posted; and it says why."""

from dataclasses import replace
from datetime import date

import pytest

from payer_formats.answers import (
    ProviderAdjustment,
    Read,
    Remittance,
    RemittedClaim,
    RemittedLine,
)
from payer_formats.claim import Adjustment
from payer_formats.findings import Finding, has_errors
from payer_formats.testing.strategies import CLINIC, ENVELOPE, REMITTER
from payer_formats.x12.elements import MOST_FINDINGS
from payer_formats.x12.reading import read_answers
from payer_formats.x12.remitting import write_835

LINE = RemittedLine(
    procedure="97124",
    modifiers=("GP",),
    units=3,
    charge_minor=12000,
    paid_minor=9000,
    adjustments=(Adjustment(group="PR", reason="2", minor=3000),),
    day=date(2026, 11, 3),
    reference="L1",
)
CLAIM = RemittedClaim(
    reference="C-1001",
    decision="paid",
    code="1",
    charge_minor=12000,
    paid_minor=8500,
    client_minor=3000,
    payer_reference="P-77",
    adjustments=(Adjustment(group="CO", reason="45", minor=500),),
    lines=(LINE,),
)
REMITTANCE = Remittance(
    identity="",
    payer_id="60054",
    payer_name="A PAYER",
    paid_minor=8000,
    currency="USD",
    claims=(CLAIM,),
    trace="EFT1",
    paid_on=date(2026, 11, 20),
    method="ACH",
    provider_adjustments=(ProviderAdjustment(reason="WO", minor=500, reference="OLD"),),
)


def sent(*remittances: Remittance) -> bytes:
    return write_835(ENVELOPE, remittances or (REMITTANCE,), REMITTER, CLINIC)


def changed(*changes: tuple[str, str]) -> bytes:
    raw = sent().decode()
    for old, new in changes:
        assert raw.count(old) == 1, old
        raw = raw.replace(old, new)
    return raw.encode()


def found(raw: bytes) -> list[Finding]:
    read = read_answers(raw)
    (remittance,) = read.remittances
    return [*read.findings, *remittance.findings]


def test_it_is_clean_before_it_is_spoilt() -> None:
    assert found(sent()) == []


@pytest.mark.parametrize(
    ("old", "new", "code", "where"),
    [
        ("*120*90*", "*120*90.01*", "REMIT_LINE_BALANCE", "SVC03"),
        ("*1*120*85*", "*1*120*84.99*", "REMIT_CLAIM_BALANCE", "CLP04"),
        ("BPR*I*80*", "BPR*I*80.01*", "REMIT_TOTAL_BALANCE", "BPR02"),
        ("BPR*I*80*", "BPR*I*-80*", "REMIT_NEGATIVE", "BPR02"),
        ("SVC*HC:97124:GP*120*90*", "SVC*HC:97124:GP*119*89*", "REMIT_LINE_SUM", "CLP03"),
        (
            "PLB*1215954003*20261231*WO:OLD*5~",
            "PLB*1215954003*20261231*WO:OLD*-5~",
            "REMIT_TOTAL_BALANCE",
            "BPR02",
        ),
        ("BPR*I*80*", "BPR*I*80.000*", "AMOUNT", "BPR02"),
        ("BPR*I*80*", "BPR*I**", "AMOUNT", "BPR02"),
        ("*1*120*85*", "*1*1.2E2*85*", "AMOUNT", "CLP03"),
        ("CAS*PR*2*30", "CAS*PR*2*30.001", "AMOUNT", "CAS03"),
        ("CAS*PR*2*30", "CAS*PR**30", "MISSING_ELEMENT", "CAS02"),
        ("CAS*PR*2*30", "CAS*ZZ*2*30", "CAS_GROUP", "CAS01"),
        ("CAS*PR*2*30", "CAS", "CAS_GROUP", "CAS01"),
        ("SVC*HC:97124:GP*", "SVC*HC>97124>GP*", "BAD_COMPOSITE", "SVC01"),
        ("*WO:OLD*", "*WO>OLD*", "BAD_COMPOSITE", "PLB03"),
        ("CLP*C-1001*1*", "CLP*C-1001*99*", "CLAIM_STATUS", "CLP02"),
        ("CLP*C-1001*", "CLP**", "MISSING_ELEMENT", "CLP01"),
        ("TRN*1*EFT1*", "TRN*1**", "MISSING_ELEMENT", "TRN02"),
        ("N1*PR*", "N1*XX*", "MISSING_SEGMENT", "N1"),
        ("LX*1~", "CAS*CO*45*0~", "MISPLACED_SEGMENT", "CAS"),
        ("REF*6R*L1~", "BPR*I*80*C*ACH~", "MISPLACED_SEGMENT", "BPR"),
        ("LX*1~", "BPR*I*80*C*ACH~", "DUPLICATE_SEGMENT", "BPR"),
        ("LX*1~", "CUR*PR*CAD~\nCUR*PR*USD~", "CURRENCY_MIX", "CUR02"),
        ("LX*1~", "CUR*PR*dollars~", "CURRENCY", "CUR02"),
        ("SE*19*", "SE*20*", "COUNT_MISMATCH", "SE01"),
        ("IEA*1*000000007", "IEA*1*000000008", "CONTROL_MISMATCH", "IEA02"),
        ("SE*19*0001~", "", "MISSING_TRAILER", "SE"),
    ],
)
def test_what_is_wrong_is_found_where_it_stands(old: str, new: str, code: str, where: str) -> None:
    errors = {
        (each.code, each.where) for each in found(changed((old, new))) if each.severity == "error"
    }
    assert (code, where) in errors


@pytest.mark.parametrize(
    "told",
    ["WO:OLD*5****", "WO:OLD*15*72:NEW*-10", "WO:A*1*72:B*1*FB:C*1*L6:D*-1*CS:E*2*J1*1", "L6*5"],
)
def test_adjustments_of_the_provider_stand_in_pairs_up_to_six(told: str) -> None:
    assert found(changed(("WO:OLD*5", told))) == []


def test_a_file_cut_short_is_not_used() -> None:
    raw = sent()
    for end in range(106, len(raw) - 2):
        assert has_errors(read_answers(raw[:end]).findings), end


def test_an_imbalance_names_the_claim_and_its_line() -> None:
    (line, *_) = found(changed(("*120*90*", "*120*90.01*")))
    assert (line.reference, line.line, line.code) == ("C-1001", 1, "REMIT_LINE_BALANCE")
    assert line.text == "charged 120 less adjustments 30 is 90, paid is 90.01"
    read = read_answers(sent())
    assert line.position == read.remittances[0].claims[0].position == 13


def test_what_cannot_be_read_names_the_claim_and_its_line() -> None:
    two = replace(REMITTANCE, claims=(CLAIM, replace(CLAIM, reference="C-1002", lines=(LINE,) * 2)))
    head, last = sent(two).decode().rsplit("*120*90*", 1)
    spoilt = f"{head}*120*90.001*{last.replace('WO:OLD*5', 'WO:OLD*5.001')}"
    assert [(each.where, each.reference, each.line) for each in found(spoilt.encode())] == [
        ("SVC03", "C-1002", 2),
        ("PLB04", "", 0),
    ]


def test_only_the_remittance_that_is_wrong_is_kept_back() -> None:
    short = replace(REMITTANCE, trace="EFT2", paid_minor=7999)
    read = read_answers(sent(REMITTANCE, short))
    assert not read.findings
    assert [has_errors(each.findings) for each in read.remittances] == [False, True]


@pytest.mark.parametrize(
    ("code", "decision"),
    [
        ("1", "paid"),
        ("4", "denied"),
        ("19", "forwarded"),
        ("21", "forwarded"),
        ("22", "reversed"),
        ("25", "predetermined"),
    ],
)
def test_the_status_of_a_claim_is_the_payers_decision(code: str, decision: str) -> None:
    (remittance,) = read_answers(changed(("C-1001*1*", f"C-1001*{code}*"))).remittances
    assert remittance.claims[0].decision == decision
    assert not remittance.findings


def test_a_reversal_balances_below_nothing_with_its_correction() -> None:
    undone = replace(
        CLAIM,
        code="22",
        decision="reversed",
        charge_minor=-12000,
        paid_minor=-8500,
        client_minor=0,
        adjustments=(Adjustment(group="CO", reason="45", minor=-3500),),
        lines=(),
    )
    both = replace(REMITTANCE, claims=(undone, CLAIM), paid_minor=0, provider_adjustments=())
    (read,) = read_answers(sent(both)).remittances
    assert not read.findings
    assert [each.paid_minor for each in read.claims] == [-8500, 8500]


def test_a_bad_date_or_an_unknown_segment_keeps_nothing_from_being_posted() -> None:
    raw = changed(("DTM*472*20261103", "DTM*472*20261399"), ("LX*1~", "ZZZ*1~"))
    assert [(each.code, each.severity) for each in found(raw)] == [
        ("UNEXPECTED_SEGMENT", "warning"),
        ("DATE", "warning"),
    ]
    (remittance,) = read_answers(raw).remittances
    assert remittance.claims[0].lines[0].day is None


def test_units_are_whole_and_a_reversal_may_count_below_nothing() -> None:
    (remittance,) = read_answers(changed(("*90**3~", "*90**-3~"))).remittances
    assert (remittance.claims[0].lines[0].units, remittance.findings) == (-3, ())
    raw = changed(("*90**3~", "*90**1.5~"))
    assert [(each.code, each.where, each.severity) for each in found(raw)] == [
        ("UNITS", "SVC05", "warning")
    ]


def test_a_patients_share_that_the_adjustments_deny_is_warned_of() -> None:
    (finding,) = found(changed(("*120*85*30*", "*120*85*29.99*")))
    assert (finding.code, finding.severity) == ("REMIT_PATIENT_SHARE", "warning")
    assert finding.text == "the patient is said to owe 29.99, the adjustments say 30"
    assert not found(changed(("*120*85*30*", "*120*85*0*")))


def test_an_adjustment_may_leave_places_empty_between_its_reasons() -> None:
    (remittance,) = read_answers(changed(("CAS*PR*2*30~", "CAS*PR*2*20*2****3*10~"))).remittances
    assert not remittance.findings
    assert remittance.claims[0].lines[0].adjustments == (
        Adjustment(group="PR", reason="2", minor=2000, quantity=2),
        Adjustment(group="PR", reason="3", minor=1000),
    )


def test_what_a_payer_may_leave_out_or_add_is_read_so() -> None:
    raw = changed(
        ("HC:97124:GP*120*90**3~", "HC:97124:GP:59:::MASSAGE*120*90~"),
        ("NM1*QC*1~", "NM1*IL*1*DOE*JOHN****MI*M-9~\nMIA*0****M1***************M2***M3*M4~"),
        ("SE*19*", "SE*20*"),
    )
    (remittance,) = read_answers(raw).remittances
    assert not remittance.findings
    (claim,) = remittance.claims
    assert (claim.member_id, claim.remarks) == ("M-9", ("M1", "M2", "M3"))
    (line,) = claim.lines
    assert (line.units, line.modifiers) == (1, ("GP", "59"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("*XV*60054", "*XV*60055"),
        ("TRN*1*EFT1*", "TRN*1*EFT9*"),
        ("*1987654321", "*1987654320"),
        ("ST*835*0001", "ST*835*0009"),
        ("*20261120~\nTRN", "*20261121~\nTRN"),
        ("BPR*I*80*", "BPR*I*81*"),
    ],
)
def test_what_makes_a_remittance_another_one(old: str, new: str) -> None:
    (one,) = read_answers(sent()).remittances
    (other,) = read_answers(changed((old, new))).remittances
    assert one.identity != other.identity


def test_a_payer_is_told_by_one_of_three_numbers() -> None:
    raw = changed(("N1*PR*A PAYER*XV*60054~", "N1*PR*A PAYER~"))
    (remittance,) = read_answers(raw).remittances
    assert remittance.payer_id == "1987654321"
    raw = raw.replace(b"PER*BL*", b"REF*2U*77~\nPER*BL*").replace(b"SE*19*", b"SE*20*")
    (remittance,) = read_answers(raw).remittances
    assert (remittance.payer_id, remittance.findings) == ("77", ())
    raw = changed(("N1*PR*A PAYER*XV*60054~", "N1*PR*A PAYER~"), ("EFT1*1987654321", "EFT1"))
    assert [(each.code, each.where) for each in found(raw)] == [("MISSING_ELEMENT", "TRN03")]


def test_a_currency_is_read_and_dollars_are_meant_where_none_is() -> None:
    (canadian,) = read_answers(sent(replace(REMITTANCE, currency="CAD"))).remittances
    (american,) = read_answers(sent()).remittances
    assert (canadian.currency, american.currency) == ("CAD", "USD")


def test_findings_are_bounded_and_the_rest_is_counted() -> None:
    line = replace(LINE, paid_minor=1)
    many = replace(REMITTANCE, claims=(replace(CLAIM, lines=(line,) * 3000),))
    assert len(found(sent(many))) <= MOST_FINDINGS + 1
    bad = sent(many).replace(b"*120*0.01*", b"*120*0.001*")
    told = found(bad)
    assert len(told) == MOST_FINDINGS + 1
    assert (told[-1].code, told[-1].text) == ("MORE", "2800 more like these")


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("ST*835*", "ST*837*", "UNEXPECTED_SET"),
        ("005010X221A1", "004010X091A1", "UNEXPECTED_SET"),
        ("ST*835*", "ST**", "UNEXPECTED_SET"),
    ],
)
def test_another_set_is_no_answer(old: str, new: str, code: str) -> None:
    read = read_answers(changed((old, new)))
    assert read.findings[0].code == code
    assert has_errors(read.findings)
    assert read == Read(format="x12", findings=read.findings)


def test_a_file_without_a_set_holds_no_answer() -> None:
    raw = write_835(ENVELOPE, (), REMITTER, CLINIC)
    assert [each.code for each in read_answers(raw).findings] == ["NO_SETS"]
