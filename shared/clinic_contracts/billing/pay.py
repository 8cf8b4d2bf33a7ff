"""What practitioners are paid: dated rates of locations, and the report that applies them."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from clinic_contracts.billing.reports import GetReport
from clinic_contracts.constraints import Cursor, Id, Instant, Limit, Range
from clinic_contracts.money import Money

BasisPoints = Annotated[int, Range(0, 10_000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class AddPayRate:
    """Pay a share of revenue before taxes (``rate_bp``, basis points) or ``amount`` a visit.

    From a day on, until a later one follows: of a location, of a practitioner there, or of a
    treatment that a practitioner gives there. Rates are never edited.
    """

    location_id: Id
    from_: date
    practitioner_id: Id | None = None
    treatment_id: Id | None = None
    rate_bp: BasisPoints | None = None
    amount: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PayRate:
    """A rate of pay; of those in force on a day, the one that names the most goes."""

    id: str
    location_id: str
    from_: date
    practitioner_id: str | None
    treatment_id: str | None
    rate_bp: int | None
    amount: Money | None
    added_by: str
    added_at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPayRates:
    """A location's rates, last added first."""

    location_id: Id
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PayRatePage:
    """A page of rates."""

    items: tuple[PayRate, ...]
    next: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GetPractitionerPay(GetReport):
    """What practitioners earned and are paid for days, both included, at most 366."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PayRow:
    """A practitioner's treatments at a location, of the days on which one rate applied.

    ``visits`` were invoiced less those voided, by the day it was posted; fees for visits that were
    not kept are revenue and no visits. ``rate_bp`` is a share of ``revenue_minor`` in basis points,
    ``rate_minor`` an amount a visit. Without a rate there is neither, nor any ``pay_minor``.
    """

    practitioner_id: str
    practitioner_name: str
    location_id: str
    location_name: str
    treatment_id: str
    treatment_name: str
    visits: int
    revenue_minor: int
    rate_id: str
    rate_bp: int | None
    rate_minor: int | None
    pay_minor: int | None
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PractitionerPay:
    """Pay of a period; ``revenue`` is the ledger's account, ``unrated`` what of it has no rate."""

    from_: date
    to: date
    total: Money
    revenue: Money
    unrated: Money
    items: tuple[PayRow, ...]
    next: str | None = None
