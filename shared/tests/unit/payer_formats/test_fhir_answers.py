"""A payer's answers in FHIR: the official examples, and what each is found to say."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from payer_formats.answers import Acknowledgement, Eligibility, Remittance
from payer_formats.claim import Adjustment
from payer_formats.fhir.reading import read_answers
from payer_formats.findings import Finding

SAMPLES = Path(__file__).parent / "samples" / "fhir"


def sample(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_bytes())
    return read


def codes(resource: object) -> list[str]:
    read = read_answers(json.dumps(resource).encode())
    parts: tuple[Acknowledgement | Remittance | Eligibility, ...] = (
        *read.acknowledgements,
        *read.remittances,
        *read.eligibilities,
    )
    found: list[Finding] = list(read.findings)
    for part in parts:
        found += part.findings
    return [each.code for each in found]


def good() -> dict[str, Any]:
    """Return R3500 with a payment that is its benefit."""
    response = sample("ClaimResponse-R3500")
    response["payment"]["amount"]["value"] = 90.47
    return response


def reconciliation(*responses: dict[str, Any], amount: float) -> dict[str, Any]:
    payment = {
        "resourceType": "PaymentReconciliation",
        "id": "P1",
        "status": "active",
        "created": "2014-08-31",
        "paymentIssuer": {"identifier": {"value": "555123"}, "display": "Benefits Inc"},
        "paymentDate": "2014-08-31",
        "paymentAmount": {"value": amount, "currency": "USD"},
        "paymentIdentifier": {"value": "201408-2"},
        "detail": [
            {
                "type": {"coding": [{"code": "payment"}]},
                "response": {"reference": f"ClaimResponse/{each['id']}"},
                "amount": {"value": 90.47, "currency": "USD"},
            }
            for each in responses
        ],
    }
    entries = [{"resource": each} for each in (payment, *responses)]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def test_a_payment_that_is_not_the_benefit_is_flagged_with_the_copay_it_differs_by() -> None:
    read = read_answers((SAMPLES / "ClaimResponse-R3500.json").read_bytes())
    (remittance,) = read.remittances
    (claim,) = remittance.claims
    assert (claim.charge_minor, claim.paid_minor, remittance.paid_minor) == (13557, 9047, 10047)
    (finding,) = remittance.findings
    assert (finding.code, finding.where) == ("PAYMENT_SUM", "ClaimResponse.payment.amount")
    assert finding.text == (
        "the payment 100.47 is not the benefit 90.47 less the adjustment 0.00:"
        " it differs by 10.00, which is the copay"
    )


def test_a_decided_claim_response_is_a_remittance_that_balances() -> None:
    (remittance,) = read_answers(json.dumps(good()).encode()).remittances
    assert not remittance.findings
    assert (remittance.paid_minor, remittance.currency) == (9047, "USD")
    assert (remittance.trace, remittance.paid_on) == ("201408-2-1569478", date(2014, 8, 31))
    (claim,) = remittance.claims
    assert (claim.reference, claim.payer_reference) == ("15476332402", "R3500")
    assert (claim.decision, claim.client_minor) == ("paid", 4510)
    (line,) = claim.lines
    assert line.adjustments == (
        Adjustment(group="PR", reason="3", minor=1000),
        Adjustment(group="PR", reason="ar002", minor=3510),
    )


def test_an_error_is_a_rejection_and_pays_nothing() -> None:
    read = read_answers((SAMPLES / "ClaimResponse-R3501.json").read_bytes())
    assert not read.remittances
    ((verdict,),) = (each.claims for each in read.acknowledgements)
    assert (verdict.reference, verdict.verdict, verdict.codes) == ("100156", "rejected", ("a002",))
    assert verdict.text == "Claim could not be processed; Invalid claim"


@pytest.mark.parametrize(
    ("outcome", "verdict"), [("queued", "accepted"), ("partial", "pended"), ("error", "rejected")]
)
def test_what_is_not_decided_is_an_acknowledgement(outcome: str, verdict: str) -> None:
    response = good() | {"outcome": outcome}
    del response["payment"]
    read = read_answers(json.dumps(response).encode())
    assert [each.claims[0].verdict for each in read.acknowledgements] == [verdict]
    assert not read.remittances


def test_coverage_tells_the_policy_and_its_classes() -> None:
    read = read_answers((SAMPLES / "Coverage-7546D.json").read_bytes())
    (policy,) = read.eligibilities
    assert not policy.findings
    assert (policy.member_id, policy.active, policy.group_number) == ("AB9876", True, "WESTAIR")
    classes = [(each.kind, each.code) for each in policy.benefits[1:4]]
    assert classes == [("group", "WESTAIR"), ("plan", "BG4352"), ("subplan", "D15C9")]
    assert policy.benefits[0].period == "2011-03-17/2012-03-17"
    assert (policy.benefits[4].kind, policy.benefits[4].minor) == ("copay", 2000)


@pytest.mark.parametrize("name", ["Claim-100150", "Invoice-example", "Appointment-example"])
def test_what_is_no_answer_is_said_to_be_none(name: str) -> None:
    assert codes(sample(name)) == ["RESOURCE_TYPE"]


def test_a_payment_ties_the_responses_of_its_bundle() -> None:
    two = [good() | {"id": f"R{n}", "identifier": [{"value": f"R{n}"}]} for n in (1, 2)]
    read = read_answers(json.dumps(reconciliation(*two, amount=180.94)).encode())
    (remittance,) = read.remittances
    assert not remittance.findings
    assert (remittance.payer_id, remittance.payer_name) == ("555123", "Benefits Inc")
    assert (remittance.paid_minor, remittance.trace) == (18094, "201408-2")
    assert [each.payer_reference for each in remittance.claims] == ["R1", "R2"]


def test_a_payment_off_by_a_cent_is_found() -> None:
    assert codes(reconciliation(good(), amount=90.48)) == ["DETAIL_SUM"]


def test_a_payment_of_a_response_that_is_not_there_is_found() -> None:
    bundle = reconciliation(good(), amount=90.47)
    bundle["entry"].pop()
    assert codes(bundle) == ["RESPONSE_MISSING"]


def test_a_response_is_paid_once_however_often_it_is_named() -> None:
    bundle = reconciliation(good(), amount=180.94)
    bundle["entry"][0]["resource"]["detail"] *= 2
    assert codes(bundle) == ["RESPONSE_TWICE"]
    bundle = reconciliation(good(), amount=90.47)
    bundle["entry"].insert(0, bundle["entry"][0])
    assert codes(bundle) == ["RESPONSE_MISSING"]


def test_what_a_payer_keeps_back_is_beside_the_claims() -> None:
    response = good()
    response["payment"] |= {
        "amount": {"value": 80.00, "currency": "USD"},
        "adjustment": {"value": 10.47, "currency": "USD"},
        "adjustmentReason": {"coding": [{"code": "a001"}]},
    }
    (remittance,) = read_answers(json.dumps(response).encode()).remittances
    assert not remittance.findings
    (kept,) = remittance.provider_adjustments
    assert (kept.reason, kept.minor, remittance.paid_minor) == ("a001", 1047, 8000)


def changed(**fields: object) -> dict[str, Any]:
    return {name: each for name, each in (good() | fields).items() if each is not None}


DENIED = {"url": "https://payer.example/denied", "valueBoolean": True}


def total(value: object, currency: str = "USD", *, submitted: float = 135.57) -> list[object]:
    amount = {"value": value, "currency": currency}
    charge = {"value": submitted, "currency": "USD"}
    return [
        {"category": {"coding": [{"code": "submitted"}]}, "amount": charge},
        {"category": {"coding": [{"code": "benefit"}]}, "amount": amount},
    ]


@pytest.mark.parametrize(
    ("resource", "found"),
    [
        (changed(status=None), "REQUIRED"),
        (changed(status="paid"), "CODE"),
        (changed(status="cancelled"), "STATUS"),
        (changed(outcome=None), "REQUIRED"),
        (changed(use=None), "REQUIRED"),
        (changed(created="2014-13-01"), "DATE"),
        (changed(created=20140816), "TYPE"),
        (changed(request=None), "REQUIRED"),
        (changed(insurer=None), "REQUIRED"),
        (changed(patient=None), "REQUIRED"),
        (changed(payment={"amount": {"value": -90.47, "currency": "USD"}}), "NEGATIVE_PAYMENT"),
        (changed(total=total(90.48)), "BENEFIT_SUM"),
        (changed(total=total(90.471)), "AMOUNT"),
        (changed(total=total("90.47")), "AMOUNT"),
        (changed(total=total(True)), "AMOUNT"),
        (changed(total=total(1e300)), "NUMBER"),
        (changed(total=total(1e20)), "AMOUNT"),
        (changed(total=total(90.47, "CAD")), "CURRENCY_MIX"),
        (changed(total=total(90.47, "JPY")), "CURRENCY"),
        (changed(total=total(90.47, "")), "CURRENCY"),
        (changed(total=[]), "REQUIRED"),
        (changed(item={}), "TYPE"),
        (changed(item=[7]), "TYPE"),
        (changed(implicitRules="https://payer.example/rules"), "MODIFIER"),
        (changed(modifierExtension=[DENIED]), "MODIFIER"),
        (changed(addItem=[{"adjudication": [{"modifierExtension": [DENIED]}]}]), "MODIFIER"),
        (changed(contained=[{"id": "o", "modifierExtension": [DENIED]}]), "MODIFIER"),
        (
            changed(item=None, payment=None, total=total(90.47, submitted=-135.57)),
            "BENEFIT_EXCEEDS",
        ),
    ],
)
def test_what_is_wrong_with_a_response_is_found(resource: dict[str, Any], found: str) -> None:
    assert found in codes(resource)


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (b"", "NOT_JSON"),
        (b"hello", "NOT_JSON"),
        (b"[]", "NOT_JSON"),
        (b'{"resourceType": 1}', "RESOURCE_TYPE"),
        (b"\xff\xfe", "ENCODING"),
        (b'{"resourceType": "ClaimResponse", "id": "1", "id": "2"}', "DUPLICATE_NAME"),
        (b'{"resourceType": "ClaimResponse", "x": NaN}', "NUMBER"),
        (b'{"resourceType": "ClaimResponse", "x": -Infinity}', "NUMBER"),
        (b'{"resourceType": "ClaimResponse", "x": 1e99999999999999999999999}', "NUMBER"),
        (b'{"resourceType": "ClaimResponse", "x": 1e-999999999}', "NUMBER"),
        (b'{"resourceType": "ClaimResponse", "x": ' + b"9" * 5000 + b"}", "NUMBER"),
        (b'{"resourceType": "ClaimResponse", "x": ' + b"[" * 100_000, "DEPTH"),
        (b'"' + b'\\"' * 1_000_000, "NOT_JSON"),
        (b" " * 5_000_001, "FILE_SIZE"),
    ],
)
def test_what_is_no_document_is_said_to_be_none(raw: bytes, found: str) -> None:
    read = read_answers(raw)
    assert [each.code for each in read.findings] == [found]
    assert not read.remittances


def test_a_bundle_is_bounded() -> None:
    bundle = reconciliation(good(), amount=90.47)
    bundle["entry"] += [{}] * 10_000
    assert codes(bundle) == ["TOO_MANY"]
    assert codes({"resourceType": "Bundle", "entry": []}) == ["RESOURCE_TYPE"]


def test_what_is_wrong_is_told_once() -> None:
    assert codes(changed(total=total(90.47, "CAD"))) == ["CURRENCY_MIX"]
    assert codes(changed(item=[], total=[*total(90.47), 7])) == ["TYPE"]


def test_a_payment_and_its_claims_are_in_one_currency() -> None:
    bundle = reconciliation(good(), amount=90.47)
    bundle["entry"][0]["resource"]["paymentAmount"]["currency"] = "CAD"
    assert codes(bundle) == ["CURRENCY_MIX"]


def test_findings_are_bounded() -> None:
    read = read_answers(json.dumps(changed(item=[7] * 5000)).encode())
    (remittance,) = read.remittances
    assert len(remittance.findings) == 101
    assert remittance.findings[-1].code == "TOO_MANY"
    wrong = [changed(item=[7] * 60, id=f"R{n}") for n in range(3)]
    read = read_answers(json.dumps(reconciliation(*wrong, amount=271.41)).encode())
    (remittance,) = read.remittances
    assert len(remittance.findings) == 101
    assert remittance.findings[-1].code == "TOO_MANY"


def test_an_eligibility_answer_tells_what_is_in_force_and_left() -> None:
    money = {"value": 500, "currency": "CAD"}
    answer = {
        "resourceType": "CoverageEligibilityResponse",
        "status": "active",
        "created": "2026-11-28",
        "outcome": "complete",
        "request": {"reference": "CoverageEligibilityRequest/E1"},
        "insurer": {"identifier": {"value": "SUN"}},
        "contained": [{"resourceType": "Coverage", "id": "c", "subscriberId": "AB9876"}],
        "insurance": [
            {
                "coverage": {"reference": "#c"},
                "inforce": True,
                "item": [
                    {
                        "category": {"coding": [{"code": "MT"}]},
                        "network": {"coding": [{"code": "in"}]},
                        "benefit": [
                            {
                                "type": {"coding": [{"code": "benefit"}]},
                                "allowedMoney": money,
                                "usedMoney": money | {"value": 120.5},
                            },
                            {
                                "type": {"coding": [{"code": "copay-percent"}]},
                                "allowedUnsignedInt": 20,
                            },
                        ],
                    }
                ],
            }
        ],
    }
    (found,) = read_answers(json.dumps(answer).encode()).eligibilities
    assert not found.findings
    assert (found.member_id, found.payer_id, found.active) == ("AB9876", "SUN", True)
    assert found.trace == "E1"
    told = [(b.kind, b.minor, b.percent, b.services, b.in_network) for b in found.benefits]
    assert told == [
        ("active", None, None, (), None),
        ("limit", 50000, None, ("MT",), True),
        ("used", 12050, None, ("MT",), True),
        ("coinsurance", None, 20, ("MT",), True),
    ]
    assert "TYPE" in codes(answer | {"insurance": [{"coverage": {}, "inforce": "yes"}]})


def test_an_operation_outcome_rejects_what_was_sent() -> None:
    issue = {"severity": "error", "code": "required", "expression": ["Claim.patient"]}
    read = read_answers(json.dumps({"resourceType": "OperationOutcome", "issue": [issue]}).encode())
    ((told,),) = (each.sets for each in read.acknowledgements)
    assert told.verdict == "rejected"
    assert [(each.code, each.where) for each in told.errors] == [("required", "Claim.patient")]


def test_what_changes_no_meaning_is_passed_over() -> None:
    plain = {"url": "https://payer.example/score", "valueDecimal": 1.5}
    text = {"status": "generated", "div": "<div>" + "x" * 100_000 + "</div>"}
    assert not codes(changed(extension=[plain], _status={"extension": [plain]}, text=text))
    assert not codes({"resourceType": "Bundle", "entry": [{"resource": good()}, STRANGER]})


STRANGER = {"resource": {"resourceType": "Patient", "modifierExtension": [DENIED]}}


def test_a_batch_tells_of_each_request_beside_what_it_answers_with() -> None:
    issue = {"severity": "error", "code": "invalid", "diagnostics": "no such policy"}
    refused = {"resourceType": "OperationOutcome", "issue": [issue]}
    entries = [
        {"response": {"status": "400", "outcome": refused}},
        {"response": {"status": "201"}, "resource": good()},
    ]
    bundle = {"resourceType": "Bundle", "type": "batch-response", "entry": entries}
    read = read_answers(json.dumps(bundle).encode())
    assert [each.sets[0].errors[0].text for each in read.acknowledgements] == ["no such policy"]
    assert len(read.remittances) == 1


def test_what_is_kept_of_a_servers_words_is_bounded() -> None:
    long = "x" * 100_000
    issue = {"severity": "error", "code": "exception", "diagnostics": long}
    read = read_answers(json.dumps({"resourceType": "OperationOutcome", "issue": [issue]}).encode())
    assert len(read.acknowledgements[0].sets[0].errors[0].text) == 1000
    queued = read_answers(json.dumps(changed(outcome="queued", disposition=long)).encode())
    assert len(queued.acknowledgements[0].claims[0].text) == 1000
