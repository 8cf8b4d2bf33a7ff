"""What notification can be asked, and how it answers."""

from dataclasses import dataclass

from clinic_contracts.constraints import Cursor, Id, Instant, Limit


@dataclass(frozen=True, slots=True, kw_only=True)
class ListMessages:
    """Messages of a client or of an appointment, newest first."""

    client_id: Id | None = None
    appointment_id: Id | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageView:
    """A message: ``state`` is scheduled, sending, sent, skipped or failed; ``reason`` says why."""

    id: str
    kind: str
    channel: str
    state: str
    reason: str
    location_id: str
    client_id: str
    appointment_id: str
    appointment_version: int
    due_at: Instant
    sent_at: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagePage:
    """A page of messages."""

    items: tuple[MessageView, ...]
    next: str | None = None
