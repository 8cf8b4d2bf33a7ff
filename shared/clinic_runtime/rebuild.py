"""Rebuild: a service's projections made anew from the journals, while the service is stopped.

A half-made projection would have it decide on what is not so: remind of a visit that is cancelled
two events later. So this process handles the events in its stead, with its handlers alone: no
timer fires and no call is answered before everything has been heard. Effects (messages, invoices)
stay as they are; they are keyed, so no event makes one a second time.
"""

import inspect
import re
from collections.abc import Iterator
from typing import Any

import eventlet

from clinic_runtime import replay, topology
from clinic_runtime.events import EventHandler
from clinic_runtime.replay import Hands, Progress, Replay, ReplayStopped
from clinic_runtime.workers import Workers

INBOX = "inbox"
IDLE_LOOKS = 3
"""So often in a row nothing waits and nothing is in hand before it counts as done."""


def rebuild(service: type, config: dict[str, Any], hands: Hands) -> Iterator[Progress]:
    """Clear the projections and the inbox, replay from the start, end when all is handled.

    What the service tells itself is left out: it is stopped, and keeps no projection of itself.
    Yields as a replay does. Raises ReplayStopped; before anything is cleared when the service runs
    or a producer is away.
    """
    replaying = Replay(service, hands, itself=False)
    _refuse_running(replaying)
    replaying.ask_producers()  # nothing is cleared that could not be made anew
    database = hands.mongo.database
    for name in service.projections:  # type: ignore[attr-defined]  # Operable's
        database[name].delete_many({})
    # What it heard of itself stays recorded as handled: it will not be heard again.
    database[INBOX].delete_many({"type": {"$not": re.compile(rf"^{replaying.service}[.]")}})
    with replay.contained(handlers_of(service), config) as container:
        yield from replaying.run({})
        _wait_until_handled(replaying, container)


def handlers_of(service: type) -> type:
    """Return the service's class with its handlers of events as the only entrypoints."""
    others = {
        name: None
        for name, method in inspect.getmembers(service, inspect.isfunction)
        if any(not isinstance(e, EventHandler) for e in getattr(method, "nameko_entrypoints", ()))
    }
    return type(f"{service.__name__}Handlers", (service,), others)


def _refuse_running(replaying: Replay) -> None:
    with replaying.counting() as counter:
        found = counter.count(topology.events_queue(replaying.service).name)
    if found is not None and found.consumers:
        raise ReplayStopped(f"{replaying.service} runs: stop every process of it first")


def _wait_until_handled(replaying: Replay, container: Any) -> None:  # noqa: ANN401 (nameko)
    names = [queue.name for queue in topology.consumer_queues(replaying.service)]
    workers = next(each for each in container.subextensions if isinstance(each, Workers))
    looks = 0
    with replaying.counting() as counter:
        while looks < IDLE_LOOKS:
            at_work = workers.at_work.total()
            waits = sum(found.ready for found in counter.count_all(names))
            looks = 0 if at_work or waits else looks + 1
            eventlet.sleep(replay.LOOK_SECONDS)
