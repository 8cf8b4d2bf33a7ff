"""Whether a policy is in force, as a payer says it, and how a payer is asked."""

from dataclasses import replace
from datetime import date

import pytest

from payer_formats.answers import Benefit, Eligibility
from payer_formats.claim import Payer, Person, Provider, Subscriber
from payer_formats.findings import Finding
from payer_formats.inquiry import EligibilityInquiry
from payer_formats.testing.strategies import CLINIC, ENVELOPE, PAYER
from payer_formats.x12.entitling import write_271
from payer_formats.x12.inquiring import read_270, write_270
from payer_formats.x12.reading import read_answers

ACTIVE = Benefit(kind="active", code="1", services=("30",), text="GOLD")
ANSWER = Eligibility(
    payer_id="60054", member_id="M-1", active=True, benefits=(ACTIVE,), trace="T-1"
)
ASKED = EligibilityInquiry(
    trace="T-1",
    payer=Payer(id="60054", name="A PAYER"),
    provider=Provider(name="HARBOUR MASSAGE", npi="1215954003", tax_id="123456789"),
    subscriber=Subscriber(
        person=Person(last_name="DOE", first_name="JANE", birth_date=date(1980, 2, 3), sex="F"),
        member_id="M-1",
        group_number="G-9",
    ),
    day=date(2026, 11, 28),
    services=("30", "98"),
)


def told(raw: bytes) -> Eligibility:
    answers = read_answers(raw)
    assert not answers.findings
    (answer,) = answers.eligibilities
    return answer


def answered(*benefits: Benefit, rejections: tuple[str, ...] = ()) -> bytes:
    answer = replace(ANSWER, benefits=benefits, rejections=rejections)
    return write_271(ENVELOPE, [answer], PAYER, CLINIC)


def inactive(*services: str) -> Benefit:
    return Benefit(kind="inactive", code="6", services=services)


@pytest.mark.parametrize(
    ("benefits", "active"),
    [
        ((ACTIVE,), True),
        ((inactive("30"),), False),
        ((ACTIVE, inactive("33")), True),
        ((inactive("30"), replace(ACTIVE, services=("33",))), False),
        ((replace(ACTIVE, services=("33",)), inactive("98")), True),
        ((replace(ACTIVE, services=()),), True),
        ((Benefit(kind="copay", code="B", minor=1000),), None),
    ],
)
def test_what_is_told_of_the_plan_decides_whether_cover_is_in_force(
    *, benefits: tuple[Benefit, ...], active: bool | None
) -> None:
    assert told(answered(*benefits)).active is active


def test_a_refusal_to_answer_is_kept_by_its_codes() -> None:
    answer = told(answered(rejections=("72", "75")))
    assert (answer.rejections, answer.active) == (("72", "75"), None)
    assert answer.rejected_in == ("2100C", "2100C")
    assert not answer.findings


def test_a_refusal_above_the_subscriber_is_told_too() -> None:
    raw = answered(rejections=("42",))
    aaa = b"AAA*N**42*C~\n"
    raw = raw.replace(aaa, b"").replace(b"HL*2*1*21*1~\n", aaa + b"HL*2*1*21*1~\n")
    answer = told(raw)
    assert (answer.rejections, answer.rejected_in) == (("42",), ("2100A",))
    assert (answer.payer_id, answer.member_id) == ("60054", "M-1")


def test_a_dependant_is_answered_about_under_the_subscribers_number() -> None:
    raw = answered(ACTIVE)
    eb = b"EB*1**30**GOLD~\n"
    dependant = b"HL*4*3*23*0~\nTRN*2*T-2*9000060054~\nNM1*03*1*DOE*JOE~\n" + eb
    raw = raw.replace(eb, dependant).replace(b"SE*11*", b"SE*14*")
    answer = told(raw)
    assert (answer.trace, answer.member_id, answer.active) == ("T-2", "M-1", True)


def test_a_message_is_added_to_what_the_benefit_says() -> None:
    raw = answered(ACTIVE).replace(b"GOLD~\n", b"GOLD~\nMSG*CALL US~\n")
    assert told(raw.replace(b"SE*11*", b"SE*12*")).benefits[0].text == "GOLD CALL US"


@pytest.mark.parametrize(
    ("benefit", "code", "where"),
    [
        ("EB*A**30*****20", "PERCENT", "EB08"),
        ("EB*A**30*****.125", "PERCENT", "EB08"),
        ("EB*B**30****10.001", "AMOUNT", "EB07"),
        ("EB*F**30******VS*12.5", "UNITS", "EB10"),
        ("EB*1**30|33", "BAD_COMPOSITE", "EB03"),
        ("EB***30", "MISSING_ELEMENT", "EB01"),
        ("III*ZZ*11", "NOTHING_TOLD", "ST"),
    ],
)
def test_what_cannot_be_read_is_found(benefit: str, code: str, where: str) -> None:
    raw = answered(ACTIVE).replace(b"EB*1**30**GOLD", benefit.encode())
    findings = told(raw).findings
    assert [(each.code, each.where) for each in findings] == [(code, where)]


def test_a_question_is_written_as_the_guide_has_it() -> None:
    text = write_270(ENVELOPE, [ASKED]).decode()
    assert [line for line in text.split("~\n") if line[:3] not in {"ISA", "GS*", "GE*", "IEA"}] == [
        "ST*270*0001*005010X279A1",
        "BHT*0022*13*T-1*20261128*0930",
        "HL*1**20*1",
        "NM1*PR*2*A PAYER*****PI*60054",
        "HL*2*1*21*1",
        "NM1*1P*2*HARBOUR MASSAGE*****XX*1215954003",
        "HL*3*2*22*0",
        "TRN*1*T-1*9123456789",
        "NM1*IL*1*DOE*JANE****MI*M-1",
        "REF*6P*G-9",
        "DMG*D8*19800203*F",
        "DTP*291*D8*20261128",
        "EQ*30^98",
        "SE*14*0001",
        "",
    ]
    assert "GS*HS*PAYER*CLINIC*" in text


def asked(raw: bytes) -> tuple[Finding, ...]:
    return read_270(raw)[1]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b"ST*270*", b"ST*276*", "UNEXPECTED_SET"),
        (b"TRN*1*T-1*", b"TRN*1**", "MISSING_ELEMENT"),
        (b"DTP*291*D8*20261128", b"DTP*291*D8*2026", "DATE"),
        (b"DTP*291*D8*20261128", b"DTP*307*D8*20261128", "MISSING_SEGMENT"),
        (b"SE*14*", b"SE*15*", "COUNT_MISMATCH"),
        (b"EQ*30^98~", b"III*ZZ*11~", "NOTHING_ASKED"),
    ],
)
def test_a_question_that_cannot_be_read_is_found(old: bytes, new: bytes, code: str) -> None:
    raw = write_270(ENVELOPE, [ASKED])
    assert raw.count(old) == 1
    assert code in {each.code for each in asked(raw.replace(old, new))}
    assert not asked(raw)
