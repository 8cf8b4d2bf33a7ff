"""What the use cases need of rates of pay."""

from collections.abc import Sequence
from typing import Protocol

from billing.domain.pay import Earned
from billing.report_ports import Scope
from clinic_contracts.billing.pay import AddPayRate, ListPayRates, PayRate


class PayBooks(Protocol):
    """Rates of pay, within one transaction."""

    def pay_rate(self, id_: str) -> PayRate | None:
        """Return one, or None."""

    def latest_pay_rate(self, request: AddPayRate) -> PayRate | None:
        """Return the latest of that location, practitioner and treatment, or None."""

    def add_pay_rate(self, rate: PayRate) -> None:
        """Insert one; of two from one day that are added at once, one tries again."""


class PayRecords(Protocol):
    """Rates of pay and what they apply to, to read."""

    def page(self, request: ListPayRates) -> tuple[tuple[PayRate, ...], str | None]:
        """Return a page, last added first, and the cursor of the next one, if there is one."""

    def until(self, scope: Scope) -> Sequence[PayRate]:
        """Return the rates from ``scope.last`` or an earlier day."""

    def earned(self, scope: Scope) -> Sequence[Earned]:
        """Return revenue and visits by day, location, practitioner and treatment."""
