"""What an 837P that we send looks like, segment by segment."""

import time
from dataclasses import replace

from payer_formats.claim import Subscriber
from payer_formats.x12 import syntax
from payer_formats.x12.professional_writing import write

from .example_claims import (
    BILLING,
    CLAIM,
    ENVELOPE,
    JANE,
    LINES,
    OTHER_PAYER,
    PAYER,
    PRIOR,
    SUBMITTER,
    TED,
)


def segments(*claims: object) -> list[str]:
    text = write(claims, ENVELOPE, SUBMITTER, PAYER).decode()  # type: ignore[arg-type]
    return text.replace("\n", "").split("~")[:-1]


def test_a_claim_is_written_in_the_guides_order() -> None:
    assert segments(CLAIM)[1:-2] == [
        "GS*HC*CLINIC*PAYER*20261128*0930*42*X*005010X222A1",
        "ST*837*0001*005010X222A1",
        "BHT*0019*00*000000042*20261128*0930*CH",
        "NM1*41*2*HARBOUR RMT*****46*TGJ23",
        "PER*IC*JERRY*TE*6045550100",
        "NM1*40*2*KEY INSURANCE*****46*99999",
        "HL*1**20*1",
        "PRV*BI*PXC*225700000X",
        "NM1*85*2*HARBOUR RMT CLINIC*****XX*1234567893",
        "N3*1 QUAY ST",
        "N4*VANCOUVER*BC*V5K0A1*CA",
        "REF*EI*587654321",
        "HL*2*1*22*0",
        "SBR*P*18*2222-SJ******AM",
        "NM1*IL*1*SMITH*JANE****MI*JS0011",
        "N3*2 OAK AVE",
        "N4*SEATTLE*WA*98101",
        "DMG*D8*19830501*F",
        "REF*Y4*BC123",
        "NM1*PR*2*KEY INSURANCE*****PI*99999",
        "CLM*C1*165.5***11:B:1*Y*A*Y*Y**AA:::BC",
        "DTP*439*D8*20261101",
        "REF*G1*AUTH123",
        "HI*ABK:M5450*ABF:M542",
        "NM1*DN*1*WELBY*MARCUS****XX*9876543213",
        "NM1*82*1*KILDARE*BEN****XX*1999999984",
        "PRV*PE*PXC*225700000X",
        "REF*G2*00123",
        "LX*1",
        "SV1*HC:97124:GP:59*120*UN*3***1:2",
        "DTP*472*D8*20261120",
        "REF*6R*C1-1",
        "LX*2",
        "SV1*HC:97140:GP*45.5*UN*1***1",
        "DTP*472*D8*20261120",
        "REF*6R*C1-2",
        "SE*36*0001",
    ]


def test_a_patient_who_is_not_the_subscriber_has_a_level_of_their_own() -> None:
    subscriber = Subscriber(person=JANE, member_id="JS0011", relationship="child")
    found = segments(
        replace(CLAIM, patient=TED, subscriber=subscriber),
        replace(CLAIM, id="C2", patient=TED, subscriber=subscriber),
        replace(CLAIM, id="C3"),
        replace(CLAIM, id="C4", rendering=BILLING, billing=replace(BILLING, npi="1215954003")),
    )
    heads = ("HL*", "SBR*", "PAT*", "NM1*QC", "NM1*82", "CLM*", "REF*Y4")
    assert [each for each in found if each.startswith(heads)] == [
        "HL*1**20*1",
        "HL*2*1*22*1",
        "SBR*P********AM",
        "HL*3*2*23*0",
        "PAT*19",
        "NM1*QC*1*SMITH*TED",
        "REF*Y4*BC123",
        "CLM*C1*165.5***11:B:1*Y*A*Y*Y**AA:::BC",
        "NM1*82*1*KILDARE*BEN****XX*1999999984",
        "CLM*C2*165.5***11:B:1*Y*A*Y*Y**AA:::BC",
        "NM1*82*1*KILDARE*BEN****XX*1999999984",
        "HL*4*1*22*0",
        "SBR*P*18*2222-SJ******AM",
        "REF*Y4*BC123",
        "CLM*C3*165.5***11:B:1*Y*A*Y*Y**AA:::BC",
        "NM1*82*1*KILDARE*BEN****XX*1999999984",
        "HL*5**20*1",
        "HL*6*5*22*0",
        "SBR*P*18*2222-SJ******AM",
        "REF*Y4*BC123",
        "CLM*C4*165.5***11:B:1*Y*A*Y*Y**AA:::BC",
        "NM1*82*2*HARBOUR RMT CLINIC*****XX*1234567893",
    ]


def test_who_bills_is_not_named_again_as_who_renders() -> None:
    assert not [each for each in segments(replace(CLAIM, rendering=BILLING)) if "NM1*82" in each]


def test_a_corrected_claim_names_the_payers_number_of_the_one_it_replaces() -> None:
    found = segments(replace(CLAIM, frequency="corrected", payer_reference="ICN1"))
    assert "CLM*C1*165.5***11:B:7*Y*A*Y*Y**AA:::BC" in found
    assert "REF*F8*ICN1" in found
    assert any("11:B:8" in each for each in segments(replace(CLAIM, frequency="void")))


def test_a_secondary_claim_tells_what_the_first_payer_paid() -> None:
    second = replace(CLAIM.subscriber, rank=2)
    found = segments(replace(CLAIM, subscriber=second, prior=(PRIOR,)))
    assert "SBR*S*18*2222-SJ******AM" in found
    start = found.index("SBR*P*18*******CI")
    assert found[start:-3] == [
        "SBR*P*18*******CI",
        "CAS*PR*1*20",
        "AMT*D*100",
        "OI***Y***Y",
        "NM1*IL*1*SMITH*JANE****MI*P77",
        "N3*2 OAK AVE",
        "N4*SEATTLE*WA*98101",
        "NM1*PR*2*PACIFIC MUTUAL*****PI*88888",
        "REF*F8*ICN5",
        "LX*1",
        "SV1*HC:97124:GP:59*120*UN*3***1:2",
        "DTP*472*D8*20261120",
        "REF*6R*C1-1",
        "SVD*88888*90*HC:97124**3",
        "CAS*CO*45*30*1",
        "DTP*573*D8*20261125",
        "LX*2",
        "SV1*HC:97140:GP*45.5*UN*1***1",
        "DTP*472*D8*20261120",
        "REF*6R*C1-2",
        "SVD*88888*30*HC:97140**1",
        "CAS*CO*45*15.5",
        "DTP*573*D8*20261125",
    ]
    assert PRIOR.payer == OTHER_PAYER


def test_another_currency_is_told_and_ours_is_not() -> None:
    assert "CUR*85*CAD" in segments(replace(CLAIM, currency="CAD"))
    assert not [each for each in segments(CLAIM) if each.startswith("CUR")]


def test_separators_in_what_people_typed_do_not_break_the_file() -> None:
    raw = write(
        [replace(CLAIM, note="a*b~c:d^e\r\nf" * 20, authorization="~SE*1*1~")],
        ENVELOPE,
        SUBMITTER,
        PAYER,
    )
    assert not syntax.read(raw).findings
    assert b"NTE*ADD*a b c d e  fa b c d e" in raw


def test_a_thousand_claims_are_written_in_a_fraction_of_three_seconds() -> None:
    claims = [
        replace(
            CLAIM,
            id=f"C{number}",
            subscriber=replace(CLAIM.subscriber, member_id=f"M{number}"),
            lines=LINES * 2,
        )
        for number in range(1_000)
    ]
    started = time.process_time()
    raw = write(claims, ENVELOPE, SUBMITTER, PAYER)
    assert time.process_time() - started < 3
    assert raw.count(b"CLM*") == 1_000
