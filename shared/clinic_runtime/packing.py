"""Events on the wire: those of one type that leave together travel in one message.

A message of ours is a CloudEvents batch (CloudEvents 1.0, JSON event format, section 4). One that
comes back from waiting or from being parked is a single event.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import amqp

from clinic_runtime.ids import derived_id
from clinic_runtime.wire import decode, encode

Document = dict[str, Any]
EVENTS_A_MESSAGE = 50
BYTES_A_MESSAGE = 256 * 1024
BATCH = "application/cloudevents-batch+json"
SINGLE = "application/cloudevents+json"


class Pack:
    """Events on their way out, of one type if it has one."""

    def __init__(self, type_: str) -> None:
        """Start empty."""
        self.type = type_
        self.ids: list[str] = []
        self.texts: list[bytes] = []
        self.room = BYTES_A_MESSAGE

    def add(self, id_: str, text: bytes) -> None:
        """Put an event in."""
        self.ids.append(id_)
        self.texts.append(text)
        self.room -= len(text)

    def has_room(self, text: bytes) -> bool:
        """Say whether one more fits."""
        return len(self.texts) < EVENTS_A_MESSAGE and len(text) <= self.room

    @property
    def message(self) -> Any:  # noqa: ANN401 (amqp is untyped)
        """The message that holds them."""
        return amqp.Message(
            b"[" + b",".join(self.texts) + b"]",
            content_type=BATCH,
            delivery_mode=2,
            type=self.type,
        )


def packed(events: Sequence[Document]) -> list[Pack]:
    """Put events, as wire documents, into as few messages as keep each subject's in their order.

    Raises TypeError for what is no JSON.
    """
    packs: list[Pack] = []
    filling: dict[str, Pack] = {}
    types: dict[str, str] = {}
    for event in events:
        type_, subject, text = event["type"], event["subject"], encode(event)
        if types.get(subject, type_) != type_:  # it must not overtake what its subject told before
            filling.clear()
            types.clear()
        types[subject] = type_
        pack = filling.get(type_)
        if pack is None or not pack.has_room(text):
            pack = filling[type_] = Pack(type_)
            packs.append(pack)
        pack.add(event["id"], text)
    return packs


def in_order(events: Iterable[Document]) -> list[Pack]:
    """Put events of whatever types into messages for one queue, all in their order."""
    packs: list[Pack] = []
    for event in events:
        text = encode(event)
        if not packs or not packs[-1].has_room(text):
            packs.append(Pack(""))
        packs[-1].add(event["id"], text)
    return packs


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event of a message in hand; ``document`` is None where it cannot be read."""

    message: Any
    document: Any
    alone: bool

    @property
    def body(self) -> str | bytes:
        """The event as JSON; as it came, where it came alone."""
        whole: str | bytes = self.message.body
        return whole if self.alone else encode(self.document).decode()

    @property
    def id(self) -> str:
        """Its id, or one derived from what came where it has none."""
        told = self.message.properties.get("message_id")
        if not told and isinstance(self.document, dict):
            told = self.document.get("id")
        return str(told or derived_id("parked", str(self.body)))

    @property
    def type(self) -> str:
        """Its type, nothing where it has none."""
        told = self.document.get("type") if isinstance(self.document, dict) else None
        return str(told or self.message.properties.get("type", ""))

    @property
    def headers(self) -> Document:
        """What the message says besides."""
        return self.message.properties.get("application_headers") or {}


def unpacked(message: Any) -> list[Delivery]:  # noqa: ANN401 (amqp is untyped)
    """Return the events of a message, at least one whatever it holds."""
    try:
        document = decode(message.body)
    except ValueError:
        return [Delivery(message, None, alone=True)]
    if isinstance(document, list) and document:
        return [Delivery(message, event, alone=False) for event in document]
    return [Delivery(message, document, alone=True)]


def single(delivery: Delivery, **properties: Any) -> Any:  # noqa: ANN401 (amqp is untyped)
    """Return a message of one event alone."""
    return amqp.Message(
        delivery.body,
        content_type=SINGLE,
        delivery_mode=2,
        message_id=delivery.id,
        type=delivery.type,
        **properties,
    )
