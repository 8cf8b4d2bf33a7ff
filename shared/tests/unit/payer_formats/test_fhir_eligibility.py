"""A question of eligibility in FHIR, read as a payer does, and its answer."""

import json
from dataclasses import replace
from datetime import date

import pytest

from payer_formats.answers import Benefit, Eligibility
from payer_formats.claim import Payer, Person, Provider, Subscriber
from payer_formats.fhir.entitling import asks, read_request, response_bytes
from payer_formats.fhir.reading import read_answers
from payer_formats.fhir.requests import EligibilityAsked, eligibility_bytes

DAY = date(2026, 12, 1)
ADA = Person(last_name="Sample", first_name="Ada", birth_date=date(1970, 5, 4))
BO = Person(last_name="Sample", first_name="Bo")
ASKED = EligibilityAsked(
    id="ELIG1",
    payer=Payer(id="SIMFHIR", name="Coast Benefits"),
    provider=Provider(name="Fernwood", npi="1234567893"),
    subscriber=Subscriber(person=ADA, member_id="M-1", group_number="G-1"),
    day=DAY,
    services=("massage",),
)
ACTIVE = Benefit(kind="active", code="")
ANSWER = Eligibility(payer_id="SIMFHIR", member_id="M-1", active=True, trace="ELIG1")


@pytest.mark.parametrize("patient", [None, BO])
def test_a_question_is_read_as_it_was_written(patient: Person | None) -> None:
    raw = eligibility_bytes(replace(ASKED, patient=patient), created=DAY)
    assert asks(raw)
    inquiry, findings = read_request(raw)
    assert not findings
    assert inquiry is not None
    told = (inquiry.trace, inquiry.payer.id, inquiry.provider.npi, inquiry.day, inquiry.services)
    assert told == ("ELIG1", "SIMFHIR", "1234567893", DAY, ("massage",))
    assert (inquiry.subscriber.member_id, inquiry.subscriber.person) == ("M-1", ADA)
    assert inquiry.patient == patient


@pytest.mark.parametrize("missing", ["identifier", "servicedDate", "insurance", "patient"])
def test_a_question_without_what_it_is_about_is_none(missing: str) -> None:
    document = json.loads(eligibility_bytes(ASKED, created=DAY))
    del document[missing]
    inquiry, findings = read_request(json.dumps(document).encode())
    assert inquiry is None
    assert missing in " ".join(each.where for each in findings)


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'{"resourceType": "Claim"}'])
def test_what_is_no_question_is_told(raw: bytes) -> None:
    assert not asks(raw)
    inquiry, findings = read_request(raw)
    assert inquiry is None
    assert findings


@pytest.mark.parametrize(
    "benefit",
    [
        Benefit(kind="limit", code="visit", services=("massage",), quantity=12, in_network=True),
        Benefit(kind="used", code="visit", services=("massage",), quantity=7, period="annual"),
        Benefit(kind="limit", code="benefit", minor=50000, in_network=False),
        Benefit(kind="coinsurance", code="copay-percent", percent=20),
    ],
)
def test_an_answer_is_read_as_it_was_written(benefit: Benefit) -> None:
    answer = replace(ANSWER, benefits=(ACTIVE, benefit))
    read = read_answers(response_bytes(answer, created=DAY, currency="CAD"))
    assert not read.findings
    (told,) = read.eligibilities
    assert (told.trace, told.payer_id, told.member_id) == ("ELIG1", "SIMFHIR", "M-1")
    assert (told.active, told.benefits, told.findings) == (True, (ACTIVE, benefit), ())


@pytest.mark.parametrize(
    ("answer", "active", "rejections"),
    [
        (replace(ANSWER, active=False), False, ()),
        (replace(ANSWER, active=None, rejections=("75",)), None, ("75",)),
        (replace(ANSWER, active=None), None, ()),
    ],
)
def test_no_cover_a_rejection_and_no_answer_yet(
    *, answer: Eligibility, active: bool | None, rejections: tuple[str, ...]
) -> None:
    (told,) = read_answers(response_bytes(answer, created=DAY, currency="CAD")).eligibilities
    assert (told.active, told.rejections, told.findings) == (active, rejections, ())
