"""What payers and clearing houses published, read as its publishers meant it."""

from datetime import date
from pathlib import Path

import pytest

from payer_formats.answers import Read, RemittedClaim, SetVerdict
from payer_formats.claim import Adjustment
from payer_formats.findings import has_errors
from payer_formats.x12.reading import read_answers

SAMPLES = Path(__file__).parent / "samples"


def sample(name: str) -> Read:
    return read_answers((SAMPLES / name).read_bytes())


def test_a_999_with_a_wrong_trailer_is_accepted_and_its_envelope_flagged() -> None:
    read = sample("11_999_accepted_bad_iea.999")
    assert [(each.code, each.where, each.severity) for each in read.findings] == [
        ("CONTROL_MISMATCH", "IEA02", "warning")
    ]
    (told,) = read.acknowledgements
    assert told.kind == "999"
    assert told.sets == (
        SetVerdict(level="group", verdict="accepted", group="17456"),
        SetVerdict(level="set", verdict="accepted", group="17456", set="0001"),
    )
    assert not told.findings


def test_a_277ca_accepts_a_claim_by_our_number_and_gives_the_payers() -> None:
    read = sample("13_277ca_accepted.277")
    assert not read.findings
    (told,) = read.acknowledgements
    assert (told.kind, told.findings) == ("277CA", ())
    (batch,) = told.sets
    assert (batch.set, batch.verdict, batch.codes) == ("000000674", "accepted", ("A1:20",))
    (claim,) = told.claims
    assert (claim.reference, claim.verdict, claim.codes) == ("5781", "accepted", ("A2:20",))
    assert (claim.payer_reference, claim.amount_minor) == ("1107000000014420", 12500)
    assert claim.day == date(2011, 3, 11)


def test_an_835_adjusts_claims_and_lines_and_its_bad_date_is_flagged() -> None:
    (remittance,) = sample("15_835_managed_care.835").remittances
    assert [(each.code, each.where) for each in remittance.findings] == [("DATE", "BPR16")]
    assert not has_errors(remittance.findings)
    assert (remittance.paid_minor, remittance.paid_on) == (94500, None)
    assert (remittance.trace, remittance.method) == ("7170066655", "ACH")
    assert (remittance.payer_id, remittance.payer_name) == ("1935665544", "RUSHMORE LIFE")
    assert remittance.payee_id == "5544667733"
    first, second = remittance.claims
    assert (first.charge_minor, first.paid_minor, first.client_minor) == (80000, 45000, 30000)
    assert (first.payer_reference, first.position) == ("94060555410000", 13)
    assert (first.patient_name, first.member_id) == ("WILLIAM BUDD", "33344555510")
    assert first.adjustments == (Adjustment(group="CO", reason="A2", minor=5000),)
    (line,) = second.lines
    assert (line.procedure, line.charge_minor, line.paid_minor) == ("93555", 120000, 55000)
    assert [(each.group, each.reason, each.minor) for each in line.adjustments] == [
        ("PR", "1", 60000),
        ("CO", "45", 5000),
    ]
    assert line.day == date(2002, 3, 10)


def test_an_835_with_a_provider_adjustment_that_pays_more() -> None:
    (remittance,) = sample("16_835_plb_medicare.835").remittances
    assert not remittance.findings
    assert (remittance.payer_id, remittance.paid_minor) == ("999", 15000000)
    assert [claim.paid_minor for claim in remittance.claims] == [13801840, 1198033]
    (adjustment,) = remittance.provider_adjustments
    assert (adjustment.reason, adjustment.reference, adjustment.minor) == ("CV", "CP", -127)
    assert remittance.claims[1].remarks == ("MA02",)
    assert remittance.claims[0].day == date(2002, 8, 16)


def test_an_835_of_three_claims_with_one_reference_keeps_the_payers_apart() -> None:
    (remittance,) = sample("22_835_emedny_3claims.835").remittances
    assert not remittance.findings
    assert {claim.reference for claim in remittance.claims} == {"PATIENT ACCOUNT NUMBER"}
    assert [(claim.payer_reference, claim.paid_minor) for claim in remittance.claims] == [
        ("1000210000000030", 3425),
        ("1000220000000020", 0),
        ("1000230000000020", 1150),
    ]
    assert lines(remittance.claims[1]) == [("CO", "29", 1200), ("CO", "29", 2200)]
    assert lines(remittance.claims[2]) == [("CO", "251", 275), ("CO", "251", 2000)]
    paid, refused = remittance.claims[0].lines[3], remittance.claims[2].lines[3]
    assert (paid.procedure, paid.units, paid.allowed_minor) == ("S0580", 2, 2000)
    assert (refused.remarks, refused.units) == (("N206",), 0)
    assert remittance.claims[0].lines[0].modifiers == ("RB",)


def lines(claim: RemittedClaim) -> list[tuple[str, str, int]]:
    return [
        (each.group, each.reason, each.minor) for line in claim.lines for each in line.adjustments
    ]


@pytest.mark.parametrize("name", sorted(each.name for each in SAMPLES.glob("*.835")))
def test_the_same_remittance_has_the_same_identity_and_another_has_not(name: str) -> None:
    raw = (SAMPLES / name).read_bytes()
    (once,) = read_answers(raw).remittances
    (again,) = read_answers(raw.replace(b"~", b"~\r\n")).remittances
    assert once.identity == again.identity
    (other,) = read_answers(raw.replace(b"TRN*1*", b"TRN*1*9")).remittances
    assert once.identity != other.identity


def test_a_271_says_that_cover_is_in_force_and_what_a_visit_costs() -> None:
    read = sample("25_271_active_copay.271")
    assert not read.findings
    (answer,) = read.eligibilities
    assert not answer.findings
    assert (answer.active, answer.payer_id, answer.member_id) == (True, "841610001", "123456789")
    assert (answer.subscriber_name, answer.trace) == ("JOHN SMITH", "93175-012547")
    plan, care, types, inside, outside = answer.benefits
    assert (plan.kind, plan.services, plan.text) == ("active", ("30",), "GOLD 123 PLAN")
    assert (care.kind, care.code) == ("primary_care_provider", "L")
    assert len(types.services) == 10
    assert (inside.kind, inside.minor, inside.in_network) == ("copay", 1000, True)
    assert (outside.kind, outside.minor, outside.in_network) == ("copay", 3000, False)
    assert (inside.period, inside.services) == ("visit", types.services)


@pytest.mark.parametrize("name", sorted(each.name for each in SAMPLES.glob("*_*.[2389]*")))
def test_separators_are_what_the_file_declares(name: str) -> None:
    raw = (SAMPLES / name).read_bytes()
    other = raw.translate(bytes.maketrans(b"*:^~", b"|>!\n"), b"\r\n")
    assert other != raw
    one, same = read_answers(raw), read_answers(other)
    # What a finding quotes of a composite has the separator in it.
    assert [(each.code, each.where, each.position) for each in one.findings] == [
        (each.code, each.where, each.position) for each in same.findings
    ]
    assert one.remittances == same.remittances
    assert one.eligibilities == same.eligibilities
    assert [(each.sets, each.claims) for each in one.acknowledgements] == [
        (each.sets, each.claims) for each in same.acknowledgements
    ]
