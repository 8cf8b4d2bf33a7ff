"""FHIR's paths of the running gateway, billing standing in: bytes as they are, errors told so."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from clinic_contracts.billing import fhir as f
from clinic_contracts.billing import operations as op
from clinic_contracts.context import CallContext
from clinic_contracts.errors import ClaimUnfit, NotFound
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


@pytest.fixture(scope="module", autouse=True)
def billing(amqp_uri: str) -> Iterator[None]:
    with running(Billing, {"amqp_uri": amqp_uri}):
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
    kinds = [each["type"] for each in rest["resource"]]
    assert kinds == ["Claim", "ClaimResponse", "Coverage", "Invoice"]


def test_a_resource_is_carried_as_it_is_for_whom_it_may_be_shown(gateway: Any) -> None:
    answer = ask(gateway, "GET", "/Invoice/inv-1", headers=gateway.bearer("auditor"))
    assert (answer.status_code, answer.content) == (200, INVOICE)
    made = NewKey(name="one", role="billing", location_ids=("loc_1",))
    _id, key = Accounts(gateway.database).keys.make(made)
    ask(gateway, "GET", "/Invoice/inv-1", headers={"Authorization": f"Bearer {key}"})
    request, context = ASKED[-1]
    assert (request.resource_type, request.resource_id) == ("Invoice", "inv-1")
    assert context.location_scope == ("loc_1",)


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
        (("GET", "/Patient/1"), {"headers": reader}, 404, "not-found"),
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
