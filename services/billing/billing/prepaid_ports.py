"""What the use cases need of what is paid in advance."""

from collections.abc import Sequence
from typing import Any, Protocol

from clinic_contracts.billing.prepaid import ListPrepaid, PrepaidView


class PrepaidBooks(Protocol):
    """Gift cards, packages and deposits, within one transaction."""

    def prepaid(self, id_: str) -> PrepaidView | None:
        """Return one, or None."""

    def prepaid_of_invoice(self, invoice_id: str) -> PrepaidView | None:
        """Return what an invoice sold, or None."""

    def add_prepaid(self, prepaid: PrepaidView, event: Any) -> None:  # noqa: ANN401
        """Insert one with its event."""

    def save_prepaid(self, prepaid: PrepaidView, event: Any) -> None:  # noqa: ANN401
        """Save over ``prepaid.version``; a concurrent change makes one of the two try again."""


class PrepaidRecords(Protocol):
    """Gift cards, packages and deposits to read, outside a transaction."""

    def one(self, id_: str) -> PrepaidView | None:
        """Return one, or None."""

    def page(
        self, request: ListPrepaid, location_ids: Sequence[str] | None
    ) -> tuple[tuple[PrepaidView, ...], str | None]:
        """Return a page of what was sold there, newest first, and the cursor of the next, if any.

        ``location_ids`` None means at every location.
        """
