"""What is known once everything has come to rest: what clients were told, and what there is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.faults.load import Acknowledged

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """An appointment, as booking's database or the API has it; ``end`` includes the turnover."""

    id: str
    version: int
    status: str
    practitioner_id: str
    room_id: str
    start: datetime
    end: datetime
    local_start: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """An event in a journal."""

    id: str
    type: str
    subject: str
    seq: int
    data: Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """What ``service`` keeps of another's aggregate, and the last event it says it has seen."""

    service: str
    subject: str
    seq: int
    view: Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message; ``told_at``: when it may have reached the client; ``mail``: its file is there."""

    id: str
    appointment_id: str
    version: int
    kind: str
    state: str
    schedule: tuple[str, str, str]
    told_at: datetime | None
    mail: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A ledger entry."""

    key: str
    minor: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything that the verdict compares."""

    acknowledged: tuple[Acknowledged, ...] = ()
    unknown: tuple[str, ...] = ()
    stored: tuple[Visit, ...] = ()
    answered: tuple[Visit, ...] = ()
    journal: tuple[Fact, ...] = ()
    projections: tuple[Projection, ...] = ()
    handled: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Consumer to the ids of the events it says it handled."""
    parked: tuple[str, ...] = ()
    messages: tuple[Message, ...] = ()
    stray_mails: tuple[str, ...] = ()
    """Mail files that belong to no message."""
    invoices: tuple[tuple[str, str], ...] = ()
    """Invoice and appointment."""
    ledger: tuple[Entry, ...] = ()
    verified_imbalance_minor: int = 0
    verified_overlaps: int = 0
