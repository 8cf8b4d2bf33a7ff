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
    """The messages of one channel that are not settled yet, with how many events each still owes.

    What came over a channel that is gone, the broker delivers again by itself.
    """

    def __init__(self, channel: Any) -> None:  # noqa: ANN401 (amqp is untyped)
        """Start with none."""
        self.channel = channel
        self.owed: dict[int, int] = {}
        self.done: list[int] = []

    def take(self, message: Any, events: int = 1) -> None:  # noqa: ANN401
        """Have a message in hand."""
        self.owed[message.delivery_tag] = events

    def settle(self, message: Any, events: int = 1) -> None:  # noqa: ANN401
        """Be done with events of a message for good.

        With its last event it is acknowledged, with the others that end in this turn of the hub.
        """
        tag = message.delivery_tag
        if message.channel is not self.channel or tag not in self.owed:
            return
        self.owed[tag] -= events
        if self.owed[tag]:
            return
        del self.owed[tag]
        self.done.append(tag)
        if len(self.done) == 1:
            eventlet.spawn_n(self._acknowledge)

    def _acknowledge(self) -> None:
        """Acknowledge in one word what came before the oldest still in hand, else one by one."""
        done, self.done = sorted(self.done), []
        oldest = min(self.owed, default=done[-1] + 1)
        together = [tag for tag in done if tag < oldest]
        try:
            if together:
                self.channel.basic_ack(together[-1], multiple=True)
            for tag in done[len(together) :]:
                self.channel.basic_ack(tag)
        except (amqp.AMQPError, OSError, AttributeError) as error:
            log.warning("event.ack_lost", error=repr(error))  # the broker will deliver it again

    def give_back(self, message: Any) -> None:  # noqa: ANN401
        """Have the broker deliver all of it again."""
        if message.channel is not self.channel or message.delivery_tag not in self.owed:
            return
        del self.owed[message.delivery_tag]
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
