"""What the use cases need for reports."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol


class ReportRecords(Protocol):
    """The ledger, summed."""

    def revenue(
        self, days: tuple[date, date], by: str, location_ids: Sequence[str] | None, currency: str
    ) -> dict[str, int]:
        """Return minor units by what they are of; ``location_ids`` None means everywhere."""
