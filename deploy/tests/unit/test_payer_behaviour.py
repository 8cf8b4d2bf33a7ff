"""What the simulated payer makes of claims: every decision adds up, unless it is asked not to."""

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_deploy.simulator import fhir, x12
from clinic_deploy.simulator.behaviour import SCENARIOS, answers, scenario, verdict
from clinic_deploy.simulator.store import Taken, UnreadableError
from payer_formats.claim import Claim, Diagnosis, Payer, Person, Provider, ServiceLine, Subscriber
from payer_formats.fhir.claims_out import claim_bytes
from payer_formats.fhir.reading import read_answers as read_fhir
from payer_formats.x12.professional_writing import Submitter, write
from payer_formats.x12.reading import read_answers
from payer_formats.x12.writing import Envelope

AT = datetime(2026, 12, 9, 8, tzinfo=UTC)
ADA = Person(last_name="Sample", first_name="Ada", birth_date=date(1970, 5, 4), sex="F")


def claim(member_id: str = "M-1", *charges: int, id_: str = "C1") -> Claim:
    told = charges or (11500,)
    return Claim(
        id=id_,
        charge_minor=sum(told),
        currency="CAD",
        payer=Payer(id="SIMX12", name="Harbour Mutual"),
        billing=Provider(name="Fernwood", npi="1234567893", tax_id="123456789"),
        subscriber=Subscriber(person=ADA, member_id=member_id),
        diagnoses=(Diagnosis(code="M5450"),),
        lines=tuple(
            ServiceLine(
                number=number,
                procedure="97124",
                charge_minor=charge,
                units=4,
                day=date(2026, 12, 1),
                pointers=(1,),
            )
            for number, charge in enumerate(told, 1)
        ),
    )


def sent(*claims: Claim) -> bytes:
    envelope = Envelope(sender="CLINICOPS", receiver="HARBOUR", control=7, at=datetime(2026, 12, 9))
    submitter = Submitter(name="Fernwood", id="CLINICOPS", contact="Desk", phone="6045550100")
    return write(claims, envelope, submitter, Payer(id="HARBOUR", name="Harbour Mutual"))


def taken(*claims: Claim) -> Taken:
    numbers = count(1)
    return x12.taken(sent(*claims), AT, lambda: next(numbers))


def codes(raw: bytes) -> list[str]:
    read = read_answers(raw)
    return [
        each.code
        for each in (*read.findings, *(f for r in read.remittances for f in r.findings))
        if each.severity == "error"
    ]


@given(
    name=st.sampled_from(sorted(SCENARIOS)),
    charges=st.lists(st.integers(1, 999_999), min_size=1, max_size=5),
)
def test_every_decision_adds_up(name: str, charges: list[int]) -> None:
    one = claim(f"M-{name.upper()}", *charges)
    for each in answers(one, "P1"):
        decided = each.decided
        of_lines = [a.minor for line in decided.lines for a in line.adjustments]
        if decided.lines:
            assert decided.charge_minor - sum(of_lines) == decided.paid_minor
            assert abs(decided.charge_minor) == one.charge_minor
        for line in decided.lines:
            adjusted = sum(a.minor for a in line.adjustments)
            assert line.charge_minor - adjusted == line.paid_minor


def test_the_end_of_a_policys_number_says_what_happens_else_chance_does() -> None:
    for name in SCENARIOS:
        assert scenario(claim(f"M-1-{name.upper()}")) == name
    by_chance = {scenario(claim("M-1", id_=f"C{number}")) for number in range(200)}
    assert by_chance == {"pay", "deny", "short", "pend", "reverse"}
    assert scenario(claim("M-1", id_="C7")) == scenario(claim("M-1", id_="C7"))


@pytest.mark.parametrize("name", sorted(set(SCENARIOS) - {"unbalanced"}))
def test_what_is_written_is_read_without_an_error(name: str) -> None:
    done = taken(claim(f"M-{name.upper()}"), claim("M-2-PAY", id_="C2"))
    assert codes(done.body) == []
    for mail in done.later:
        assert codes(mail.body) == [], mail.name


def test_an_unbalanced_remittance_is_off_by_a_cent() -> None:
    wrong = [mail for mail in taken(claim("M-UNBALANCED")).later if mail.name.endswith("835")]
    assert [codes(mail.body) for mail in wrong] == [["REMIT_TOTAL_BALANCE"]]


def test_a_999_accepts_the_set_and_a_277ca_each_claim() -> None:
    done = taken(claim("M-PAY"), claim("M-REJECT", id_="C2"))
    (told,) = read_answers(done.body).acknowledgements
    assert {each.verdict for each in told.sets} == {"accepted"}
    assert {int(each.interchange or each.group) for each in told.sets} == {7}
    first = min(done.later, key=lambda mail: mail.after)
    (claims,) = read_answers(first.body).acknowledgements
    assert {each.reference: each.verdict for each in claims.claims} == {
        "C1": "accepted",
        "C2": "rejected",
    }
    decided = [
        each.reference
        for mail in done.later
        for remittance in read_answers(mail.body).remittances
        for each in remittance.claims
    ]
    assert decided == ["C1"]


def test_a_duplicate_is_the_same_bytes_and_a_reversal_comes_before_its_correction() -> None:
    twice = [mail.body for mail in taken(claim("M-DUPLICATE")).later if mail.name.endswith("835")]
    assert len(twice) == 2
    assert twice[0] == twice[1]
    last = max(taken(claim("M-REVERSE")).later, key=lambda mail: mail.after)
    (remittance,) = read_answers(last.body).remittances
    assert [each.decision for each in remittance.claims] == ["reversed", "paid"]


def test_a_spoilt_file_is_rejected_and_one_that_is_none_cannot_be_answered() -> None:
    numbers = count(1)
    spoilt = sent(claim()).replace(b"*115*", b"*115.001*")
    answer = x12.taken(spoilt, AT, lambda: next(numbers))
    (told,) = read_answers(answer.body).acknowledgements
    assert "rejected" in {each.verdict for each in told.sets}
    assert answer.later == ()
    with pytest.raises(UnreadableError, match="NO_ISA"):
        x12.taken(b"hello", AT, lambda: next(numbers))


def test_a_void_claim_is_answered_by_nothing_paid() -> None:
    void = replace(claim("M-1-PAY"), frequency="void", payer_reference="P9")
    assert [each.decided.paid_minor for each in answers(void, "P1")] == [0]
    assert verdict(void, "P1").verdict == "accepted"


def fhir_taken(one: Claim) -> Taken:
    numbers = count(1)
    return fhir.taken(claim_bytes(one, created=AT.date()), AT, lambda: next(numbers))


@pytest.mark.parametrize("name", sorted(set(SCENARIOS) - {"unbalanced"}))
def test_what_is_written_in_fhir_is_read_without_an_error(name: str) -> None:
    done = fhir_taken(claim(f"M-{name.upper()}"))
    for body in (done.body, *(mail.body for mail in done.later)):
        read = read_fhir(body)
        wrong = [*read.findings, *(f for r in read.remittances for f in r.findings)]
        assert not [each for each in wrong if each.severity == "error"]
    decided = [
        each.decision
        for mail in done.later
        for remittance in read_fhir(mail.body).remittances
        for each in remittance.claims
    ]
    expected = {
        "deny": ["denied"],
        "reject": [],
        "duplicate": ["paid", "paid"],
        "reverse": ["paid", "reversed", "paid"],
    }
    assert decided == expected.get(name, ["paid"])


def test_what_is_no_claim_is_answered_with_what_is_wrong() -> None:
    numbers = count(1)
    answer = fhir.taken(b"{}", AT, lambda: next(numbers))
    assert (b"OperationOutcome" in answer.body, answer.later) == (True, ())
