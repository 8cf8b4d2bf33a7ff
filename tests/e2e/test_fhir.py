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


def test_a_visit_its_client_and_what_is_still_free_are_read_in_fhir(
    house: House, api: Api, clinic: dict[str, Any]
) -> None:
    day = next(islice(days(), 61, None))
    client_id = api.post("/clients", {"name": "Ada Sample", "health_number": "9698658215"})["id"]
    wish = {**clinic, "client_id": client_id, "local_start": f"{day}T10:00"}
    visit = api.post("/appointments", wish)
    patient_id = client_id.replace("_", "-")
    found = fhir(house, api, "GET", f"/Appointment?patient={patient_id}&date={day}").json()
    (appointment,) = [each["resource"] for each in found["entry"]]
    assert (appointment["id"], appointment["status"]) == (visit["id"].replace("_", "-"), "booked")
    references = [each["actor"]["reference"] for each in appointment["participant"]]
    for reference in references:
        read = fhir(house, api, "GET", f"/{reference}")
        assert (read.status_code, read.json()["resourceType"]) == (200, reference.split("/")[0])
    patient = fhir(house, api, "GET", f"/{references[0]}").json()
    assert patient["identifier"][0]["value"] == "9698658215"
    place, person = (
        visit[f"{whose}_id"].replace("_", "-") for whose in ("location", "practitioner")
    )
    (entry,) = fhir(house, api, "GET", f"/Schedule?actor=Practitioner/{person}").json()["entry"]
    schedule = fhir(house, api, "GET", f"/Schedule/{place}.{person}").json()
    assert entry["resource"] == schedule
    code = visit["treatment_id"]
    query = f"schedule=Schedule/{schedule['id']}&start={day}&service-type={code}&_count=200"
    free = [each["resource"] for each in fhir(house, api, "GET", f"/Slot?{query}").json()["entry"]]
    assert appointment["start"] not in {each["start"] for each in free}
    wanted = {"location_id": visit["location_id"], "treatment_id": code, "from": day, "to": day}
    slots = api.get("/availability", practitioner_id=visit["practitioner_id"], **wanted)["slots"]
    assert [each["start"] for each in free] == [each["start"] for each in slots]
