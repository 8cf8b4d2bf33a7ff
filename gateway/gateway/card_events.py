"""What Stripe tells by itself: nobody is signed in, and billing looks at the event's signature."""

import base64

from clinic_contracts.billing import operations as op
from clinic_contracts.billing.card_events import CardEventTaken
from clinic_contracts.context import CallContext
from clinic_contracts.errors import Unauthenticated
from clinic_runtime.ids import ulid
from clinic_runtime.rpc import RpcClient
from gateway.http.answers import json_answer
from gateway.http.messages import Request, Response
from gateway.routing import OwnCall

ACTOR = "system:stripe"
SECONDS = 20.0
"""The processor is asked meanwhile; Stripe waits for longer."""
TAKE = OwnCall(
    method="POST",
    path="/v1/webhooks/stripe",
    name="take_stripe_event",
    summary="Stripe's events of payments and refunds; signed, each taken once.",
    tag="Payments",
    action="public",
    answer=CardEventTaken,
    refusals=(401, 404, 413, 422, 503),
    takes=("application/json",),
)


def take(request: Request, rpc: RpcClient) -> Response:
    """Hand an event to billing, byte by byte as it was signed."""
    signature = request.headers.get("stripe-signature", "")
    if not signature.strip():
        raise Unauthenticated("there is no Stripe-Signature")
    context = CallContext(
        actor=ACTOR,
        correlation_id=request.id,
        operation_id=ulid(),
        traceparent=request.traceparent,
    )
    content = base64.b64encode(request.body).decode()
    asked = {"content_base64": content, "signature": signature}
    return json_answer(rpc.call(op.TAKE_CARD_EVENT, asked, context, SECONDS))
