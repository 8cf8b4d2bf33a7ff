"""The part of a service's verification that is the same everywhere."""

from collections.abc import Sequence
from typing import Any

from pymongo.database import Database

from clinic_runtime.relay import PENDING


def base_counts(
    database: Database[dict[str, Any]], outboxes: Sequence[str]
) -> tuple[dict[str, int], dict[str, int]]:
    """Return findings (``unpublished_events``, ``parked``) and counts of published and consumed."""
    waiting = sum(_waiting(database, name) for name in outboxes)
    findings = {
        "unpublished_events": waiting,
        "parked": database["parked"].count_documents({}),
    }
    counts = {
        "events_published": database["journal"].count_documents({}),
        "events_consumed": database["inbox"].count_documents({}),
    }
    return findings, counts


def _waiting(database: Database[dict[str, Any]], name: str) -> int:
    pipeline: list[dict[str, Any]] = [
        {"$match": PENDING},
        {"$group": {"_id": None, "events": {"$sum": {"$size": "$outbox"}}}},
    ]
    return sum(row["events"] for row in database[name].aggregate(pipeline))
