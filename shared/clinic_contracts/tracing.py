"""What became of one request: the events it led to in a service, and who has handled them.

Ids and types alone: what events say of people is not shown.
"""

from dataclasses import dataclass
from typing import Annotated

from clinic_contracts.constraints import Carried, Instant, Items, Text
from clinic_contracts.operations import EVERY_SERVICE, Operation

CorrelationId = Annotated[str, Text(max=128, pattern=r"[!-~]+"), Carried("path")]
EventId = Annotated[str, Text(max=64)]
MOST_EVENTS = 200
"""Of one service: a request that leads to more is shown by its first ones."""
EventIds = Annotated[tuple[EventId, ...], Items(1_000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadTrace:
    """The events that one request led to in a service, in the order of its journal."""

    correlation_id: CorrelationId


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedEvent:
    """An event without what it says; ``causation_id`` is the event that it answers, or empty."""

    id: str
    at: Instant
    type: str
    subject: str
    location_id: str
    actor: str
    causation_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """The first events of a request in a service; ``more`` when it has others."""

    events: tuple[TracedEvent, ...]
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FindDeliveries:
    """What a service has done with these events."""

    event_ids: EventIds


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliveries:
    """The events that took effect, and those that could not be handled.

    One that is in neither has not arrived, or is on its way, or is no concern of the service's.
    """

    handled: tuple[str, ...]
    parked: tuple[str, ...]


READ_TRACE = Operation(EVERY_SERVICE, "read_trace", ReadTrace, Trace)
FIND_DELIVERIES = Operation(EVERY_SERVICE, "find_deliveries", FindDeliveries, Deliveries)
