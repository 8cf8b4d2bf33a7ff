"""Reliable consumption: ``@handles(EventClass, …)`` on a service's method.

One queue a service. A failure is published, confirmed, to a retry queue and comes back; what
fails too often, or can never succeed, is parked in the database with its error and history.
"""

import random
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial, wraps
from typing import Any

import amqp
import eventlet
import structlog
from eventlet.semaphore import Semaphore
from nameko.exceptions import ContainerBeingKilled
from nameko.extensions import Entrypoint, SharedExtension, register_entrypoint
from pymongo.errors import PyMongoError

from clinic_contracts import envelope
from clinic_contracts.errors import Permanent, RetryLater
from clinic_runtime import parked, topology
from clinic_runtime.inbox import Hand, ensure_inbox, record
from clinic_runtime.link import Link, cancel
from clinic_runtime.mongo import MongoLink, said
from clinic_runtime.observability import EVENTS_HANDLED, get_logger
from clinic_runtime.packing import Delivery, single, unpacked
from clinic_runtime.publisher import Publisher
from clinic_runtime.retry import again, history
from clinic_runtime.workers import Workers

log = get_logger(__name__)
# With the calls' 60 no more than a service's 120 workers, so neither sort starves the other.
EVENTS_AT_ONCE = 50
PREFETCH = 20  # messages, of 50 events at most
REDELIVERY_SPREAD_SECONDS = 1.0


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
        self.hand: Any = None
        self.line: deque[Delivery] = deque()
        self.dispatching = False
        self.places = Semaphore(EVENTS_AT_ONCE)
        self.under_way: dict[str, datetime] = {}
        """When what is being handled happened, by the event's id."""

    @property
    def service(self) -> str:
        return str(self.container.service_name)

    def serve(self, entrypoint: "EventHandler") -> None:
        if not self.attached:  # handlers are set up concurrently, and the database is waited for
            self.attached = True
            self.link.attach(self._connected, self._lost)
            self.mongo.prepare(ensure_inbox)
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
            source = topology.exchange(type_.partition(".")[0])
            channel.queue_bind(events, source, topology.binding(type_))
        self.channel = channel
        self.hand = Hand(channel)
        channel.basic_qos(0, PREFETCH, a_global=False)
        channel.basic_consume(events, consumer_tag="events", callback=self._delivered)
        parked = topology.parked_queue(self.service).name
        channel.basic_consume(parked, consumer_tag="parked", callback=self._parked)

    def _lost(self) -> None:
        self.channel = None

    def quiesce(self) -> None:
        channel, self.channel = self.channel, None
        if channel is not None:
            cancel(channel, "events")
            cancel(channel, "parked")

    def _delivered(self, message: Any) -> None:  # noqa: ANN401
        deliveries = unpacked(message)
        self.hand.take(message, len(deliveries))
        if deliveries[0].headers.get("x-delivery-count"):
            eventlet.spawn_n(self._delivered_again, message, deliveries)
        else:
            self._line_up(deliveries)

    def _delivered_again(self, message: Any, deliveries: Sequence[Delivery]) -> None:  # noqa: ANN401
        """Take with care what was in hand when a process ended: one of them may have ended it."""
        if len(deliveries) > 1:
            self._part(message, deliveries)
            return
        # In a random order the others get done, sooner or later, before it does so again.
        eventlet.sleep(random.random() * REDELIVERY_SPREAD_SECONDS)  # noqa: S311
        self._line_up(deliveries)

    def _line_up(self, deliveries: Sequence[Delivery]) -> None:
        self.line.extend(deliveries)
        if not self.dispatching:
            self.dispatching = True
            eventlet.spawn_n(self._dispatch)

    def _dispatch(self) -> None:
        """Hand events out in the order in which they came."""
        try:
            while self.line:
                self.places.acquire()
                delivery = self.line.popleft()
                if delivery.message.channel is self.channel:
                    self._handle(delivery)
                else:  # stopped or lost meanwhile: the broker sends it again
                    self.places.release()
        finally:
            self.dispatching = False

    def _part(self, message: Any, deliveries: Sequence[Delivery]) -> None:  # noqa: ANN401
        """Have each event of a message that comes again come alone, lest one take all with it."""
        queue = topology.events_queue(self.service).name
        self._instead(message, lambda: [("", queue, single(each)) for each in deliveries])

    def _handle(self, delivery: Delivery) -> None:
        try:
            document = delivery.document
            type_ = envelope.newest(document, self.handlers)
            if type_ is None:
                told = document.get("type")
                service = self.service
                reason = f"{service} does not handle {told}: deploy a {service} that handles {told}"
                raise Permanent(reason)  # noqa: TRY301 (parked below)
            event = envelope.from_wire(document, type_)
        except Exception as error:  # noqa: BLE001 (what cannot be read now never can)
            self.failed(delivery, Permanent(str(error)))
        else:
            self.handlers[event.type].spawn(event, delivery)

    def _parked(self, message: Any) -> None:  # noqa: ANN401
        self.hand.take(message)
        eventlet.spawn_n(self._keep, message)

    def _keep(self, message: Any) -> None:  # noqa: ANN401
        rows = [
            parked.row_of(
                each.id,
                each.body,
                each.headers.get("x-error", "its handler ended the process"),
                history(each.headers),
            )
            for each in unpacked(message)
        ]
        # Kept in hand meanwhile: a broker drops what is returned to a queue too often.
        while message.channel.connection is not None:
            try:
                for row in rows:
                    self.mongo.database["parked"].replace_one({"_id": row["_id"]}, row, upsert=True)
                self.hand.settle(message)
            except PyMongoError as error:
                log.warning("parking.delayed", error=said(error))
                eventlet.sleep(1)
            else:
                return

    def handled(self, delivery: Delivery, event: envelope.Event) -> None:
        """Record the delivery and be done with it."""
        try:
            outcome = record(self.mongo.database, event)
        except PyMongoError as error:
            self.failed(delivery, error)
            return
        EVENTS_HANDLED.labels(event.type, outcome).inc()
        self.places.release()
        self.hand.settle(delivery.message)

    def failed(self, delivery: Delivery, error: BaseException) -> None:
        """Send the event to wait, or to be parked, and only then be done with it."""
        self.places.release()
        self._instead(delivery.message, lambda: [again(self.service, delivery, error)])

    def _instead(self, message: Any, make: Callable[[], list[tuple[str, str, Any]]]) -> None:  # noqa: ANN401
        """Settle as many events of a message as there are copies, once the broker has these."""
        try:
            copies = make()
            self.publisher.publish(copies)
            self.hand.settle(message, len(copies))
        except Exception as lost:  # noqa: BLE001 (it may neither be lost nor end the process)
            log.warning("event.retry_delayed", error=repr(lost))
            self.hand.give_back(message)


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
    workers = Workers()

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

    def spawn(self, event: envelope.Event, delivery: Delivery) -> None:
        """Handle the event in a worker of its own."""
        self.consumer.under_way[event.id] = event.occurred_at
        try:
            self.workers.spawn(self, (event,), partial(self._settle, delivery, event))
        except ContainerBeingKilled:
            log.warning("event.left_while_stopping")

    def _settle(
        self,
        delivery: Delivery,
        event: envelope.Event,
        _result: Any,  # noqa: ANN401
        error: Exception | None,
    ) -> None:
        self.consumer.under_way.pop(event.id, None)
        if error is None:
            self.consumer.handled(delivery, event)
            return
        if not isinstance(error, (Permanent, RetryLater)):
            log.error("event.handler_failed", exc_info=error)
        self.consumer.failed(delivery, error)


def handles(*event_classes: type) -> Callable[[Any], Any]:
    """Have a service's method ``(self, event) -> None`` react to events, at least once each."""

    def decorate(method: Any) -> Any:  # noqa: ANN401
        @wraps(method)
        def react(service: Any, event: envelope.Event) -> None:  # noqa: ANN401
            # Here, since a green thread starts without what is bound in the one that spawned it.
            structlog.contextvars.bind_contextvars(
                event_id=event.id,
                event_type=event.type,
                correlation_id=event.correlation_id,
                traceparent=event.traceparent,
            )
            method(service, event)

        register_entrypoint(react, EventHandler(*event_classes))
        return react

    return decorate
