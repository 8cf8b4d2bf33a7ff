"""The answering side of RPC: ``@command(operation)`` on a service's method."""

import time
from collections.abc import Callable, Sequence
from functools import partial, wraps
from typing import Any

import amqp
import eventlet
import structlog
from eventlet.semaphore import Semaphore
from nameko.exceptions import ContainerBeingKilled
from nameko.extensions import Entrypoint, SharedExtension, register_entrypoint

from clinic_contracts import errors
from clinic_contracts.context import CallContext
from clinic_contracts.operations import Operation
from clinic_contracts.schemas import load
from clinic_contracts.trusted import Written, dump
from clinic_runtime.link import Link, cancel
from clinic_runtime.mongo import is_away
from clinic_runtime.observability import RPC_SECONDS, get_logger
from clinic_runtime.topology import rpc_queue
from clinic_runtime.turns import Turns
from clinic_runtime.wire import decode, encode
from clinic_runtime.workers import Workers

log = get_logger(__name__)
# With the events' 50 no more than a service's 120 workers: what waits does so at the broker, where
# it expires, and neither sort starves the other.
CALLS_AT_ONCE = 60
LONG_ANSWER = 32 * 1024
"""Bytes from which an answer waits for no others."""
SECOND_TRY = "x-second-try"
AT_FAULT = "something went wrong here; the log has it under the request id"


class _Asked:
    """One message of calls: who gets the answers, until when, and how many are owed."""

    def __init__(self, message: Any, calls: int) -> None:  # noqa: ANN401 (amqp is untyped)
        self.message = message
        self.owed = calls
        self.until = time.monotonic() + int(message.properties.get("expiration", 5000)) / 1000


class _Responder(SharedExtension):  # type: ignore[misc]  # nameko is untyped
    """Consumes ``rpc.<service>`` and hands each question to the method that answers it."""

    link = Link()

    def __init__(self) -> None:
        super().__init__()
        self.methods: dict[str, Command] = {}
        self.channel: Any = None
        self.attached = False
        self.places = Semaphore(CALLS_AT_ONCE)
        self.turns: Turns[tuple[Any, str], tuple[int, bytes, _Asked]] = Turns(
            self._reply, size=lambda answer: len(answer[1]), most=10 * CALLS_AT_ONCE
        )

    def serve(self, entrypoint: "Command") -> None:
        self.methods[entrypoint.operation.name] = entrypoint
        if not self.attached:
            self.attached = True
            self.link.attach(self._connected, self._lost)

    def _connected(self, connection: Any) -> None:  # noqa: ANN401
        channel = connection.channel()
        queue = rpc_queue(self.container.service_name)
        channel.queue_declare(
            queue.name, durable=True, auto_delete=queue.auto_delete, arguments=queue.arguments
        )
        channel.basic_qos(0, CALLS_AT_ONCE, a_global=False)
        channel.basic_consume(queue.name, consumer_tag="rpc", callback=self._received)
        self.channel = channel

    def _lost(self) -> None:
        self.channel = None

    def quiesce(self) -> None:
        """Take no more questions; those that came are still answered."""
        channel, self.channel = self.channel, None
        if channel is not None:
            cancel(channel, "rpc")

    def _received(self, message: Any) -> None:  # noqa: ANN401
        try:
            calls = [(int(number), question) for number, question in decode(message.body)]
        except (TypeError, ValueError, RecursionError):
            log.warning("rpc.unreadable")
            calls = []
        asked = _Asked(message, len(calls))
        if message.delivery_info.get("redelivered"):
            self._again(asked, calls)
            return
        if calls:
            eventlet.spawn_n(self._dispatch_all, asked, calls)
        else:
            self._acknowledge(message)

    def _again(self, asked: _Asked, calls: Sequence[tuple[int, Any]]) -> None:
        """Give what a process had in hand when it ended one more try, each call alone.

        One of them may have ended it, and would take the others with it again.
        """
        message = asked.message
        headers = message.properties.get("application_headers") or {}
        if headers.get(SECOND_TRY):
            log.error("rpc.ended_two_processes")
            for number, _question in calls:
                detail = "the service went away twice while it did this; try again"
                told = errors.ServiceUnavailable(detail, retry_after=2)
                self.answer(asked, number, refused(told))
            return
        try:
            for number, question in calls:
                single = amqp.Message(
                    encode([[number, question]]),
                    delivery_mode=1,
                    application_headers={SECOND_TRY: True},
                    **{
                        name: message.properties[name]
                        for name in ("content_type", "reply_to", "expiration")
                        if name in message.properties
                    },
                )
                message.channel._basic_publish(  # noqa: SLF001
                    single, routing_key=rpc_queue(self.container.service_name).name
                )
        except (amqp.AMQPError, OSError, AttributeError) as error:
            log.warning("rpc.second_try_lost", error=repr(error))
        self._acknowledge(message)

    def _dispatch_all(self, asked: _Asked, calls: Sequence[tuple[int, Any]]) -> None:
        for number, question in calls:
            self.places.acquire()
            self._dispatch(asked, number, question)

    def _dispatch(self, asked: _Asked, number: int, question: Any) -> None:  # noqa: ANN401 (JSON)
        if time.monotonic() > asked.until:
            self._done(asked, number, None)  # nobody waits for it any more
            return
        try:
            context = CallContext.from_wire(question["context"])
            entrypoint = self.methods.get(question["method"])
            if entrypoint is None:
                detail = f"{self.container.service_name} has no {question['method']}"
                raise errors.ServiceUnavailable(detail)  # noqa: TRY301 (answered below)
            request: Any = load(
                entrypoint.operation.request, question["payload"], lenient=question["lenient"]
            )
        except (KeyError, TypeError, ValueError, AttributeError):
            log.warning("rpc.unreadable")
            self._done(asked, number, refused(errors.BadRequest("unreadable call")))
        except Exception as error:  # noqa: BLE001 (a question kept in hand is one fewer to come)
            self._done(asked, number, refused(refusal(error)))
        else:
            entrypoint.spawn(request, context, partial(self._done, asked, number))

    def _done(self, asked: _Asked, number: int, text: bytes | None) -> None:
        self.places.release()
        self.answer(asked, number, text)

    def answer(self, asked: _Asked, number: int, text: bytes | None) -> None:
        """Have an answer sent (None: nobody waits for one) and, with the last, the message go."""
        to = asked.message.channel, asked.message.properties.get("reply_to", "")
        answer = (number, text or b"", asked)
        if len(answer[1]) < LONG_ANSWER:
            self.turns.add(to, answer)
            return
        # It took long to make, and its caller can go on while the next one is made.
        self._reply(to, [answer])
        self.link.push()

    def _reply(self, to: tuple[Any, str], answers: Sequence[tuple[int, bytes, _Asked]]) -> None:
        """Send answers to one caller; what cannot be sent is the caller's time-out."""
        channel, caller = to
        texts = [b"[%d,%b]" % (number, text) for number, text, _asked in answers if text]
        reply = amqp.Message(
            b"[%b]" % b",".join(texts), content_type="application/json", delivery_mode=1
        )
        try:
            if texts and caller:
                channel._basic_publish(reply, routing_key=caller)  # noqa: SLF001
        except Exception as error:  # noqa: BLE001 (the message is to be done with all the same)
            log.warning("rpc.reply_lost", error=repr(error))
        for _number, _text, asked in answers:
            asked.owed -= 1
            if not asked.owed:
                self._acknowledge(asked.message)

    def _acknowledge(self, message: Any) -> None:  # noqa: ANN401
        try:
            message.channel.basic_ack(message.delivery_tag)
        except (amqp.AMQPError, OSError, AttributeError) as error:
            log.warning("rpc.acknowledgement_lost", error=repr(error))


class Command(Entrypoint):  # type: ignore[misc]  # nameko is untyped
    """One operation of a service: request dataclass in, response dataclass out."""

    responder = _Responder()
    workers = Workers()

    def __init__(self, operation: Operation) -> None:
        """Take the operation that the decorated method performs."""
        super().__init__()
        self.operation = operation

    def setup(self) -> None:
        """Register with the responder."""
        self.responder.serve(self)

    def stop(self) -> None:
        """Stop taking questions."""
        self.responder.quiesce()

    def spawn(self, request: Any, context: CallContext, done: Callable[[bytes], None]) -> None:  # noqa: ANN401
        """Answer in a worker of its own."""
        try:
            self.workers.spawn(
                self, (request, context), partial(self._answer, done, time.perf_counter())
            )
        except ContainerBeingKilled:
            log.warning("rpc.refused_while_stopping")

    def _answer(
        self,
        done: Callable[[bytes], None],
        began: float,
        result: Any,  # noqa: ANN401
        error: Exception | None,
    ) -> None:
        text, outcome = self._told(result, error)
        done(text)
        RPC_SECONDS.labels(self.operation.name, outcome).observe(time.perf_counter() - began)

    def _told(self, result: Any, error: Exception | None) -> tuple[bytes, str]:  # noqa: ANN401
        """Return the answer as JSON, and in a word what it is."""
        if error is None:
            try:
                document = result if isinstance(result, Written) else dump(result)
                return encode({"result": document}), "ok"
            except Exception as unfit:  # noqa: BLE001 (it must not end the process)
                error = unfit
        told = refusal(error)
        return refused(told), told.code


def refused(error: errors.ClinicError) -> bytes:
    """Return the answer that carries a refusal, as JSON; whatever it quotes, there is one."""
    try:
        return encode({"error": errors.to_wire(error)}, default=str)
    except TypeError:
        log.exception("operation.refusal_unfit")
        return encode({"error": errors.to_wire(errors.InternalError(AT_FAULT))})


def refusal(error: BaseException) -> errors.ClinicError:
    """Return what the caller may know of an error; the log has the rest."""
    if isinstance(error, errors.ClinicError):
        return error
    if is_away(error):
        log.warning("database.unavailable", error=type(error).__name__)
        return errors.ServiceUnavailable("the database is not available; try again", retry_after=2)
    log.error("operation.failed", exc_info=error)
    return errors.InternalError(AT_FAULT)


def command(operation: Operation) -> Callable[[Any], Any]:
    """Make a service's method ``(self, request, context) -> response`` answer ``operation``."""

    def decorate(method: Any) -> Any:  # noqa: ANN401
        @wraps(method)
        def answer(service: Any, request: Any, context: CallContext) -> Any:  # noqa: ANN401
            # Here, since a green thread starts without what is bound in the one that spawned it.
            structlog.contextvars.bind_contextvars(
                operation=operation.name,
                correlation_id=context.correlation_id,
                traceparent=context.traceparent,
            )
            return method(service, request, context)

        register_entrypoint(answer, Command(operation))
        return answer

    return decorate
