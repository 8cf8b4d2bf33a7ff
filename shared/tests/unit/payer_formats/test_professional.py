"""837P files that others wrote, read into claims and scrubbed."""

import hashlib
import time
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from payer_formats.claim import Accident, Adjustment, Claim, Diagnosis, PriorLine
from payer_formats.findings import Finding, has_errors
from payer_formats.scrub import ELSEWHERE, scrub
from payer_formats.x12 import syntax
from payer_formats.x12.professional import ProfessionalFile, read_professional
from payer_formats.x12.professional_writing import write

from .example_claims import CLAIM, ENVELOPE, LINES, PAYER, PRIOR, SUBMITTER, TODAY

SAMPLES = Path(__file__).parent / "samples"


def read(raw: bytes) -> ProfessionalFile:
    return read_professional(syntax.read(raw))


def sample(number: str) -> ProfessionalFile:
    (path,) = SAMPLES.glob(f"{number}_837p_*.837")
    return read(path.read_bytes())


def sent(claim: Claim, *changes: tuple[bytes, bytes]) -> ProfessionalFile:
    """Return what is read of a claim that was written, with parts of the file replaced."""
    raw = write([claim], ENVELOPE, SUBMITTER, PAYER)
    for old, new in changes:
        assert raw.count(old) == 1, old
        raw = raw.replace(old, new)
    return read(raw)


def codes(findings: tuple[Finding, ...] | list[Finding]) -> Counter[str]:
    return Counter(finding.code for finding in findings)


def scrubbed(file: ProfessionalFile) -> Counter[str]:
    return codes(scrub(file.claims, today=TODAY, inbound=True))


def test_the_samples_are_byte_for_byte_what_their_readme_says() -> None:
    told = (SAMPLES / "README-claims.md").read_text(encoding="utf-8")
    for path in SAMPLES.glob("*.837"):
        assert f"{hashlib.sha256(path.read_bytes()).hexdigest()[:16]} |" in told, path.name


@pytest.mark.parametrize(
    ("number", "claims", "minor", "lines"),
    [
        ("01", 1, 100_00, 4),
        ("03", 1, 79_04, 3),
        ("04", 1, 79_04, 3),
        ("06", 8, 1_771_96, 11),
        ("10", 6, 3_000_00, 6),
        ("27", 2, 331_00, 4),
    ],
)
def test_claims_lines_and_charges_are_those_of_the_file(
    number: str, claims: int, minor: int, lines: int
) -> None:
    file = sample(number)
    assert len(file.claims) == len(file.positions) == claims
    assert sum(claim.charge_minor for claim in file.claims) == minor
    assert sum(len(claim.lines) for claim in file.claims) == lines


def test_an_older_guide_is_read_with_a_warning() -> None:
    file = sample("01")
    (finding,) = file.findings
    assert (finding.code, finding.where, finding.severity) == ("VERSION", "GS08", "warning")
    (claim,) = file.claims
    assert claim.treated.first_name == "TED"
    assert claim.subscriber.person.first_name == "JANE"
    assert claim.subscriber.relationship == "child"
    assert [d.code for d in claim.diagnoses] == ["0340", "V7389"]
    assert {d.system for d in claim.diagnoses} == {"ICD9"}
    assert [line.charge_minor for line in claim.lines] == [4000, 1500, 3500, 1000]
    assert scrubbed(file) == {}


def test_another_coverage_that_paid_nothing_yet_is_no_prior_payment() -> None:
    file = sample("03")
    (claim,) = file.claims
    assert claim.prior == ()
    assert [line.pointers for line in claim.lines] == [(1, 2, 3, 4), (1, 2), (1, 2)]
    assert not has_errors(file.findings)
    assert scrubbed(file) == {"NPI_INVALID": 3}


def test_a_secondary_claim_says_what_the_primary_payer_did_and_balances() -> None:
    file = sample("04")
    (claim,) = file.claims
    (prior,) = claim.prior
    assert claim.subscriber.rank == 2
    assert (prior.subscriber.rank, prior.payer.name) == (1, "KEY INSURANCE COMPANY")
    assert (prior.paid_minor, prior.paid_on) == (39_15, date(2005, 10, 15))
    assert prior.adjustments == (
        Adjustment(group="PR", reason="1", minor=21_89),
        Adjustment(group="PR", reason="2", minor=15_00),
    )
    assert prior.lines[0] == PriorLine(
        number=1,
        paid_minor=40_00,
        adjustments=(Adjustment(group="CO", reason="42", minor=3_00),),
        procedure="99213",
        units=1,
    )
    assert sum(line.paid_minor for line in prior.lines) == 76_04
    assert scrubbed(file) == {"NPI_INVALID": 3}


def test_a_file_that_a_validator_calls_valid_has_pointers_npis_and_numbers_that_are_not() -> None:
    file = sample("06")
    assert file.findings == ()
    found = scrub(file.claims, today=TODAY, inbound=True)
    assert codes(found) == {"DX_POINTER": 7, "NPI_INVALID": 24, "DUPLICATE_CLAIM": 1}
    npis = [finding for finding in found if finding.code == "NPI_INVALID"]
    assert Counter(finding.where for finding in npis) == {"NM1*DN": 8, "NM1*82": 8, "NM1*77": 8}
    assert {finding.severity for finding in npis} == {"warning"}
    (duplicate,) = [finding for finding in found if finding.code == "DUPLICATE_CLAIM"]
    assert duplicate.text == "claim number '1029353-03' is used 4 times"
    placed = scrub(file.claims, today=TODAY, inbound=True, positions=file.positions)
    assert {f.position for f in placed if f.code == "DX_POINTER"} == set(file.positions[1:])
    pointer = next(finding for finding in found if finding.code == "DX_POINTER")
    assert (pointer.line, pointer.where) == (1, "SV107")
    assert "diagnosis 2" in pointer.text
    assert Counter(line.procedure for c in file.claims for line in c.lines) == {
        "97530": 10,
        "87086": 1,
    }
    outbound = scrub(file.claims, today=TODAY)
    assert {f.severity for f in outbound if f.code == "NPI_INVALID"} == {"error"}
    assert codes(scrub(file.claims, today=TODAY, demands=ELSEWHERE))["NPI_INVALID"] == 0


def test_every_group_of_an_interchange_is_read_and_its_counts_are_checked() -> None:
    file = sample("10")
    assert [claim.id for claim in file.claims] == ["A37YH556", "A37YH667"] * 3
    assert codes(file.findings) == {"COUNT_MISMATCH": 4, "BAD_COMPOSITE": 24}
    assert {f.where for f in file.findings if f.code == "BAD_COMPOSITE"} == {
        "HI01",
        "HI02",
        "HI03",
        "HI04",
    }
    line = file.claims[0].lines[0]
    assert (line.modifiers, line.day, line.through) == (
        ("25",),
        date(2005, 3, 14),
        date(2005, 3, 25),
    )
    assert scrubbed(file)["CHARGE_SUM"] == 6
    assert scrubbed(file)["DUPLICATE_CLAIM"] == 2


def test_a_massage_therapists_file_is_clean() -> None:
    file = sample("27")
    assert file.findings == ()
    assert scrub(file.claims, today=TODAY) == []
    for claim in file.claims:
        assert claim.charge_minor == 165_50
        assert [d.code for d in claim.diagnoses] == ["M5450", "M542"]
        assert (claim.place_of_service, claim.frequency) == ("11", "original")
        assert (claim.authorization, claim.onset) == ("AUTH123", date(2026, 6, 1))
        assert claim.rendering is not None
        assert claim.rendering.taxonomy == claim.billing.taxonomy == "225700000X"
        first, second = claim.lines
        assert (first.procedure, first.modifiers) == ("97124", ("GP", "59"))
        assert (first.units, first.charge_minor, first.pointers) == (3, 120_00, (1, 2))
        assert (second.procedure, second.modifiers) == ("97140", ("GP",))
        assert second.reference == f"{claim.id}-2"


@pytest.mark.parametrize(
    ("old", "new", "code", "where", "line"),
    [
        (b"11:B:1", b"11<B<1", "BAD_COMPOSITE", "CLM05", 0),
        (b"11:B:1", b"11:B:9", "CODE", "CLM05", 0),
        (b"ABK:M5450", b"ABK>M5450", "BAD_COMPOSITE", "HI01", 0),
        (b"HC:97140:GP", b"HC>97140>GP", "BAD_COMPOSITE", "SV101", 2),
        (b"***1:2~", b"***1>2~", "BAD_COMPOSITE", "SV107", 1),
        (b"***1:2~", b"***A~", "DX_POINTER", "SV107", 1),
        (b"CLM*C1*165.5*", b"CLM*C1*165.500*", "AMOUNT", "CLM02", 0),
        (b"CLM*C1*165.5*", b"CLM*C1**", "AMOUNT", "CLM02", 0),
        (b"*45.5*UN*1*", b"*45,5*UN*1*", "AMOUNT", "SV102", 2),
        (b"*45.5*UN*1*", b"*1e3*UN*1*", "AMOUNT", "SV102", 2),
        (b"*UN*3*", b"*UN*three*", "UNITS", "SV104", 1),
        (b"*UN*3*", b"*UN*1.5*", "UNITS", "SV104", 1),
        (b"*UN*3*", b"*XX*3*", "CODE", "SV103", 1),
        (b"DTP*439*D8*20261101", b"DTP*439*D8*20261131", "DATE", "DTP03", 0),
        (b"D8*19830501*F", b"D8*1983051*F", "DATE", "DMG02", 0),
        (b"D8*19830501*F", b"D8*19830501*X", "CODE", "DMG03", 0),
        (b"DTP*472*D8*20261120~\nREF*6R*C1-1", b"DTP*472*D8*2026~", "DATE", "DTP03", 1),
        (b"DTP*472*D8*20261120~\nREF*6R*C1-1", b"DTP*9*D8*2026~", "DATE", "DTP03", 1),
        (b"DTP*472*D8*20261120~\nREF*6R*C1-1", b"DTP*472*RD8*20261120~", "DATE", "DTP03", 1),
        (b"DTP*439*D8*20261101~", b"", "ACCIDENT_DATE", "CLM11", 0),
        (b"SBR*P*18", b"SBR*Q*18", "CODE", "SBR01", 0),
        (b"LX*2", b"LX*two", "LINE_NUMBER", "LX01", 2),
        (b"SV1*HC:97140:GP*", b"SV2*HC:97140:GP*", "MISSING_SEGMENT", "SV1", 2),
        (b"HL*1**20*1", b"HL*1**21*1", "LEVEL", "HL03", 0),
        (b"HL*2*1*22*0", b"HL*2*1*23*0", "MISSING_LOOP", "HL", 0),
        (b"ST*837*", b"ST*838*", "UNEXPECTED_SET", "ST01", 0),
        (b"*X*005010X222A1", b"*X*005010X222A2", "VERSION", "GS08", 0),
    ],
)
def test_what_does_not_fit_its_place_is_found_there(
    old: bytes, new: bytes, code: str, where: str, line: int
) -> None:
    file = sent(CLAIM, (old, new))
    found = next(finding for finding in file.findings if finding.code == code)
    assert (found.where, found.line) == (where, line)
    assert found.position > 0
    if code not in {"LEVEL", "UNEXPECTED_SET", "VERSION"} and where[:3] not in {"DMG", "SBR"}:
        assert found.reference == "C1"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b"CLM*C1*165.5*", b"CLM*C1*165.51*", "CHARGE_SUM"),
        (b"1234567893", b"1234567890", "NPI_INVALID"),
        (b"***1:2~", b"***1:3~", "DX_POINTER"),
        (b"***1:2~", b"***1:2:1:2:1~", "POINTER_COUNT"),
        (b"ABK:M5450", b"ABK:M54.50", "DX_FORMAT"),
        (b"ABK:M5450", b"ABK:M545", "DX_RETIRED"),
        (b"ABK:M5450", b"ABK:M5499", "DX_UNKNOWN"),
        (b"ABK:M5450", b"BK:7242", "DX_RETIRED"),
        (b"*UN*3*", b"*UN*0*", "UNITS"),
        (b"*UN*3*", b"*UN*-1*", "UNITS"),
        (b"*45.5*UN", b"*-45.5*UN", "AMOUNT"),
        (b":GP:59*", b":GP:59:KX:GO:XU*", "MODIFIER_COUNT"),
        (b"11:B:1", b"11:B:7", "FREQUENCY_REFERENCE"),
        (b"11:B:1", b"11:B:8", "FREQUENCY_REFERENCE"),
        (b"DTP*472*D8*20261120~\nREF*6R*C1-1", b"DTP*472*D8*20261129~", "FUTURE_DATE"),
        (b"CLM*C1*", b"CLM*123456789012345678901*", "CLAIM_ID"),
        (b"LX*2", b"LX*1", "LINE_NUMBER"),
    ],
)
def test_what_breaks_a_rule_is_read_as_it_stands_and_scrubbed(
    old: bytes, new: bytes, code: str
) -> None:
    file = sent(CLAIM, (old, new))
    assert not has_errors([f for f in file.findings if f.code != "COUNT_MISMATCH"])
    assert scrubbed(file)[code] == 1


def test_a_description_is_not_taken_for_a_modifier() -> None:
    line = replace(LINES[0], modifiers=("GP", "59", "KX", "GO"), description="DEEP TISSUE")
    (claim,) = sent(replace(CLAIM, lines=(line,))).claims
    assert claim.lines[0] == line


def test_two_billing_levels_may_bill_in_two_currencies_and_that_is_found() -> None:
    file = read(write([CLAIM, replace(CLAIM, id="C2", currency="CAD")], ENVELOPE, SUBMITTER, PAYER))
    assert [claim.currency for claim in file.claims] == ["USD", "CAD"]
    assert scrubbed(file) == {"CURRENCY_MIX": 1}


def test_a_payment_by_a_payer_that_is_not_named_is_found() -> None:
    file = sent(replace(CLAIM, prior=(PRIOR,)), (b"SVD*88888*90*", b"SVD*77777*90*"))
    (finding,) = file.findings
    assert (finding.code, finding.where) == ("COB_PAYER", "SVD01")


def test_findings_of_a_hopeless_file_are_bounded() -> None:
    raw = write([CLAIM], ENVELOPE, SUBMITTER, PAYER).replace(
        b"HI*ABK:M5450*ABF:M542~", b"HI*A~" * 5_000
    )
    file = read(raw)
    assert codes(file.findings)["TOO_MANY_FINDINGS"] == 1
    assert len(file.findings) < 1_100


def test_an_accident_at_work_keeps_its_kind_and_region() -> None:
    accident = Accident(kind="work", day=date(2026, 11, 2), region="WA", claim_number="W1")
    (claim,) = sent(replace(CLAIM, accident=accident)).claims
    assert claim.accident == accident


def test_eight_hundred_claims_are_read_in_a_fraction_of_a_second() -> None:
    claims = [
        replace(
            CLAIM,
            id=f"C{number}",
            subscriber=replace(CLAIM.subscriber, member_id=f"M{number}"),
            diagnoses=(Diagnosis(code="M5450"), Diagnosis(code="M542")),
        )
        for number in range(820)
    ]
    raw = write(claims, ENVELOPE, SUBMITTER, PAYER)
    started = time.process_time()
    file = read(raw)
    found = scrub(file.claims, today=TODAY)
    assert time.process_time() - started < 1
    assert list(file.claims) == claims
    assert found == []


@pytest.mark.parametrize(
    ("set_names", "group_names", "where"),
    [
        (b"*005010X223A2", b"005010X223A2", "ST03"),
        (b"*005010X224A2", b"005010X224A2", "ST03"),
        (b"", b"004010X098A1", "GS08"),
        (b"*005010X223A2", b"005010X222A1", "ST03"),
    ],
    ids=["institutional", "dental", "4010", "mixed"],
)
def test_another_guides_837_is_refused_by_its_name(
    set_names: bytes, group_names: bytes, where: str
) -> None:
    found = read(
        write([CLAIM], ENVELOPE, SUBMITTER, PAYER)
        .replace(b"*0001*005010X222A1~", b"*0001" + set_names + b"~")
        .replace(b"*X*005010X222A1~", b"*X*" + group_names + b"~")
    )
    assert not found.claims
    (finding,) = found.findings
    assert (finding.code, finding.where, finding.severity) == ("VERSION", where, "error")
    assert (set_names[1:] or group_names).decode() in finding.text
