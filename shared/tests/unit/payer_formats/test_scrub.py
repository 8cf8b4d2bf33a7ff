"""The scrubber's rules on claims, one at a time: what it finds, where, and how to mend it."""

from dataclasses import replace
from datetime import date

import pytest

from payer_formats.claim import Claim, Diagnosis, Payer, Person, Provider, ServiceLine
from payer_formats.findings import Finding, Severity
from payer_formats.scrub import ELSEWHERE, Demands, scrub
from payer_formats.units import Rule

from .example_claims import BILLING, CLAIM, DAY, JANE, LINES, PRIOR, TODAY

GOOD_PHN, BAD_PHN = "9698658215", "9698648215"


def only(*claims: Claim, today: date = TODAY) -> Finding:
    (finding,) = scrub(claims, today=today)
    return finding


def lines(*changed: ServiceLine) -> Claim:
    return replace(CLAIM, lines=changed, charge_minor=sum(line.charge_minor for line in changed))


def first(**changes: object) -> Claim:
    return lines(replace(LINES[0], **changes), LINES[1])  # type: ignore[arg-type]


def diagnosed(*codes: str, day: date = DAY) -> Claim:
    claim = replace(CLAIM, diagnoses=tuple(Diagnosis(code=code) for code in codes), accident=None)
    return replace(claim, lines=tuple(replace(line, day=day, pointers=(1,)) for line in LINES))


def test_a_good_claim_has_nothing_found() -> None:
    assert scrub([CLAIM], today=TODAY) == []
    assert scrub([CLAIM], today=TODAY, inbound=True) == []
    assert scrub([], today=TODAY) == []


@pytest.mark.parametrize(
    ("claim", "code", "where", "line"),
    [
        (replace(CLAIM, charge_minor=16_551), "CHARGE_SUM", "CLM02", 0),
        (replace(CLAIM, id="X" * 21), "CLAIM_ID", "CLM01", 0),
        (replace(CLAIM, id=""), "CLAIM_ID", "CLM01", 0),
        (lines(), "LINE_COUNT", "LX", 0),
        (lines(*(replace(LINES[0], number=n) for n in range(1, 52))), "LINE_COUNT", "LX", 0),
        (lines(LINES[0], LINES[0]), "LINE_NUMBER", "LX01", 1),
        (replace(CLAIM, frequency="corrected"), "FREQUENCY_REFERENCE", "REF*F8", 0),
        (replace(CLAIM, frequency="void"), "FREQUENCY_REFERENCE", "REF*F8", 0),
        (first(day=date(2026, 11, 29)), "FUTURE_DATE", "DTP*472", 1),
        (first(through=date(2026, 11, 29)), "FUTURE_DATE", "DTP*472", 1),
        (first(through=date(2026, 11, 19)), "DATE", "DTP*472", 1),
        (replace(CLAIM, onset=date(2026, 11, 29)), "FUTURE_DATE", "DTP*431", 0),
        (diagnosed(*["M5450"] * 13), "DX_COUNT", "HI", 0),
        (first(units=0), "UNITS", "SV104", 1),
        (first(units=-1), "UNITS", "SV104", 1),
        (first(charge_minor=-1), "AMOUNT", "SV102", 1),
        (first(procedure=""), "PROCEDURE", "SV101", 1),
        (first(modifiers=("GP",) * 5), "MODIFIER_COUNT", "SV101", 1),
        (first(pointers=(1, 2, 1, 2, 1)), "POINTER_COUNT", "SV107", 1),
        (first(pointers=(1, 3)), "DX_POINTER", "SV107", 1),
        (first(pointers=(0,)), "DX_POINTER", "SV107", 1),
        (first(pointers=()), "DX_POINTER", "SV107", 1),
        (replace(CLAIM, subscriber=replace(CLAIM.subscriber, rank=0)), "PAYER_RANK", "SBR01", 0),
        (replace(CLAIM, subscriber=replace(CLAIM.subscriber, rank=12)), "PAYER_RANK", "SBR01", 0),
        (replace(CLAIM, billing=replace(BILLING, npi="")), "NPI_INVALID", "NM1*85", 0),
        (replace(CLAIM, rendering=Provider(name="A", npi="1")), "NPI_INVALID", "NM1*82", 0),
        (replace(CLAIM, referring=Provider(name="A", npi="1")), "NPI_INVALID", "NM1*DN", 0),
        (replace(CLAIM, facility=Provider(name="A", npi="1")), "NPI_INVALID", "NM1*77", 0),
    ],
)
def test_one_thing_wrong_is_one_finding(claim: Claim, code: str, where: str, line: int) -> None:
    found = only(claim)
    assert (found.code, found.where, found.line) == (code, where, line)
    assert (found.reference, found.severity) == (claim.id, "error")
    assert found.fix
    assert found.text


def test_the_most_that_is_allowed_is_allowed() -> None:
    many = tuple(replace(LINES[0], number=n) for n in range(1, 51))
    claim = replace(
        diagnosed(*["M5450"] * 12),
        id="X" * 20,
        charge_minor=50 * 12_000,
        lines=tuple(
            replace(line, pointers=(9, 10, 11, 12), modifiers=("GP", "59", "KX", "GO"))
            for line in many
        ),
    )
    assert scrub([claim], today=TODAY) == []


def test_a_negative_charge_of_the_claim_is_found() -> None:
    codes = {finding.code for finding in scrub([first(charge_minor=-9_000)], today=TODAY)}
    assert codes == {"AMOUNT"}


def test_a_corrected_claim_with_the_payers_number_passes() -> None:
    assert not scrub([replace(CLAIM, frequency="corrected", payer_reference="I1")], today=TODAY)


def test_a_number_used_twice_and_two_currencies_are_found_in_the_batch() -> None:
    assert only(CLAIM, CLAIM).code == "DUPLICATE_CLAIM"
    mixed = only(CLAIM, replace(CLAIM, id="C2", currency="CAD"))
    assert (mixed.code, mixed.text) == ("CURRENCY_MIX", "claims in CAD and USD stand together")


@pytest.mark.parametrize(("inbound", "severity"), [(False, "error"), (True, "warning")])
def test_a_bad_npi_stops_what_goes_and_not_what_comes(severity: Severity, *, inbound: bool) -> None:
    claim = replace(CLAIM, billing=replace(BILLING, npi="1234567890"))
    (found,) = scrub([claim], today=TODAY, inbound=inbound)
    assert (found.code, found.severity) == ("NPI_INVALID", severity)


def test_a_payer_without_npis_and_icd_10_cm_asks_for_neither() -> None:
    claim = replace(
        first(pointers=()),
        billing=replace(BILLING, npi=""),
        diagnoses=(Diagnosis(code="724", system="ICD9"),),
        lines=tuple(replace(line, pointers=()) for line in LINES),
    )
    assert scrub([claim], today=TODAY, demands=ELSEWHERE) == []
    assert {f.code for f in scrub([claim], today=TODAY)} == {
        "NPI_INVALID",
        "DX_RETIRED",
        "DX_POINTER",
    }


@pytest.mark.parametrize(
    ("code", "day", "found", "fix"),
    [
        ("M545", date(2021, 10, 1), "DX_RETIRED", "use M54.50, M54.51, M54.59"),
        ("M545", date(2021, 9, 30), None, ""),
        ("M5450", date(2021, 9, 30), "DX_UNKNOWN", "look the code up"),
        ("M791", DAY, "DX_RETIRED", "use M79.10, M79.11, M79.12, M79.18"),
        ("M54.50", DAY, "DX_FORMAT", "M5450"),
        ("m5450", DAY, "DX_FORMAT", "M5450"),
        ("M5", DAY, "DX_FORMAT", "a letter, a digit and one to five more, such as M5450"),
        ("\ud800", DAY, "DX_FORMAT", "a letter, a digit and one to five more, such as M5450"),
        ("S134", DAY, "DX_UNKNOWN", "be exact: S13.4XXA, S13.4XXD, S13.4XXS"),
        ("M9999X", DAY, "DX_UNKNOWN", "look the code up"),
    ],
)
def test_a_diagnosis_is_checked_as_of_the_day_of_service(
    code: str, day: date, found: str | None, fix: str
) -> None:
    findings = scrub([diagnosed(code, day=day)], today=TODAY)
    assert [(f.code, f.fix, f.where) for f in findings] == ([(found, fix, "HI01")] if found else [])


def test_a_dotted_code_that_was_retired_is_both() -> None:
    found = scrub([diagnosed("M54.5")], today=TODAY)
    assert [f.code for f in found] == ["DX_FORMAT", "DX_RETIRED"]


@pytest.mark.parametrize(("code", "format_"), [("7242", True), ("V7389", True), ("72425X", False)])
def test_icd_9_ended_on_the_first_of_october_2015(code: str, *, format_: bool) -> None:
    claim = diagnosed("M5450", day=date(2015, 9, 30))
    claim = replace(claim, diagnoses=(Diagnosis(code=code, system="ICD9"),))
    assert [f.code for f in scrub([claim], today=TODAY)] == ([] if format_ else ["DX_FORMAT"])
    later = replace(claim, lines=tuple(replace(x, day=date(2015, 10, 1)) for x in claim.lines))
    assert [f.code for f in scrub([later], today=TODAY)][-1] == "DX_RETIRED"


def test_a_health_number_fails_its_check_and_is_not_shown() -> None:
    bad = replace(CLAIM.subscriber, person=replace(JANE, health_number=BAD_PHN))
    found = only(replace(CLAIM, subscriber=bad))
    assert (found.code, found.where) == ("PHN_INVALID", "health_number")
    assert BAD_PHN not in found.text
    good = replace(CLAIM.subscriber, person=replace(JANE, health_number=GOOD_PHN))
    assert scrub([replace(CLAIM, subscriber=good)], today=TODAY) == []
    child = Person(last_name="SMITH", first_name="TED", health_number=BAD_PHN)
    assert only(replace(CLAIM, patient=child)).code == "PHN_INVALID"


def test_what_the_first_payer_did_balances() -> None:
    claim = replace(CLAIM, prior=(PRIOR,), subscriber=replace(CLAIM.subscriber, rank=2))
    assert scrub([claim], today=TODAY) == []


def test_lines_that_do_not_come_to_what_was_paid_are_found() -> None:
    off = replace(PRIOR.lines[0], paid_minor=PRIOR.lines[0].paid_minor + 1)
    found = only(replace(CLAIM, prior=(replace(PRIOR, lines=(off, PRIOR.lines[1])),)))
    assert (found.code, found.where, found.fix) == ("COB_BALANCE", "AMT*D", "100.01")


def test_a_charge_that_is_not_paid_and_adjusted_is_found() -> None:
    prior = replace(PRIOR, lines=(), payer=Payer(id="8", name="PACIFIC"))
    found = only(replace(CLAIM, prior=(prior,)))
    assert (found.code, found.where) == ("COB_BALANCE", "CAS")
    assert found.text == "the charge is 165.5; PACIFIC paid 100 and adjusted 20"


@pytest.mark.parametrize(("rule", "wanted"), [("cms", {2: "1"}), ("ama", {2: "0"}), (None, {})])
def test_timed_units_follow_from_minutes_by_the_payers_rule(
    rule: Rule | None, wanted: dict[int, str]
) -> None:
    claim = lines(
        replace(LINES[0], procedure="97110", minutes=33, units=2),
        replace(LINES[1], procedure="97140", minutes=7, units=3),
        replace(LINES[1], procedure="97140", number=3, units=9),
        replace(LINES[0], procedure="97110", number=4, day=date(2026, 11, 19), minutes=8, units=1),
    )
    found = scrub([claim], today=TODAY, demands=Demands(timed=rule))
    assert {each.line: each.fix for each in found if each.code == "UNITS"} == wanted


def test_findings_say_where_in_the_file_their_claim_stands() -> None:
    bad = replace(CLAIM, charge_minor=1)
    found = scrub([CLAIM, bad, bad], today=TODAY, positions=(20, 40, 60))
    assert [(f.code, f.position) for f in found] == [
        ("DUPLICATE_CLAIM", 0),
        ("CHARGE_SUM", 40),
        ("CHARGE_SUM", 60),
    ]
