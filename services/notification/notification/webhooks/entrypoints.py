"""The service's entrypoints about webhooks; they translate."""

import random
import traceback
from pathlib import Path
from typing import Any

from pymongo.database import Database

from clinic_contracts.context import CallContext
from clinic_contracts.envelope import Event
from clinic_contracts.notification import operations as op
from clinic_contracts.notification import webhooks as w
from clinic_runtime.clock import now
from clinic_runtime.config import Setting
from clinic_runtime.events import handles
from clinic_runtime.ids import derived_id
from clinic_runtime.observability import get_logger
from clinic_runtime.rpc import command
from clinic_runtime.sealing import FieldSealer
from clinic_runtime.timers import every
from notification.repository.webhooks import MongoDeliveries, MongoEndpoints
from notification.webhooks import use_cases
from notification.webhooks.domain import TOLD
from notification.webhooks.posting import HttpPoster, new_secret
from notification.webhooks.sending import Courier

log = get_logger(__name__)


class Webhooks:
    """Tells a clinic's own programs of events."""

    database: Database[dict[str, Any]]
    webhook_sealer = FieldSealer("webhook_key", "CLINIC_WEBHOOK_KEY")
    webhooks_private = Setting("webhooks_private", "0")

    @handles(*TOLD)
    def tell_endpoints(self, event: Event) -> None:
        """Plan the deliveries of an event."""
        use_cases.tell(event, self._webhooks(event.caused()))

    @every(0.5)
    def deliver_webhooks(self) -> None:
        """Deliver what is due."""
        Courier(
            endpoints=self._endpoints(),
            deliveries=MongoDeliveries(self.database),
            poster=HttpPoster(private=self._private()),
            clock=now,
            jitter=random.random,
            report=_report,
        ).send_due()

    @command(op.CREATE_WEBHOOK_ENDPOINT)
    def create_webhook_endpoint(
        self, request: w.CreateWebhookEndpoint, context: CallContext
    ) -> w.WebhookSecretView:
        """Create an endpoint."""
        return use_cases.create_endpoint(request, self._webhooks(context))

    @command(op.LIST_WEBHOOK_ENDPOINTS)
    def list_webhook_endpoints(
        self, _request: w.ListWebhookEndpoints, context: CallContext
    ) -> w.WebhookEndpointList:
        """List the endpoints."""
        return use_cases.list_endpoints(self._webhooks(context))

    @command(op.DELETE_WEBHOOK_ENDPOINT)
    def delete_webhook_endpoint(
        self, request: w.DeleteWebhookEndpoint, context: CallContext
    ) -> w.WebhookEndpointDeleted:
        """Delete an endpoint."""
        return use_cases.delete_endpoint(request, self._webhooks(context))

    @command(op.ROTATE_WEBHOOK_SECRET)
    def rotate_webhook_secret(
        self, request: w.RotateWebhookSecret, context: CallContext
    ) -> w.WebhookSecretView:
        """Give an endpoint a new secret."""
        return use_cases.rotate_secret(request, self._webhooks(context))

    @command(op.LIST_WEBHOOK_DELIVERIES)
    def list_webhook_deliveries(
        self, request: w.ListWebhookDeliveries, context: CallContext
    ) -> w.WebhookDeliveryPage:
        """Return a page of deliveries."""
        return use_cases.list_deliveries(request, self._webhooks(context))

    @command(op.REDELIVER_WEBHOOK)
    def redeliver_webhook(
        self, request: w.RedeliverWebhook, context: CallContext
    ) -> w.WebhookDeliveryView:
        """Deliver once more."""
        return use_cases.redeliver(request, self._webhooks(context))

    def _webhooks(self, context: CallContext) -> use_cases.Desk:
        return use_cases.Desk(
            endpoints=self._endpoints(),
            deliveries=MongoDeliveries(self.database),
            context=context,
            now=now(),
            private=self._private(),
            new_secret=new_secret,
            derived_id=derived_id,
        )

    def _endpoints(self) -> MongoEndpoints:
        return MongoEndpoints(self.database, self.webhook_sealer)

    def _private(self) -> bool:
        return str(self.webhooks_private) == "1"


def _report(delivery_id: str, error: Exception) -> None:
    """Log where an error happened, not what it says: that may quote a secret."""
    frames = traceback.extract_tb(error.__traceback__)
    where = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames]
    log.error("webhook.failed", delivery_id=delivery_id, error=type(error).__name__, where=where)
