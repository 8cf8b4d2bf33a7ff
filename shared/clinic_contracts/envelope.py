"""The event envelope: CloudEvents 1.0 attributes and extensions around a typed ``data``.

Names follow the CloudEvents specification where it has one (``sequence`` and ``traceparent`` are
its documented extensions); ``locationid``, ``actor``, ``correlationid``, ``causationid`` are ours.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from clinic_contracts.context import CallContext
from clinic_contracts.errors import Permanent
from clinic_contracts.schemas import load_event_data
from clinic_contracts.trusted import dump

D = TypeVar("D")
_CLASSES: dict[str, type] = {}
_TYPES: dict[type, str] = {}


def event(type_: str) -> Callable[[type[D]], type[D]]:
    """Register a frozen dataclass as the data of ``producer.name.vN``."""

    def register(cls: type[D]) -> type[D]:
        if type_ in _CLASSES:
            message = f"event type {type_} is declared twice"
            raise ValueError(message)
        _CLASSES[type_] = cls
        _TYPES[cls] = type_
        return cls

    return register


def event_types() -> Mapping[str, type]:
    """Return every registered event type with its dataclass."""
    return dict(_CLASSES)


def type_of(cls: type) -> str:
    """Return the event type, such as ``booking.appointment_booked.v1``, of a dataclass."""
    return _TYPES[cls]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One fact: ``data`` about the aggregate ``subject``, the ``seq``-th of that aggregate."""

    id: str
    type: str
    subject: str
    seq: int
    occurred_at: datetime
    data: Any
    actor: str
    correlation_id: str
    location_id: str = ""
    causation_id: str = ""
    traceparent: str = ""

    @property
    def source(self) -> str:
        """The service that produced the event."""
        return self.type.partition(".")[0]

    def caused(self) -> CallContext:
        """Return the context for what a consumer does because of this event.

        Its operation id is the event's id, so an effect keyed by it happens once.
        """
        return CallContext(
            actor=self.actor,
            correlation_id=self.correlation_id,
            operation_id=self.id,
            traceparent=self.traceparent,
            causation_id=self.id,
        )


def to_wire(envelope: Event) -> dict[str, Any]:
    """Return the event as a JSON-able CloudEvents document."""
    return {
        "specversion": "1.0",
        "id": envelope.id,
        "source": envelope.source,
        "type": envelope.type,
        "subject": envelope.subject,
        "sequence": envelope.seq,
        "time": envelope.occurred_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "datacontenttype": "application/json",
        "locationid": envelope.location_id,
        "actor": envelope.actor,
        "correlationid": envelope.correlation_id,
        "causationid": envelope.causation_id,
        "traceparent": envelope.traceparent,
        "data": dump(envelope.data),
    }


def from_wire(document: Mapping[str, Any]) -> Event:
    """Read a CloudEvents document, tolerating members that a newer producer adds.

    Raises Permanent when the type or its major version is unknown here, or data does not fit.
    """
    type_ = document.get("type", "")
    cls = _CLASSES.get(type_)
    if cls is None:
        message = f"event type {type_!r} is unknown here: deploy a version that reads it"
        raise Permanent(message)
    try:
        return Event(
            id=document["id"],
            type=type_,
            subject=document["subject"],
            seq=int(document["sequence"]),
            occurred_at=datetime.fromisoformat(document["time"]),
            data=load_event_data(cls, document["data"]),
            actor=document.get("actor", ""),
            correlation_id=document.get("correlationid", ""),
            location_id=document.get("locationid", ""),
            causation_id=document.get("causationid", ""),
            traceparent=document.get("traceparent", ""),
        )
    except (KeyError, ValueError, TypeError) as error:
        message = f"event {document.get('id')} of type {type_} cannot be read: {error}"
        raise Permanent(message) from error
