"""What becomes of a delivery that failed: it waits in a retry queue, or it is parked."""

import json
from collections.abc import Mapping
from typing import Any

from clinic_contracts.envelope import Event
from clinic_contracts.errors import Permanent, RetryLater
from clinic_runtime import topology
from clinic_runtime.clock import now
from clinic_runtime.mongo import is_away, said
from clinic_runtime.observability import EVENTS_HANDLED, get_logger
from clinic_runtime.packing import Delivery, single

log = get_logger(__name__)
FAILURES_BEFORE_PARKING = 6
WAITS_BEFORE_PARKING = 120
ERROR_LENGTH = 500
HISTORY_KEPT = 20


def is_next(event: Event, stored_seq: int) -> bool:
    """Say whether an event is the next step after ``stored_seq``; False if it was taken before.

    For a projection that needs every step, not the latest state alone, of an aggregate that tells
    an event with each version. Raises RetryLater while a step is missing: the event waits for it
    and, should it never come, is parked with what is missing as the reason.
    """
    if event.seq > stored_seq + 1:
        detail = f"step {stored_seq + 1} of {event.subject} is missing: {event.seq} came"
        raise RetryLater(detail)
    return event.seq == stored_seq + 1


def again(service: str, delivery: Delivery, error: BaseException) -> tuple[str, str, Any]:
    """Return what to publish of a delivery that failed: to wait, or to be parked."""
    headers = delivery.headers
    described = said(error)[:ERROR_LENGTH]
    described = described.encode(errors="replace").decode()
    failures = [*history(headers), {"at": now().isoformat(), "error": described}]
    failures = failures[-HISTORY_KEPT:]
    # An outage of the database is not the event's fault, however long it lasts.
    attempt = int(headers.get("x-attempt", 0)) + (0 if is_away(error) else 1)
    limit = WAITS_BEFORE_PARKING if isinstance(error, RetryLater) else FAILURES_BEFORE_PARKING
    parks = isinstance(error, Permanent) or attempt >= limit
    step = min(len(failures), len(topology.RETRY_SECONDS)) - 1
    queue = topology.parked_queue(service) if parks else topology.retry_queue(service, step)
    EVENTS_HANDLED.labels(delivery.type, "parked" if parks else "retried").inc()
    log.warning("event.failed", error=described, attempt=attempt, parked=parks)
    told = {"x-attempt": attempt, "x-error": described, "x-history": json.dumps(failures)}
    return "", queue.name, single(delivery, application_headers=told)


def history(headers: Mapping[str, Any]) -> list[Any]:
    """Return the failures so far, each with its time and error."""
    try:
        return list(json.loads(headers.get("x-history", "[]")))
    except (ValueError, TypeError):  # not of our making
        return []
