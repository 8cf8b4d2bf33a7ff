"""The relay: outbox → journal → broker, confirmed → cleared. Publish first, clear second.

A crash between the steps publishes an event twice, never not at all; consumers expect that.

It is fed from memory: whoever wrote an aggregate hands over what it left in the outbox, and a
round, at most one in ``ROUND_SECONDS``, relays what came meanwhile in one command each. What
memory does not know, such as what a process left that was killed, a sweep of the outboxes finds.

Of several replicas the one that holds the lease relays for all. Were each to relay what it wrote
itself, two versions of one aggregate written by two replicas could leave in the wrong order, and
nobody could number the journal. A replica without the lease pokes the holder by a transient
message (lost, it costs the wait for a sweep), and the holder looks. A poke that comes back finds
nobody holding: the replica tries for the lease at once, so a rolling restart loses no time.

The holder may be handed version 3 of an aggregate by its own worker before it is poked for
version 2, another's. So what follows a version that this replica has itself relayed goes out from
memory, and anything else is read back: the document's outbox has whatever comes before.
"""

import itertools
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import amqp
import eventlet
from eventlet.event import Event
from nameko.extensions import DependencyProvider
from pymongo import ASCENDING
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import PyMongoError

from clinic_runtime.carrier import Batch, Carrier
from clinic_runtime.journal import ensure_journal
from clinic_runtime.lease import Lease, ensure_lease
from clinic_runtime.link import Link, cancel
from clinic_runtime.memory import READ_BACK, Key, Memory
from clinic_runtime.mongo import MongoLink, said
from clinic_runtime.observability import get_logger
from clinic_runtime.publisher import Publisher
from clinic_runtime.topology import exchange, relay_queue

__all__ = ["Outbox", "committed", "ensure_collections"]

log = get_logger(__name__)
Document = dict[str, Any]
ROUND_SECONDS = 0.05
SWEEP_SECONDS = 5.0
DOCUMENTS_A_ROUND = 200
LONGEST_BACK_OFF = 1.0
LAST_EFFORT_SECONDS = 5.0
PENDING: Document = {"outbox.at": {"$exists": True}}


def ensure_collections(database: Database[Document], outboxes: tuple[str, ...]) -> None:
    """Make the index each outbox is found by, the journal's, and the lease."""
    for name in outboxes:
        database[name].create_index(
            [("outbox.at", ASCENDING)], partialFilterExpression=PENDING, name="outbox"
        )
    ensure_journal(database)
    ensure_lease(database, "relay")


_RELAYS: "dict[tuple[int, str], Outbox]" = {}  # of this process's services, by ``_home``


def _home(database: Database[Document]) -> tuple[int, str]:
    """Return what tells a service's database, reached by its own client, from any other."""
    return id(database.client), database.name


def committed(
    collection: Collection[Document],
    id_: str,
    entries: Sequence[Document],
    session: ClientSession | None = None,
) -> None:
    """Hand what a write left in a document's outbox to the relay of this process, if one runs.

    A write inside a transaction is relayed once the transaction is over.
    """
    relay = _RELAYS.get(_home(collection.database))
    if relay is not None and entries and collection.name in relay.collections:
        relay.take((collection.name, id_), entries, session)


class Outbox(DependencyProvider):  # type: ignore[misc]  # nameko is untyped
    """Relays the outboxes of the named collections."""

    mongo = MongoLink()
    link = Link()
    publisher = Publisher()

    def __init__(self, *collections: str) -> None:
        """Take the names of the collections whose documents carry an outbox."""
        self.collections = collections
        self.lease = Lease("relay")
        self.memory = Memory()
        self.carrier: Any = None
        self.channel: Any = None
        self.listening = False
        self.sweep_at = 0.0
        self.woken = Event()
        self.stopping = False
        self.thread: Any = None

    @property
    def database(self) -> Database[Document]:
        """The service's database."""
        return self.mongo.database

    def setup(self) -> None:
        """Make the indexes once the database answers; the exchange on each connection."""
        self.link.attach(self._connected, self._lost)
        self.mongo.prepare(lambda database: ensure_collections(database, self.collections))
        name = self.container.service_name
        self.carrier = Carrier(name, self.database, self.publisher, self.lease)

    def start(self) -> None:
        """Start relaying."""
        if self.collections:
            _RELAYS[_home(self.database)] = self
            self.thread = self.container.spawn_managed_thread(self._run, identifier="relay")

    def stop(self) -> None:
        """Relay what is left, then leave the lease to another."""
        self.stopping = True
        self.wake()
        if self.thread is None:  # nothing to do, or stopped while still waiting for the database
            return
        with eventlet.Timeout(LAST_EFFORT_SECONDS, exception=False):
            self.thread.wait()
        self.thread.kill()
        _RELAYS.pop(_home(self.database), None)
        self._listen(wanted=False)
        try:
            self.lease.release(self.database)
        except PyMongoError as error:
            log.warning("lease.kept", error=repr(error))  # it runs out by itself

    def take(self, key: Key, entries: Sequence[Document], session: ClientSession | None) -> None:
        """Remember what a write left, or that there is more than can be remembered."""
        if not self.memory.take(key, entries, session):
            self.sweep_at = 0.0
        self.wake()

    def worker_result(self, worker_ctx: Any, result: Any = None, exc_info: Any = None) -> None:  # noqa: ANN401, ARG002
        """Wake the relay when a transaction may just have ended."""
        if self.memory.open:
            self.wake()

    def oldest(self) -> datetime | None:
        """Return when the oldest event happened that is not published yet, or None."""
        firsts = (
            self.database[name].find_one(PENDING, {"outbox.at": 1}, sort=[("outbox.at", ASCENDING)])
            for name in self.collections
        )
        return min((each["outbox"][0]["at"] for each in firsts if each), default=None)

    def wake(self) -> None:
        """Have the relay see what there is to do."""
        if not self.woken.ready():
            self.woken.send(None)

    def _connected(self, connection: Any) -> None:  # noqa: ANN401
        channel = connection.channel()
        channel.exchange_declare(
            exchange(self.container.service_name), "topic", durable=True, auto_delete=False
        )
        channel.events["basic_return"].add(self._unheard)
        self.channel = channel
        self._poked()

    def _lost(self) -> None:
        self.channel = None
        self.listening = False

    def _poked(self, _message: Any = None) -> None:  # noqa: ANN401
        self.sweep_at = 0.0
        self.wake()

    def _unheard(self, *_returned: Any) -> None:  # noqa: ANN401 (amqp's callback)
        self.lease.due = 0.0
        self.wake()

    def _run(self) -> None:
        failures = 0
        while True:
            last = self.stopping  # asked before looking: what was written until then is found
            self.woken = Event()
            began = time.monotonic()
            try:
                self._round(sweep=last or began >= self.sweep_at)
                failures = 0
                if last:
                    return
            except Exception as error:  # noqa: BLE001 (whatever it is, the events must leave later)
                log.warning("relay.delayed", error=said(error))
                failures += 1
                self.lease.doubt()
                self.memory.forget()
            apart = min(ROUND_SECONDS * 2**failures, max(ROUND_SECONDS, LONGEST_BACK_OFF))
            self._rest(began + apart)

    def _rest(self, until: float) -> None:
        """Wait until there is something to do, and no shorter."""
        due = min(self.sweep_at, self.lease.due) - time.monotonic()
        if not self.memory and due > 0:
            with eventlet.Timeout(due, exception=False):
                self.woken.wait()
        while not self.stopping and (left := until - time.monotonic()) > 0:
            eventlet.sleep(min(left, ROUND_SECONDS))

    def _round(self, *, sweep: bool) -> None:
        self.memory.close_transactions()
        held_before = self.lease.held
        if not self._keep_lease():
            told = bool(self.memory)
            self.memory.forget()
            self.sweep_at = self.lease.due
            if told:
                self._poke()
            return
        if sweep or not held_before:
            self.sweep_at = time.monotonic() + SWEEP_SECONDS
            self._sweep()
        for share in self.memory.shares(DOCUMENTS_A_ROUND):
            self._relay(self._read_back(share))

    def _keep_lease(self) -> bool:
        held = self.lease.keep(self.database)
        self._listen(wanted=held)
        return held

    def _sweep(self) -> None:
        """Relay all that the outboxes hold, the oldest first.

        One pass: what cannot be relayed is not met again before the next.
        """
        for name in self.collections:
            found = self.database[name].find(PENDING, {"outbox": 1}).sort("outbox.at", 1)
            with found.batch_size(DOCUMENTS_A_ROUND) as documents:
                while batch := list(itertools.islice(documents, DOCUMENTS_A_ROUND)):
                    self._relay({(name, each["_id"]): each["outbox"] for each in batch})
                    self._keep_lease()

    def _read_back(self, share: dict[Key, Sequence[Document]]) -> Batch:
        """Return a share of the memory, what is in doubt as the database has it."""
        doubted: dict[str, list[str]] = {}
        for name, id_ in (key for key, entries in share.items() if entries is READ_BACK):
            doubted.setdefault(name, []).append(id_)
        for name, ids in doubted.items():
            for document in self.database[name].find({"_id": {"$in": ids}}, {"outbox": 1}):
                share[name, document["_id"]] = document["outbox"]
        return share

    def _relay(self, batch: Batch) -> None:
        for key in self.carrier.carry(batch):
            self.memory.sent(key, batch[key][-1]["event"]["sequence"])

    def _poke(self) -> None:
        """Have the holder of the lease look."""
        if self.channel is not None:
            self.channel._basic_publish(  # noqa: SLF001 (amqp's own would read from the socket)
                amqp.Message("", delivery_mode=1), routing_key=self._ear, mandatory=True
            )

    @property
    def _ear(self) -> str:
        return relay_queue(self.container.service_name).name

    def _listen(self, *, wanted: bool) -> None:
        """Take pokes, or take none any more."""
        if self.channel is None or wanted == self.listening:
            return
        self.listening = wanted
        if not wanted:
            cancel(self.channel, "relay")
            return
        # Without waiting: an answer would have to be read here, which is the reader's.
        self.channel.queue_declare(self._ear, durable=True, auto_delete=True, nowait=True)
        self.channel.basic_consume(
            self._ear, consumer_tag="relay", no_ack=True, nowait=True, callback=self._poked
        )
