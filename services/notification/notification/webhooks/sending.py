"""Delivering what is due: post, then record what the endpoint answered."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from notification.ports import NotDeliveredError, UndeliverableError
from notification.webhooks.domain import (
    TRIES,
    Delivery,
    Endpoint,
    failure,
    next_try,
    outcome,
)
from notification.webhooks.ports import Deliveries, Endpoints, Poster

BATCH = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Courier:
    """Delivers what is due; ``report`` is told of errors of ours, by delivery id.

    ``jitter`` returns any number from 0 to 1.
    """

    endpoints: Endpoints
    deliveries: Deliveries
    poster: Poster
    clock: Callable[[], datetime]
    jitter: Callable[[], float]
    report: Callable[[str, Exception], None]

    def send_due(self) -> int:
        """Deal with up to a hundred due deliveries; return how many there were.

        An endpoint that fails is left alone for the rest of the round: it may have taken all the
        time it has, and the others wait.
        """
        failing: set[str] = set()
        for count in range(BATCH):
            delivery = self.deliveries.take(self.clock(), failing)
            if delivery is None:
                return count
            try:
                well = self._deal(delivery)
            except Exception as error:  # noqa: BLE001 (one delivery never holds up the others)
                self.report(delivery.id, error)
                self._try_again(delivery, f"an error of ours: {type(error).__name__}", None)
                well = False
            if not well:
                failing.add(delivery.endpoint_id)
        return BATCH

    def _deal(self, delivery: Delivery) -> bool:
        """Post a delivery and record the outcome; say whether the endpoint is well."""
        now = self.clock()
        endpoint = self.endpoints.get(delivery.endpoint_id)
        if endpoint is None or endpoint.status == "disabled":
            why = "deleted" if endpoint is None else "disabled"
            self.deliveries.ended(delivery, "skipped", f"the endpoint was {why}", None, now)
            return True
        if delivery.attempts > TRIES:
            reason = f"given up: {TRIES} senders ended while they had it"
            self.deliveries.ended(delivery, "failed", reason, None, now)
            return True
        try:
            status = self._posted(endpoint, delivery)
        except UndeliverableError as error:
            self.deliveries.ended(delivery, "failed", str(error), None, self.clock())
        except NotDeliveredError as error:
            self._try_again(delivery, str(error), None)
        else:
            return self._answered(delivery, status)
        return False

    def _posted(self, endpoint: Endpoint, delivery: Delivery) -> int:
        now = self.clock()
        secrets = endpoint.signing(now)
        return self.poster.post(endpoint.url, delivery.event_id, delivery.body, secrets, now)

    def _answered(self, delivery: Delivery, status: int) -> bool:
        match outcome(status):
            case "delivered":
                self.deliveries.ended(delivery, "delivered", "", status, self.clock())
                return True
            case "gone":
                self.endpoints.disable(delivery.endpoint_id)
                reason = "the endpoint is gone, and was disabled"
                self.deliveries.ended(delivery, "failed", reason, status, self.clock())
                return True
            case "failed":
                self._try_again(delivery, failure(status), status)
                return False

    def _try_again(self, delivery: Delivery, reason: str, answer: int | None) -> None:
        now = self.clock()
        until = next_try(delivery.attempts, now, self.jitter())
        if until is None:
            self.deliveries.ended(delivery, "failed", reason, answer, now)
        else:
            self.deliveries.delay(delivery, until, reason, answer)
