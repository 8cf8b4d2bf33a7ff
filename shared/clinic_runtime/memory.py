"""What the relay knows, without asking the database, to stand in the outboxes."""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import Any

from pymongo.client_session import ClientSession

Document = dict[str, Any]
Key = tuple[str, str]  # collection and document id
READ_BACK: Sequence[Document] = ()
ENTRIES_KEPT = 5_000
VERSIONS_KNOWN = 10_000  # more than are kept, so that nothing kept is sent a second time


class Memory:
    """Outbox entries as their writers hand them over, by document, the oldest first."""

    def __init__(self) -> None:
        """Start empty."""
        self.handed: dict[Key, list[Document]] = {}
        self.unsure: set[Key] = set()
        self.open: list[tuple[ClientSession, Key]] = []
        self.relayed: OrderedDict[Key, int] = OrderedDict()
        self.size = 0

    def __bool__(self) -> bool:
        """Say whether there is anything to relay."""
        return bool(self.handed)

    def take(self, key: Key, entries: Sequence[Document], session: ClientSession | None) -> bool:
        """Keep what a write left; returns False when there is no room for it.

        Of a write inside a transaction only the document is kept, to be read once that is over.
        """
        if self.size + len(self.open) >= ENTRIES_KEPT:
            return False
        if session is not None and session.in_transaction:
            self.open.append((session, key))
        else:
            self.size += len(entries)
            self.handed.setdefault(key, []).extend(entries)
        return True

    def close_transactions(self) -> None:
        """Take up the documents of transactions that are over, whether or not they committed."""
        still = []
        for session, key in self.open:
            if session.in_transaction:
                still.append((session, key))
            else:
                self.handed.setdefault(key, [])
                self.unsure.add(key)
        self.open = still

    def shares(self, size: int) -> Iterator[dict[Key, Sequence[Document]]]:
        """Hand out what is here now, ``size`` documents at a time; READ_BACK where in doubt.

        In doubt is what does not follow the last version relayed: another replica may have
        written one before it.
        """
        keys = list(self.handed)
        for start in range(0, len(keys), size):
            yield dict(map(self._taken, keys[start : start + size]))

    def _taken(self, key: Key) -> tuple[Key, Sequence[Document]]:
        entries = self.handed.pop(key)
        self.size -= len(entries)
        known = self.relayed.get(key, 0)
        if key in self.unsure or not _follow(known, entries):
            self.unsure.discard(key)
            return key, READ_BACK
        return key, [entry for entry in entries if entry["event"]["sequence"] > known]

    def sent(self, key: Key, seq: int) -> None:
        """Know that a document's events up to ``seq`` were relayed."""
        self.relayed[key] = seq
        self.relayed.move_to_end(key)
        if len(self.relayed) > VERSIONS_KNOWN:
            self.relayed.popitem(last=False)

    def forget(self) -> None:
        """Leave it to the database: a round failed, or another replica relays."""
        self.handed.clear()
        self.unsure.clear()
        self.relayed.clear()
        self.size = 0


def _follow(known: int, entries: Sequence[Document]) -> bool:
    for entry in entries:
        if entry["event"]["sequence"] > known + 1:
            return False
        known = max(known, entry["event"]["sequence"])
    return True
