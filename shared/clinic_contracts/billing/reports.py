"""Reports from the ledger."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from clinic_contracts.constraints import Id
from clinic_contracts.money import CurrencyCode, Money


@dataclass(frozen=True, slots=True, kw_only=True)
class GetRevenue:
    """Revenue of days, both included, at most 366; at all that the caller sees, or at one."""

    from_: date
    to: date
    by: Literal["day", "location", "practitioner", "treatment"] = "day"
    location_id: Id | None = None
    currency: CurrencyCode = "CAD"
    format: Literal["json", "csv"] = "json"


@dataclass(frozen=True, slots=True, kw_only=True)
class RevenueRow:
    """What was earned, in minor units, before taxes and less what was voided.

    ``id`` is the day or the id of what it is by; it is empty where the ledger names none.
    """

    id: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Revenue:
    """The ledger's revenue account over a period; the rows sum to ``total``."""

    from_: date
    to: date
    by: str
    total: Money
    items: tuple[RevenueRow, ...]
    next: str | None = None
