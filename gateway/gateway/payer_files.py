"""Payers' files as they come, and claims as they go: raw, and never looked into here."""

import base64

from clinic_contracts.billing import operations as op
from clinic_contracts.billing.payer_files import FileView
from clinic_contracts.context import CallContext
from clinic_runtime.rpc import RpcClient
from gateway.http.answers import json_answer
from gateway.http.errors import UnsupportedMediaType
from gateway.http.messages import Request, Response
from gateway.http.parsing import FILE_TYPES
from gateway.routing import OwnCall

TAG = "Claims"
ACCEPTED = 202
GIVEN = (
    "application/edi-x12",
    "application/fhir+json",
    "application/octet-stream",
    "text/html",
    "text/plain",
)
"""What claims and payers' files are: HTML is a packet to print, plain text Teleplan's."""
SECONDS = 20.0
"""A remittance of thousands of claims is posted in one transaction."""


def _taking(name: str, summary: str) -> OwnCall:
    return OwnCall(
        method="POST",
        path=f"/v1/{name}",
        name=f"take_{name}",
        summary=summary,
        tag=TAG,
        action="bill",
        answer=FileView,
        status=ACCEPTED,
        refusals=(413, 415, 422, 503),
        takes=tuple(sorted(FILE_TYPES)),
    )


TAKING = (
    _taking("acknowledgements", "Hand in a payer's word on files or claims that were sent."),
    _taking("remittances", "Hand in a payer's decisions and payment."),
)

READ_FILE = OwnCall(
    method="GET",
    path="/v1/remittances/<file_id>/file",
    name="read_payer_file",
    summary="A payer's file as it came, byte by byte, whatever became of it.",
    tag=TAG,
    action="bill",
    answer="application/octet-stream",
    gives=GIVEN,
    refusals=(404, 422, 503),
)
READ_CLAIM = OwnCall(
    method="GET",
    path="/v1/claims/<claim_id>/file",
    name="read_claim_file",
    summary="A claim as its payer gets it: X12, FHIR, Teleplan or a packet to print.",
    tag=TAG,
    action="bill",
    answer="application/octet-stream",
    gives=GIVEN,
    refusals=(404, 409, 422, 503),
)


READ = {READ_FILE: op.READ_FILE, READ_CLAIM: op.GET_CLAIM_FILE}
"""Files that are handed out, and what of billing's has them."""


def take(request: Request, rpc: RpcClient, context: CallContext) -> Response:
    """Hand a file to billing; the same one again is answered as the first time.

    Raises UnsupportedMediaType for what is not declared as a file of a payer.
    """
    if request.media_type not in FILE_TYPES:
        raise UnsupportedMediaType(f"send it as one of {', '.join(sorted(FILE_TYPES))}")
    asked = {
        "content_base64": base64.b64encode(request.body).decode(),
        "content_type": request.media_type,
    }
    return json_answer(rpc.call(op.TAKE_FILE, asked, context, SECONDS), ACCEPTED)
