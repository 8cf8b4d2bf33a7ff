"""What telling and delivering need of the outside, said by them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from clinic_contracts.notification.webhooks import ListWebhookDeliveries, WebhookDeliveryView
from notification.webhooks.domain import Delivery, Endpoint


class Endpoints(Protocol):
    """The endpoints, their secrets sealed."""

    def add(self, endpoint: Endpoint) -> bool:
        """Keep a new endpoint; say whether there was none by its id."""

    def get(self, id_: str) -> Endpoint | None:
        """Return an endpoint."""

    def every(self) -> Sequence[Endpoint]:
        """Return all endpoints, oldest first."""

    def rotate(self, before: Endpoint, after: Endpoint) -> bool:
        """Keep an endpoint's new secrets, unless it has others than ``before`` by now."""

    def disable(self, id_: str) -> None:
        """Have an endpoint be told no more."""

    def remove(self, id_: str) -> None:
        """Forget an endpoint."""


class Deliveries(Protocol):
    """The deliveries, one of each event and endpoint."""

    def plan(self, deliveries: Sequence[Delivery], now: datetime) -> None:
        """Schedule those deliveries that are not known yet, due at once."""

    def take(self, now: datetime, without: Collection[str]) -> Delivery | None:
        """Take the delivery due the longest, for a while and counting the attempt.

        Those of the endpoints ``without`` are left.
        """

    def ended(
        self, delivery: Delivery, state: str, reason: str, answer: int | None, now: datetime
    ) -> None:
        """Record that a delivery was delivered, failed or skipped, unless another has it by now."""

    def delay(self, delivery: Delivery, until: datetime, reason: str, answer: int | None) -> None:
        """Have a delivery come up again, unless another has it by now."""

    def again(self, endpoint_id: str, id_: str, reason: str, now: datetime) -> bool:
        """Have a delivery that is not being sent come up now; say whether there is such a one."""

    def get(self, endpoint_id: str, id_: str) -> WebhookDeliveryView | None:
        """Return a delivery of an endpoint."""

    def page(
        self, request: ListWebhookDeliveries
    ) -> tuple[tuple[WebhookDeliveryView, ...], str | None]:
        """Return a page, newest first, and the cursor of the next one; raises Invalid."""


class Poster(Protocol):
    """The way to an endpoint."""

    def post(
        self, url: str, webhook_id: str, body: str, secrets: Sequence[str], at: datetime
    ) -> int:
        """Post a body, signed with each of the secrets, and return the HTTP status answered.

        Raises NotDeliveredError when there is no answer, UndeliverableError when the address is
        not one that may be posted to.
        """
