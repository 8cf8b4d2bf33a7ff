"""Event lag: from a write's acknowledgement to its effect in another service, under half load.

Notification's effect of a booking is the confirmation it plans; billing's, of a treatment given,
the invoice. Both are seen by change streams, whose own milliseconds count as lag.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pymongo.collection import Collection

from clinic_deploy.demo.api import wait_for
from tests.load import slices
from tests.load.client import Orders
from tests.load.contenders import Contender, Stage
from tests.load.slots import Plan
from tests.load.stats import percentile

CONNECTIONS = 64
FULFILLED_EVERY = 5
EFFECT_SECONDS = 30
ARRIVING_SECONDS = 60


@dataclass
class Seen:
    """When each appointment's effect was first seen, in unix time."""

    at: dict[str, float] = field(default_factory=dict)


def measure(
    stage: Stage, contender: Contender, plan: Plan, rate: float, seconds: float
) -> dict[str, Any]:
    """Return lags in ms; one write in five is a treatment given, the others are bookings."""
    ready = _arrived(contender, plan, int(rate * seconds / FULFILLED_EVERY) + 1)
    orders = Orders(
        port=contender.port,
        connections=CONNECTIONS,
        seconds=seconds,
        headers=contender.headers,
        method="POST",
        paths=[f"/v1/appointments/{id_}/fulfil" for id_ in ready],
        plan=plan.to_json(),
        first=contender.taken,
        key=f"lag-{contender.taken}",
        other_every=FULFILLED_EVERY,
        rate=rate,
        keep=True,
    )
    planned = stage.admin["notification"]["messages"]
    invoiced = stage.admin["billing"]["invoices"]
    with (
        _watching(planned, "appointment_id") as told,
        _watching(invoiced, "state.appointment_id") as billed,
    ):
        answer = slices.run(orders)
        contender.taken += answer["issued"]
        written = {"book": told, "other": billed}
        lags = {kind: _lags(answer["acknowledged"], kind, seen) for kind, seen in written.items()}
    every = lags["book"] + lags["other"]
    return {
        "rate": rate,
        "writes": len(every),
        "p50_ms": percentile(every, 50),
        "p99_ms": percentile(every, 99),
        "notification_p50_ms": percentile(lags["book"], 50),
        "notification_p99_ms": percentile(lags["book"], 99),
        "billing_p50_ms": percentile(lags["other"], 50),
        "billing_p99_ms": percentile(lags["other"], 99),
        "refused": sum(answer["refused"].values()),
    }


def _arrived(contender: Contender, plan: Plan, count: int) -> list[str]:
    """Book visits and have their clients arrive; return the ids."""
    booked = slices.run(
        Orders(
            port=contender.port,
            connections=8,
            seconds=ARRIVING_SECONDS,
            headers=contender.headers,
            plan=plan.to_json(),
            first=contender.taken,
            key=f"arrive-{contender.taken}",
            limit=count,
            keep=True,
        )
    )
    contender.taken += booked["issued"]
    ids = [id_ for id_, _, _ in booked["acknowledged"]]
    arrived = slices.run(
        Orders(
            port=contender.port,
            connections=8,
            seconds=ARRIVING_SECONDS,
            headers=contender.headers,
            method="POST",
            paths=[f"/v1/appointments/{id_}/arrive" for id_ in ids],
            key=f"arrive-{contender.taken}",
            limit=len(ids),
        )
    )
    refused = {**booked["refused"], **arrived["refused"]}
    if refused or len(ids) < count:
        raise SystemExit(f"{count} visits were to be booked and arrived; refused: {refused}")
    contender.drain()
    return ids


def _lags(acknowledged: list[tuple[str, str, float]], kind: str, seen: Seen) -> list[float]:
    """Return the lag of each write of a kind in ms; waits until each had its effect."""
    written = {id_: at for id_, which, at in acknowledged if which == kind}
    wait_for(f"{len(written)} effects", lambda: written.keys() <= seen.at.keys(), EFFECT_SECONDS)
    return [max(0.0, 1_000 * (seen.at[id_] - at)) for id_, at in written.items()]


@contextmanager
def _watching(collection: Collection[dict[str, Any]], field_: str) -> Iterator[Seen]:
    """Note when a document of each appointment is inserted."""
    seen, ended = Seen(), threading.Event()
    path = f"fullDocument.{field_}"
    pipeline: list[dict[str, Any]] = [
        {"$match": {"operationType": "insert"}},
        {"$project": {path: 1}},
    ]

    def watch() -> None:
        while not ended.is_set():
            change = stream.try_next()
            if change is not None:
                found: Any = change
                for part in path.split("."):
                    found = found[part]
                seen.at.setdefault(found, time.time())

    with collection.watch(pipeline, max_await_time_ms=200) as stream:
        thread = threading.Thread(target=watch, daemon=True)
        thread.start()
        try:
            yield seen
        finally:
            ended.set()
            thread.join()
