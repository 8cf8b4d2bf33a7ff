"""One batch on its way: into the journal, to the broker, and once confirmed out of the outbox."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pymongo import WriteConcern
from pymongo.database import Database
from pymongo.errors import BulkWriteError, DocumentTooLarge, PyMongoError

from clinic_runtime.journal import DisplacedError, Journal
from clinic_runtime.lease import Lease
from clinic_runtime.memory import Key
from clinic_runtime.observability import EVENTS_RELAYED, get_logger
from clinic_runtime.packing import packed
from clinic_runtime.publisher import Publisher, RefusedError
from clinic_runtime.topology import exchange

log = get_logger(__name__)
Document = dict[str, Any]
Batch = Mapping[Key, Sequence[Document]]  # what the outbox of each document holds


class Carrier:
    """Carries batches while the lease is held."""

    def __init__(
        self, producer: str, database: Database[Document], publisher: Publisher, lease: Lease
    ) -> None:
        """Take whose events they are, and what carries them."""
        self.producer = producer
        self.database = database
        self.publisher = publisher
        self.lease = lease
        self.journal = Journal(database)

    def carry(self, batch: Batch) -> list[Key]:
        """Relay together, or one by one when that fails for what one of them is.

        Returns the documents whose events were relayed. Raises what concerns all of them:
        DisplacedError, PyMongoError, BrokerLostError.
        """
        try:
            self._relay(batch)
        except Exception as error:
            if not _is_its_own(error):
                raise
            if len(batch) > 1:
                return [k for key, entries in batch.items() for k in self.carry({key: entries})]
            # By its kind alone: what an error says may quote the event.
            log.error("relay.poisoned", document=list(batch), error=type(error).__name__)  # noqa: TRY400
            return []
        return [key for key, entries in batch.items() if entries]

    def _relay(self, batch: Batch) -> None:
        entries = list(itertools.chain(*batch.values()))
        if not entries:
            return
        packs = packed([entry["event"] for entry in entries])
        self.journal.record(entries)
        if not self.lease.held:  # it took too long: what comes later may already be out
            raise DisplacedError
        refused: set[str] = set()
        try:
            self.publisher.publish(
                [(exchange(self.producer), pack.type, pack.message) for pack in packs]
            )
        except RefusedError as error:
            log.warning("relay.refused", error=repr(error))
            refused = {id_ for position in error.positions for id_ in packs[position].ids}
        sent = [entry["id"] for entry in entries if entry["id"] not in refused]
        self._clear(batch, sent)
        EVENTS_RELAYED.inc(len(sent))

    def _clear(self, keys: Iterable[Key], sent: list[str]) -> None:
        ids: dict[str, list[str]] = {}
        for name, id_ in keys:
            ids.setdefault(name, []).append(id_)
        for name, of_collection in ids.items():
            # Not by majority: a clearing that is lost means an event sent twice.
            self.database.get_collection(name, write_concern=WriteConcern(1)).update_many(
                {"_id": {"$in": of_collection}}, {"$pull": {"outbox": {"id": {"$in": sent}}}}
            )


def _is_its_own(error: Exception) -> bool:
    """Say whether an error is one document's own fault: not an outage, nor a lost lease."""
    if isinstance(error, BulkWriteError):
        return not error.details["writeConcernErrors"]
    if isinstance(error, (DisplacedError, OSError)):
        return False
    return not isinstance(error, PyMongoError) or isinstance(error, DocumentTooLarge)
