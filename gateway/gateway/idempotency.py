"""Idempotency-Key: the first answer, again, for a day; nothing is done twice meanwhile.

Where the service answers a repeat by itself, it is enough to know here what is under way.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pymongo import ASCENDING, ReturnDocument
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from clinic_contracts.errors import IdempotencyMismatch, RequestInFlight
from clinic_runtime.clock import now

Document = dict[str, Any]
KEPT_HOURS = 24
LEASE_SECONDS = 12
"""Longer than a request may take. One that outlasts it is still done once: its effect is keyed."""
RETRY_SECONDS = 1
FORGOTTEN = frozenset({401, 403, 408, 429})
SERVER_ERROR = 500


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it was given."""

    status: int
    body: str
    headers: list[list[str]]


class UnderWay:
    """The keyed requests that this process is waiting for: operation id to fingerprint."""

    def __init__(self) -> None:
        self.requests: dict[str, str] = {}

    @contextmanager
    def entered(self, id_: str, fingerprint: str) -> Iterator[None]:
        """Hold the key; raises IdempotencyMismatch or RequestInFlight while another one does."""
        if id_ in self.requests:
            _refuse_other(self.requests[id_], fingerprint)
            raise _in_flight()
        self.requests[id_] = fingerprint
        try:
            yield
        finally:
            del self.requests[id_]


def ensure(database: Database[Document]) -> None:
    """Make the index by which records go after a day."""
    database["idempotency"].create_index([("at", ASCENDING)], expireAfterSeconds=KEPT_HOURS * 3_600)


def record_id(caller: str, key: str) -> str:
    """Return the id of a caller's key; also the operation id that the services key effects by."""
    return hashlib.sha256(f"{caller}\x1f{key}".encode()).hexdigest()


def begin(database: Database[Document], id_: str, fingerprint: str) -> Kept | None:
    """Take the key for this request, or return the first answer.

    Raises IdempotencyMismatch when it was used with another request, RequestInFlight while that
    request is under way. A request whose process died is under way for 12 s at most.
    """
    at = now()
    lease = at + timedelta(seconds=LEASE_SECONDS)
    fresh = {"_id": id_, "fingerprint": fingerprint, "at": at, "lease_until": lease}
    records = database["idempotency"]
    try:
        records.insert_one(fresh)
    except DuplicateKeyError:
        return _again(records.find_one({"_id": id_}), database, fresh)
    return None


def _again(found: Document | None, database: Database[Document], fresh: Document) -> Kept | None:
    if found is None:
        raise RequestInFlight(
            "the first request has just ended; try again", retry_after=RETRY_SECONDS
        )
    _refuse_other(found["fingerprint"], fresh["fingerprint"])
    if "answer" in found:
        return Kept(**found["answer"])
    expired = {"_id": fresh["_id"], "lease_until": {"$lte": fresh["at"]}, "answer": None}
    renewed = {"$set": {"lease_until": fresh["lease_until"]}}
    taken = database["idempotency"].find_one_and_update(
        expired, renewed, return_document=ReturnDocument.AFTER
    )
    if taken is None:
        raise _in_flight()
    return None


def _refuse_other(first: str, fingerprint: str) -> None:
    if fingerprint != first:
        raise IdempotencyMismatch("this Idempotency-Key was used with another request")


def _in_flight() -> RequestInFlight:
    return RequestInFlight(
        "the first request with this Idempotency-Key is under way", retry_after=RETRY_SECONDS
    )


def release(database: Database[Document], id_: str, status: int) -> None:
    """End a request whose answer holds health data and is not kept.

    A retry asks the service again, which finds what the first try made under the same id.
    """
    if _is_forgotten(status):
        database["idempotency"].delete_one({"_id": id_})
        return
    database["idempotency"].update_one({"_id": id_}, {"$set": {"lease_until": now()}})


def finish(database: Database[Document], id_: str, answer: Kept) -> None:
    """Keep the answer, or forget the key when trying again may well go better."""
    if _is_forgotten(answer.status):
        database["idempotency"].delete_one({"_id": id_})
        return
    kept = {"status": answer.status, "body": answer.body, "headers": answer.headers}
    database["idempotency"].update_one({"_id": id_}, {"$set": {"answer": kept}})


def _is_forgotten(status: int) -> bool:
    return status >= SERVER_ERROR or status in FORGOTTEN
