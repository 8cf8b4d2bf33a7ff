"""Who may do what, where: one table, one decision."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, get_args

from clinic_contracts.errors import Forbidden
from gateway.routing import Action

CLINIC: frozenset[Action] = frozenset({"read", "read_health_numbers", "book", "chart"})
"""What everybody may who has clients before them."""
ALLOWED: dict[str, frozenset[Action]] = {
    "owner": CLINIC | {"override", "manage", "bill", "operate", "read_access_log", "own", "audit"},
    "manager": CLINIC | {"override", "manage", "bill", "operate", "read_access_log"},
    "front_desk": CLINIC | {"bill"},
    "therapist": CLINIC,
    "billing": frozenset({"read", "read_health_numbers", "bill"}),
    "integration": frozenset({"read", "book"}),
    "auditor": frozenset({"read", "operate", "read_access_log", "audit"}),
}
ACTIONS: tuple[Action, ...] = get_args(Action)
Places = tuple[str, ...] | None
"""Ids of locations, sorted; None is every location."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A role, and the locations at which somebody has it."""

    role: str
    location_ids: Places

    @property
    def actions(self) -> frozenset[Action]:
        """What the role allows."""
        return ALLOWED.get(self.role, frozenset())


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody signed in, or a key, and what they ask for now.

    ``action`` is what the present call is: being signed in, until ``authorise`` says another.
    """

    id: str
    name: str
    grants: tuple[Grant, ...]
    action: Action = "signed_in"

    @property
    def location_ids(self) -> Places:
        """Where the present call may reach; None is every location."""
        return self.where(self.action)

    @property
    def everywhere(self) -> Places:
        """Return all locations at which they have a role."""
        return self.where("signed_in")

    def where(self, action: Action) -> Places:
        """Return the locations where a role of theirs allows the action; ``()`` is nowhere."""
        return union(
            grant.location_ids
            for grant in self.grants
            if action == "signed_in" or action in grant.actions
        )

    def may(self, action: Action) -> bool:
        """Say whether the action is allowed at every location that the present call may reach.

        A call's locations are not known here, so what goes beyond its action (such as to be shown
        health numbers) needs a role that allows it wherever the call could lead; ``where`` says at
        which of them it does.
        """
        if action == "signed_in":
            return True
        where = self.where(action)
        return where != () and covers(where, self.location_ids)

    def may_grant(self, grant: Grant) -> bool:
        """Say whether they have, at each of its locations, all that a role allows."""
        return grant.role in ALLOWED and all(
            covers(self.where(action), grant.location_ids) for action in grant.actions
        )


def authorise(actor: Actor, action: Action) -> Actor:
    """Return the actor as far as a role of theirs allows the action; raises Forbidden if none does.

    Which record of which location is asked for is not decided here: the service answers 404 for
    one of a location outside ``location_ids``.
    """
    asking = replace(actor, action=action)
    if action != "signed_in" and asking.location_ids == ():
        needed = roles_for(action)
        detail = f"this needs the role {' or '.join(needed)}"
        raise Forbidden(detail, action=action, roles=list(needed))
    return asking


def roles_for(action: Action) -> tuple[str, ...]:
    """Return the roles that allow an action, in the table's order."""
    return tuple(role for role, actions in ALLOWED.items() if action in actions)


def covers(places: Places, others: Places) -> bool:
    """Say whether all the other locations are among these."""
    return places is None or (others is not None and set(others) <= set(places))


def union(several: Iterable[Places]) -> Places:
    """Return all locations of several lists, sorted, so that equal ones are written alike."""
    found: set[str] = set()
    for places in several:
        if places is None:
            return None
        found.update(places)
    return tuple(sorted(found))


def grants_of(document: Mapping[str, Any]) -> tuple[Grant, ...]:
    """Return the roles of a stored account or key; a key, and an old account, has the one."""
    entries = document.get("roles", (document,))
    return tuple(grant_of(each["role"], each["location_ids"]) for each in entries)


def grant_of(role: str, location_ids: Iterable[str] | None) -> Grant:
    """Return a role at these locations, None being every one."""
    return Grant(role, None if location_ids is None else tuple(sorted(set(location_ids))))
