"""API keys of machines."""

from dataclasses import dataclass
from typing import Annotated

from clinic_contracts.constraints import Name, Text
from clinic_contracts.trusted import dump
from gateway.http.answers import json_answer
from gateway.http.messages import Response
from gateway.identity.keys import NewKey
from gateway.identity_calls.asking import CREATED, TAG, Asked, Locations
from gateway.routing import OwnCall


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeKey:
    """Make an API key; ``location_ids`` left out means every location."""

    name: Name
    role: Annotated[str, Text(max=30)]
    location_ids: Locations | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyView:
    """A new API key, shown this once."""

    id: str
    key: str
    name: str
    role: str


MAKE = OwnCall(
    method="POST",
    path="/v1/api-keys",
    name="make_api_key",
    summary="Make an API key for a machine.",
    tag=TAG,
    action="own",
    request=MakeKey,
    answer=KeyView,
    status=CREATED,
    refusals=(503,),
)


def make(asked: Asked) -> Response:
    """Answer a new key, shown this once."""
    wanted = asked.body(MakeKey)
    new = NewKey(name=wanted.name, role=wanted.role, location_ids=wanted.location_ids)
    id_, key = asked.accounts.keys.make(new)
    return json_answer(dump(KeyView(id=id_, key=key, name=wanted.name, role=wanted.role)), CREATED)


ANSWERS = {MAKE: make}
