"""The answering side of RPC: ``@command(operation)`` on a service's method."""

import json
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import amqp
import eventlet
import structlog
from nameko.exceptions import ContainerBeingKilled
from nameko.extensions import Entrypoint, SharedExtension, register_entrypoint
from pymongo.errors import ConnectionFailure, PyMongoError

from clinic_contracts import errors
from clinic_contracts.context import CallContext
from clinic_contracts.operations import Operation
from clinic_contracts.schemas import dump, load
from clinic_runtime.link import Link
from clinic_runtime.observability import RPC_SECONDS, get_logger
from clinic_runtime.topology import rpc_queue

log = get_logger(__name__)
PREFETCH = 50


class _Responder(SharedExtension):  # type: ignore[misc]  # nameko is untyped
    """Consumes ``rpc.<service>`` and hands each question to the method that answers it."""

    link = Link()

    def __init__(self) -> None:
        super().__init__()
        self.methods: dict[str, Command] = {}
        self.channel: Any = None
        self.attached = False

    def serve(self, entrypoint: "Command") -> None:
        self.methods[entrypoint.operation.name] = entrypoint
        if not self.attached:
            self.attached = True
            self.link.attach(self._connected, self._lost)

    def _connected(self, connection: Any) -> None:  # noqa: ANN401
        channel = connection.channel()
        queue = rpc_queue(self.container.service_name)
        channel.queue_declare(queue.name, durable=True, auto_delete=queue.auto_delete)
        channel.basic_qos(0, PREFETCH, a_global=False)
        channel.basic_consume(queue.name, consumer_tag="rpc", callback=self._asked)
        self.channel = channel

    def _lost(self) -> None:
        self.channel = None

    def quiesce(self) -> None:
        """Take no more questions; those under way are still answered."""
        if self.channel is not None:
            self.channel.basic_cancel("rpc", nowait=True)

    def _asked(self, message: Any) -> None:  # noqa: ANN401
        eventlet.spawn_n(self._dispatch, message)

    def _dispatch(self, message: Any) -> None:  # noqa: ANN401
        try:
            question = json.loads(message.body)
            context = CallContext.from_wire(question["context"])
            entrypoint = self.methods.get(question["method"])
            if entrypoint is None:
                detail = f"{self.container.service_name} has no {question['method']}"
                raise errors.ServiceUnavailable(detail)
            request: Any = load(
                entrypoint.operation.request, question["payload"], lenient=question["lenient"]
            )
        except errors.ClinicError as error:
            self.answer(message, {"error": errors.to_wire(error)})
        except (KeyError, TypeError, ValueError):
            log.warning("rpc.unreadable")
            self.answer(message, {"error": errors.to_wire(errors.BadRequest("unreadable call"))})
        else:
            entrypoint.spawn(request, context, message)

    def answer(self, message: Any, body: dict[str, Any]) -> None:  # noqa: ANN401
        """Reply and acknowledge; a reply that cannot be sent is the caller's time-out."""
        reply = amqp.Message(
            json.dumps(body),
            content_type="application/json",
            delivery_mode=1,
            correlation_id=message.properties["correlation_id"],
        )
        channel = message.channel
        try:
            channel._basic_publish(  # noqa: SLF001
                reply, exchange="", routing_key=message.properties["reply_to"]
            )
            channel.basic_ack(message.delivery_tag)
        except (amqp.AMQPError, OSError, AttributeError) as error:
            log.warning("rpc.reply_lost", error=repr(error))


class Command(Entrypoint):  # type: ignore[misc]  # nameko is untyped
    """One operation of a service: request dataclass in, response dataclass out."""

    responder = _Responder()

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

    def spawn(self, request: Any, context: CallContext, message: Any) -> None:  # noqa: ANN401
        """Answer in a worker of its own."""
        structlog.contextvars.bind_contextvars(
            operation=self.operation.name, correlation_id=context.correlation_id
        )
        try:
            self.container.spawn_worker(
                self,
                (request, context),
                {},
                handle_result=partial(self._answer, message, time.perf_counter()),
            )
        except ContainerBeingKilled:
            log.warning("rpc.refused_while_stopping")

    def _answer(
        self,
        message: Any,  # noqa: ANN401
        began: float,
        worker_ctx: Any,  # noqa: ANN401, ARG002 (nameko's callback)
        result: Any = None,  # noqa: ANN401
        exc_info: Any = None,  # noqa: ANN401
    ) -> tuple[Any, Any]:
        body: dict[str, Any]
        if exc_info is None:
            body, outcome = {"result": dump(result)}, "ok"
        else:
            error = refusal(exc_info[1])
            body, outcome = {"error": errors.to_wire(error)}, error.code
        self.responder.answer(message, body)
        RPC_SECONDS.labels(self.operation.name, outcome).observe(time.perf_counter() - began)
        return result, None


def refusal(error: BaseException) -> errors.ClinicError:
    """Return what the caller may know of an error; the log has the rest."""
    if isinstance(error, errors.ClinicError):
        return error
    if isinstance(error, ConnectionFailure) or (isinstance(error, PyMongoError) and error.timeout):
        log.warning("database.unavailable", error=type(error).__name__)
        return errors.ServiceUnavailable("the database is not available; try again", retry_after=2)
    log.error("operation.failed", exc_info=error)
    return errors.InternalError("something went wrong here; the log has it under the request id")


def command(operation: Operation) -> Callable[[Any], Any]:
    """Make a service's method ``(self, request, context) -> response`` answer ``operation``."""

    def decorate(method: Any) -> Any:  # noqa: ANN401
        register_entrypoint(method, Command(operation))
        return method

    return decorate
