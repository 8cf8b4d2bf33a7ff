"""Spoilt files through the whole way in: each answered, none half taken in, the books in order.

``FUZZED=10000`` has so many of them.
"""

import os
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from billing.payers.reading import read_file
from billing.testing import sent
from billing.use_cases import answers
from clinic_contracts.billing import requests as r
from payer_formats.answers import Remittance, RemittedClaim, RemittedLine
from payer_formats.claim import Address, Adjustment, Provider
from payer_formats.fhir.answering import remittance_bytes
from payer_formats.testing.mutations import spoilt
from payer_formats.x12.remitting import write_835
from payer_formats.x12.writing import Envelope

MANY = int(os.environ.get("FUZZED", "2000"))
DAY = date(2026, 12, 9)
SAMPLE = Path(__file__).parents[1] / "samples" / "massage_97124.837"
PAYER = Provider(
    name="Carrier",
    tax_id="123456789",
    address=Address(line="1 Main", city="Victoria", region="BC", postal_code="V8T1A1"),
)


def remitted(claims: list[r.ClaimView], trace: str) -> Remittance:
    decided = tuple(
        RemittedClaim(
            reference=claim.number,
            decision="paid",
            code="1",
            charge_minor=11500,
            paid_minor=9200,
            client_minor=2300,
            payer_reference=f"{trace}{number}",
            lines=(
                RemittedLine(
                    procedure="97124",
                    charge_minor=11500,
                    paid_minor=9200,
                    adjustments=(Adjustment(group="PR", reason="2", minor=2300),),
                    day=claim.service_date,
                    reference="1",
                ),
            ),
            day=claim.service_date,
        )
        for number, claim in enumerate(claims)
    )
    return Remittance(
        identity="",
        payer_id="PORTAL",
        payer_name="Carrier",
        paid_minor=9200 * len(claims),
        currency="CAD",
        claims=decided,
        trace=trace,
        paid_on=DAY,
        method="ACH",
    )


def good_files(office: Any) -> list[bytes]:
    """Return files of each tongue, about claims that are waiting to be decided."""
    claims = [sent(office, number) for number in range(6)]
    envelope = Envelope(sender="PAYER", receiver="CLINIC", control=7, at=datetime(2026, 12, 9, 8))
    payee = Provider(name="Fernwood", npi="1234567893")
    return [
        write_835(envelope, [remitted(claims[:3], "EFT1")], PAYER, payee),
        remittance_bytes(remitted(claims[3:], "PAY2"), created=DAY),
        SAMPLE.read_bytes(),
        b"",
        b"hello",
    ]


@pytest.mark.timeout(1_800)
def test_every_spoilt_file_is_answered_and_none_unbalances_the_books(office: Any) -> None:
    files = good_files(office)
    states: Counter[str] = Counter()
    for seed in range(MANY):
        raw = spoilt(files[seed % len(files)], str(seed))
        file = answers.take_file(raw, "text/plain", office.desk())
        states[file.state] += 1
        assert file.findings or file.state != "quarantined", raw
        if file.state == "posted":
            assert sum(each.amount.amount_minor for each in file.postings) == 0
    assert states["quarantined"] > MANY // 2
    assert office.findings() == dict.fromkeys(office.findings(), 0)
    posted = office.database["ledger"].count_documents({"_id": {"$regex": "^remittance:"}})
    assert posted == office.database["remittances"].count_documents({})


@pytest.fixture
def office(office: Any) -> Any:
    """Return an office that reads what it is given, as the service does."""
    office.read_file = read_file
    return office
