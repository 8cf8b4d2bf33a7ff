"""What the simulated payer has taken and what it owes: one SQLite file, whole after any end.

A file that was taken and all that will be answered to it are one transaction, so nothing is
answered that was not taken, and nothing taken that will not be answered.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from payer_formats.findings import Finding

MOST_WAITING = 100_000
TABLES = (
    (
        "create table if not exists taken "
        "(key text primary key, content_type text not null, body blob not null)"
    ),
    (
        "create table if not exists mail "
        "(id integer primary key, due real not null, number integer unique, "
        "content_type text not null, name text not null, body blob not null)"
    ),
    "create index if not exists waiting on mail (due) where number is null",
    "create table if not exists counters (name text primary key, value integer not null)",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A file for the clinic, so many seconds after the receipt of what it answers."""

    after: float
    content_type: str
    name: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What is answered at once, and what later."""

    content_type: str
    body: bytes
    later: tuple[Mail, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A file that may be fetched; ``number`` grows in the order in which they came to be due."""

    number: int
    content_type: str
    name: str


class UnreadableError(Exception):
    """The file cannot be answered in its own tongue: nobody knows whose it is."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("; ".join(f"{each.code}: {each.text}" for each in findings[:10]))


class Full(Exception):
    """There is too much that nobody fetches."""


class Store:
    """The payer's memory, in a folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / "payer.sqlite"
        self.lock = threading.Lock()
        with self._open() as database:
            for statement in TABLES:
                database.execute(statement)

    def take(self, key: str, now: float, make: Callable[[Callable[[], int]], Taken]) -> Taken:
        """Return the answer to what came under a key, made once; raises Full.

        ``make`` is given what hands out the payer's running numbers.
        """
        with self._open() as database:
            found = database.execute(
                "select content_type, body from taken where key = ?", (key,)
            ).fetchone()
            if found is not None:
                return Taken(content_type=found[0], body=found[1])
            (waiting,) = database.execute(
                "select count(*) from mail where number is null"
            ).fetchone()
            if waiting >= MOST_WAITING:
                raise Full
            taken = make(lambda: _next(database, "control"))
            database.execute(
                "insert into taken values (?, ?, ?)", (key, taken.content_type, taken.body)
            )
            database.executemany(
                "insert into mail (due, content_type, name, body) values (?, ?, ?, ?)",
                [
                    (now + each.after, each.content_type, each.name, each.body)
                    for each in taken.later
                ],
            )
            return taken

    def listed(self, after: int, limit: int, now: float) -> Sequence[Listed]:
        """Return what has come to be due beyond a number, in the order of their numbers."""
        with self._open() as database:
            due = database.execute(
                "select id from mail where number is null and due <= ? order by due, id", (now,)
            ).fetchall()
            for (id_,) in due:
                database.execute(
                    "update mail set number = ? where id = ?", (_next(database, "mail"), id_)
                )
            rows = database.execute(
                "select number, content_type, name from mail where number > ? "
                "order by number limit ?",
                (after, limit),
            ).fetchall()
        return [Listed(number=row[0], content_type=row[1], name=row[2]) for row in rows]

    def mail(self, number: int) -> tuple[str, bytes] | None:
        """Return the content type and bytes of a file that has come to be due, or None."""
        with self._open() as database:
            row = database.execute(
                "select content_type, body from mail where number = ?", (number,)
            ).fetchone()
        return None if row is None else (row[0], row[1])

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Open the file for one transaction."""
        with self.lock:
            database = sqlite3.connect(self.path, isolation_level=None)
            try:
                database.execute("pragma synchronous = full")
                database.execute("begin immediate")
                yield database
                database.execute("commit")
            except BaseException:
                if database.in_transaction:
                    database.execute("rollback")
                raise
            finally:
                database.close()


def _next(database: sqlite3.Connection, name: str) -> int:
    database.execute(
        "insert into counters values (?, 1) on conflict (name) do update set value = value + 1",
        (name,),
    )
    (value,) = database.execute("select value from counters where name = ?", (name,)).fetchone()
    return int(value)
