"""Ask a service and get its answer, or a refusal by code; never a hang, never an exit.

Requests go through the default exchange to ``rpc.<service>``, transient and mandatory: an absent
service is answered by the broker at once. Replies come by direct reply-to on the same channel.
What is asked of a service in one turn of the hub travels as one message, and so do the answers.
"""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import amqp
import eventlet
from eventlet.event import Event
from nameko.extensions import DependencyProvider, SharedExtension

from clinic_contracts import errors
from clinic_contracts.context import CallContext
from clinic_contracts.operations import Operation
from clinic_runtime.link import Link
from clinic_runtime.observability import get_logger
from clinic_runtime.responder import command
from clinic_runtime.topology import rpc_queue
from clinic_runtime.turns import Turns
from clinic_runtime.wire import decode, encode

__all__ = ["RpcClient", "command"]

log = get_logger(__name__)
REPLY_TO = "amq.rabbitmq.reply-to"
DEFAULT_SECONDS = 5.0
RETRY_AFTER = 2
CALLS_A_MESSAGE = 64
"""What one lost message, or one process that ends, can take with it."""


class _Caller(SharedExtension):  # type: ignore[misc]  # nameko is untyped
    """The process's one channel for questions, and who waits for which answer."""

    link = Link()

    def __init__(self) -> None:
        super().__init__()
        self.channel: Any = None
        self.waiting: dict[int, Event] = {}
        self.numbers = itertools.count()
        # A message expires as a whole, so only calls with the same time-out share one.
        self.turns: Turns[tuple[str, int], tuple[int, bytes]] = Turns(
            self._send, size=lambda call: len(call[1]), most=CALLS_A_MESSAGE
        )

    def setup(self) -> None:
        self.link.attach(self._connected, self._lost)

    def _connected(self, connection: Any) -> None:  # noqa: ANN401
        channel = connection.channel()
        channel.basic_consume(REPLY_TO, no_ack=True, callback=self._replied)
        channel.events["basic_return"].add(self._returned)
        self.channel = channel

    def _lost(self) -> None:
        self.channel = None
        self._fail(list(self.waiting), "the broker went away; try again")

    def _replied(self, message: Any) -> None:  # noqa: ANN401
        for number, answer in decode(message.body):
            answered = self.waiting.pop(number, None)
            if answered is not None:  # else its caller gave up
                answered.send(answer)

    def _returned(self, _error: Any, _exchange: str, routing_key: str, message: Any) -> None:  # noqa: ANN401
        numbers = [number for number, _question in decode(message.body)]
        self._fail(numbers, f"the {routing_key.split('.')[1]} service is not available")

    def _fail(self, numbers: Sequence[int], detail: str) -> None:
        for number in numbers:
            answered = self.waiting.pop(number, None)
            if answered is not None:
                answered.send_exception(_unavailable(detail))

    def ask(self, service: str, question: bytes, seconds: float) -> Any:  # noqa: ANN401 (JSON)
        number = next(self.numbers)
        answered = Event()
        late = _unavailable(f"the {service} service did not answer in time")
        with eventlet.Timeout(seconds, late):
            try:
                self.link.ready.wait()
                self.waiting[number] = answered
                self.turns.add((service, int(seconds * 1000)), (number, question))
                return answered.wait()
            finally:
                self.waiting.pop(number, None)

    def _send(self, to: tuple[str, int], calls: Sequence[tuple[int, bytes]]) -> None:
        service, milliseconds = to
        numbers = [number for number, _question in calls]
        message = amqp.Message(
            b"[%b]" % b",".join(b"[%d,%b]" % call for call in calls),
            content_type="application/json",
            delivery_mode=1,
            reply_to=REPLY_TO,
            expiration=str(milliseconds),
        )
        try:
            self.channel._basic_publish(  # noqa: SLF001
                message, exchange="", routing_key=rpc_queue(service).name, mandatory=True
            )
        except Exception as error:  # noqa: BLE001 (whatever it is, they are not to wait for nothing)
            log.warning("rpc.not_sent", error=repr(error))
            self._fail(numbers, "the broker is away; try again")


def _unavailable(detail: str) -> errors.ServiceUnavailable:
    return errors.ServiceUnavailable(detail, retry_after=RETRY_AFTER)


class RpcClient(DependencyProvider):  # type: ignore[misc]  # nameko is untyped
    """Lets a worker ask other services."""

    caller = _Caller()

    def get_dependency(self, worker_ctx: Any) -> "RpcClient":  # noqa: ANN401, ARG002
        """Return this client."""
        return self

    def call(
        self,
        operation: Operation,
        payload: Mapping[str, Any],
        context: CallContext,
        timeout: float = DEFAULT_SECONDS,
        *,
        lenient: bool = False,
    ) -> dict[str, Any]:
        """Return the answer's JSON-able form; raises the ClinicError the service refused with.

        ``lenient`` lets numbers and lists come as text, as they do from a query string.
        """
        question = {
            "method": operation.name,
            "payload": payload,
            "context": context.to_wire(),
            "lenient": lenient,
        }
        answer = self.caller.ask(operation.service, encode(question), timeout)
        if "error" in answer:
            raise errors.from_wire(answer["error"])
        result: dict[str, Any] = answer["result"]
        return result

    def call_all(
        self,
        questions: Sequence[tuple[Operation, Mapping[str, Any]]],
        context: CallContext,
        timeout: float = DEFAULT_SECONDS,
    ) -> list[dict[str, Any] | errors.ClinicError]:
        """Ask all at once; each answer, or the error in its place, in the order asked."""

        def one(operation: Operation, payload: Mapping[str, Any]) -> Any:  # noqa: ANN401
            try:
                return self.call(operation, payload, context, timeout)
            except errors.ClinicError as error:
                return error

        threads = [eventlet.spawn(one, *question) for question in questions]
        return [thread.wait() for thread in threads]
