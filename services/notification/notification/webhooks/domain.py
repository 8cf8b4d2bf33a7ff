"""What a webhook tells and to whom, with which secrets it is signed, and when it is tried again.

Rules are those of Standard Webhooks (its specification's sections "Payload structure", "Webhook
headers" and "Deliverability and reliability").
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from clinic_contracts.billing.events import (
    ClaimChanged,
    InvoiceIssued,
    InvoiceVoided,
    PaymentReceived,
    PaymentRefunded,
)
from clinic_contracts.envelope import Event

TOLD: Mapping[type, tuple[str, ...]] = {
    InvoiceIssued: ("invoice_id",),
    InvoiceVoided: ("invoice_id",),
    PaymentReceived: ("payment_id", "invoice_id", "receipt_id"),
    PaymentRefunded: ("refund_id", "payment_id", "invoice_id", "receipt_id"),
    ClaimChanged: ("claim_id", "invoice_id"),
}
"""Of each event the ids it is told in: who may know more asks the API, which knows who may."""

PAUSES = (
    timedelta(),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""How long each try waits after the one before."""
TRIES = len(PAUSES)
JITTER = 0.1
"""The part of a pause by which it may be longer: what failed together is not tried together."""
BOTH_SECRETS = timedelta(hours=24)
OLDEST = timedelta(days=14)
"""Older events are not told: a rebuild hands them over again, when their delivery may be gone."""
KEPT = timedelta(days=30)
GONE = 410
SUCCESS = range(200, 300)
REDIRECTION = range(300, 400)

Outcome = Literal["delivered", "gone", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """A ``whsec_`` secret, the operation that made it, and until when it signs (None: no end)."""

    value: str
    operation_id: str
    fingerprint: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Who is told: ``location_ids`` None means of every location; the newest secret is first."""

    id: str
    url: str
    event_types: tuple[str, ...]
    location_ids: tuple[str, ...] | None
    created_at: datetime
    secrets: tuple[Secret, ...]
    status: Literal["enabled", "disabled"] = "enabled"

    def hears(self, event: Event) -> bool:
        """Say whether the endpoint is told of an event: not of what was before it."""
        return (
            self.status == "enabled"
            and event.type in self.event_types
            and event.occurred_at >= self.created_at
            and (self.location_ids is None or event.location_id in self.location_ids)
        )

    def signing(self, now: datetime) -> tuple[str, ...]:
        """Return the secrets that sign now: two for a day after a rotation."""
        return tuple(each.value for each in self.secrets if each.until is None or now < each.until)

    def rotated(self, secret: Secret, now: datetime) -> "Endpoint":
        """Return the endpoint with a new secret; the one before signs for another day."""
        before = replace(self.secrets[0], until=now + BOTH_SECRETS)
        return replace(self, secrets=(secret, before))

    def made_by(self, operation_id: str) -> Secret | None:
        """Return the secret that an operation made, so that its repeat is answered the same."""
        return next((each for each in self.secrets if each.operation_id == operation_id), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """An event for an endpoint, tried ``attempts`` times; ``event_id`` is its ``webhook-id``."""

    id: str
    endpoint_id: str
    event_id: str
    event_type: str
    body: str
    attempts: int = 0


def is_told(event: Event, now: datetime) -> bool:
    """Say whether an event is still news."""
    return event.occurred_at >= now - OLDEST


def body_of(event: Event) -> str:
    """Return what is posted: JSON of ``type``, ``timestamp`` and the ids of ``data``."""
    data: dict[str, Any] = {name: getattr(event.data, name) for name in TOLD[type(event.data)]}
    if event.location_id:
        data["location_id"] = event.location_id
    at = event.occurred_at.astimezone(UTC).isoformat(timespec="milliseconds")
    return json.dumps({"type": event.type, "timestamp": at, "data": data}, separators=(",", ":"))


def next_try(attempts: int, now: datetime, jitter: float) -> datetime | None:
    """Return when to try again after ``attempts`` tries, or None: that was the last.

    ``jitter`` from 0 to 1 lengthens the pause by up to a tenth.
    """
    if attempts >= TRIES:
        return None
    return now + PAUSES[attempts] * (1 + JITTER * jitter)


def outcome(status: int) -> Outcome:
    """Return what an HTTP status means; redirections are not followed, so they are failures."""
    if status in SUCCESS:
        return "delivered"
    return "gone" if status == GONE else "failed"


def failure(status: int) -> str:
    """Return in words why a status is a failure."""
    answered = f"the endpoint answered {status}"
    return f"{answered}: redirections are not followed" if status in REDIRECTION else answered
