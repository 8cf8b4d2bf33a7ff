"""What the tests of Teleplan stand on: a clinic, a claim, and an evening's remittance."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from payer_formats.claim import (
    Address,
    Claim,
    Diagnosis,
    Payer,
    Person,
    Provider,
    ServiceLine,
    Subscriber,
)
from payer_formats.teleplan.replies import Adjusted, Decided, Payment, remitted
from payer_formats.teleplan.submission import Sender, Vendor, batch
from payer_formats.teleplan.submitted import SubmittedLine, read_submission

DAY = date(2026, 11, 27)
PHN = "9698658215"


@pytest.fixture
def sender() -> Sender:
    vendor = Vendor(
        number="V9999",
        software="CLINICOPS",
        version="1.0",
        installed=date(2026, 11, 1),
        name="Clinic Operations",
    )
    return Sender(data_centre="T1234", vendor=vendor)


@pytest.fixture
def make_claim() -> Callable[..., Claim]:
    """Return a maker of claims: one massage of $23.00 unless it is told otherwise."""

    def make(**changes: Any) -> Claim:
        line = ServiceLine(number=1, procedure="09948", charge_minor=2300, units=1, day=DAY)
        person = Person(
            last_name="Tremblay-Côté",
            first_name="Zoé",
            middle_name="Ann",
            birth_date=date(1980, 2, 29),
            sex="F",
            health_number=PHN,
            address=Address(
                line="12 Main St", city="Vancouver", region="BC", postal_code="V5K 0A1"
            ),
        )
        claim = Claim(
            id="01JDCLAIM",
            charge_minor=2300,
            currency="CAD",
            payer=Payer(id="MSP", name="Medical Services Plan"),
            billing=Provider(name="Harbour Clinic", number="A1234"),
            rendering=Provider(name="Lee", first_name="Kim", number="00567"),
            subscriber=Subscriber(person=person, member_id=PHN),
            lines=(line,),
            diagnoses=(Diagnosis(code="7245", system="ICD9"),),
        )
        return replace(claim, **changes)

    return make


@pytest.fixture
def submitted(sender: Sender, make_claim: Callable[..., Claim]) -> list[SubmittedLine]:
    """Return four lines as MSP receives them."""
    sent = batch(sender, [make_claim(id=f"C{number}") for number in range(4)], 100)
    return list(read_submission(sent.raw).lines)


@pytest.fixture
def payment(submitted: list[SubmittedLine]) -> Payment:
    """Return a remittance of a claim paid, one paid short, one refused and one held."""
    paid, short, refused, held = submitted
    decided = (
        Decided(line=paid, answer="S01", paid_minor=2300, received=DAY),
        Decided(line=short, answer="S02", paid_minor=2000, codes=("BH", "CD"), received=DAY),
        Decided(line=refused, answer="S03", codes=("HT",), received=DAY),
        Decided(line=held, answer="S04", codes=("AP",), received=DAY),
    )
    return Payment(
        data_centre="T1234",
        payee="A1234",
        payee_name="HARBOUR CLINIC",
        control="000042",
        day=date(2026, 12, 15),
        decided=decided,
        adjusted=(Adjusted(code="RP", minor=-150, id="RECOVERY"),),
        balance_forward_minor=-1000,
    )


@pytest.fixture
def remittance_file(payment: Payment) -> bytes:
    return remitted([payment])


@pytest.fixture
def changed() -> Callable[[bytes, str, int, bytes], bytes]:
    """Return what writes over columns, counted from 1, of a kind of record in the remittance."""
    places = {"S21": 0, "S01": 1, "S02": 2, "S03": 3, "S04": 4, "S22": 5, "S23": 6}

    def change(raw: bytes, record: str, first: int, put: bytes) -> bytes:
        found = raw.split(b"\r\n")
        line = found[places[record]]
        found[places[record]] = line[: first - 1] + put + line[first - 1 + len(put) :]
        assert found[places[record]] != line
        return b"\r\n".join(found)

    return change
