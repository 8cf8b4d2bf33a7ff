"""What the use cases need of closed days."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Protocol

from clinic_contracts.billing.day_closes import DayCloseView, ListDayCloses


class DayCloseBooks(Protocol):
    """Closed days, within one transaction."""

    def closed_days(self, location_id: str, since: date) -> frozenset[date]:
        """Return the location's closed days from a day on."""

    def hold_payments(self, location_id: str) -> None:
        """Have each payment and refund of a location under way now start over."""

    def taken(self, location_id: str, day: date, currency: str) -> Mapping[str, int]:
        """Return what the ledger says was taken less what was given back, by account, in minor."""

    def day_close(self, id_: str) -> DayCloseView | None:
        """Return one, or None."""

    def add_day_close(self, closed: DayCloseView, event: Any) -> None:  # noqa: ANN401
        """Insert one with its event."""

    def save_day_close(self, closed: DayCloseView, event: Any) -> None:  # noqa: ANN401
        """Save over ``closed.version``; a concurrent change makes one of the two try again."""


class DayCloseRecords(Protocol):
    """Closed days to read, outside a transaction."""

    def one(self, id_: str) -> DayCloseView | None:
        """Return one, or None."""

    def page(self, request: ListDayCloses) -> tuple[tuple[DayCloseView, ...], str | None]:
        """Return a page, last closed first, and the cursor of the next one, if there is one."""
