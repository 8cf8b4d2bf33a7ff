"""What practitioners are paid: rates added, never edited, and applied to what the ledger has."""

from billing.domain import pay
from billing.ports import Books, Desk
from billing.use_cases.reporting import scope_of
from clinic_contracts.billing import pay as c
from clinic_contracts.errors import Invalid, NotFound
from clinic_contracts.money import Money


def add_pay_rate(request: c.AddPayRate, desk: Desk) -> c.PayRate:
    """Add a rate; a repeated operation answers as the first time.

    Raises NotFound for a location that the caller does not see, Invalid, AlreadyExists.
    """
    id_ = desk.derived_id("rate", desk.context.operation_id)

    def work(books: Books) -> c.PayRate:
        done = books.pay_rate(id_)
        if done is not None:
            return done
        _check_known(request, books, desk)
        latest = books.latest_pay_rate(request)
        rate = pay.add(request, latest, id_=id_, by=desk.context.actor, now=desk.now)
        books.add_pay_rate(rate)
        return rate

    added: c.PayRate = desk.transact(work)
    return added


def list_pay_rates(request: c.ListPayRates, desk: Desk) -> c.PayRatePage:
    """Return a page of a location's rates, last added first; raises NotFound."""
    if not desk.context.sees(request.location_id):
        raise NotFound(f"there is no location {request.location_id}")
    items, following = desk.pay.page(request)
    return c.PayRatePage(items=items, next=following)


def practitioner_pay(request: c.GetPractitionerPay, desk: Desk) -> c.PractitionerPay:
    """Return what was earned and is paid, with what has no rate; raises NotFound, Invalid."""
    scope = scope_of(request, desk)
    earned = desk.pay.earned(scope)
    names = pay.Names(
        practitioners=desk.reports.names("practitioner", {each.practitioner_id for each in earned}),
        locations=desk.reports.names("location", {each.location_id for each in earned}),
        treatments=desk.reports.names("treatment", {each.treatment_id for each in earned}),
    )
    rows = pay.pay_rows(earned, desk.pay.until(scope), names, request.currency)

    def money(minor: int) -> Money:
        return Money(amount_minor=minor, currency=request.currency)

    return c.PractitionerPay(
        from_=request.from_,
        to=request.to,
        total=money(sum(row.pay_minor or 0 for row in rows)),
        revenue=money(sum(row.revenue_minor for row in rows)),
        unrated=money(sum(row.revenue_minor for row in rows if row.pay_minor is None)),
        items=rows,
    )


def _check_known(request: c.AddPayRate, books: Books, desk: Desk) -> None:
    at, who, what = request.location_id, request.practitioner_id, request.treatment_id
    if books.location(at) is None or not desk.context.sees(at):
        raise NotFound(f"there is no location {at}")
    known = None if who is None else books.practitioner(who)
    if who is not None and (known is None or not desk.context.sees_client_of(known.location_ids)):
        detail = "no such practitioner is known here"
        raise Invalid(detail, errors={"practitioner_id": [detail]})
    if what is not None and books.treatment(what) is None:
        detail = "no such treatment is known here"
        raise Invalid(detail, errors={"treatment_id": [detail]})
