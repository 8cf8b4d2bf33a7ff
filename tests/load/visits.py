"""The appointment document that baselines write: booking's own, without events.

Same fields, same claims: one key per resource and 5-minute tick, turnover included.
"""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

TIMEZONE = "America/Vancouver"
MINUTES, TURNOVER = 60, 15
PRICE = {"amount_minor": 11500, "currency": "CAD"}
POLICY = {
    "window_hours": 24,
    "late_fee_percent": 50,
    "no_show_fee_percent": 100,
    "illness_exempt": True,
    "deposit_percent": 0,
    "deposit_amount": None,
}
TICK_SECONDS = 300
LOCAL_LENGTH = len("2026-12-01T10:00")
UNIQUE_CLAIMS: dict[str, Any] = {
    "unique": True,
    "partialFilterExpression": {"claims": {"$exists": True}},
}
"""The index on ``claims``, as booking makes it."""


def document(body: dict[str, str]) -> dict[str, Any]:
    """Return the document of a visit; raises ValueError off the tick."""
    there = ZoneInfo(TIMEZONE)
    start = datetime.fromisoformat(body["local_start"]).replace(tzinfo=there).astimezone(UTC)
    first, off = divmod(int(start.timestamp()), TICK_SECONDS)
    if off:
        raise ValueError("times are on a 5-minute tick")
    ticks = range(first, first + (MINUTES + TURNOVER) * 60 // TICK_SECONDS)
    resources = (body["practitioner_id"], body["room_id"])
    return {
        "status": "booked",
        "location_id": body["location_id"],
        "practitioner_id": body["practitioner_id"],
        "room_id": body["room_id"],
        "client_id": body["client_id"],
        "treatment_id": body["treatment_id"],
        "start": start,
        "end": start + timedelta(minutes=MINUTES),
        "local_start": body["local_start"][:LOCAL_LENGTH],
        "timezone": TIMEZONE,
        "tzdata_version": "",
        "turnover": TURNOVER,
        "price": PRICE,
        "policy": POLICY,
        "reason": None,
        "equipment_id": None,
        "claims": [f"{resource}|{tick}" for resource in resources for tick in ticks],
        "version": 1,
    }


def view(found: dict[str, Any]) -> dict[str, Any]:
    """Return a stored visit as a caller sees it."""
    found["id"] = found.pop("_id")
    return found
