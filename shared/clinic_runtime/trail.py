"""A trail: rows that a service adds and reads, and can neither change nor remove.

They stand in a database of their own, in which the service's account may do no more than that;
what is too old the database removes by itself.
"""

from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import OperationFailure

Document = dict[str, Any]
COLLECTION = "rows"
ACTIONS = ("find", "insert")
"""What the service's account may do with it."""
KEPT_DAYS = 2_557
"""Seven years."""
DAY_SECONDS = 24 * 3_600
AGE = "at_1"
UNAUTHORIZED = 13
OTHER_OPTIONS = 85


def database_of(name: str) -> str:
    """Return the name of the database that has the trail of a service's database."""
    return f"{name}_trail"


def trail_of(database: Database[Document]) -> Collection[Document]:
    """Return the trail of a service's database."""
    return database.client[database_of(database.name)][COLLECTION]


def ensure(trail: Collection[Document], kept_days: int = KEPT_DAYS) -> None:
    """Make indexes, and have rows go after so many days; for who may.

    A service's account may not: an index could empty the trail. Where accounts are provisioned it
    is their administrator who makes these.
    """
    try:
        for field in ("actor", "kind", "location_ids"):
            trail.create_index([(field, ASCENDING), ("_id", DESCENDING)])
        _keep_for(trail, kept_days * DAY_SECONDS)
    except OperationFailure as error:
        if error.code != UNAUTHORIZED:
            raise


def _keep_for(trail: Collection[Document], seconds: int) -> None:
    try:
        trail.create_index([("at", ASCENDING)], name=AGE, expireAfterSeconds=seconds)
    except OperationFailure as error:
        if error.code != OTHER_OPTIONS:
            raise
        index = {"name": AGE, "expireAfterSeconds": seconds}
        trail.database.command("collMod", trail.name, index=index)
