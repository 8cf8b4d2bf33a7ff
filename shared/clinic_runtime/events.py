"""Reliable consumption: ``@handles(EventClass, …)`` on a service's method.

One queue a service. A failure is published, confirmed, to a retry queue and comes back; what
fails too often, or can never succeed, is parked in the database with its error and history.
"""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import amqp
import eventlet
import structlog
from nameko.exceptions import ContainerBeingKilled
from nameko.extensions import Entrypoint, SharedExtension, register_entrypoint
from pymongo import ASCENDING
from pymongo.errors import DuplicateKeyError, PyMongoError

from clinic_contracts import envelope
from clinic_contracts.errors import Permanent, RetryLater
from clinic_runtime import topology
from clinic_runtime.clock import now
from clinic_runtime.link import BrokerLostError, Link, Publisher
from clinic_runtime.mongo import MongoLink
from clinic_runtime.observability import EVENTS_HANDLED, get_logger

log = get_logger(__name__)
PREFETCH = 20
FAILURES_BEFORE_PARKING = 6
WAITS_BEFORE_PARKING = 120
INBOX_DAYS = 90
ERROR_LENGTH = 500
HISTORY_KEPT = 20


class _EventConsumer(SharedExtension):  # type: ignore[misc]  # nameko is untyped
    """Consumes the service's events queue and its parked queue."""

    link = Link()
    publisher = Publisher()
    mongo = MongoLink()

    def __init__(self) -> None:
        super().__init__()
        self.handlers: dict[str, EventHandler] = {}
        self.attached = False
        self.channel: Any = None

    @property
    def service(self) -> str:
        return str(self.container.service_name)

    def serve(self, entrypoint: "EventHandler") -> None:
        if not self.attached:  # handlers are set up concurrently, and the database is waited for
            self.attached = True
            self.link.attach(self._connected, self._lost)
            self.mongo.wait_until_reachable()
            self.mongo.database["inbox"].create_index(
                [("occurred_at", ASCENDING)], expireAfterSeconds=INBOX_DAYS * 86_400
            )
        for cls in entrypoint.event_classes:
            type_ = envelope.type_of(cls)
            if type_ in self.handlers:
                message = f"{self.service} handles {type_} twice"
                raise ValueError(message)
            self.handlers[type_] = entrypoint

    def _connected(self, connection: Any) -> None:  # noqa: ANN401
        channel = connection.channel()
        for queue in topology.consumer_queues(self.service):
            channel.queue_declare(
                queue.name, durable=True, auto_delete=False, arguments=queue.arguments
            )
        events = topology.events_queue(self.service).name
        for producer in {type_.partition(".")[0] for type_ in self.handlers}:
            _ensure_source(connection, topology.exchange(producer))
        for type_ in self.handlers:
            channel.queue_bind(events, topology.exchange(type_.partition(".")[0]), type_)
        channel.basic_qos(0, PREFETCH, a_global=False)
        channel.basic_consume(events, consumer_tag="events", callback=self._delivered)
        parked = topology.parked_queue(self.service).name
        channel.basic_consume(parked, consumer_tag="parked", callback=self._parked)
        self.channel = channel

    def _lost(self) -> None:
        self.channel = None

    def quiesce(self) -> None:
        if self.channel is not None:
            self.channel.basic_cancel("events", nowait=True)
            self.channel.basic_cancel("parked", nowait=True)

    def _delivered(self, message: Any) -> None:  # noqa: ANN401
        eventlet.spawn_n(self._dispatch, message)

    def _dispatch(self, message: Any) -> None:  # noqa: ANN401
        try:
            event = envelope.from_wire(json.loads(message.body))
            handler = self.handlers.get(event.type)
            if handler is None:
                reason = f"{self.service} does not handle {event.type}"
                raise Permanent(reason)  # noqa: TRY301 (parked below)
        except (Permanent, ValueError) as error:
            self.failed(message, Permanent(str(error)))
        else:
            handler.spawn(event, message)

    def _parked(self, message: Any) -> None:  # noqa: ANN401
        eventlet.spawn_n(self._keep, message)

    def _keep(self, message: Any) -> None:  # noqa: ANN401
        headers = message.properties.get("application_headers") or {}
        document = {
            "_id": message.properties.get("message_id") or str(message.delivery_tag),
            "at": now(),
            "event": message.body,
            "error": headers.get("x-error", "its handler ended the process"),
            "history": json.loads(headers.get("x-history", "[]")),
        }
        try:
            self.mongo.database["parked"].replace_one(
                {"_id": document["_id"]}, document, upsert=True
            )
            self.acknowledge(message)
        except PyMongoError as error:
            log.warning("parking.delayed", error=repr(error))
            eventlet.sleep(1)
            self._requeue(message)

    def handled(self, message: Any, event: envelope.Event) -> None:  # noqa: ANN401
        """Record the delivery and acknowledge it."""
        row = {
            "_id": event.id,
            "occurred_at": event.occurred_at,
            "type": event.type,
            "correlation_id": event.correlation_id,
        }
        try:
            self.mongo.database["inbox"].insert_one(row)
            outcome = "handled"
        except DuplicateKeyError:
            outcome = "duplicate"
        except PyMongoError as error:
            self.failed(message, error)
            return
        EVENTS_HANDLED.labels(event.type, outcome).inc()
        self.acknowledge(message)

    def failed(self, message: Any, error: BaseException) -> None:  # noqa: ANN401
        """Send the event to wait, or to be parked, and only then acknowledge it."""
        headers = dict(message.properties.get("application_headers") or {})
        history = json.loads(headers.get("x-history", "[]"))
        attempt = int(headers.get("x-attempt", 0)) + 1
        described = f"{type(error).__name__}: {error}"[:ERROR_LENGTH]
        history = [*history, {"at": now().isoformat(), "error": described}][-HISTORY_KEPT:]
        limit = WAITS_BEFORE_PARKING if isinstance(error, RetryLater) else FAILURES_BEFORE_PARKING
        parks = isinstance(error, Permanent) or attempt >= limit
        step = min(attempt, len(topology.RETRY_SECONDS)) - 1
        queue = (
            topology.parked_queue(self.service)
            if parks
            else topology.retry_queue(self.service, step)
        )
        type_ = str(message.properties.get("type", ""))
        EVENTS_HANDLED.labels(type_, "parked" if parks else "retried").inc()
        log.warning("event.failed", error=described, attempt=attempt, parked=parks)
        again = amqp.Message(
            message.body,
            content_type="application/cloudevents+json",
            delivery_mode=2,
            message_id=message.properties.get("message_id"),
            type=type_,
            application_headers={
                "x-attempt": attempt,
                "x-error": described,
                "x-history": json.dumps(history),
            },
        )
        try:
            self.publisher.publish([("", queue.name, again)])
            self.acknowledge(message)
        except BrokerLostError as lost:
            log.warning("event.retry_delayed", error=repr(lost))
            self._requeue(message)

    def acknowledge(self, message: Any) -> None:  # noqa: ANN401
        self._settle(lambda: message.channel.basic_ack(message.delivery_tag))

    def _requeue(self, message: Any) -> None:  # noqa: ANN401
        self._settle(lambda: message.channel.basic_reject(message.delivery_tag, requeue=True))

    def _settle(self, action: Callable[[], None]) -> None:
        try:
            action()
        except (amqp.AMQPError, OSError, AttributeError) as error:
            log.warning("event.ack_lost", error=repr(error))  # the broker will deliver it again


def _ensure_source(connection: Any, name: str) -> None:  # noqa: ANN401
    """Make a producer's exchange where it is absent and nobody provisioned the broker.

    On a provisioned broker it is there, and a consumer's account may not make or remove it.
    """
    channel = connection.channel()
    try:
        channel.exchange_declare(name, "topic", passive=True)
    except amqp.NotFound:  # which closed the channel
        channel = connection.channel()
        channel.exchange_declare(name, "topic", durable=True, auto_delete=False)
    channel.close()


class EventHandler(Entrypoint):  # type: ignore[misc]  # nameko is untyped
    """The entrypoint of a method that reacts to events."""

    consumer = _EventConsumer()

    def __init__(self, *event_classes: type) -> None:
        """Take the event dataclasses that the decorated method reacts to."""
        super().__init__()
        self.event_classes = event_classes

    def setup(self) -> None:
        """Register with the consumer."""
        self.consumer.serve(self)

    def stop(self) -> None:
        """Take no more events."""
        self.consumer.quiesce()

    def spawn(self, event: envelope.Event, message: Any) -> None:  # noqa: ANN401
        """Handle the event in a worker of its own."""
        structlog.contextvars.bind_contextvars(
            event_id=event.id, event_type=event.type, correlation_id=event.correlation_id
        )
        try:
            self.container.spawn_worker(
                self, (event,), {}, handle_result=partial(self._settle, message, event)
            )
        except ContainerBeingKilled:
            log.warning("event.left_while_stopping")

    def _settle(
        self,
        message: Any,  # noqa: ANN401
        event: envelope.Event,
        worker_ctx: Any,  # noqa: ANN401, ARG002 (nameko's callback)
        result: Any = None,  # noqa: ANN401
        exc_info: Any = None,  # noqa: ANN401
    ) -> tuple[Any, Any]:
        if exc_info is None:
            self.consumer.handled(message, event)
        else:
            if not isinstance(exc_info[1], (Permanent, RetryLater)):
                log.error("event.handler_failed", exc_info=exc_info[1])
            self.consumer.failed(message, exc_info[1])
        return result, None


def handles(*event_classes: type) -> Callable[[Any], Any]:
    """Have a service's method ``(self, event) -> None`` react to events, at least once each."""

    def decorate(method: Any) -> Any:  # noqa: ANN401
        register_entrypoint(method, EventHandler(*event_classes))
        return method

    return decorate
