"""Who may do what, where: one table, one decision."""

from dataclasses import dataclass

from clinic_contracts.errors import Forbidden
from gateway.routing import Action

ALLOWED: dict[str, frozenset[Action]] = {
    "owner": frozenset({"read", "book", "manage", "bill", "operate", "own"}),
    "manager": frozenset({"read", "book", "manage", "bill", "operate"}),
    "front_desk": frozenset({"read", "book", "bill"}),
    "therapist": frozenset({"read", "book"}),
    "billing": frozenset({"read", "bill"}),
    "integration": frozenset({"read", "book"}),
    "auditor": frozenset({"read", "operate"}),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody signed in, or a key: ``location_ids`` None means every location."""

    id: str
    name: str
    role: str
    location_ids: tuple[str, ...] | None


def authorise(actor: Actor, action: Action) -> None:
    """Refuse what the actor's role does not allow.

    Locations are not decided here: the service answers 404 for another location's record.
    """
    if action not in ALLOWED.get(actor.role, frozenset()):
        raise Forbidden(f"the role {actor.role} does not allow this", action=action)
