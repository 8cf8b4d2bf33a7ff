"""What practitioners are paid: dated rates of a location, of which the most specific goes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from billing.domain.tax import BASIS_POINTS, half_up
from clinic_contracts.billing.pay import AddPayRate, PayRate, PayRow
from clinic_contracts.errors import AlreadyExists, Invalid


@dataclass(frozen=True, slots=True)
class Earned:
    """What a practitioner's treatments at a location brought on a day, in minor units."""

    day: date
    location_id: str
    practitioner_id: str
    treatment_id: str
    minor: int
    visits: int


@dataclass(frozen=True, slots=True)
class Names:
    """What practitioners, locations and treatments are called, by their ids."""

    practitioners: Mapping[str, str]
    locations: Mapping[str, str]
    treatments: Mapping[str, str]


def add(
    request: AddPayRate, latest: PayRate | None, *, id_: str, by: str, now: datetime
) -> PayRate:
    """Return a rate that follows ``latest`` of the same location, practitioner and treatment.

    Raises Invalid for one that is neither a share nor an amount, or both, or of a treatment
    without a practitioner; AlreadyExists when ``latest`` is from that day or a later one.
    """
    if (request.rate_bp is None) == (request.amount is None):
        detail = "give a share (rate_bp) or an amount a visit, one of them"
        raise Invalid(detail, errors={"rate_bp": [detail]})
    if request.amount is not None and request.amount.amount_minor < 0:
        detail = "must not be less than nothing"
        raise Invalid(detail, errors={"amount": [detail]})
    if request.treatment_id is not None and request.practitioner_id is None:
        detail = "a treatment's rate names its practitioner too"
        raise Invalid(detail, errors={"practitioner_id": [detail]})
    if latest is not None and request.from_ <= latest.from_:
        detail = f"a rate from {latest.from_.isoformat()} is there: a new one begins later"
        raise AlreadyExists(detail, field="from")
    return PayRate(
        id=id_,
        location_id=request.location_id,
        from_=request.from_,
        practitioner_id=request.practitioner_id,
        treatment_id=request.treatment_id,
        rate_bp=request.rate_bp,
        amount=request.amount,
        added_by=by,
        added_at=now,
    )


def rate_of(earned: Earned, rates: Iterable[PayRate], currency: str) -> PayRate | None:
    """Return the rate that applies: the one that names the most, then the latest; or None."""
    going = [rate for rate in rates if _applies(rate, earned, currency)]
    return max(going, key=lambda rate: (_named(rate), rate.from_), default=None)


def pay_rows(
    earned: Iterable[Earned], rates: Sequence[PayRate], names: Names, currency: str
) -> tuple[PayRow, ...]:
    """Return a row a practitioner, location, treatment and rate; a share is rounded once a row."""
    by_location: defaultdict[str, list[PayRate]] = defaultdict(list)
    for rate in rates:
        by_location[rate.location_id].append(rate)
    sums: defaultdict[tuple[str, str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for each in earned:
        going = rate_of(each, by_location[each.location_id], currency)
        what = (each.practitioner_id, each.location_id, each.treatment_id)
        told = sums[(*what, "" if going is None else going.id)]
        told[0] += each.visits
        told[1] += each.minor
    known = {rate.id: rate for rate in rates}
    return tuple(
        _row(what, known.get(rate_id), names, PaidFor(visits, minor, currency))
        for (*what, rate_id), (visits, minor) in sorted(sums.items())
    )


@dataclass(frozen=True, slots=True)
class PaidFor:
    """Visits, and their revenue before taxes in minor units."""

    visits: int
    minor: int
    currency: str

    def pay(self, rate: PayRate | None) -> int | None:
        """Return what is paid for them at a rate, in minor units; None without one."""
        if rate is None:
            return None
        if rate.amount is not None:
            return self.visits * rate.amount.amount_minor
        return half_up(self.minor * (rate.rate_bp or 0), BASIS_POINTS)


def _row(what: Sequence[str], rate: PayRate | None, names: Names, done: PaidFor) -> PayRow:
    practitioner, location, treatment = what
    amount = None if rate is None else rate.amount
    return PayRow(
        practitioner_id=practitioner,
        practitioner_name=names.practitioners.get(practitioner, ""),
        location_id=location,
        location_name=names.locations.get(location, ""),
        treatment_id=treatment,
        treatment_name=names.treatments.get(treatment, ""),
        visits=done.visits,
        revenue_minor=done.minor,
        rate_id="" if rate is None else rate.id,
        rate_bp=None if rate is None else rate.rate_bp,
        rate_minor=None if amount is None else amount.amount_minor,
        pay_minor=done.pay(rate),
        currency=done.currency,
    )


def _applies(rate: PayRate, earned: Earned, currency: str) -> bool:
    return (
        rate.location_id == earned.location_id
        and rate.practitioner_id in {None, earned.practitioner_id}
        and rate.treatment_id in {None, earned.treatment_id}
        and rate.from_ <= earned.day
        and (rate.amount is None or rate.amount.currency == currency)
    )


def _named(rate: PayRate) -> int:
    return sum(name is not None for name in (rate.practitioner_id, rate.treatment_id))
