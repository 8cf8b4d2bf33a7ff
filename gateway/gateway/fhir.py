"""FHIR R4 under ``/fhir/R4``: billing's resources carried as they are, and what can be asked."""

import base64
from typing import Any

from clinic_contracts.billing import operations as op
from clinic_contracts.context import CallContext
from clinic_runtime import wire
from clinic_runtime.rpc import RpcClient
from gateway.http.errors import UnsupportedMediaType
from gateway.http.messages import Request, Response
from gateway.http.outcomes import FHIR_JSON
from gateway.routing import OwnCall

TAG = "FHIR"
BASE = "/fhir/R4"
VERSION = "4.0.1"
SINCE = "2026-11-28"
"""When what can be asked here last changed (CapabilityStatement.date)."""
TAKEN = ("application/fhir+json", "application/json")
READABLE = {
    "Claim": "A claim, as a payer gets it in FHIR.",
    "ClaimResponse": "What its payer last said of a claim, by the claim's id.",
    "Coverage": "A client's policy.",
    "Invoice": "An invoice.",
}

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
FHIR = (METADATA, *READ, SUBMIT)


def metadata() -> Response:
    """Return the CapabilityStatement."""
    return _answer(wire.encode(CAPABILITIES))


def read(request: Request, call: OwnCall, rpc: RpcClient, context: CallContext) -> Response:
    """Return a record as the resource that the path names."""
    kind = call.path.removeprefix(BASE).split("/")[1]
    asked = {"resource_type": kind, **request.path_values}
    return _carried(rpc.call(op.GET_FHIR_RESOURCE, asked, context))


def submit(request: Request, rpc: RpcClient, context: CallContext) -> Response:
    """Hand a Claim to billing; raises UnsupportedMediaType for what is not declared as JSON."""
    if request.media_type not in TAKEN:
        raise UnsupportedMediaType(f"send it as one of {', '.join(TAKEN)}")
    asked = {"content_base64": base64.b64encode(request.body).decode()}
    return _carried(rpc.call(op.SUBMIT_FHIR_CLAIM, asked, context))


def _carried(resource: dict[str, str]) -> Response:
    return _answer(base64.b64decode(resource["content_base64"]))


def _answer(raw: bytes) -> Response:
    return Response(200, {"Content-Type": FHIR_JSON}, raw)


def _resource(kind: str) -> dict[str, Any]:
    described: dict[str, Any] = {"type": kind, "interaction": [{"code": "read"}]}
    if kind == "Claim":
        definition = "http://hl7.org/fhir/OperationDefinition/Claim-submit"
        described["operation"] = [{"name": "submit", "definition": definition}]
    return described


CAPABILITIES: dict[str, Any] = {
    "resourceType": "CapabilityStatement",
    "status": "active",
    "date": SINCE,
    "kind": "instance",
    "software": {"name": "ClinicOps"},
    "implementation": {"description": "Claims, policies and invoices of a chain of clinics"},
    "fhirVersion": VERSION,
    "format": [FHIR_JSON],
    "rest": [
        {
            "mode": "server",
            "documentation": "Claim/$submit fills in a claim that was drafted here, named by its "
            "number or its id; it never makes one, and what it asks for must be what was drafted.",
            "security": {"description": "An API key, as a Bearer token"},
            "resource": [_resource(kind) for kind in READABLE],
        }
    ],
}
"""FHIR R4, CapabilityStatement; an instance must say what it is an implementation of (cpb-15)."""
