"""Reports from the ledger, closed days and claims.

Amounts are minor units of one currency. ``id`` in a row is empty where the books name none.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from clinic_contracts.constraints import Id
from clinic_contracts.money import CurrencyCode, Money

Format = Literal["json", "csv", "svg"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GetReport:
    """Days, both included, at most 366; at all that the caller sees, or at one location."""

    from_: date
    to: date
    location_id: Id | None = None
    currency: CurrencyCode = "CAD"
    format: Format = "json"


@dataclass(frozen=True, slots=True, kw_only=True)
class GetRevenue(GetReport):
    """Revenue of days, both included, at most 366; at all that the caller sees, or at one."""

    by: Literal["day", "location", "practitioner", "treatment", "payer"] = "day"


@dataclass(frozen=True, slots=True, kw_only=True)
class RevenueRow:
    """What was earned, in minor units, before taxes and less what was voided.

    ``id`` is the day, the payer (``client`` for what clients were billed) or the id of what it is
    by; it is empty where the ledger names none. ``name`` is what that is called now.
    """

    id: str
    amount_minor: int
    currency: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revenue:
    """The ledger's revenue account over a period; the rows sum to ``total``."""

    from_: date
    to: date
    by: str
    total: Money
    items: tuple[RevenueRow, ...]
    next: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GetAgedReceivables:
    """What was owed at the end of a day, by the ledger as it was then; days count from invoices'.

    ``by`` payer has what all clients owe as one row, ``client``; ``by`` client has a row each.
    """

    as_of: date
    by: Literal["payer", "client"] = "payer"
    location_id: Id | None = None
    currency: CurrencyCode = "CAD"
    format: Format = "json"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgedRow:
    """What a payer or client owes, by days from the invoice's day; less than 0 is owed to them."""

    id: str
    kind: Literal["payer", "client"]
    days_0_30_minor: int
    days_31_60_minor: int
    days_61_90_minor: int
    over_90_minor: int
    total_minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgedReceivables:
    """Receivables by age; ``ledger`` is what their accounts have, which the rows sum to."""

    as_of: date
    by: str
    total: Money
    ledger: Money
    items: tuple[AgedRow, ...]
    next: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GetTaxReturn(GetReport):
    """What a tax return of days asks for, both included, at most 366, by location and tax."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRow:
    """Supplies at a location and a tax of them, less what was voided, by the day it was posted.

    ``tax`` and ``tax_number`` are empty for the supplies that bore no tax, ``tax_number`` where no
    number is known. ``reversed_minor`` is the tax of invoices that were voided in the period.
    """

    location_id: str
    location_name: str
    region: str
    tax: str
    tax_number: str
    supplies_minor: int
    collected_minor: int
    reversed_minor: int
    net_minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxReturn:
    """Taxes of a period; ``ledger`` is what their accounts have, which the rows' net sums to."""

    from_: date
    to: date
    total: Money
    ledger: Money
    items: tuple[TaxRow, ...]
    next: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GetDayCloseReport(GetReport):
    """Days as they were closed, both included, at most 366, against the ledger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCloseRow:
    """A location's day and a way of paying; a day that is not closed has nothing counted.

    ``ledger_minor`` is what the ledger has now, the posted difference included; ``off_minor``, by
    which it differs from what was counted, is 0 when all is well.
    """

    day: date
    location_id: str
    location_name: str
    method: Literal["cash", "card"]
    status: Literal["closed", "open"]
    expected_minor: int
    counted_minor: int | None
    difference_minor: int | None
    ledger_minor: int
    off_minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCloseReport:
    """Closed days, and those not closed yet on which anything was taken."""

    from_: date
    to: date
    total: Money
    reconciled: bool
    items: tuple[DayCloseRow, ...]
    next: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GetClaimTurnaround(GetReport):
    """How payers dealt with claims for visits of days, both included, at most 366."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimTurnaroundRow:
    """A payer's claims. Days go from the first submission, in UTC, to the first decision or pay.

    ``paid`` were paid anything that stands, ``denied`` were denied and paid nothing. Percentiles
    are by nearest rank: so many days or fewer for at least half, or nine tenths, of the claims.
    """

    id: str
    claims: int
    submitted: int
    decided: int
    paid: int
    denied: int
    median_days_to_decision: int | None
    p90_days_to_decision: int | None
    median_days_to_payment: int | None
    p90_days_to_payment: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimTurnaround:
    """Claims by payer."""

    from_: date
    to: date
    items: tuple[ClaimTurnaroundRow, ...]
    next: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GetDenialReasons(GetReport):
    """Why claims for visits of days, both included, at most 366, were denied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DenialRow:
    """A payer's reason, ``id``: a claim adjustment group and reason code, such as PR-119.

    ``denials`` counts decisions that paid nothing and stand, ``amount_minor`` sums what they
    adjusted for the reason, or the charge where none was given (``id`` is empty).
    """

    payer: str
    id: str
    denials: int
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DenialReasons:
    """Reasons for denials, the most frequent first; codes alone, whose texts are X12's."""

    from_: date
    to: date
    items: tuple[DenialRow, ...]
    next: str | None = None
