"""FHIR answers through the real reader: money is posted by its payment, and only once."""

import json
from datetime import date
from typing import Any

import pytest

from billing.payers.reading import read_file
from billing.testing import sent
from billing.use_cases import answers
from clinic_contracts.billing import payer_files as f
from clinic_contracts.billing import requests as r
from payer_formats.answers import Remittance, RemittedClaim, RemittedLine
from payer_formats.claim import Adjustment
from payer_formats.fhir.answering import remittance_bytes, response_bytes

TODAY = date(2026, 12, 9)


def decided(claim: r.ClaimView, paid: int) -> RemittedClaim:
    owed = (Adjustment(group="PR", reason="2", minor=11500 - paid),)
    line = RemittedLine(
        procedure="RMT", charge_minor=11500, paid_minor=paid, adjustments=owed, reference="1"
    )
    return RemittedClaim(
        reference=claim.number,
        decision="paid" if paid else "denied",
        charge_minor=11500,
        paid_minor=paid,
        client_minor=11500 - paid,
        payer_reference="F1",
        lines=(line,),
    )


def take(office: Any, raw: bytes) -> f.FileView:
    office.files[raw] = read_file(raw, "application/fhir+json")
    return answers.take_file(raw, "application/fhir+json", office.desk())


def state_of(office: Any, claim: r.ClaimView) -> str:
    found = office.desk().claims.claim(claim.id)
    assert found is not None
    return str(found.state)


def test_a_decision_pays_nothing_until_its_payment_comes_and_then_once(office: Any) -> None:
    claim = sent(office)
    told = decided(claim, 9200)
    alone = take(office, response_bytes(told, payer_id="PORTAL", created=TODAY, currency="CAD"))
    assert (alone.state, alone.postings) == ("posted", ())
    assert [each.code for each in alone.findings] == ["DECISION_ONLY"]
    assert state_of(office, claim) == "submitted"
    payment = Remittance(
        identity="",
        payer_id="PORTAL",
        payer_name="Carrier",
        paid_minor=9200,
        currency="CAD",
        claims=(told,),
        trace="PAY1",
        paid_on=TODAY,
    )
    raw = remittance_bytes(payment, created=TODAY)
    assert take(office, raw).state == "posted"
    assert take(office, raw + b"\n").state == "duplicate"
    assert state_of(office, claim) == "paid"
    assert office.findings() == dict.fromkeys(office.findings(), 0)


def test_a_denial_alone_is_posted_since_no_payment_will_name_it(office: Any) -> None:
    claim = sent(office)
    told = decided(claim, 0)
    file = take(office, response_bytes(told, payer_id="PORTAL", created=TODAY, currency="CAD"))
    assert (file.state, file.unmatched) == ("posted", 0)
    assert state_of(office, claim) == "denied"
    assert office.findings() == dict.fromkeys(office.findings(), 0)


def paying(claim: r.ClaimView) -> dict[str, Any]:
    """Return the Bundle that pays a claim 92.00."""
    payment = Remittance(
        identity="",
        payer_id="PORTAL",
        payer_name="Carrier",
        paid_minor=9200,
        currency="CAD",
        claims=(decided(claim, 9200),),
        trace="PAY1",
        paid_on=TODAY,
    )
    bundle: dict[str, Any] = json.loads(remittance_bytes(payment, created=TODAY))
    return bundle


def payment_of(bundle: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = next(
        each["resource"]
        for each in bundle["entry"]
        if each["resource"]["resourceType"] == "PaymentReconciliation"
    )
    return found


def test_a_payment_without_the_decisions_it_pays_is_kept_aside(office: Any) -> None:
    claim = sent(office)
    file = take(office, json.dumps(payment_of(paying(claim))).encode())
    assert (file.state, [each.code for each in file.findings]) == (
        "quarantined",
        ["RESPONSE_MISSING"],
    )
    assert state_of(office, claim) == "submitted"


@pytest.mark.parametrize("name", ["modifierExtension", "implicitRules"])
def test_what_may_mean_the_opposite_pays_nothing(office: Any, name: str) -> None:
    claim = sent(office)
    bundle = paying(claim)
    payment_of(bundle)[name] = [{"url": "https://payer.example/not", "valueBoolean": True}]
    file = take(office, json.dumps(bundle).encode())
    assert (file.state, [each.code for each in file.findings]) == ("quarantined", ["MODIFIER"])
    assert state_of(office, claim) == "submitted"
    assert office.findings() == dict.fromkeys(office.findings(), 0)


def test_a_payment_is_posted_whatever_else_its_bundle_holds(office: Any) -> None:
    claim = sent(office)
    bundle = paying(claim)
    issue = {"severity": "error", "code": "invalid", "diagnostics": "no such policy"}
    refused = {"resourceType": "OperationOutcome", "issue": [issue]}
    bundle["entry"] += [
        {"resource": {"resourceType": "ExplanationOfBenefit", "id": "e1"}},
        {"response": {"status": "400", "outcome": refused}},
    ]
    file = take(office, json.dumps(bundle).encode())
    assert (file.state, [each.text for each in file.findings]) == (
        "posted",
        ["it names no file of ours: no such policy"],
    )
    assert state_of(office, claim) == "paid"
    assert office.findings() == dict.fromkeys(office.findings(), 0)
