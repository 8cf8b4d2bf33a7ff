"""The part of a service's verification that is the same everywhere."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from pymongo.database import Database

from clinic_contracts import catalogue
from clinic_runtime.clock import now
from clinic_runtime.inbox import INBOX_DAYS
from clinic_runtime.relay import PENDING

COUNTED_DAYS = INBOX_DAYS - 1


def base_counts(
    database: Database[dict[str, Any]], outboxes: Sequence[str]
) -> tuple[dict[str, int], dict[str, int]]:
    """Return findings (``unpublished_events``, ``parked``) and counts of events.

    Over all services ``deliveries_expected`` (each event times its consumers) is
    ``deliveries_handled`` plus ``parked`` once everything has had its effect. Both count the
    events of the last 89 days, since deliveries are remembered for 90.
    """
    consumers = catalogue.consumers()
    findings = {
        "unpublished_events": sum(_waiting(database, name) for name in outboxes),
        "parked": database["parked"].count_documents({}),
    }
    counts = {
        "events_published": database["journal"].count_documents({}),
        "events_consumed": database["inbox"].count_documents({}),
        "deliveries_expected": sum(
            number * len(consumers.get(type_, ()))
            for type_, number in _by_type(database, "journal", "at").items()
        ),
        "deliveries_handled": sum(_by_type(database, "inbox", "occurred_at").values()),
    }
    return findings, counts


def _by_type(database: Database[dict[str, Any]], name: str, at: str) -> dict[str, int]:
    midnight = datetime.combine(now().date(), time(), UTC)
    pipeline: list[dict[str, Any]] = [
        {"$match": {at: {"$gte": midnight - timedelta(days=COUNTED_DAYS)}}},
        {"$group": {"_id": "$type", "number": {"$sum": 1}}},
    ]
    return {row["_id"]: row["number"] for row in database[name].aggregate(pipeline)}


def _waiting(database: Database[dict[str, Any]], name: str) -> int:
    pipeline: list[dict[str, Any]] = [
        {"$match": PENDING},
        {"$group": {"_id": None, "events": {"$sum": {"$size": "$outbox"}}}},
    ]
    return sum(row["events"] for row in database[name].aggregate(pipeline))
