"""Webhook endpoints, and what was delivered to them."""

from clinic_contracts.notification import operations as op
from gateway.routing import Route

TAG = "Webhooks"
ENDPOINTS = "/v1/webhook-endpoints"
ENDPOINT = f"{ENDPOINTS}/<endpoint_id>"
DELIVERIES = f"{ENDPOINT}/deliveries"

ROUTES = (
    # Keyed, so that a secret does not lie in the gateway's record of what it answered.
    Route("POST", ENDPOINTS, op.CREATE_WEBHOOK_ENDPOINT, "own", TAG, 201, keyed=True),
    Route("GET", ENDPOINTS, op.LIST_WEBHOOK_ENDPOINTS, "manage", TAG),
    Route("DELETE", ENDPOINT, op.DELETE_WEBHOOK_ENDPOINT, "own", TAG),
    Route("POST", f"{ENDPOINT}/rotate-secret", op.ROTATE_WEBHOOK_SECRET, "own", TAG, keyed=True),
    Route("GET", DELIVERIES, op.LIST_WEBHOOK_DELIVERIES, "manage", TAG),
    Route("POST", f"{DELIVERIES}/<delivery_id>/redeliver", op.REDELIVER_WEBHOOK, "manage", TAG),
)
