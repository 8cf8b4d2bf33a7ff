"""Records as FHIR resources, and a claim sent by one: real bytes, read by a library of others."""

import dataclasses
import json
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from billing.payers.profiles import profiles
from billing.payers.resources import Resources
from billing.second_opinion.client import SecondOpinion
from billing.use_cases import fhir
from billing.use_cases.answers import take_file
from clinic_contracts.billing import requests as r
from clinic_contracts.billing.fhir import GetResource, ResourceType
from clinic_contracts.client_profile.events import CoverageChanged
from clinic_contracts.errors import ClaimUnfit, IllegalTransition, Invalid, NotFound
from payer_formats.answers import Read, Remittance, RemittedClaim
from payer_formats.claim import Adjustment

Told = dict[str, Any]
POLICY = CoverageChanged(
    coverage_id="pol_1",
    client_id="cli_1",
    kind="extended_health",
    carrier="Coast Benefits",
    group_number="G-1",
    member_id="M-1",
    percent=80,
    order=1,
    benefit_year_start="01-01",
    valid_from=date(2026, 1, 1),
)


@pytest.fixture(scope="module")
def opinion() -> Iterator[SecondOpinion]:
    second = SecondOpinion()
    yield second
    second.close()


@pytest.fixture
def claim(office: Any) -> r.ClaimView:
    office.know("pol_1", POLICY, seq=2)
    return office.claim(office.invoice())  # type: ignore[no-any-return]  # an office is a test's


def door(office: Any, **more: Any) -> fhir.Door:
    return fhir.Door(office.desk(**more), Resources(profiles()))


def got(office: Any, kind: ResourceType, id_: str, **more: Any) -> bytes:
    asked = GetResource(resource_type=kind, resource_id=id_.replace("_", "-"))
    return fhir.get_resource(asked, door(office, **more))


def edited(office: Any, claim: r.ClaimView, **changes: Any) -> Told:
    """Return the claim as it is read, with what another system adds to it."""
    told: Told = json.loads(got(office, "Claim", claim.id))
    coding = [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "M54.50"}]
    told["diagnosis"] = [{"sequence": 1, "diagnosisCodeableConcept": {"coding": coding}}]
    told["item"][0]["diagnosisSequence"] = [1]
    holder = next(each for each in told["contained"] if each["id"] == "subscriber")
    holder |= {"birthDate": "1970-05-04", "gender": "female"}
    return {**told, **changes}


def submit(office: Any, told: Told, **more: Any) -> Told:
    answer: Told = json.loads(fhir.submit_claim(json.dumps(told).encode(), door(office, **more)))
    return answer


def valid(raw: bytes, opinion: SecondOpinion) -> Told:
    said = opinion.ask("fhir", raw)
    assert said.given, said.reason
    assert said.findings == ()
    told: Told = json.loads(raw)
    return told


def test_a_claim_its_policy_and_its_invoice_are_resources_that_a_library_takes(
    office: Any, claim: r.ClaimView, opinion: SecondOpinion
) -> None:
    told = valid(got(office, "Claim", claim.id), opinion)
    assert told["id"] == claim.id.replace("_", "-")
    assert told["identifier"][0]["value"] == claim.number
    assert told["total"] == {"value": 115.0, "currency": "CAD"}
    policy = valid(got(office, "Coverage", claim.coverage_id), opinion)
    assert (policy["id"], policy["subscriberId"]) == ("pol-1", "M-1")
    assert policy["period"] == {"start": "2026-01-01"}
    raw = got(office, "Invoice", claim.invoice_id)
    invoice = valid(raw, opinion)
    kept = office.reread(claim.invoice_id)
    assert f'"totalGross": {{"value": {kept.total.amount_minor / 100:.2f}' in raw.decode()
    issued = kept.issued_at.astimezone(ZoneInfo("America/Vancouver")).date()
    assert (invoice["status"], invoice["date"]) == ("issued", str(issued))


def test_a_spouses_policy_tells_its_holder_from_its_beneficiary(
    office: Any, claim: r.ClaimView, opinion: SecondOpinion
) -> None:
    spouse = dataclasses.replace(POLICY, relationship="spouse", holder_first_name="Sam")
    office.know("pol_1", spouse, seq=3)
    policy = valid(got(office, "Coverage", claim.coverage_id), opinion)
    people = {each["id"]: each for each in policy["contained"]}
    assert people["subscriber"]["name"] == [{"given": ["Sam"]}]
    assert policy["beneficiary"] == {"reference": "#insured"}
    assert people["insured"]["name"] == [{"family": "Sample", "given": ["Ada"]}]


def test_a_claim_that_is_read_filled_in_and_sent_back_is_queued(
    office: Any, claim: r.ClaimView, opinion: SecondOpinion
) -> None:
    with pytest.raises(NotFound):
        got(office, "ClaimResponse", claim.id)
    answer = submit(office, edited(office, claim))
    assert (answer["resourceType"], answer["outcome"]) == ("ClaimResponse", "queued")
    kept = office.claim(office.reread(claim.invoice_id))
    assert kept.state == "queued"
    assert [step.state for step in kept.history] == ["draft", "validated", "queued"]
    assert kept.details.diagnoses == ("M5450",)
    assert kept.details.person.birth_date == date(1970, 5, 4)
    assert kept.details.lines[0].pointers == (1,)
    assert kept.details.lines[0].minutes == claim.details.lines[0].minutes  # type: ignore[union-attr]  # it has details
    valid(got(office, "ClaimResponse", claim.id), opinion)
    sent = valid(got(office, "Claim", claim.id), opinion)
    assert sent["diagnosis"][0]["diagnosisCodeableConcept"]["coding"][0]["code"] == "M5450"
    with pytest.raises(IllegalTransition):
        submit(office, edited(office, claim))


def test_a_claim_is_found_by_its_id_alone(office: Any, claim: r.ClaimView) -> None:
    told = edited(office, claim)
    del told["identifier"]
    assert submit(office, told)["outcome"] == "queued"


def _asks_more(told: Told) -> None:
    told["item"][0]["net"]["value"] = told["total"]["value"] = 120
    told["item"][0].pop("unitPrice")


def _of_another_day(told: Told) -> None:
    told["item"][0]["servicedDate"] = "2026-11-30"


def _of_another_policy(told: Told) -> None:
    policy = next(each for each in told["contained"] if each["resourceType"] == "Coverage")
    policy |= {"subscriberId": "M-2", "identifier": [{"value": "M-2"}]}


def _takes_it_back(told: Told) -> None:
    told["status"] = "cancelled"


def _in_the_ninth_revision(told: Told) -> None:
    coding = told["diagnosis"][0]["diagnosisCodeableConcept"]["coding"][0]
    coding |= {"system": "http://hl7.org/fhir/sid/icd-9-cm", "code": "724"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (_asks_more, "AMOUNT"),
        (_of_another_day, "SERVICE_DATE"),
        (_of_another_policy, "MEMBER_ID"),
        (_takes_it_back, "FREQUENCY"),
        (_in_the_ninth_revision, "DX_SYSTEM"),
    ],
)
def test_what_differs_from_the_claim_is_refused_and_changes_nothing(
    office: Any, claim: r.ClaimView, change: Callable[[Told], None], code: str
) -> None:
    told = edited(office, claim)
    change(told)
    with pytest.raises(ClaimUnfit) as refused:
        submit(office, told)
    assert [each["code"] for each in refused.value.extra["findings"]] == [code]
    assert office.claim(office.reread(claim.invoice_id)) == claim


def test_what_the_scrubber_finds_is_told_and_nothing_is_kept(
    office: Any, claim: r.ClaimView
) -> None:
    told = edited(office, claim)
    told["diagnosis"][0]["diagnosisCodeableConcept"]["coding"][0]["code"] = "ZZZ"
    with pytest.raises(ClaimUnfit) as refused:
        submit(office, told)
    assert refused.value.extra["findings"]
    assert office.claim(office.reread(claim.invoice_id)) == claim


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'{"resourceType": "Patient"}', b"\xff"])
def test_what_is_no_claim_is_a_finding(office: Any, raw: bytes) -> None:
    with pytest.raises(ClaimUnfit) as refused:
        fhir.submit_claim(raw, door(office))
    assert refused.value.extra["findings"]


def test_what_is_beyond_the_limits_of_a_change_names_the_field(
    office: Any, claim: r.ClaimView
) -> None:
    told = edited(office, claim)
    told["item"][0]["productOrService"] = {"coding": [{"code": "no code at all"}]}
    with pytest.raises(Invalid) as refused:
        submit(office, told)
    assert "lines" in refused.value.extra["errors"]


def test_diagnoses_out_of_order_are_still_those_that_items_point_at(
    office: Any, claim: r.ClaimView
) -> None:
    told = edited(office, claim)
    (first,) = told["diagnosis"]
    coding = [{**first["diagnosisCodeableConcept"]["coding"][0], "code": "M54.2"}]
    second = {"sequence": 2, "diagnosisCodeableConcept": {"coding": coding}}
    told["diagnosis"] = [second, first]
    submit(office, told)
    kept = office.claim(office.reread(claim.invoice_id))
    assert kept.details.diagnoses == ("M5450", "M542")
    assert kept.details.lines[0].pointers == (1,)


def test_another_locations_records_are_not_there(office: Any, claim: r.ClaimView) -> None:
    told, elsewhere = edited(office, claim), {"location_scope": ("loc_2",)}
    for kind, id_ in (
        ("Claim", claim.id),
        ("ClaimResponse", claim.id),
        ("Invoice", claim.invoice_id),
    ):
        with pytest.raises(NotFound):
            got(office, kind, id_, **elsewhere)  # type: ignore[arg-type]  # one of the types
    with pytest.raises(NotFound):
        submit(office, told, **elsewhere)
    with pytest.raises(NotFound):
        got(office, "Coverage", "pol_9")


def test_a_decision_is_told_to_the_cent(
    office: Any, claim: r.ClaimView, opinion: SecondOpinion
) -> None:
    submit(office, edited(office, claim))
    change = {"$set": {"state.state": "submitted"}, "$inc": {"version": 1}}
    office.database["claims"].update_one({"_id": claim.id}, change)
    decided = RemittedClaim(
        reference=claim.number,
        decision="paid",
        charge_minor=11500,
        paid_minor=9200,
        client_minor=2300,
        payer_reference="F1",
        adjustments=(Adjustment(group="PR", reason="2", minor=2300),),
    )
    payment = Remittance(
        identity="P1",
        payer_id=claim.payer_id,
        payer_name=claim.carrier,
        paid_minor=9200,
        currency="CAD",
        claims=(decided,),
        paid_on=date(2026, 12, 9),
    )
    office.files[b"P1"] = Read(format="fhir", remittances=(payment,))
    assert take_file(b"P1", "application/fhir+json", office.desk()).state == "posted"
    told = valid(got(office, "ClaimResponse", claim.id), opinion)
    assert told["outcome"] == "complete"
    assert told["request"]["identifier"]["value"] == claim.number
    amounts = {
        each["category"]["coding"][0]["code"]: each["amount"]["value"]
        for each in (*told["total"], *told["adjudication"])
    }
    assert amounts == {"submitted": 115.0, "benefit": 92.0, "PR": 23.0}
