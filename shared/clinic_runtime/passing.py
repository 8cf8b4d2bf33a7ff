"""Events seen as they pass: no queue is left behind, nothing is kept, nothing is acknowledged.

For what a process keeps in memory and can ask for anew. Effects need ``events``: what passes while
the process or its connection is away is not seen.
"""

from collections.abc import Callable
from typing import Any

import amqp
from nameko.extensions import DependencyProvider

from clinic_runtime import topology
from clinic_runtime.ids import ulid
from clinic_runtime.link import Link
from clinic_runtime.observability import get_logger
from clinic_runtime.packing import unpacked

log = get_logger(__name__)


class Passing(DependencyProvider):  # type: ignore[misc]  # nameko is untyped
    """Shows some producers' events to one object of the process, which workers get.

    The object has ``seen(event)``, ``connected()`` once it sees all that is published from then on,
    and ``lost()`` when it no longer does. None of them may block.
    """

    link = Link()

    def __init__(self, make: Callable[[], Any], *producers: str) -> None:
        """Take what makes the object, and whose events it is shown."""
        self.make = make
        self.producers = producers
        self.shown_to: Any = None

    def setup(self) -> None:
        """Make the object and wait for connections."""
        self.shown_to = self.make()
        self.link.attach(self._connected, self.shown_to.lost)

    def get_dependency(self, worker_ctx: Any) -> Any:  # noqa: ANN401, ARG002 (nameko's hook)
        """Return the object."""
        return self.shown_to

    def _connected(self, connection: Any) -> None:  # noqa: ANN401 (amqp is untyped)
        sources = {producer: topology.exchange(producer) for producer in self.producers}
        for source in sources.values():
            _ensure(connection, source)
        channel = connection.channel()
        name = topology.passing_queue(self.container.service_name, ulid())
        channel.queue_declare(name, exclusive=True, durable=False, auto_delete=True)
        for producer, source in sources.items():
            channel.queue_bind(name, source, f"{producer}.#")
        channel.basic_consume(name, no_ack=True, callback=self._passed)
        self.shown_to.connected()

    def _passed(self, message: Any) -> None:  # noqa: ANN401
        for delivery in unpacked(message):
            if delivery.document is None:
                log.warning("event.unreadable")
            self.shown_to.seen(delivery.document or {})


def _ensure(connection: Any, source: str) -> None:  # noqa: ANN401
    """Make the exchange where no definitions did; where they did, one may not."""
    channel = connection.channel()
    try:
        channel.exchange_declare(source, "topic", passive=True)
    except amqp.NotFound:  # which closed the channel
        channel = connection.channel()
        channel.exchange_declare(source, "topic", durable=True, auto_delete=False)
    channel.close()
