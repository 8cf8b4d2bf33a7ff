"""FHIR from outside: a drafted claim is read, filled in, sent, and what its payer said is read."""

from itertools import islice
from typing import Any

import requests

from clinic_deploy.demo.api import Api
from clinic_runtime.testing import eventually
from tests.e2e.conftest import House
from tests.e2e.test_claims import days, treated


def fhir(house: House, api: Api, method: str, path: str, **options: Any) -> requests.Response:
    answer = api.session.request(method, f"{house.address}/fhir/R4{path}", timeout=15, **options)
    assert answer.headers["Content-Type"] == "application/fhir+json"
    return answer


def test_a_claim_goes_to_its_payer_and_back_in_fhir(
    house: House, api: Api, clinic: dict[str, Any]
) -> None:
    day = next(islice(days(), 60, None))  # the days before are for the tests of claims
    claim = treated(api, clinic, "Coast Benefits", "F-PAY", day)
    id_ = claim["id"].replace("_", "-")
    told = fhir(house, api, "GET", f"/Claim/{id_}").json()
    coding = [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "M54.50"}]
    told["diagnosis"] = [{"sequence": 1, "diagnosisCodeableConcept": {"coding": coding}}]
    told["item"][0]["diagnosisSequence"] = [1]
    holder = next(each for each in told["contained"] if each["id"] == "subscriber")
    holder |= {"birthDate": "1970-05-04", "gender": "female"}
    dearer = {**told, "total": {"value": 1, "currency": "CAD"}}
    headers = {"Content-Type": "application/fhir+json"}
    refused = fhir(house, api, "POST", "/Claim/$submit", json=dearer, headers=headers)
    assert (refused.status_code, refused.json()["resourceType"]) == (422, "OperationOutcome")
    assert api.get(f"/claims/{claim['id']}") == claim
    sent = fhir(house, api, "POST", "/Claim/$submit", json=told, headers=headers)
    assert (sent.status_code, sent.json().get("outcome")) == (200, "queued"), sent.text

    def decided() -> Any:
        response = fhir(house, api, "GET", f"/ClaimResponse/{id_}").json()
        return response["outcome"] == "complete" and response

    response = eventually(decided, timeout=60)
    paid = api.get(f"/claims/{claim['id']}")["paid"]["amount_minor"]
    benefit = [
        each["amount"]["value"]
        for each in response["total"]
        if each["category"]["coding"][0]["code"] == "benefit"
    ]
    assert benefit == [paid / 100]
    assert paid > 0
    for kind, of in (("Coverage", claim["coverage_id"]), ("Invoice", claim["invoice_id"])):
        read = fhir(house, api, "GET", f"/{kind}/{of.replace('_', '-')}")
        assert (read.status_code, read.json()["resourceType"]) == (200, kind)
