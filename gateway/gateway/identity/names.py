"""What those are called who did something, as events and histories name them."""

from collections.abc import Iterable, Mapping
from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database

Document = dict[str, Any]
OTHERS: Mapping[str, str] = {"system": "ClinicOps", "client": "the client"}
NOBODY = "somebody unknown"


def ensure(database: Database[Document]) -> None:
    """Make the index by which a key is found from its id."""
    database["api_keys"].create_index([("key_id", ASCENDING)])


def names_of(database: Database[Document], actors: Iterable[str]) -> dict[str, str]:
    """Return the names behind actors such as ``staff:usr_…``, ``key:key_…``, ``system:relay``."""
    kinds: dict[str, list[str]] = {}
    for actor in set(actors):
        kind, _, id_ = actor.partition(":")
        kinds.setdefault(kind, []).append(id_)
    found = dict(_named(database, "staff", "_id", kinds.pop("staff", ())))
    found |= _named(database, "key", "key_id", kinds.pop("key", ()))
    for kind, ids in kinds.items():
        found |= {f"{kind}:{id_}": OTHERS.get(kind, NOBODY) for id_ in ids}
    return found


def _named(
    database: Database[Document], kind: str, field: str, ids: Iterable[str]
) -> dict[str, str]:
    wanted = list(ids)
    if not wanted:
        return {}
    collection = database["staff" if kind == "staff" else "api_keys"]
    rows = collection.find({field: {"$in": wanted}}, {field: 1, "name": 1})
    known = {row[field]: row["name"] for row in rows}
    return {f"{kind}:{id_}": known.get(id_, NOBODY) for id_ in wanted}
