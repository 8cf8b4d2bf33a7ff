"""How clients are found, at the places where they may be."""

from collections.abc import Sequence
from typing import Any

from pymongo import ASCENDING
from pymongo.collection import Collection

from client_profile.domain import clients as domain
from client_profile.domain import places
from client_profile.domain.clients import Client

Document = dict[str, Any]
BY_NAME = [("name_key", ASCENDING), ("_id", ASCENDING)]


def ensure(clients: Collection[Document]) -> None:
    """Make the indexes, and have those found who were written before clients had places.

    ``places``, how many a client has, is what these lack; its index tells at once that none does.
    """
    clients.create_index([("tokens", ASCENDING), *BY_NAME])
    clients.create_index(BY_NAME)
    clients.create_index([("places", ASCENDING)])
    placed = {"$concat": [places.at_place(places.NOWHERE, ""), "$$this"]}
    nowhere = {"$map": {"input": {"$concatArrays": [[""], "$tokens"]}, "in": placed}}
    tokens = {"$concatArrays": ["$tokens", nowhere]}
    clients.update_many({"places": None}, [{"$set": {"tokens": tokens, "places": 0}}])


def keys(client: Client) -> Document:
    """Return the fields by which a client is found."""
    return {
        "name_key": domain.folded(client.name),
        "tokens": places.placed(domain.tokens(client), client.location_ids),
        "places": len(client.location_ids),
    }


def query(
    words: Sequence[str], after: Sequence[Any] | None, scope: Sequence[str] | None
) -> Document:
    """Return the query of a search: each word is the beginning of one of the client's.

    Sorted by name, the server walks the rows of a word at each place side by side.
    """
    if scope is None:
        clauses: list[Document] = [{"tokens": word} for word in words]
    else:
        there = (places.NOWHERE, *scope)
        clauses = [
            {"tokens": {"$in": [places.at_place(place, word) for place in there]}}
            for word in words or [""]
        ]
    if after is not None:
        name, id_ = after
        # Not as an $or: with several places the server would sort what it finds.
        seen = {"name_key": name, "_id": {"$lte": id_}}
        clauses.append({"name_key": {"$gte": name}, "$nor": [seen]})
    return {"$and": clauses} if clauses else {}
