"""How much waits in queues, asked of the broker without its management plugin."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import amqp

from clinic_contracts.operations import QueueView
from clinic_runtime.link import open_connection


class Counter:
    """Counts over a connection of its own: asking for a queue that is absent ends a channel."""

    def __init__(self, connection: Any) -> None:  # noqa: ANN401 (amqp is untyped)
        """Take a connection that nothing else reads from."""
        self.connection = connection
        self.channel: Any = None

    def count(self, name: str) -> QueueView | None:
        """Return what waits in a queue, or None if there is no such queue."""
        if self.channel is None:
            self.channel = self.connection.channel()
        try:
            found = self.channel.queue_declare(name, passive=True)
        except amqp.NotFound:
            self.channel = None
            return None
        return QueueView(name=name, ready=found.message_count, consumers=found.consumer_count)

    def count_all(self, names: Iterable[str]) -> tuple[QueueView, ...]:
        """Return those of the queues that exist."""
        return tuple(found for name in names if (found := self.count(name)) is not None)


@contextmanager
def counting(amqp_uri: str) -> Iterator[Counter]:
    """Open a counter; raises OSError when the broker cannot be reached."""
    connection = open_connection(amqp_uri, heartbeat=0)
    try:
        yield Counter(connection)
    finally:
        connection.close()
