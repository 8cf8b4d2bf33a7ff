"""Reports: what the books say of days, at the locations that the caller may see."""

from datetime import date, timedelta

from billing.domain.ledger import AR_CLIENT, AR_PAYER
from billing.domain.reports import Place, aged, day_close_rows
from billing.ports import Desk
from billing.report_ports import Scope
from clinic_contracts.billing import reports as c
from clinic_contracts.errors import Invalid, NotFound
from clinic_contracts.money import Money

LONGEST_PERIOD = timedelta(days=366)
RECEIVABLE = f"^({AR_CLIENT}|{AR_PAYER})$"
TAX_PAYABLE = "_payable$"
UNKNOWN = Place("", "")


def revenue(request: c.GetRevenue, desk: Desk) -> c.Revenue:
    """Return revenue of the locations the caller may see; raises NotFound, Invalid."""
    sums = desk.reports.revenue(scope_of(request, desk), request.by)
    names = desk.reports.names(request.by, sums)
    return c.Revenue(
        from_=request.from_,
        to=request.to,
        by=request.by,
        total=Money(amount_minor=sum(sums.values()), currency=request.currency),
        items=tuple(
            c.RevenueRow(
                id=id_, amount_minor=minor, currency=request.currency, name=names.get(id_, "")
            )
            for id_, minor in sorted(sums.items())
        ),
    )


def aged_receivables(request: c.GetAgedReceivables, desk: Desk) -> c.AgedReceivables:
    """Return what was owed at the end of a day by how long it had been; raises NotFound."""
    locations = _locations(request.location_id, desk)
    scope = Scope(date.min, request.as_of, locations, request.currency)
    rows = aged(desk.reports.receivables(scope), request.as_of, request.by, request.currency)
    ledger = desk.reports.account(scope, RECEIVABLE)
    return c.AgedReceivables(
        as_of=request.as_of,
        by=request.by,
        total=Money(amount_minor=sum(row.total_minor for row in rows), currency=request.currency),
        ledger=Money(amount_minor=ledger, currency=request.currency),
        items=rows,
    )


def tax_return(request: c.GetTaxReturn, desk: Desk) -> c.TaxReturn:
    """Return supplies and taxes by location, tax and tax number; raises NotFound, Invalid."""
    scope = scope_of(request, desk)
    sums = desk.reports.taxes(scope)
    places = desk.reports.places({each.location_id for each in sums})
    rows = tuple(
        c.TaxRow(
            location_id=each.location_id,
            location_name=(place := places.get(each.location_id, UNKNOWN)).name,
            region=place.region,
            tax=each.tax,
            tax_number=each.tax_number,
            supplies_minor=each.supplies,
            collected_minor=each.collected,
            reversed_minor=each.reversed,
            net_minor=each.collected - each.reversed,
            currency=request.currency,
        )
        for each in sorted(sums, key=lambda each: (each.location_id, each.tax, each.tax_number))
    )
    ledger = -desk.reports.account(scope, TAX_PAYABLE)
    return c.TaxReturn(
        from_=request.from_,
        to=request.to,
        total=Money(amount_minor=sum(row.net_minor for row in rows), currency=request.currency),
        ledger=Money(amount_minor=ledger, currency=request.currency),
        items=rows,
    )


def day_close(request: c.GetDayCloseReport, desk: Desk) -> c.DayCloseReport:
    """Return days as they were closed against the ledger; raises NotFound, Invalid."""
    scope = scope_of(request, desk)
    closed, ledger = desk.reports.closed(scope), desk.reports.takings(scope)
    at = {one.location_id for one in closed} | {till.location_id for till in ledger}
    rows = day_close_rows(closed, ledger, desk.reports.places(at), request.currency)
    taken = sum(row.ledger_minor for row in rows)
    return c.DayCloseReport(
        from_=request.from_,
        to=request.to,
        total=Money(amount_minor=taken, currency=request.currency),
        reconciled=not any(row.off_minor for row in rows),
        items=rows,
    )


def scope_of(request: c.GetReport, desk: Desk) -> Scope:
    """Return what is asked for; raises NotFound for another's location, Invalid for a period."""
    if not timedelta(0) <= request.to - request.from_ < LONGEST_PERIOD:
        detail = f"a period is 1 to {LONGEST_PERIOD.days} days"
        raise Invalid(detail, errors={"to": [detail]})
    locations = _locations(request.location_id, desk)
    return Scope(request.from_, request.to, locations, request.currency)


def _locations(location_id: str | None, desk: Desk) -> tuple[str, ...] | None:
    if location_id is None:
        return desk.context.location_scope
    if not desk.context.sees(location_id):
        raise NotFound(f"there is no location {location_id}")
    return (location_id,)
