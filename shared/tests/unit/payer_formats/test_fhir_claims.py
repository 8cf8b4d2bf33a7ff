"""Claims in FHIR: the official examples read, and what is written read again."""

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from payer_formats.claim import (
    Accident,
    Address,
    Adjustment,
    Claim,
    Diagnosis,
    Payer,
    Person,
    PriorLine,
    PriorPayment,
    Provider,
    ServiceLine,
    Subscriber,
)
from payer_formats.fhir.claims_in import read_claim
from payer_formats.fhir.claims_out import claim_bytes

SAMPLES = Path(__file__).parent / "samples" / "fhir"
DAY = date(2026, 11, 20)
HOME = Address(
    line="1 Main St", line2="Suite 4", city="Victoria", region="BC", postal_code="V8V1A1"
)
ANNE = Person(
    last_name="Roy",
    first_name="Anne",
    middle_name="Marie",
    birth_date=date(1980, 2, 29),
    sex="F",
    address=HOME,
    health_number="9876543217",
)
CLAIM = Claim(
    id="INV-1001",
    charge_minor=18420,
    currency="CAD",
    payer=Payer(id="SUN", name="Sun Life"),
    billing=Provider(
        name="Harbour Clinic", npi="1215954003", tax_id="123456789RT0001", address=HOME
    ),
    rendering=Provider(name="Chen", first_name="Li", number="01234", taxonomy="225700000X"),
    referring=Provider(name="Singh", first_name="Dev", npi="1234567893"),
    subscriber=Subscriber(person=ANNE, member_id="AB9876", group_number="G1"),
    diagnoses=(Diagnosis(code="M5450"), Diagnosis(code="7242", system="ICD9")),
    lines=(
        ServiceLine(
            number=1,
            procedure="97124",
            charge_minor=9210,
            units=1,
            day=DAY,
            modifiers=("GP", "59"),
            pointers=(1, 2),
            description="Massage",
        ),
        ServiceLine(
            number=2, procedure="97140", charge_minor=9210, units=3, day=DAY, pointers=(1,)
        ),
    ),
    authorization="PA1",
    accident=Accident(kind="auto", day=date(2026, 11, 1), claim_number="BX1", region="BC"),
    note="Second of two visits",
)


@pytest.mark.parametrize(("name", "charge"), [("Claim-100150", 13557), ("Claim-660152", 23540)])
def test_the_official_claims_add_up(name: str, charge: int) -> None:
    read = read_claim((SAMPLES / f"{name}.json").read_bytes())
    assert read.claim is not None
    assert (read.claim.charge_minor, read.claim.currency) == (charge, "USD")
    assert {each.code for each in read.findings} == {"REFERENCE"}
    assert all(each.severity == "warning" for each in read.findings)


def test_exactly_one_insurance_is_focal() -> None:
    claim = sample("Claim-660152")
    assert [each["focal"] for each in claim["insurance"]] == [False, True]
    read = read_claim(json.dumps(claim).encode())
    assert read.claim
    assert read.claim.authorization == "AB543GTD7567"
    for both in (True, False):
        for each in claim["insurance"]:
            each["focal"] = both
        assert errors(claim) == ["FOCAL"]


def sample(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_bytes())
    return read


def errors(claim: dict[str, Any]) -> list[str]:
    read = read_claim(json.dumps(claim).encode())
    found = [each.code for each in read.findings if each.severity == "error"]
    assert (read.claim is None) == bool(found)
    return found


def again(claim: Claim) -> Claim:
    read = read_claim(claim_bytes(claim, created=DAY))
    assert not read.findings
    assert read.claim
    return read.claim


def test_what_is_written_is_read_again() -> None:
    assert again(CLAIM) == CLAIM


@pytest.mark.parametrize(
    "changes",
    [
        {"frequency": "corrected", "payer_reference": "P9"},
        {"frequency": "void", "payer_reference": "P9"},
        {"patient": replace(ANNE, first_name="Ben", health_number="")},
        {"accident": None, "authorization": "", "note": "", "referring": None, "rendering": None},
        {"accident": Accident(kind="work", day=DAY)},
        {"accident": Accident(kind="other", day=DAY)},
        {"billing": Provider(name="Chen", first_name="Li", npi="1215954003")},
        {"place_of_service": "12"},
    ],
)
def test_each_kind_of_claim_is_read_again(changes: dict[str, Any]) -> None:
    claim = replace(CLAIM, **changes)
    assert again(claim) == claim


def test_what_earlier_payers_paid_is_read_again() -> None:
    prior = PriorPayment(
        payer=Payer(id="PBC", name="Pacific Blue Cross"),
        subscriber=Subscriber(
            person=replace(ANNE, first_name="Jo"), member_id="X1", rank=1, relationship="spouse"
        ),
        paid_minor=15000,
        paid_on=date(2026, 11, 22),
        payer_reference="PBC-7",
        lines=tuple(
            PriorLine(
                number=n,
                paid_minor=7500,
                adjustments=(Adjustment(group="PR", reason="2", minor=1710),),
            )
            for n in (1, 2)
        ),
    )
    claim = replace(CLAIM, prior=(prior,), subscriber=replace(CLAIM.subscriber, rank=2))
    assert again(claim) == claim
    raw = claim_bytes(claim, created=DAY)
    other = raw.replace(b'150.00, "currency": "CAD"', b'150.00, "currency": "USD"')
    assert other != raw
    read = read_claim(other)
    assert [each.code for each in read.findings] == ["CURRENCY_MIX"]


def test_who_is_asked_may_stand_in_the_policy_alone() -> None:
    written = json.loads(claim_bytes(CLAIM, created=DAY))
    del written["insurer"]
    read = read_claim(json.dumps(written).encode())
    assert read.claim
    assert read.claim.payer == CLAIM.payer
    for each in written["contained"]:
        each.pop("payor", None)
    assert errors(written) == ["REQUIRED"]


def test_money_is_written_exactly() -> None:
    text = claim_bytes(CLAIM, created=DAY).decode()
    assert set(re.findall(r'"value": (\d[^,}]*)', text)) == {"92.10", "30.70", "184.20", "1", "3"}
    third = replace(
        CLAIM, charge_minor=100, lines=(replace(CLAIM.lines[0], charge_minor=100, units=3),)
    )
    assert "unitPrice" not in claim_bytes(third, created=DAY).decode()


def item(**fields: object) -> dict[str, Any]:
    claim = sample("Claim-100150")
    claim["item"][0] |= fields
    return {**claim, "item": [{k: v for k, v in claim["item"][0].items() if v is not None}]}


def usd(value: object) -> dict[str, object]:
    return {"value": value, "currency": "USD"}


@pytest.mark.parametrize(
    ("claim", "found"),
    [
        (sample("Claim-100150") | {"total": usd(135.58)}, ["CHARGE_SUM"]),
        (sample("Claim-100150") | {"total": usd(135.57)}, []),
        (
            sample("Claim-100150") | {"total": {"value": 135.57, "currency": "CAD"}},
            ["CURRENCY_MIX"],
        ),
        (sample("Claim-100150") | {"use": "predetermination"}, ["USE"]),
        (sample("Claim-100150") | {"status": "draft"}, ["STATUS"]),
        (sample("Claim-100150") | {"implicitRules": "https://payer.example/rules"}, ["MODIFIER"]),
        (item(net=usd(135.56)), ["NET"]),
        (item(quantity={"value": 2}), ["NET"]),
        (item(quantity={"value": 0}, unitPrice=None), ["UNITS"]),
        (item(quantity={"value": 1.5}, unitPrice=None), ["UNITS"]),
        (item(net=usd(-1), unitPrice=None), ["AMOUNT"]),
        (item(net=None, unitPrice=None), ["REQUIRED"]),
        (item(net=None), []),
        (item(factor=1.004, net=usd(136.11)), []),
        (item(servicedDate=None), ["REQUIRED"]),
        (item(productOrService=None), ["REQUIRED"]),
        (item(diagnosisSequence=[2]), ["DX_POINTER"]),
        (item(detail=[{"net": usd(100)}, {"net": usd(35.56)}]), ["NET_SUM"]),
        (item(detail=[{"net": usd(100)}, {"net": usd(35.57)}]), []),
    ],
)
def test_what_is_wrong_with_a_claim_is_found(claim: dict[str, Any], found: list[str]) -> None:
    assert errors(claim) == found


def test_what_is_missing_is_named_by_where_it_would_be() -> None:
    read = read_claim(json.dumps(item(net=None, unitPrice=None)).encode())
    assert [each.where for each in read.findings if each.severity == "error"] == [
        "Claim.item[0].net"
    ]


@pytest.mark.parametrize("raw", [b"", b"{}", b'{"resourceType": "Patient"}', b"[1]"])
def test_what_is_no_claim_is_said_to_be_none(raw: bytes) -> None:
    read = read_claim(raw)
    assert read.claim is None
    assert read.findings
