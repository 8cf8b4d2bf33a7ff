"""What notification tells the world: that a message went out or did not, never its words."""

from dataclasses import dataclass

from clinic_contracts.constraints import Instant
from clinic_contracts.envelope import event


@event("notification.message_sent.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSent:
    """A message was handed to its channel; an offer's is about no appointment yet (empty)."""

    message_id: str
    kind: str
    channel: str
    client_id: str
    appointment_id: str
    sent_at: Instant


@event("notification.message_skipped.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSkipped:
    """A due message was not sent, and why."""

    message_id: str
    kind: str
    channel: str
    client_id: str
    appointment_id: str
    reason: str
