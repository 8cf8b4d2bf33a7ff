"""The event envelope: CloudEvents 1.0 attributes and extensions around a typed ``data``.

Names follow the CloudEvents specification where it has one (``sequence`` and ``traceparent`` are
its documented extensions); ``locationid``, ``actor``, ``correlationid``, ``causationid`` are ours.
"""

import json
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from clinic_contracts.context import CallContext
from clinic_contracts.errors import Permanent
from clinic_contracts.trusted import dump, read

D = TypeVar("D")
_CLASSES: dict[str, type] = {}
_TYPES: dict[type, str] = {}
_EARLIER: dict[str, Callable[[Any], Any]] = {}


def event(type_: str, earlier: Callable[[Any], Any] | None = None) -> Callable[[type[D]], type[D]]:
    """Register a frozen dataclass as the data of ``producer.name.vN``.

    ``earlier`` makes of it the data of the version before, which then travels along for the
    consumers that have not moved yet.
    """

    def register(cls: type[D]) -> type[D]:
        if type_ in _CLASSES:
            message = f"event type {type_} is declared twice"
            raise ValueError(message)
        _CLASSES[type_] = cls
        _TYPES[cls] = type_
        if earlier is not None:
            _EARLIER[type_] = earlier
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
    """Return the event as a JSON-able CloudEvents document.

    Member ``earlier``, where there is one, holds the data in earlier versions by type, as JSON
    text: an extension of CloudEvents may not be an object.
    """
    document = {
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
    earlier = _earlier(envelope.type, envelope.data)
    return {**document, "earlier": json.dumps(earlier)} if earlier else document


def _earlier(type_: str, data: Any) -> dict[str, Any]:  # noqa: ANN401 (any contract event)
    found = {}
    while type_ in _EARLIER:
        data = _EARLIER[type_](data)
        type_ = type_of(type(data))
        found[type_] = dump(data)
    return found


def newest(document: Mapping[str, Any], handled: Container[str]) -> str | None:
    """Return the newest of the event types a document can be read as that is in ``handled``."""
    told = [document.get("type", ""), *json.loads(document.get("earlier", "{}"))]
    return next((type_ for type_ in told if type_ in handled), None)


def from_wire(document: Mapping[str, Any], type_: str = "") -> Event:
    """Read a CloudEvents document as ``type_``, which is its own or one that travels along.

    Tolerates members that a newer producer adds. Raises Permanent when the type or its major
    version is unknown here, or data does not fit.
    """
    own = document.get("type", "")
    type_ = type_ or own
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
            data=read(
                cls, document["data"] if type_ == own else json.loads(document["earlier"])[type_]
            ),
            actor=document.get("actor", ""),
            correlation_id=document.get("correlationid", ""),
            location_id=document.get("locationid", ""),
            causation_id=document.get("causationid", ""),
            traceparent=document.get("traceparent", ""),
        )
    except (KeyError, ValueError, TypeError) as error:
        message = f"event {document.get('id')} of type {type_} cannot be read: {error}"
        raise Permanent(message) from error
