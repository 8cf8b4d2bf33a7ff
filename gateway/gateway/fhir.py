"""FHIR R4 under ``/fhir/R4``: services' resources carried as they are, and what can be asked."""

import base64
from typing import Any

from clinic_contracts.billing import operations as billing
from clinic_contracts.booking import operations as booking
from clinic_contracts.client_profile import operations as client_profile
from clinic_contracts.context import CallContext
from clinic_contracts.errors import Invalid
from clinic_contracts.operations import Operation
from clinic_runtime import wire
from clinic_runtime.rpc import RpcClient
from gateway.fhir_parameters import Parameter
from gateway.fhir_searches import BASE, SEARCHES, asked, bundle, in_its_words
from gateway.http.cursors import Cursors
from gateway.http.errors import UnsupportedMediaType
from gateway.http.messages import Request, Response
from gateway.http.outcomes import FHIR_JSON
from gateway.routing import OwnCall

TAG = "FHIR"
VERSION = "4.0.1"
SINCE = "2026-11-28"
"""When what can be asked here last changed (CapabilityStatement.date)."""
TAKEN = ("application/fhir+json", "application/json")
READABLE = {
    "Appointment": "A visit.",
    "Claim": "A claim, as a payer gets it in FHIR.",
    "ClaimResponse": "What its payer last said of a claim, by the claim's id.",
    "Coverage": "A client's policy.",
    "Invoice": "An invoice.",
    "Location": "A location.",
    "Patient": "A client.",
    "Practitioner": "Who treats.",
    "Schedule": "A practitioner's at a location: its id is theirs, with a full stop between.",
}
BEHIND: dict[str, Operation] = {
    **dict.fromkeys(
        ("Appointment", "Location", "Practitioner", "Schedule"), booking.GET_FHIR_RESOURCE
    ),
    **dict.fromkeys(("Claim", "ClaimResponse", "Coverage", "Invoice"), billing.GET_FHIR_RESOURCE),
    "Patient": client_profile.GET_FHIR_RESOURCE,
}
"""Who makes which resource."""

METADATA = OwnCall(
    method="GET",
    path=f"{BASE}/metadata",
    name="fhir_metadata",
    summary="What can be asked in FHIR (CapabilityStatement).",
    tag=TAG,
    action="public",
    answer=FHIR_JSON,
)
READ = tuple(
    OwnCall(
        method="GET",
        path=f"{BASE}/{kind}/<resource_id>",
        name=f"fhir_read_{kind.lower()}",
        summary=summary,
        tag=TAG,
        action="read",
        answer=FHIR_JSON,
        refusals=(404, 422, 503),
    )
    for kind, summary in READABLE.items()
)
SEARCH = {
    OwnCall(
        method="GET",
        path=f"{BASE}/{search.resource}",
        name=f"fhir_search_{search.resource.lower()}",
        summary=search.summary,
        tag=TAG,
        action="read",
        answer=FHIR_JSON,
        refusals=(404, 422, 503),
        parameters=search.parameters,
    ): search
    for search in SEARCHES.values()
}
SUBMIT = OwnCall(
    method="POST",
    path=f"{BASE}/Claim/$submit",
    name="fhir_submit_claim",
    summary="Fill in a drafted claim by a Claim resource, and send it to its payer.",
    tag=TAG,
    action="bill",
    answer=FHIR_JSON,
    refusals=(404, 409, 413, 415, 422, 503),
    takes=TAKEN,
)
FHIR = (METADATA, *READ, *SEARCH, SUBMIT)


def metadata() -> Response:
    """Return the CapabilityStatement."""
    return _answer(wire.encode(CAPABILITIES))


def read(request: Request, call: OwnCall, rpc: RpcClient, context: CallContext) -> Response:
    """Return a record as the resource that the path names."""
    kind = call.path.removeprefix(BASE).split("/")[1]
    named = {"resource_type": kind, **request.path_values}
    return _carried(rpc.call(BEHIND[kind], named, context))


def search(
    request: Request, call: OwnCall, rpc: RpcClient, context: CallContext, cursors: Cursors
) -> Response:
    """Return a page of what is searched for as a Bundle; raises Invalid."""
    what = SEARCH[call]
    document = asked(what, request)
    if "cursor" in document:
        document["cursor"] = cursors.read(call.path, document["cursor"], "_cursor")
    try:
        page = rpc.call(what.operation, document, context, lenient=True)
    except Invalid as error:
        raise in_its_words(what, error) from error
    following = cursors.signed(call.path, page.get("next"))
    return _answer(bundle(what, request, page["content_base64"], following))


def submit(request: Request, rpc: RpcClient, context: CallContext) -> Response:
    """Hand a Claim to billing; raises UnsupportedMediaType for what is not declared as JSON."""
    if request.media_type not in TAKEN:
        raise UnsupportedMediaType(f"send it as one of {', '.join(TAKEN)}")
    document = {"content_base64": base64.b64encode(request.body).decode()}
    return _carried(rpc.call(billing.SUBMIT_FHIR_CLAIM, document, context))


def _carried(resource: dict[str, str]) -> Response:
    return _answer(base64.b64decode(resource["content_base64"]))


def _answer(raw: bytes) -> Response:
    return Response(200, {"Content-Type": FHIR_JSON}, raw)


def _resource(kind: str) -> dict[str, Any]:
    offered = [("read", kind in READABLE), ("search-type", kind in SEARCHES)]
    described: dict[str, Any] = {
        "type": kind,
        "interaction": [{"code": code} for code, is_offered in offered if is_offered],
    }
    if kind in SEARCHES:
        # _count and its like are of every search, not of a resource.
        own = [each for each in SEARCHES[kind].parameters if not each.name.startswith("_")]
        described["searchParam"] = [_parameter(each) for each in own]
    if kind == "Claim":
        definition = "http://hl7.org/fhir/OperationDefinition/Claim-submit"
        described["operation"] = [{"name": "submit", "definition": definition}]
    return described


def _parameter(parameter: Parameter) -> dict[str, str]:
    told = {"name": parameter.name, "type": parameter.kind}
    return {**told, "documentation": parameter.text}


CAPABILITIES: dict[str, Any] = {
    "resourceType": "CapabilityStatement",
    "status": "active",
    "date": SINCE,
    "kind": "instance",
    "software": {"name": "ClinicOps"},
    "implementation": {
        "description": "Visits, clients, claims, policies and invoices of a chain of clinics"
    },
    "fhirVersion": VERSION,
    "format": [FHIR_JSON],
    "rest": [
        {
            "mode": "server",
            "documentation": "What is searched for comes in pages of _count: follow the link next. "
            "A parameter that is not listed is refused. "
            "Claim/$submit fills in a claim that was drafted here, named by its "
            "number or its id; it never makes one, and what it asks for must be what was drafted.",
            "security": {"description": "An API key, as a Bearer token"},
            "resource": [_resource(kind) for kind in sorted({*READABLE, *SEARCHES})],
        }
    ],
}
"""FHIR R4, CapabilityStatement; an instance must say what it is an implementation of (cpb-15)."""
