"""An operation: something one service does when asked, with the shapes of question and answer.

Some every service answers: ``LIST_EVENTS.of("billing")`` is billing's.
"""

from dataclasses import dataclass, replace
from typing import Annotated, Any, Self

from clinic_contracts.constraints import Cursor, Instant, Items, Limit, PathId, Range, Text

EVERY_SERVICE = ""
EventType = Annotated[
    str,
    Text(
        max=80,
        pattern=r"[a-z_]+\.[a-z_]+(\.v\d+)?",
        hint="a type such as billing.invoice_issued, with its version or without",
    ),
]
EventTypes = Annotated[tuple[EventType, ...], Items(50)]
EventLimit = Annotated[int, Range(1, 500)]


@dataclass(frozen=True, slots=True)
class Operation:
    """``service.name`` takes ``request`` and answers ``response``, both frozen dataclasses."""

    service: str
    name: str
    request: type
    response: type

    def of(self, service: str) -> Self:
        """Return the operation as that service answers it."""
        return replace(self, service=service)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verify:
    """Ask a service to check its own books."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """``findings`` are each 0 when all is well; ``counts`` say how much there is."""

    service: str
    findings: dict[str, int]
    counts: dict[str, int]


def verify_of(service: str) -> Operation:
    """Return the operation by which ``service`` verifies itself."""
    return Operation(service, "verify", Verify, Verification)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListEvents:
    """A page of a service's journal after a position, in the journal's order.

    ``since`` skips what lies before the first event of that instant or later. A type without a
    version stands for all of them.
    """

    after: Annotated[int, Range(0, 2**53 - 1)] = 0
    since: Instant | None = None
    types: EventTypes = ()
    limit: EventLimit = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """An event as it was published (a CloudEvents document), at its position in the journal."""

    position: int
    event: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPage:
    """Events, ``next`` to go on after, and ``head``, the journal's last position.

    Until ``next`` is ``head`` there is more, even where a page holds nothing of what was asked.
    """

    events: tuple[Recorded, ...]
    next: int
    head: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ListParked:
    """A page of the events a service could not handle, the latest parked first."""

    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One failed attempt."""

    at: str
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedEvent:
    """An event that could not be handled, and why; what it says of people stays in the journal.

    ``type``, ``subject``, ``location_id`` and ``correlation_id`` are empty where it could not even
    be read.
    """

    id: str
    at: Instant
    type: str
    subject: str
    location_id: str
    error: str
    history: tuple[Failure, ...]
    correlation_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedPage:
    """A page of parked events."""

    items: tuple[ParkedEvent, ...]
    next: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryParked:
    """Hand a parked event to its service once more."""

    parked_id: PathId


@dataclass(frozen=True, slots=True, kw_only=True)
class Retried:
    """The event is in the service's queue again, and parked no more."""

    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListQueues:
    """What waits in a service's queues."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueView:
    """A queue: messages ready to be taken, and who takes them."""

    name: str
    ready: int
    consumers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueReport:
    """A service's queues; one that consumes no events has that of its calls alone.

    ``ready``: messages to be taken, of up to 50 events each; ``in_hand``: events that the process
    which answers is handling; ``waiting``: failed ones that come back; ``parked``: those that do
    not, until retried. ``oldest_at``: when the oldest event happened that the service has yet to
    publish or is handling, None when there is none. ``version`` is the program's, empty where it
    was not installed as a package; ``started_at`` is when the process that answers began.
    """

    ready: int
    in_hand: int
    waiting: int
    parked: int
    consumers: int
    queues: tuple[QueueView, ...]
    oldest_at: Instant | None = None
    version: str = ""
    started_at: Instant | None = None


LIST_EVENTS = Operation(EVERY_SERVICE, "list_events", ListEvents, EventPage)
LIST_PARKED = Operation(EVERY_SERVICE, "list_parked", ListParked, ParkedPage)
RETRY_PARKED = Operation(EVERY_SERVICE, "retry_parked", RetryParked, Retried)
LIST_QUEUES = Operation(EVERY_SERVICE, "list_queues", ListQueues, QueueReport)
