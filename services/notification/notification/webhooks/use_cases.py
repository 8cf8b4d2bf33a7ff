"""What is done about webhooks when told or asked, one function each; ``sending`` delivers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from clinic_contracts.context import CallContext
from clinic_contracts.envelope import Event
from clinic_contracts.errors import IdempotencyMismatch, IllegalTransition, Invalid, NotFound
from clinic_contracts.notification import webhooks as w
from notification.webhooks.addresses import check_url
from notification.webhooks.domain import Delivery, Endpoint, Secret, body_of, is_told
from notification.webhooks.ports import Deliveries, Endpoints

MOST_ENDPOINTS = 20
TRIES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What the use cases work with; ``private`` allows private addresses, and no TLS."""

    endpoints: Endpoints
    deliveries: Deliveries
    context: CallContext
    now: datetime
    private: bool
    new_secret: Callable[[], str]
    derived_id: Callable[..., str]


def tell(event: Event, desk: Desk) -> None:
    """Plan a delivery of an event for each endpoint that hears of it, one however often told."""
    if not is_told(event, desk.now):
        return
    planned = [
        Delivery(
            id=desk.derived_id("whd", endpoint.id, event.id),
            endpoint_id=endpoint.id,
            event_id=event.id,
            event_type=event.type,
            body=body_of(event),
        )
        for endpoint in desk.endpoints.every()
        if endpoint.hears(event)
    ]
    desk.deliveries.plan(planned, desk.now)


def create_endpoint(request: w.CreateWebhookEndpoint, desk: Desk) -> w.WebhookSecretView:
    """Create an endpoint, or answer a repeat of the same operation as it was answered.

    Raises Invalid for an address that may not be posted to, and when there are twenty already.
    """
    check_url(request.url, private=desk.private)
    endpoint = Endpoint(
        id=desk.derived_id("whe", desk.context.operation_id),
        url=request.url,
        event_types=tuple(dict.fromkeys(request.event_types)),
        location_ids=desk.context.location_scope,
        created_at=desk.now,
        secrets=(_new_secret(desk),),
    )
    known = desk.endpoints.get(endpoint.id)
    if known is None:
        if len(desk.endpoints.every()) >= MOST_ENDPOINTS:
            detail = f"there are {MOST_ENDPOINTS} webhook endpoints already: delete one"
            raise Invalid(detail, errors={"url": [detail]})
        if desk.endpoints.add(endpoint):
            return _shown(endpoint, endpoint.secrets[0])
        known = get_endpoint(endpoint.id, desk)
    secret = _made_before(known, desk.context)
    if secret is None:
        raise NotFound("the secret that this request made was replaced since")
    return _shown(known, secret)


def rotate_secret(request: w.RotateWebhookSecret, desk: Desk) -> w.WebhookSecretView:
    """Give an endpoint a new secret, beside which the one before signs for another day.

    Raises NotFound.
    """
    for _ in range(TRIES):
        endpoint = get_endpoint(request.endpoint_id, desk)
        secret = _made_before(endpoint, desk.context)
        if secret is not None:
            return _shown(endpoint, secret)
        after = endpoint.rotated(_new_secret(desk), desk.now)
        if desk.endpoints.rotate(endpoint, after):
            return _shown(after, after.secrets[0])
    raise IllegalTransition("webhook endpoint", "being rotated by others", "rotated")


def list_endpoints(desk: Desk) -> w.WebhookEndpointList:
    """Return the endpoints that the caller may see."""
    seen = [each for each in desk.endpoints.every() if desk.context.sees_whole(each.location_ids)]
    return w.WebhookEndpointList(items=tuple(map(_view, seen)))


def delete_endpoint(request: w.DeleteWebhookEndpoint, desk: Desk) -> w.WebhookEndpointDeleted:
    """Forget an endpoint; what waits to be delivered to it is skipped. Raises NotFound."""
    endpoint = get_endpoint(request.endpoint_id, desk)
    desk.endpoints.remove(endpoint.id)
    return w.WebhookEndpointDeleted(id=endpoint.id)


def list_deliveries(request: w.ListWebhookDeliveries, desk: Desk) -> w.WebhookDeliveryPage:
    """Return a page of an endpoint's deliveries, newest first; raises NotFound, Invalid."""
    get_endpoint(request.endpoint_id, desk)
    items, following = desk.deliveries.page(request)
    return w.WebhookDeliveryPage(items=items, next=following)


def redeliver(request: w.RedeliverWebhook, desk: Desk) -> w.WebhookDeliveryView:
    """Have a delivery made again, whatever became of it; raises NotFound, IllegalTransition."""
    endpoint = get_endpoint(request.endpoint_id, desk)
    if endpoint.status == "disabled":
        raise IllegalTransition("webhook endpoint", "disabled", "delivered to")
    reason = f"asked for again by {desk.context.actor}"
    done = desk.deliveries.again(endpoint.id, request.delivery_id, reason, desk.now)
    found = desk.deliveries.get(endpoint.id, request.delivery_id)
    if found is None:
        raise NotFound(f"there is no delivery {request.delivery_id} of this endpoint")
    if not done:
        raise IllegalTransition("webhook delivery", "sending", "scheduled")
    return found


def get_endpoint(id_: str, desk: Desk) -> Endpoint:
    """Return an endpoint; raises NotFound, also when it is told of locations not the caller's."""
    found = desk.endpoints.get(id_)
    if found is None or not desk.context.sees_whole(found.location_ids):
        raise NotFound(f"there is no webhook endpoint {id_}")
    return found


def _new_secret(desk: Desk) -> Secret:
    return Secret(
        value=desk.new_secret(),
        operation_id=desk.context.operation_id,
        fingerprint=desk.context.fingerprint,
    )


def _made_before(endpoint: Endpoint, context: CallContext) -> Secret | None:
    """Return the secret this very operation made; raises IdempotencyMismatch if another did."""
    secret = endpoint.made_by(context.operation_id)
    if secret is not None and secret.fingerprint != context.fingerprint:
        raise IdempotencyMismatch("the Idempotency-Key was used before with another request")
    return secret


def _view(endpoint: Endpoint) -> w.WebhookEndpointView:
    return w.WebhookEndpointView(
        id=endpoint.id,
        url=endpoint.url,
        event_types=endpoint.event_types,
        status=endpoint.status,
        created_at=endpoint.created_at,
    )


def _shown(endpoint: Endpoint, secret: Secret) -> w.WebhookSecretView:
    return w.WebhookSecretView(
        id=endpoint.id,
        url=endpoint.url,
        event_types=endpoint.event_types,
        status=endpoint.status,
        created_at=endpoint.created_at,
        secret=secret.value,
    )
