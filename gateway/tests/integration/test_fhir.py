"""FHIR's paths of the running gateway, the services standing in: what is asked, and as what."""

import base64
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
import requests
from fhir.resources.R4B import get_fhir_model_class

from clinic_contracts.billing import fhir as f
from clinic_contracts.billing import operations as op
from clinic_contracts.booking import fhir as b
from clinic_contracts.booking import operations as booking_op
from clinic_contracts.booking import requests as r
from clinic_contracts.client_profile import fhir as c
from clinic_contracts.client_profile import operations as client_op
from clinic_contracts.context import CallContext
from clinic_contracts.errors import ClaimUnfit, Invalid, NotFound
from clinic_contracts.fhir import Resource, ResourcePage
from clinic_runtime.responder import command
from clinic_runtime.testing import running
from gateway.http.parsing import FILE_LIMIT
from gateway.identity.accounts import Accounts
from gateway.identity.keys import NewKey

INVOICE = b'{"resourceType": "Invoice", "totalGross": {"value": 120.00}}'
JSON = {"Content-Type": "application/fhir+json"}
ASKED: list[tuple[Any, CallContext]] = []


class Billing:
    """Stands in for the billing service."""

    name = "billing"

    @command(op.GET_FHIR_RESOURCE)
    def get_fhir_resource(self, request: f.GetResource, context: CallContext) -> f.Resource:
        """Return the one invoice."""
        ASKED.append((request, context))
        if request.resource_id != "inv-1":
            raise NotFound("there is no such record")
        return f.Resource(content_base64=base64.b64encode(INVOICE).decode())

    @command(op.SUBMIT_FHIR_CLAIM)
    def submit_fhir_claim(self, request: f.SubmitResource, context: CallContext) -> f.Resource:
        """Refuse a claim that is empty, hand back any other."""
        ASKED.append((request, context))
        if base64.b64decode(request.content_base64) == b"{}":
            raise ClaimUnfit("no", findings=[{"code": "NOT_JSON", "text": "no claim"}])
        return f.Resource(content_base64=request.content_base64)


VISIT = {
    "resourceType": "Appointment",
    "id": "apt-1",
    "status": "booked",
    "start": "2026-12-01T10:00:00-08:00",
    "end": "2026-12-01T11:00:00-08:00",
    "participant": [{"actor": {"reference": "Patient/cli-1"}, "status": "accepted"}],
}


def packed(document: Any) -> str:
    return base64.b64encode(json.dumps(document).encode()).decode()


class Booking:
    """Stands in for the booking service."""

    name = "booking"

    @command(booking_op.GET_FHIR_RESOURCE)
    def get_fhir_resource(self, request: b.GetResource, context: CallContext) -> Resource:
        """Return the one visit."""
        ASKED.append((request, context))
        return Resource(content_base64=packed(VISIT))

    @command(booking_op.SEARCH_FHIR_APPOINTMENTS)
    def search_fhir_appointments(
        self, request: r.ListAppointments, context: CallContext
    ) -> ResourcePage:
        """Return a page with one visit and then one with none; refuse a year."""
        ASKED.append((request, context))
        if request.from_ == "2026-01-01":
            raise Invalid("ask for at most 31 days", errors={"to": ["ask for at most 31 days"]})
        if request.cursor is not None:
            return ResourcePage(content_base64=packed([]))
        return ResourcePage(content_base64=packed([VISIT]), next="next+page=")

    @command(booking_op.SEARCH_FHIR_SCHEDULES)
    def search_fhir_schedules(
        self, request: b.SearchSchedules, context: CallContext
    ) -> ResourcePage:
        """Find none."""
        ASKED.append((request, context))
        return ResourcePage(content_base64=packed([]))

    @command(booking_op.SEARCH_FHIR_SLOTS)
    def search_fhir_slots(self, request: b.SearchSlots, context: CallContext) -> ResourcePage:
        """Find nothing free."""
        ASKED.append((request, context))
        return ResourcePage(content_base64=packed([]))


class ClientProfile:
    """Stands in for the client_profile service."""

    name = "client_profile"

    @command(client_op.GET_FHIR_RESOURCE)
    def get_fhir_resource(self, request: c.GetResource, context: CallContext) -> Resource:
        """Return a client."""
        ASKED.append((request, context))
        return Resource(content_base64=packed({"resourceType": "Patient", "id": "cli-1"}))


@pytest.fixture(scope="module", autouse=True)
def services(amqp_uri: str) -> Iterator[None]:
    config = {"amqp_uri": amqp_uri}
    with running(Billing, config), running(Booking, config), running(ClientProfile, config):
        yield


def ask(gateway: Any, method: str, path: str, **options: Any) -> requests.Response:
    url = f"http://127.0.0.1:{gateway.port}/fhir/R4{path}"
    answer = requests.request(method, url, timeout=30, **options)
    assert answer.headers["Content-Type"] == "application/fhir+json"
    return answer


def issue(answer: requests.Response) -> str:
    body = answer.json()
    assert body["resourceType"] == "OperationOutcome"
    return str(body["issue"][0]["code"])


def test_what_can_be_asked_is_told_to_everybody(gateway: Any) -> None:
    told = ask(gateway, "GET", "/metadata").json()
    assert (told["resourceType"], told["fhirVersion"]) == ("CapabilityStatement", "4.0.1")
    (rest,) = told["rest"]
    offered = {
        each["type"]: [interaction["code"] for interaction in each["interaction"]]
        for each in rest["resource"]
    }
    assert offered == {
        "Appointment": ["read", "search-type"],
        "Claim": ["read"],
        "ClaimResponse": ["read"],
        "Coverage": ["read"],
        "Invoice": ["read"],
        "Location": ["read"],
        "Patient": ["read"],
        "Practitioner": ["read"],
        "Schedule": ["read", "search-type"],
        "Slot": ["search-type"],
    }
    slot = next(each for each in rest["resource"] if each["type"] == "Slot")
    names = [each["name"] for each in slot["searchParam"]]
    assert names == ["schedule", "start", "service-type", "status"]
    get_fhir_model_class("CapabilityStatement").model_validate(told)


def test_a_resource_is_carried_as_it_is_for_whom_it_may_be_shown(gateway: Any) -> None:
    answer = ask(gateway, "GET", "/Invoice/inv-1", headers=gateway.bearer("auditor"))
    assert (answer.status_code, answer.content) == (200, INVOICE)
    made = NewKey(name="one", role="billing", location_ids=("loc_1",))
    _id, key = Accounts(gateway.database).keys.make(made)
    ask(gateway, "GET", "/Invoice/inv-1", headers={"Authorization": f"Bearer {key}"})
    request, context = ASKED[-1]
    assert (request.resource_type, request.resource_id) == ("Invoice", "inv-1")
    assert context.location_scope == ("loc_1",)


def test_each_resource_is_asked_of_whom_it_is(gateway: Any) -> None:
    cases = [
        ("/Patient/cli-1", "front_desk", (c.GetResource, "Patient", True)),
        ("/Patient/cli-1", "auditor", (c.GetResource, "Patient", False)),
        ("/Appointment/apt-1", "auditor", (b.GetResource, "Appointment", False)),
        ("/Schedule/loc-1.prac-1", "auditor", (b.GetResource, "Schedule", False)),
    ]
    for path, role, expected in cases:
        assert ask(gateway, "GET", path, headers=gateway.bearer(role)).status_code == 200
        request, context = ASKED[-1]
        asked = type(request), request.resource_type, context.sees_health_numbers
        assert asked == expected
        assert path.endswith(request.resource_id)


def searched(gateway: Any, path: str) -> Any:
    """Return what a search was answered with, and what was asked for."""
    answer = ask(gateway, "GET", path, headers=gateway.bearer("integration"))
    assert answer.status_code == 200, answer.text
    get_fhir_model_class("Bundle").model_validate_json(answer.content)
    return answer.json()


def test_visits_come_in_bundles_that_link_to_the_next(gateway: Any) -> None:
    path = "/Appointment?patient=Patient/cli-1&date=ge2026-12-01&date=lt2026-12-03&_count=1"
    first = searched(gateway, path)
    assert (first["type"], first["entry"][0]["resource"]) == ("searchset", VISIT)
    asked, _ = ASKED[-1]
    assert asked == r.ListAppointments(
        client_id="cli_1", from_="2026-12-01", to="2026-12-02", limit=1
    )
    links = {each["relation"]: urlsplit(each["url"]) for each in first["link"]}
    following = links["next"]
    assert following.netloc == f"127.0.0.1:{gateway.port}"
    last = searched(gateway, f"/Appointment?{following.query}")
    then, _ = ASKED[-1]
    assert (then.cursor, then.client_id, then.to) == ("next+page=", "cli_1", "2026-12-02")
    assert [each["relation"] for each in last["link"]] == ["self"]
    assert "entry" not in last


def test_dates_are_days_or_instants_as_their_prefixes_say(gateway: Any) -> None:
    instant = "2026-12-01T09:00:00-08:00"
    later = "2026-12-01T17:00:00Z"
    cases = {
        "date=2026-12-01": ("2026-12-01", "2026-12-01"),
        "date=eq2026-12-01": ("2026-12-01", "2026-12-01"),
        "date=gt2026-11-30&date=le2026-12-05": ("2026-12-01", "2026-12-05"),
        f"date=ge{quote(instant)}&date=lt{quote(later)}": (instant, later),
    }
    for query, (first, last) in cases.items():
        searched(gateway, f"/Appointment?location=loc-1&status=booked&{query}")
        asked, _ = ASKED[-1]
        wanted = r.ListAppointments(
            location_id="loc_1", status="booked", from_=first, to=last, date=None
        )
        assert asked == wanted, query


def test_schedules_are_a_practitioners(gateway: Any) -> None:
    searched(gateway, "/Schedule?actor=Practitioner/prac-1&_format=application/fhir+json")
    asked, _ = ASKED[-1]
    assert asked == b.SearchSchedules(practitioner_id="prac_1")


def test_free_times_are_of_a_schedule_and_a_treatment(gateway: Any) -> None:
    searched(
        gateway,
        "/Slot?schedule=Schedule/loc-1.prac-1&start=2026-12-01&status=free&_format=json"
        "&service-type=urn:clinicops:treatment%7Ctrt_1",
    )
    asked, _ = ASKED[-1]
    assert asked == b.SearchSlots(
        schedule_id="loc-1.prac-1", from_="2026-12-01", to="2026-12-01", treatment_id="trt_1"
    )


def test_what_cannot_be_searched_for_names_the_parameter(gateway: Any) -> None:
    slots = "/Slot?schedule=loc-1.prac-1"
    cases = {
        "/Appointment?date=2026-12-01": "patient",
        "/Appointment?patient=cli-1&name=Ada": "name",
        "/Appointment?patient=Group/cli-1": "patient",
        "/Appointment?patient=cli-1&patient=cli-2": "patient",
        "/Appointment?patient=cli-1&_count=201": "_count",
        "/Appointment?patient=cli-1&_cursor=next": "_cursor",
        "/Appointment?patient=cli-1&status=waitlist": "status",
        "/Appointment?patient=cli-1&date=ge2026-12-01": "date",
        "/Appointment?patient=cli-1&date=2026-02-30": "date",
        "/Appointment?patient=cli-1&date=ge2026-12-01&date=gt2026-12-02": "date",
        "/Appointment?patient=cli-1&date=2026-12-01T10:00Z": "date",
        "/Appointment?patient=cli-1&date=ge2026-01-01&date=le2026-12-31": "date",
        "/Appointment?patient=cli-1&date=soon": "date",
        "/Appointment?patient=cli-1&_format=xml": "_format",
        "/Schedule": "actor",
        "/Schedule?actor=Location/loc-1": "actor",
        "/Slot?start=2026-12-01": "schedule",
        slots: "start",
        f"{slots}&start=2026-12-01&status=busy": "status",
    }
    for path, name in cases.items():
        answer = ask(gateway, "GET", path, headers=gateway.bearer("auditor"))
        assert (answer.status_code, issue(answer)) == (422, "value"), path
        text = answer.json()["issue"][0]["details"]["text"]
        assert text.startswith(f"{name}: "), (path, text)


def test_a_claim_is_handed_on_byte_for_byte(gateway: Any) -> None:
    raw = json.dumps({"resourceType": "Claim", "note": "é" * 200_000}).encode()
    headers = {**gateway.bearer("billing"), **JSON}
    answer = ask(gateway, "POST", "/Claim/$submit", data=raw, headers=headers)
    assert (answer.status_code, answer.content) == (200, raw)


def test_every_refusal_is_an_outcome(gateway: Any) -> None:
    reader = gateway.bearer("auditor")
    biller = {**gateway.bearer("billing"), **JSON}
    submit = ("POST", "/Claim/$submit")
    cases = [
        (("GET", "/Claim/clm-1"), {}, 401, "login"),
        (("GET", "/Claim/clm-1"), {"headers": reader}, 404, "not-found"),
        (("GET", "/Encounter/1"), {"headers": reader}, 404, "not-found"),
        (("GET", "/Slot/1"), {"headers": reader}, 404, "not-found"),
        (("GET", "/Appointment?patient=cli-1"), {}, 401, "login"),
        (("POST", "/Appointment"), {"headers": reader}, 405, "not-supported"),
        (("PUT", "/Claim/clm-1"), {"headers": reader}, 405, "not-supported"),
        (submit, {"headers": {**reader, **JSON}, "data": b"{}"}, 403, "forbidden"),
        (submit, {"headers": gateway.bearer("billing"), "data": b"{}"}, 415, "structure"),
        (submit, {"headers": biller, "data": b"{}"}, 422, "business-rule"),
        (submit, {"headers": biller, "data": b" " * (FILE_LIMIT + 1)}, 413, "too-long"),
    ]
    for (method, path), options, status, code in cases:
        answer = ask(gateway, method, path, **options)
        assert (answer.status_code, issue(answer)) == (status, code), (method, path)


def test_other_paths_still_answer_problems(gateway: Any) -> None:
    assert gateway.send("GET", "/v1/nothing").status_code == 404
