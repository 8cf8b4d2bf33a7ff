"""What the use cases need for reports."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from billing.domain.claim_report import Dealt
from billing.domain.reports import Place, Receivable, TaxSum, Till
from clinic_contracts.billing.day_closes import DayCloseView


@dataclass(frozen=True, slots=True)
class Scope:
    """Days, both included, at locations (None means everywhere), in one currency."""

    first: date
    last: date
    location_ids: Sequence[str] | None
    currency: str


class ReportRecords(Protocol):
    """The ledger and what stands beside it, summed."""

    def revenue(self, scope: Scope, by: str) -> dict[str, int]:
        """Return minor units by what they are of."""

    def names(self, by: str, ids: Collection[str]) -> Mapping[str, str]:
        """Return what locations, practitioners, treatments are called now, of those known."""

    def places(self, ids: Collection[str]) -> Mapping[str, Place]:
        """Return locations as they are now, of those known."""

    def receivables(self, scope: Scope) -> Sequence[Receivable]:
        """Return what was owed at the end of ``scope.last``, by payer and invoice; none of 0."""

    def account(self, scope: Scope, accounts: str) -> int:
        """Return debits less credits of the accounts whose names match, in minor units.

        An entry without a day counts to the day, in UTC, of its moment.
        """

    def taxes(self, scope: Scope) -> Sequence[TaxSum]:
        """Return what invoices and voided ones add to supplies and taxes."""

    def takings(self, scope: Scope) -> Mapping[Till, int]:
        """Return what the ledger says was taken less what was given back, in minor units."""

    def closed(self, scope: Scope) -> Sequence[DayCloseView]:
        """Return the days that are closed."""

    def dealt(self, scope: Scope) -> Sequence[Dealt]:
        """Return the claims for visits of the days."""
