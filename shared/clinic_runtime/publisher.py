"""Publishing with confirms in the pipeline, over the process's one connection."""

from functools import partial
from typing import Any

import amqp
import eventlet
from eventlet.event import Event
from nameko.extensions import SharedExtension

from clinic_runtime.link import BrokerLostError, Link

CONFIRM_SECONDS = 10.0


class ConfirmLateError(BrokerLostError):
    """The broker is connected and does not confirm."""


class RefusedError(BrokerLostError):
    """The broker did not take the messages at ``positions`` of what was published together."""

    def __init__(self, positions: list[int]) -> None:
        """Keep which."""
        super().__init__(f"the broker refused {len(positions)} messages")
        self.positions = positions


class Publisher(SharedExtension):  # type: ignore[misc]  # nameko is untyped
    """Publishes with confirms: ``publish`` returns when the broker has taken every message."""

    link = Link()

    def __init__(self) -> None:
        """Start without a channel."""
        super().__init__()
        self.channel: Any = None
        self.tag = 0
        self.waiting: dict[int, tuple[_Batch, int]] = {}

    def setup(self) -> None:
        """Attach to the link."""
        self.link.attach(self._connected, self._lost)

    def _connected(self, connection: Any) -> None:  # noqa: ANN401
        channel = connection.channel()
        channel.confirm_select()
        channel.events["basic_ack"].add(partial(self._settled, taken=True))
        channel.events["basic_nack"].add(partial(self._settled, taken=False))
        self.tag = 0
        self.channel = channel

    def _lost(self) -> None:
        self.channel = None
        waiting, self.waiting = self.waiting, {}
        for batch, _position in waiting.values():
            batch.fail(BrokerLostError("lost before the broker confirmed"))

    def _settled(self, tag: int, multiple: bool, *, taken: bool) -> None:  # noqa: FBT001 (amqp's)
        for done in [t for t in self.waiting if t <= tag] if multiple else [tag]:
            if done in self.waiting:
                batch, position = self.waiting.pop(done)
                batch.settle(position, taken=taken)

    def publish(self, messages: list[tuple[str, str, Any]]) -> None:
        """Publish ``(exchange, routing key, amqp.Message)`` each.

        Raises BrokerLostError when it is unknown which were taken, RefusedError when it is known.
        """
        batch = _Batch(len(messages))
        for position, (exchange, routing_key, message) in enumerate(messages):
            if self.channel is None:
                reason = "not connected to the broker"
                raise BrokerLostError(reason)
            try:
                # A queue addressed by name must be there: a message that the broker returns ends
                # the connection, and with the next one the queue is declared anew.
                self.channel._basic_publish(  # noqa: SLF001
                    message, exchange=exchange, routing_key=routing_key, mandatory=not exchange
                )
            except (amqp.AMQPError, OSError) as error:
                raise BrokerLostError(str(error)) from error
            # Counted once it is on its way: the broker numbers what it reads.
            self.tag += 1
            self.waiting[self.tag] = batch, position
        try:
            batch.wait()
        except ConfirmLateError:
            self.link.drop()
            raise


class _Batch:
    """Messages published together; done when each is settled, failed when that is unknown."""

    def __init__(self, size: int) -> None:
        self.left = size
        self.refused: list[int] = []
        self.done = Event()
        if not size:
            self.done.send(None)

    def settle(self, position: int, *, taken: bool) -> None:
        self.left -= 1
        if not taken:
            self.refused.append(position)
        if not self.left and not self.done.ready():
            self.done.send(None)

    def fail(self, error: Exception) -> None:
        if not self.done.ready():
            self.done.send_exception(error)

    def wait(self) -> None:
        with eventlet.Timeout(CONFIRM_SECONDS, ConfirmLateError("the broker did not confirm")):
            self.done.wait()
        if self.refused:
            raise RefusedError(self.refused)
