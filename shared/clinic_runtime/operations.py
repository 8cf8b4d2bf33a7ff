"""What every service answers about itself: its journal, its parked events, its queues.

``class BillingService(Operable)`` is all there is to it: entrypoints and what they need are found
on a class's bases as on the class itself.
"""

from collections.abc import Iterator
from datetime import datetime
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of
from typing import Any, ClassVar

import amqp
from nameko.extensions import DependencyProvider

from clinic_contracts.context import CallContext
from clinic_contracts.errors import ServiceUnavailable
from clinic_contracts.operations import (
    LIST_EVENTS,
    LIST_PARKED,
    LIST_QUEUES,
    RETRY_PARKED,
    EventPage,
    ListEvents,
    ListParked,
    ListQueues,
    ParkedPage,
    QueueReport,
    Retried,
    RetryParked,
)
from clinic_contracts.tracing import (
    FIND_DELIVERIES,
    READ_TRACE,
    Deliveries,
    FindDeliveries,
    ReadTrace,
    Trace,
)
from clinic_runtime import history, parked, queues, topology, tracing
from clinic_runtime.clock import now
from clinic_runtime.events import EventHandler
from clinic_runtime.link import BrokerLostError
from clinic_runtime.mongo import MongoLink
from clinic_runtime.publisher import Publisher
from clinic_runtime.relay import Outbox
from clinic_runtime.responder import command
from clinic_runtime.workers import Workers


class _Own(DependencyProvider):  # type: ignore[misc]  # nameko is untyped
    """A service's own records of its events."""

    mongo = MongoLink()
    publisher = Publisher()
    workers = Workers()

    def setup(self) -> None:
        """Make the index of the parked events."""
        self.mongo.prepare(parked.ensure)
        self.version = _version(self.container.service_name)
        self.started_at = now()

    def get_dependency(self, worker_ctx: Any) -> "_Own":  # noqa: ANN401, ARG002
        """Return itself."""
        return self

    def events(self, request: ListEvents, context: CallContext) -> EventPage:
        return history.page(self.mongo.database, request, context.location_scope)

    def parked(self, request: ListParked, context: CallContext) -> ParkedPage:
        return parked.page(self.mongo.database, request, context.location_scope)

    def retry(self, id_: str, context: CallContext) -> Retried:
        service, publish = self.container.service_name, self.publisher.publish
        try:
            parked.retry(self.mongo.database, service, id_, publish, context.location_scope)
        except BrokerLostError as error:
            raise ServiceUnavailable("the broker is away; try again", retry_after=2) from error
        return Retried(id=id_)

    def queues(self) -> QueueReport:
        service = self.container.service_name
        try:
            with queues.counting(self.container.config["amqp_uri"]) as counter:
                calls = counter.count_all([topology.rpc_queue(service).name])
                found = counter.count_all(q.name for q in topology.consumer_queues(service))
        except (amqp.AMQPError, OSError) as error:
            raise ServiceUnavailable("the broker is away; try again", retry_after=2) from error
        events, on_the_way = topology.events_queue(service), topology.parked_queue(service)
        ready = {each.name: each.ready for each in found}
        kept = self.mongo.database["parked"].count_documents({})
        return QueueReport(
            ready=ready.pop(events.name, 0),
            in_hand=self.workers.at_work[EventHandler],
            parked=kept + ready.pop(on_the_way.name, 0),
            waiting=sum(ready.values()),
            consumers=sum(each.consumers for each in found if each.name == events.name),
            queues=(*calls, *found),
            oldest_at=min(self._unfinished(), default=None),
            version=self.version,
            started_at=self.started_at,
        )

    def _unfinished(self) -> Iterator[datetime]:
        """Yield when the events happened that wait to be published or are being handled."""
        for each in self.container.dependencies:
            if isinstance(each, Outbox) and (at := each.oldest()):
                yield at
        handlers = (each for each in self.container.entrypoints if isinstance(each, EventHandler))
        for handler in handlers:
            yield from handler.consumer.under_way.values()

    def trace(self, request: ReadTrace, context: CallContext) -> Trace:
        return tracing.read(self.mongo.database, request, context.location_scope)

    def deliveries(self, request: FindDeliveries) -> Deliveries:
        return tracing.deliveries(self.mongo.database, request)


def _version(service: str) -> str:
    """Return the version of the package that a service came in, or nothing."""
    try:
        return version_of(f"clinicops-{service.replace('_', '-')}")
    except PackageNotFoundError:
        return ""


class Operable:
    """The base of every service's class."""

    projections: ClassVar[tuple[str, ...]] = ()
    """The collections that are made of others' events alone, and can be made of them anew."""

    _own = _Own()

    @command(LIST_EVENTS)
    def list_events(self, request: ListEvents, context: CallContext) -> EventPage:
        """Return a page of the journal."""
        return self._own.events(request, context)

    @command(LIST_PARKED)
    def list_parked(self, request: ListParked, context: CallContext) -> ParkedPage:
        """Return a page of the events that could not be handled."""
        return self._own.parked(request, context)

    @command(RETRY_PARKED)
    def retry_parked(self, request: RetryParked, context: CallContext) -> Retried:
        """Hand a parked event over once more."""
        return self._own.retry(request.parked_id, context)

    @command(LIST_QUEUES)
    def list_queues(self, _request: ListQueues, _context: CallContext) -> QueueReport:
        """Return what waits in the service's queues."""
        return self._own.queues()

    @command(READ_TRACE)
    def read_trace(self, request: ReadTrace, context: CallContext) -> Trace:
        """Return the events that one request led to here."""
        return self._own.trace(request, context)

    @command(FIND_DELIVERIES)
    def find_deliveries(self, request: FindDeliveries, _context: CallContext) -> Deliveries:
        """Return which of these events took effect here, and which are parked."""
        return self._own.deliveries(request)
