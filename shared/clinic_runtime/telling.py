"""For tests: producers with journals, what they tell, and what a consumer makes of it."""

import hashlib
import random
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo.database import Database

from clinic_contracts import envelope
from clinic_runtime import topology
from clinic_runtime.clock import now
from clinic_runtime.ids import new_id
from clinic_runtime.journal import Journal
from clinic_runtime.link import open_connection
from clinic_runtime.operations import Operable
from clinic_runtime.packing import packed
from clinic_runtime.testing import running

Documents = Database[dict[str, Any]]


def told(subject: str, seq: int, data: Any) -> envelope.Event:  # noqa: ANN401 (any contract event)
    """Return the event that carries ``data``, of now."""
    return envelope.Event(
        id=new_id("evt"),
        type=envelope.type_of(type(data)),
        subject=subject,
        seq=seq,
        occurred_at=now(),
        data=data,
        actor="staff:test",
        correlation_id="c",
    )


def journalled(database: Documents, *events: envelope.Event) -> None:
    """Append events to a service's journal as its relay does, at the next positions."""
    Journal(database).record(
        [{"id": e.id, "at": e.occurred_at, "event": envelope.to_wire(e)} for e in events]
    )


@contextmanager
def producers(
    database: Documents, config: dict[str, Any], events: Sequence[envelope.Event]
) -> Iterator[None]:
    """Run a stand-in of each producer that told these events, its journal beside ``database``."""
    names = sorted({event.source for event in events})
    journals = {name: database.client[f"{database.name}_{name}"] for name in names}
    with ExitStack() as stack:
        for name, journal in journals.items():
            journalled(journal, *(event for event in events if event.source == name))
            stand_in = type(name.title(), (Operable,), {"name": name})
            stack.enter_context(running(stand_in, {**config, "database": journal.name}))
            stack.callback(database.client.drop_database, journal)
        yield


def forget(amqp_uri: str, service: str) -> None:
    """Empty a consumer's queues of what other tests sent."""
    with open_connection(amqp_uri) as connection:
        for queue in topology.consumer_queues(service):
            channel = connection.channel()
            channel.queue_declare(
                queue.name, durable=True, auto_delete=False, arguments=queue.arguments
            )
            channel.queue_purge(queue.name)


def deliver(amqp_uri: str, service: str, events: Sequence[envelope.Event]) -> None:
    """Put events into a consumer's queue in any order, the first few of them twice."""
    order = [*events, *events[:5]]
    random.Random(2026).shuffle(order)  # noqa: S311 (an order that repeats)
    with open_connection(amqp_uri) as connection:
        channel = connection.channel()
        channel.confirm_select()
        for event in order:
            message = packed([envelope.to_wire(event)])[0].message
            queue = topology.events_queue(service).name
            channel.basic_publish_confirm(message, routing_key=queue)


def fingerprints(database: Documents, names: Iterable[str]) -> dict[str, str]:
    """Return of each collection a hash of its documents' very bytes, in the order of their ids."""
    raw: CodecOptions[RawBSONDocument] = CodecOptions(document_class=RawBSONDocument)
    found = {}
    for name in names:
        documents: Any = database.get_collection(name, codec_options=raw).find().sort("_id", 1)
        found[name] = hashlib.sha256(b"".join(each.raw for each in documents)).hexdigest()
    return found


def positions(database: Database[dict[str, Any]]) -> list[int]:
    """Return the positions in a journal, in their order."""
    return [row["position"] for row in database["journal"].find().sort("position", 1)]


def entry(id_: str, subject: str = "sheet") -> dict[str, Any]:
    """Return what an outbox holds of an event: just what the journal looks at."""
    made = {"type": "press.sheet_printed.v1", "subject": subject, "sequence": 1}
    return {"id": id_, "at": now(), "event": {**made, "correlationid": "1"}}
