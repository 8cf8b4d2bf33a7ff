"""Webhook endpoints: where a clinic's own programs are told of events, and what reached them.

What is posted follows Standard Webhooks (the specification of standardwebhooks.com): the body is
``{"type", "timestamp", "data"}``; the headers ``webhook-id``, ``webhook-timestamp`` and
``webhook-signature``.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from clinic_contracts.constraints import Cursor, Instant, Items, Limit, PathId, Text

WebhookEvent = Literal[
    "billing.invoice_issued.v1",
    "billing.invoice_voided.v1",
    "billing.payment_received.v1",
    "billing.payment_refunded.v1",
    "billing.claim_changed.v1",
]
"""The events that an endpoint can be told of."""

Url = Annotated[str, Text(min=8, max=1000, pattern=r"[!-~]+", hint="an address in ASCII")]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateWebhookEndpoint:
    """Have an address told of events of some types, at the caller's locations, from now on."""

    url: Url
    event_types: Annotated[tuple[WebhookEvent, ...], Items(min=1, max=20)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListWebhookEndpoints:
    """The webhook endpoints, oldest first; there are at most twenty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteWebhookEndpoint:
    """Tell an address no more."""

    endpoint_id: PathId


@dataclass(frozen=True, slots=True, kw_only=True)
class RotateWebhookSecret:
    """Sign with a new secret; for 24 hours also with the one before, so that both are accepted."""

    endpoint_id: PathId


@dataclass(frozen=True, slots=True, kw_only=True)
class ListWebhookDeliveries:
    """A page of an endpoint's deliveries, newest first; they are kept for 30 days."""

    endpoint_id: PathId
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RedeliverWebhook:
    """Deliver once more, now: under the same ``webhook-id``, by which a receiver knows it."""

    endpoint_id: PathId
    delivery_id: PathId


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEndpointView:
    """An endpoint: ``status`` is enabled, or disabled once it answered 410 Gone."""

    id: str
    url: str
    event_types: tuple[str, ...]
    status: str
    created_at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSecretView(WebhookEndpointView):
    """An endpoint and its ``whsec_`` secret, which is shown this once."""

    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEndpointList:
    """The webhook endpoints."""

    items: tuple[WebhookEndpointView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEndpointDeleted:
    """An endpoint is no more."""

    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookDeliveryView:
    """A delivery: ``state`` is scheduled, sending, delivered, failed or skipped.

    ``webhook_id`` is what its receiver knows it by; ``attempts`` counts the tries since it was last
    asked for; ``answer`` is the HTTP status of the last one, None when there was no answer.
    """

    id: str
    endpoint_id: str
    webhook_id: str
    event_type: str
    state: str
    reason: str
    attempts: int
    answer: int | None
    created_at: Instant
    due_at: Instant | None = None
    delivered_at: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookDeliveryPage:
    """A page of deliveries."""

    items: tuple[WebhookDeliveryView, ...]
    next: str | None = None
