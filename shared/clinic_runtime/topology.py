"""Every exchange and queue, by name and arguments, in one place.

Queue arguments cannot change once a queue exists: a change needs a new version in its name.
"""

from dataclasses import dataclass
from typing import Any

RETRY_SECONDS = (0.5, 2.5, 12.5, 30.0)
DELIVERY_LIMIT = 10
UNUSED_MILLISECONDS = 10_000
SERVICES = ("booking", "client_profile", "notification", "billing", "gateway")


@dataclass(frozen=True, slots=True)
class Queue:
    """A durable queue and its arguments."""

    name: str
    arguments: dict[str, Any]
    auto_delete: bool = False


def exchange(producer: str) -> str:
    """Return the topic exchange on which a service publishes its events."""
    return f"{producer}.events"


def rpc_queue(service: str) -> Queue:
    """Return the queue of a service's operations.

    It goes with its last consumer, so that asking an absent service is answered at once. One that
    a restarted broker still has, and nobody comes to consume, goes after a while.
    """
    return Queue(f"rpc.{service}.v1", {"x-expires": UNUSED_MILLISECONDS}, auto_delete=True)


def relay_queue(service: str) -> Queue:
    """Return the queue of the replica that relays; it goes with it, so a poke for none returns."""
    return Queue(f"{service}.relay", {}, auto_delete=True)


def binding(type_: str) -> str:
    """Return the key by which a queue is bound to an event: every major version of it.

    One that the consumer does not handle must reach it, to be parked and not lost.
    """
    return f"{type_.rpartition('.')[0]}.*"


def events_queue(service: str) -> Queue:
    """Return the queue of events a service consumes; what kills its process is parked."""
    return Queue(
        f"{service}.events.v1",
        {
            "x-queue-type": "quorum",
            "x-delivery-limit": DELIVERY_LIMIT,
            "x-dead-letter-exchange": "",
            "x-dead-letter-routing-key": parked_queue(service).name,
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",
        },
    )


def retry_queue(service: str, step: int) -> Queue:
    """Return the queue in which a failed event waits before it comes back."""
    return Queue(
        f"{service}.retry.{step}.v1",
        {
            "x-queue-type": "quorum",
            "x-message-ttl": int(RETRY_SECONDS[step] * 1000),
            "x-dead-letter-exchange": "",
            "x-dead-letter-routing-key": f"{service}.events.v1",
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",
        },
    )


def parked_queue(service: str) -> Queue:
    """Return the queue on the way to the service's ``parked`` collection."""
    return Queue(f"{service}.parked.v1", {"x-queue-type": "quorum"})


def consumer_queues(service: str) -> tuple[Queue, ...]:
    """Return every queue a consumer of events declares."""
    retries = tuple(retry_queue(service, step) for step in range(len(RETRY_SECONDS)))
    return (events_queue(service), parked_queue(service), *retries)


def passing_queue(service: str, id_: str) -> str:
    """Return the name of a queue on which one process sees events pass; it goes with it."""
    return f"{service}.passing.{id_}"
