"""Reports from the ledger."""

from datetime import timedelta

from billing.ports import Desk
from clinic_contracts.billing.reports import GetRevenue, Revenue, RevenueRow
from clinic_contracts.errors import Invalid, NotFound
from clinic_contracts.money import Money

LONGEST_PERIOD = timedelta(days=366)


def revenue(request: GetRevenue, desk: Desk) -> Revenue:
    """Return revenue of the locations the caller may see; raises NotFound, Invalid."""
    if not timedelta(0) <= request.to - request.from_ < LONGEST_PERIOD:
        detail = f"a period is 1 to {LONGEST_PERIOD.days} days"
        raise Invalid(detail, errors={"to": [detail]})
    locations = desk.context.location_scope
    if request.location_id is not None:
        if not desk.context.sees(request.location_id):
            raise NotFound(f"there is no location {request.location_id}")
        locations = (request.location_id,)
    days, currency = (request.from_, request.to), request.currency
    sums = desk.reports.revenue(days, request.by, locations, currency)
    return Revenue(
        from_=request.from_,
        to=request.to,
        by=request.by,
        total=Money(amount_minor=sum(sums.values()), currency=currency),
        items=tuple(
            RevenueRow(id=id_, amount_minor=minor, currency=currency)
            for id_, minor in sorted(sums.items())
        ),
    )
