"""Deliveries whose effect is done: recorded, then acknowledged, those that end together at once."""

from typing import Any

import amqp
import eventlet
from pymongo import ASCENDING
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from clinic_contracts import envelope
from clinic_runtime import grouped
from clinic_runtime.observability import get_logger

log = get_logger(__name__)
Document = dict[str, Any]
INBOX_DAYS = 90


def ensure_inbox(database: Database[Document]) -> None:
    """Make the index by which rows go once nothing is delivered again."""
    database["inbox"].create_index(
        [("occurred_at", ASCENDING)], expireAfterSeconds=INBOX_DAYS * 86_400
    )


class Hand:
    """The deliveries of one channel that are not settled yet.

    What came over a channel that is gone, the broker delivers again by itself.
    """

    def __init__(self, channel: Any) -> None:  # noqa: ANN401 (amqp is untyped)
        """Start with none."""
        self.channel = channel
        self.tags: set[int] = set()
        self.done: list[int] = []

    def take(self, message: Any) -> None:  # noqa: ANN401
        """Have a delivery in hand."""
        self.tags.add(message.delivery_tag)

    def acknowledge(self, message: Any) -> None:  # noqa: ANN401
        """Settle a delivery for good, with the others that end in this turn of the hub."""
        if message.channel is not self.channel:
            return
        self.tags.discard(message.delivery_tag)
        self.done.append(message.delivery_tag)
        if len(self.done) == 1:
            eventlet.spawn_n(self._acknowledge)

    def _acknowledge(self) -> None:
        """Acknowledge in one word what came before the oldest still in hand, else one by one."""
        done, self.done = sorted(self.done), []
        oldest = min(self.tags, default=done[-1] + 1)
        together = [tag for tag in done if tag < oldest]
        try:
            if together:
                self.channel.basic_ack(together[-1], multiple=True)
            for tag in done[len(together) :]:
                self.channel.basic_ack(tag)
        except (amqp.AMQPError, OSError, AttributeError) as error:
            log.warning("event.ack_lost", error=repr(error))  # the broker will deliver it again

    def give_back(self, message: Any) -> None:  # noqa: ANN401
        """Have the broker deliver it again."""
        if message.channel is not self.channel:
            return
        self.tags.discard(message.delivery_tag)
        try:
            self.channel.basic_reject(message.delivery_tag, requeue=True)
        except (amqp.AMQPError, OSError, AttributeError) as error:
            log.warning("event.ack_lost", error=repr(error))


def record(database: Database[Document], event: envelope.Event) -> str:
    """Return ``handled``, or ``duplicate`` when it was recorded before.

    Those that end while one write runs share the next. Raises PyMongoError.
    """
    row = {
        "_id": event.id,
        "occurred_at": event.occurred_at,
        "type": event.type,
        "correlation_id": event.correlation_id,
    }
    try:
        grouped.insert(database["inbox"], row)
    except DuplicateKeyError:
        return "duplicate"
    return "handled"
