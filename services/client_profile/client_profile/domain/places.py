"""At which locations a client is, who may say so, and by what they are found there."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from client_profile.domain.invalid import invalid
from clinic_contracts.context import CallContext

NOWHERE = ""
"""The place of clients who are at no location yet."""
KEYS_KEPT = 5_000
"""Of one client in the index of searches, whatever their number of locations."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A location that was taken from a client: visits booked there before then do not count."""

    location_id: str
    at: datetime


def first(given: Sequence[str] | None, context: CallContext) -> tuple[str, ...]:
    """Return the locations of a new client; raises Invalid for one that the caller does not see."""
    if given is None:
        return context.location_scope or ()
    return _checked(given, context)


def after_change(had: Sequence[str], given: Sequence[str], context: CallContext) -> tuple[str, ...]:
    """Return a client's locations once the caller's part of them is what is given."""
    others = [id_ for id_ in had if not context.sees(id_)]
    return (*others, *_checked(given, context))


def left(
    known: Iterable[Left], had: Sequence[str], has: Sequence[str], at: datetime
) -> tuple[Left, ...]:
    """Return what was taken from a client by now."""
    still = [each for each in known if each.location_id not in {*had, *has}]
    return (*still, *(Left(location_id=id_, at=at) for id_ in had if id_ not in has))


def placed(beginnings: Sequence[str], location_ids: Sequence[str]) -> list[str]:
    """Return what finds a client: each beginning by itself, and at each of their places.

    By themselves they are for those who see the whole chain. A place's own let a search walk what
    may be seen alone, as an index cannot hold words and places as two lists.
    """
    places = location_ids or (NOWHERE,)
    kept = beginnings[: KEYS_KEPT // (1 + len(places))]
    there = [at_place(place, each) for place in places for each in ("", *kept)]
    return [*kept, *there]


def at_place(place: str, beginning: str) -> str:
    """Return what a beginning is found by at a place; no word has a space in it."""
    return f"{place} {beginning}"


def _checked(given: Sequence[str], context: CallContext) -> tuple[str, ...]:
    for id_ in given:
        if not context.sees(id_):
            raise invalid("location_ids", f"there is no location {id_[:64]}")
    return tuple(dict.fromkeys(given))
