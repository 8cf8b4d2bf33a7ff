"""What the use cases need for statements."""

from collections.abc import Sequence
from typing import Protocol

from billing.domain.statement import Moved
from clinic_contracts.client_profile.events import ClientChanged


class StatementRecords(Protocol):
    """Clients and what moved what they owe, to read."""

    def client(self, id_: str) -> ClientChanged | None:
        """Return what is known of one now, or None."""

    def moved(
        self, client_id: str, location_ids: Sequence[str] | None, currency: str
    ) -> list[Moved]:
        """Return it in order; ``location_ids`` None means at every location."""
