"""The relay: outbox → journal → broker, confirmed → cleared. Publish first, clear second.

A crash between the steps publishes an event twice, never not at all; consumers expect that.
"""

import json
from typing import Any

import amqp
import eventlet
from eventlet.event import Event
from nameko.extensions import DependencyProvider
from pymongo import ASCENDING, UpdateOne
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import BulkWriteError

from clinic_runtime.link import Link
from clinic_runtime.mongo import MongoLink
from clinic_runtime.observability import EVENTS_RELAYED, get_logger
from clinic_runtime.publisher import Publisher, RefusedError
from clinic_runtime.topology import exchange

log = get_logger(__name__)
Document = dict[str, Any]
DOCUMENTS_A_ROUND = 200
POLL_SECONDS = 0.2
LONGEST_BACK_OFF = 2.0
LAST_EFFORT_SECONDS = 5.0
DUPLICATE_KEY = 11_000
PENDING: Document = {"outbox.at": {"$exists": True}}


def ensure_collections(database: Database[Document], outboxes: tuple[str, ...]) -> None:
    """Make the index each outbox is found by, and the journal's."""
    for name in outboxes:
        database[name].create_index(
            [("outbox.at", ASCENDING)], partialFilterExpression=PENDING, name="outbox"
        )
    journal = database["journal"]
    journal.create_index([("subject", ASCENDING), ("seq", ASCENDING)])
    journal.create_index([("at", ASCENDING), ("_id", ASCENDING)])
    journal.create_index([("correlation_id", ASCENDING)])


class Outbox(DependencyProvider):  # type: ignore[misc]  # nameko is untyped
    """Relays the outboxes of the named collections; woken after each worker, else by polling."""

    mongo = MongoLink()
    link = Link()
    publisher = Publisher()

    def __init__(self, *collections: str) -> None:
        """Take the names of the collections whose documents carry an outbox."""
        self.collections = collections
        self.woken = Event()
        self.stopping = False
        self.thread: Any = None

    def setup(self) -> None:
        """Declare the exchange on each connection; make indexes once the database answers."""
        self.link.attach(self._declare, lambda: None)
        self.mongo.prepare(lambda database: ensure_collections(database, self.collections))

    def _declare(self, connection: Any) -> None:  # noqa: ANN401
        channel = connection.channel()
        channel.exchange_declare(
            exchange(self.container.service_name), "topic", durable=True, auto_delete=False
        )
        channel.close()

    def start(self) -> None:
        """Start relaying."""
        self.thread = self.container.spawn_managed_thread(self._run, identifier="outbox-relay")

    def stop(self) -> None:
        """Relay what is left, then stop."""
        self.stopping = True
        self.wake()
        if self.thread is not None:  # None: stopped while still waiting for the database
            with eventlet.Timeout(LAST_EFFORT_SECONDS, exception=False):
                self.thread.wait()

    def worker_result(self, worker_ctx: Any, result: Any = None, exc_info: Any = None) -> None:  # noqa: ANN401, ARG002
        """Wake the relay: the worker may have left an event."""
        self.wake()

    def get_dependency(self, worker_ctx: Any) -> "Outbox":  # noqa: ANN401, ARG002
        """Return the relay itself, for a method that wants to wake it early."""
        return self

    def wake(self) -> None:
        """Have the relay look now."""
        if not self.woken.ready():
            self.woken.send(None)

    def _run(self) -> None:
        back_off = POLL_SECONDS
        while True:
            last = self.stopping  # asked before looking: what was written until then is found
            try:
                relayed = self._drain()
                back_off = POLL_SECONDS
            except Exception as error:  # noqa: BLE001 (whatever it is, the events must leave later)
                log.warning("relay.delayed", error=repr(error))
                relayed = 0
                back_off = min(back_off * 2, LONGEST_BACK_OFF)
            if last and not relayed:
                return
            if not relayed:
                with eventlet.Timeout(back_off, exception=False):
                    self.woken.wait()
            self.woken = Event()

    def _drain(self) -> int:
        return sum(self._relay(self.mongo.database[name]) for name in self.collections)

    def _relay(self, collection: Collection[Document]) -> int:
        found = list(
            collection.find(PENDING, {"outbox": 1}).sort("outbox.at", 1).limit(DOCUMENTS_A_ROUND)
        )
        entries = [entry for document in found for entry in document["outbox"]]
        if not entries:
            return 0
        record(self.mongo.database, entries)
        producer = self.container.service_name
        refused: set[str] = set()
        try:
            self.publisher.publish([outgoing(producer, entry["event"]) for entry in entries])
        except RefusedError as error:
            log.warning("relay.refused", error=repr(error))
            refused = {entries[position]["id"] for position in error.positions}
        collection.bulk_write([_cleared(document, refused) for document in found], ordered=False)
        EVENTS_RELAYED.inc(len(entries) - len(refused))
        return len(entries) - len(refused)


def record(database: Database[Document], entries: list[Document]) -> None:
    """Append events to the journal; one already there stays as it is."""
    rows = [
        {
            "_id": entry["id"],
            "at": entry["at"],
            "type": entry["event"]["type"],
            "subject": entry["event"]["subject"],
            "seq": entry["event"]["sequence"],
            "correlation_id": entry["event"]["correlationid"],
            "event": entry["event"],
        }
        for entry in entries
    ]
    try:
        database["journal"].insert_many(rows, ordered=False)
    except BulkWriteError as error:
        others = [e for e in error.details["writeErrors"] if e["code"] != DUPLICATE_KEY]
        if others or error.details["writeConcernErrors"]:
            raise


def outgoing(producer: str, event: Document) -> tuple[str, str, Any]:
    """Return exchange, routing key and message of an event's wire document."""
    message = amqp.Message(
        json.dumps(event, separators=(",", ":")),
        content_type="application/cloudevents+json",
        content_encoding="utf-8",
        delivery_mode=2,
        message_id=event["id"],
        type=event["type"],
    )
    return exchange(producer), event["type"], message


def _cleared(document: Document, refused: set[str]) -> UpdateOne:
    sent = [entry["id"] for entry in document["outbox"] if entry["id"] not in refused]
    return UpdateOne({"_id": document["_id"]}, {"$pull": {"outbox": {"id": {"$in": sent}}}})
