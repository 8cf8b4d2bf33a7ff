"""What the simulated payer answers about eligibility, in each tongue by the policy's number."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from itertools import count

import pytest

from clinic_deploy.simulator import entitlement, fhir, x12
from clinic_deploy.simulator.store import Taken
from payer_formats.answers import Eligibility, Read
from payer_formats.claim import Payer, Person, Provider, Subscriber
from payer_formats.fhir.reading import read_answers as read_fhir
from payer_formats.fhir.requests import EligibilityAsked, eligibility_bytes
from payer_formats.inquiry import EligibilityInquiry
from payer_formats.x12.inquiring import write_270
from payer_formats.x12.reading import read_answers as read_x12
from payer_formats.x12.writing import Envelope

AT = datetime(2026, 12, 9, 8, tzinfo=UTC)
ADA = Person(last_name="Sample", first_name="Ada", birth_date=date(1970, 5, 4), sex="F")
PAYER, PROVIDER = Payer(id="SIM", name="Sim"), Provider(name="Fernwood", npi="1234567893")


def question(member_id: str) -> bytes:
    inquiry = EligibilityInquiry(
        trace="ELIG1",
        payer=PAYER,
        provider=PROVIDER,
        subscriber=Subscriber(person=ADA, member_id=member_id),
        day=AT.date(),
    )
    envelope = Envelope(sender="CLINICOPS", receiver="HARBOUR", control=7, at=datetime(2026, 12, 9))
    return write_270(envelope, [inquiry])


def in_x12(member_id: str) -> tuple[Taken, Callable[[bytes], Read]]:
    numbers = count(1)
    return x12.taken(question(member_id), AT, lambda: next(numbers)), read_x12


def in_fhir(member_id: str) -> tuple[Taken, Callable[[bytes], Read]]:
    asked = EligibilityAsked(
        id="ELIG1",
        payer=PAYER,
        provider=PROVIDER,
        subscriber=Subscriber(person=ADA, member_id=member_id),
        day=AT.date(),
    )
    numbers = count(1)
    raw = eligibility_bytes(asked, created=AT.date())
    return fhir.taken(raw, AT, lambda: next(numbers)), read_fhir


Ask = Callable[[str], tuple[Taken, Callable[[bytes], Read]]]
BOTH = pytest.mark.parametrize("ask", [in_x12, in_fhir])


def only(read: Read) -> Eligibility:
    assert not read.findings
    (told,) = read.eligibilities
    assert (told.trace, told.payer_id, told.findings) == ("ELIG1", "SIM", ())
    return told


@BOTH
@pytest.mark.parametrize(
    ("member_id", "active", "rejections"),
    [("M-1", True, ()), ("M-1-INACTIVE", False, ()), ("M-1-UNKNOWN", None, ("75",))],
)
def test_what_is_answered_at_once(
    ask: Ask, *, member_id: str, active: bool | None, rejections: tuple[str, ...]
) -> None:
    taken, read = ask(member_id)
    told = only(read(taken.body))
    assert (told.active, told.rejections, taken.later) == (active, rejections, ())
    assert ask(member_id)[0] == taken


@BOTH
def test_what_is_answered_later(ask: Ask) -> None:
    taken, read = ask("M-1-LATE")
    (mail,) = taken.later
    assert mail.after == entitlement.LATE
    assert only(read(mail.body)).active
    assert not any(each.benefits for each in read(taken.body).eligibilities)


def test_a_270_that_cannot_be_read_is_answered_by_a_999() -> None:
    raw = question("M-1").replace(b"DTP*291*D8*20261209", b"DTP*291*D8*20261399")
    numbers = count(1)
    taken = x12.taken(raw, AT, lambda: next(numbers))
    (told,) = read_x12(taken.body).acknowledgements
    assert (told.kind, taken.later) == ("999", ())


def test_a_request_without_a_policy_is_answered_by_an_outcome() -> None:
    numbers = count(1)
    raw = b'{"resourceType": "CoverageEligibilityRequest"}'
    taken = fhir.taken(raw, AT, lambda: next(numbers))
    assert b"OperationOutcome" in taken.body
