"""The service's own database, waited for at start, and guarded projections."""

from collections.abc import Callable, Mapping
from typing import Any

import eventlet
import pymongo
from nameko.extensions import DependencyProvider, SharedExtension
from pymongo import MongoClient
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import ConnectionFailure, DuplicateKeyError, OperationFailure, PyMongoError

from clinic_runtime import grouped
from clinic_runtime.observability import get_logger

Document = dict[str, Any]
log = get_logger(__name__)
WAIT_SECONDS = 1.0
PING_SECONDS = 2.0
NAMESPACE_EXISTS = 48


def is_away(error: BaseException) -> bool:
    """Say whether an error means that the database cannot be reached or does not answer."""
    return isinstance(error, ConnectionFailure) or (
        isinstance(error, PyMongoError) and error.timeout
    )


def connect(uri: str, app_name: str, **options: Any) -> MongoClient[Document]:  # noqa: ANN401 (the driver's)
    """Return a client that reads UTC and acknowledges by majority."""
    return MongoClient(
        uri,
        appname=app_name,
        tz_aware=True,
        w="majority",
        retryWrites=True,
        maxPoolSize=50,
        timeoutMS=10_000,  # of an operation as a whole, finding the server included
        **options,
    )


class MongoLink(SharedExtension):  # type: ignore[misc]  # nameko is untyped
    """The process's one client; everything that needs the database shares it."""

    client: MongoClient[Document] | None = None

    @property
    def database(self) -> Database[Document]:
        """The service's database, opened on first use."""
        if self.client is None:
            config = self.container.config
            self.client = connect(config["mongo_uri"], self.container.service_name)
        return self.client[self.container.config["database"]]

    def prepare(self, work: Callable[[Database[Document]], None]) -> None:
        """Do ``work``, which is safe to repeat, once the database answers and stays for it.

        A service waits for its database, and for its account there, instead of exiting.
        """
        while True:
            answered = False
            try:
                self._ping()
                answered = True
                return work(self.database)
            except PyMongoError as error:
                if answered and not is_away(error):
                    raise
                log.warning("database.waiting", error=type(error).__name__)
            eventlet.sleep(WAIT_SECONDS)

    def reachable(self) -> bool:
        """Say whether the database answers a ping now."""
        try:
            self._ping()
        except PyMongoError:
            return False
        return True

    def _ping(self) -> None:
        with pymongo.timeout(PING_SECONDS):
            self.database.command("ping")

    def stop(self) -> None:
        """Close the client once every worker is done."""
        if self.client is not None:
            self.client.close()


class MongoDatabase(DependencyProvider):  # type: ignore[misc]  # nameko is untyped
    """Gives workers the service's database; ``ensure`` makes its indexes and validators."""

    link = MongoLink()

    def __init__(self, ensure: Callable[[Database[Document]], None]) -> None:
        """Take the function that makes indexes; it must be safe to run again."""
        self.ensure = ensure

    def setup(self) -> None:
        """Wait for the database and make what it must have before the first request."""
        self.link.prepare(self.ensure)

    def get_dependency(self, worker_ctx: Any) -> Database[Document]:  # noqa: ANN401, ARG002
        """Return the database."""
        return self.link.database


def ensure_collection(
    database: Database[Document], name: str, validator: Mapping[str, Any] | None = None
) -> None:
    """Make a collection unless it exists, whoever else makes it at the same time.

    Transactions write only to collections that exist, so each of those is made at start. The
    validator of one that exists stays: a service's account may not loosen what binds it.
    """
    rules: Document = {} if validator is None else {"validator": validator}
    try:
        database.create_collection(name, check_exists=False, **rules)
    except OperationFailure as error:
        if error.code != NAMESPACE_EXISTS:
            raise


def said(error: BaseException) -> str:
    """Return an error in words, without the documents that the driver quotes with some."""
    return f"{type(error).__name__}: {error}".partition(", full error:")[0]


def project(
    collection: Collection[Document], id_: str, seq: int, fields: Mapping[str, Any]
) -> bool:
    """Set a projection's fields unless an event of the same or a later ``seq`` was there first.

    Returns False when the event is older than what is stored: its effect is already outdated.
    """
    stored = {**fields, "seq": seq}
    if seq == 1:  # nothing can be older, and an insert costs a fraction of an upsert
        try:
            # In the order in which an upsert lays fields out, so that a rebuild gives the same.
            grouped.insert(collection, {"_id": id_, **dict(sorted(stored.items()))})
        except DuplicateKeyError:
            return False
        return True
    query, change = {"_id": id_, "seq": {"$lt": seq}}, {"$set": stored}
    # Refused by a later event, or by an earlier one that was the first at the same instant: the
    # second try tells, as the document is there by then.
    for _ in range(2):
        try:
            grouped.upsert(collection, query, change)
        except DuplicateKeyError:
            continue
        return True
    return False
