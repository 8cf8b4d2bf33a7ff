"""What can be asked of the events and queues of all services, and in which shapes."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from clinic_contracts.constraints import Instant, Limit, Text
from clinic_contracts.operations import EventLimit, EventTypes, ParkedEvent, QueueReport
from gateway.operating.traces import TRACE
from gateway.routing import OwnCall

ServiceName = Literal["booking", "client_profile", "notification", "billing"]
LongCursor = Annotated[str, Text(max=1_000)]
TAG = "Operations"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceQueues(QueueReport):
    """A service's queues."""

    service: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EveryQueue:
    """The queues of every service at an instant; ``unavailable`` names those that did not answer.

    ``gateway_version`` is the answering program's own.
    """

    items: tuple[ServiceQueues, ...]
    next: str | None
    unavailable: tuple[str, ...]
    at: Instant
    gateway_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListEveryParked:
    """Events that could not be handled, of one service or of all, the latest parked first."""

    service: ServiceName | None = None
    limit: Limit = 50
    cursor: LongCursor | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedAt(ParkedEvent):
    """An event that a service could not handle, and why; its id names both."""

    service: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EveryParked:
    """A page of parked events; ``unavailable`` names the services that did not answer."""

    items: tuple[ParkedAt, ...]
    next: str | None
    unavailable: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RetriedAt:
    """The event is in its service's queue again."""

    id: str
    service: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFeed:
    """Events after a cursor, or else from an instant on, or else from the first one on."""

    after: LongCursor | None = None
    since: Instant | None = None
    types: EventTypes = ()
    limit: EventLimit = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowFeed:
    """Events after a cursor, or else from now on; the header Last-Event-ID stands for ``after``."""

    after: LongCursor | None = None
    types: EventTypes = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFeed:
    """Events as they were published, CloudEvents documents; each service's in its own order.

    ``next`` is always given: while ``more`` is false it is what to ask with later. A page may hold
    fewer events than asked for, or none, and there still be more. ``unavailable`` names the
    services that did not answer; what is theirs comes after. Whoever sees some locations alone is
    given the events of these, and who may not read charts none of these.
    """

    events: tuple[dict[str, Any], ...]
    next: str
    more: bool
    unavailable: tuple[str, ...]


QUEUES = OwnCall(
    method="GET",
    path="/v1/operations/queues",
    name="list_queues",
    summary="What waits in every service's queues.",
    tag=TAG,
    action="operate",
    answer=EveryQueue,
    refusals=(503,),
)
PARKED = OwnCall(
    method="GET",
    path="/v1/operations/parked",
    name="list_parked",
    summary="The events that could not be handled, and why.",
    tag=TAG,
    action="operate",
    request=ListEveryParked,
    answer=EveryParked,
    refusals=(503,),
)
RETRY = OwnCall(
    method="POST",
    path="/v1/operations/parked/<parked_id>/retry",
    name="retry_parked",
    summary="Hand a parked event to its service once more.",
    tag=TAG,
    action="operate",
    answer=RetriedAt,
    refusals=(404, 422, 503),
)
EVENTS = OwnCall(
    method="GET",
    path="/v1/events",
    name="list_events",
    summary="Every service's events, page by page.",
    tag="Events",
    action="read",
    request=ReadFeed,
    answer=EventFeed,
    refusals=(503,),
)
STREAM = OwnCall(
    method="GET",
    path="/v1/events/stream",
    name="follow_events",
    summary="Every service's events as they happen, as an event stream (SSE).",
    tag="Events",
    action="read",
    request=FollowFeed,
    answer="text/event-stream",
    streamed=True,
    refusals=(503,),
)

OPERATING = (QUEUES, PARKED, RETRY, TRACE)
