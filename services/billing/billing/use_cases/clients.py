"""Whose clients are the caller's to see, by what client_profile said of them last."""

from collections.abc import Iterable

from billing.ports import Desk
from clinic_contracts.client_profile.events import ClientChanged
from clinic_contracts.errors import NotFound


def seen_client(client: ClientChanged | None, id_: str, desk: Desk) -> ClientChanged:
    """Return a client that was found, if the caller sees them; raises NotFound."""
    if client is None or not desk.context.sees_client_of(client.location_ids):
        raise NotFound(f"there is no client {id_}")
    return client


def sees_any(client_ids: Iterable[str], desk: Desk) -> bool:
    """Say whether the caller sees one of these clients."""
    found = (desk.statements.client(id_) for id_ in client_ids)
    return any(each and desk.context.sees_client_of(each.location_ids) for each in found)
