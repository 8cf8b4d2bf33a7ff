"""Reports: what is made of the sums that the books give."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from billing.domain.ledger import CLIENT
from clinic_contracts.billing.day_closes import DayCloseView
from clinic_contracts.billing.reports import AgedRow, DayCloseRow

AGES = (30, 60, 90)
"""The last day of each bucket of aged receivables but the last."""


@dataclass(frozen=True, slots=True)
class Receivable:
    """What a payer, or the client where there is none, owes of an invoice of a day."""

    payer: str | None
    client_id: str
    day: date
    minor: int


@dataclass(frozen=True, slots=True)
class TaxSum:
    """Supplies at a location that bore a tax (or none: empty), and the tax; all in minor units."""

    location_id: str
    tax: str
    tax_number: str
    supplies: int
    collected: int
    reversed: int


@dataclass(frozen=True, slots=True)
class Place:
    """What a location is called, and the region whose taxes it charges."""

    name: str
    region: str


@dataclass(frozen=True, slots=True, order=True)
class Till:
    """A way of paying at a location on a day."""

    day: date
    location_id: str
    method: Literal["card", "cash"]


def aged(
    receivables: Iterable[Receivable], as_of: date, by: str, currency: str
) -> tuple[AgedRow, ...]:
    """Return a row a payer and one of all clients, or (``by`` client) one a client, by name."""
    rows: defaultdict[tuple[bool, str], list[int]] = defaultdict(lambda: [0] * (len(AGES) + 1))
    for each in receivables:
        if by == "client":
            key = (True, each.client_id)
        else:
            key = (each.payer is None, CLIENT if each.payer is None else each.payer)
        rows[key][_bucket((as_of - each.day).days)] += each.minor
    return tuple(
        AgedRow(
            id=id_,
            kind="client" if is_client else "payer",
            days_0_30_minor=minor[0],
            days_31_60_minor=minor[1],
            days_61_90_minor=minor[2],
            over_90_minor=minor[3],
            total_minor=sum(minor),
            currency=currency,
        )
        for (is_client, id_), minor in sorted(rows.items())
        if any(minor)
    )


def _bucket(days: int) -> int:
    return sum(days > last for last in AGES)


def day_close_rows(
    closed: Iterable[DayCloseView],
    ledger: Mapping[Till, int],
    places: Mapping[str, Place],
    currency: str,
) -> tuple[DayCloseRow, ...]:
    """Return a row a day, location and way of paying, of days closed and of days not closed yet."""
    counted = {
        Till(one.day, one.location_id, method.method): method
        for one in closed
        for method in one.methods
        if method.counted.currency == currency
    }
    rows = []
    for till in sorted({*counted, *ledger}):
        has, method = ledger.get(till, 0), counted.get(till)
        place = places.get(till.location_id)
        rows.append(
            DayCloseRow(
                day=till.day,
                location_id=till.location_id,
                location_name="" if place is None else place.name,
                method=till.method,
                status="open" if method is None else "closed",
                expected_minor=has if method is None else method.expected.amount_minor,
                counted_minor=None if method is None else method.counted.amount_minor,
                difference_minor=None if method is None else method.difference.amount_minor,
                ledger_minor=has,
                off_minor=0 if method is None else has - method.counted.amount_minor,
                currency=currency,
            )
        )
    return tuple(rows)
