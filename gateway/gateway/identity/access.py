"""Who may do what, where: one table, one decision."""

from dataclasses import dataclass

from clinic_contracts.errors import Forbidden
from gateway.routing import Action

CLINIC: frozenset[Action] = frozenset({"read", "read_health_numbers", "book", "chart"})
"""What everybody may who has clients before them."""
ALLOWED: dict[str, frozenset[Action]] = {
    "owner": CLINIC | {"override", "manage", "bill", "operate", "own"},
    "manager": CLINIC | {"override", "manage", "bill", "operate"},
    "front_desk": CLINIC | {"bill"},
    "therapist": CLINIC,
    "billing": frozenset({"read", "read_health_numbers", "bill"}),
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

    def may(self, action: Action) -> bool:
        """Say whether the role allows the action; being signed in allows ``signed_in``."""
        return action == "signed_in" or action in ALLOWED.get(self.role, frozenset())


def authorise(actor: Actor, action: Action) -> None:
    """Refuse what the actor's role does not allow.

    Locations are not decided here: the service answers 404 for another location's record.
    """
    if not actor.may(action):
        raise Forbidden(f"the role {actor.role} does not allow this", action=action)


def roles_for(action: Action) -> tuple[str, ...]:
    """Return the roles that allow an action, in the table's order."""
    return tuple(role for role, actions in ALLOWED.items() if action in actions)
