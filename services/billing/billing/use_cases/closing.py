"""Days counted and closed, once; opened again by reversal alone."""

from billing.domain import day_close as days
from billing.domain import ledger
from billing.domain.ledger import CARD_CLEARING, CASH
from billing.ports import Books, Desk
from clinic_contracts.billing import day_closes as c
from clinic_contracts.booking.events import LocationChanged
from clinic_contracts.errors import AlreadyExists, NotFound
from clinic_contracts.money import Money

CURRENCY = "CAD"


def get_day_takings(request: c.GetDayTakings, desk: Desk) -> c.DayTakings:
    """Return what a location took on a day so far; raises NotFound."""

    def work(books: Books) -> c.DayTakings:
        _location(books, request.location_id, desk)
        taken = books.taken(request.location_id, request.day, CURRENCY)
        return c.DayTakings(
            location_id=request.location_id,
            day=request.day,
            cash=Money(amount_minor=taken.get(CASH, 0), currency=CURRENCY),
            card=Money(amount_minor=taken.get(CARD_CLEARING, 0), currency=CURRENCY),
            closed=request.day in books.closed_days(request.location_id, request.day),
        )

    totals: c.DayTakings = desk.transact(work)
    return totals


def close_day(request: c.CloseDay, desk: Desk) -> c.DayCloseView:
    """Close a location's day and post its difference; repeated, it answers as the first time.

    Raises NotFound, Invalid, and AlreadyExists when the day is closed.
    """
    id_ = desk.derived_id("dcl", desk.context.operation_id)

    def work(books: Books) -> c.DayCloseView:
        done = books.day_close(id_)
        if done is not None:
            return done
        location = _location(books, request.location_id, desk)
        days.check(request, location, desk.now)
        if request.day in books.closed_days(location.location_id, request.day):
            raise AlreadyExists(
                f"{request.day.isoformat()} is closed at {location.name}", field="day"
            )
        books.hold_payments(location.location_id)
        currency = request.counted_cash.currency
        closed, event = days.close(
            id_=id_,
            request=request,
            location=location,
            expected=books.taken(location.location_id, request.day, currency),
            by=desk.context.actor,
            now=desk.now,
        )
        books.add_day_close(closed, event)
        books.post([days.difference(closed)])
        return closed

    closed: c.DayCloseView = desk.transact(work)
    return closed


def reopen_day(request: c.ReopenDay, desk: Desk) -> c.DayCloseView:
    """Open a closed day again; raises NotFound, IllegalTransition."""

    def work(books: Books) -> c.DayCloseView:
        closed = books.day_close(request.day_close_id)
        if closed is None or not desk.context.sees(closed.location_id):
            raise NotFound(f"there is no closed day {request.day_close_id}")
        if closed.status == "reopened" and closed.reason == request.reason:
            return closed
        reopened, event = days.reopen(closed, request.reason)
        posted = days.difference(closed)
        books.post([ledger.contra(posted, f"day_reopen:{closed.id}", closed.day)])
        books.save_day_close(reopened, event)
        return reopened

    reopened: c.DayCloseView = desk.transact(work)
    return reopened


def get_day_close(id_: str, desk: Desk) -> c.DayCloseView:
    """Return a closed day the caller may see; raises NotFound."""
    found = desk.day_closes.one(id_)
    if found is None or not desk.context.sees(found.location_id):
        raise NotFound(f"there is no closed day {id_}")
    return found


def list_day_closes(request: c.ListDayCloses, desk: Desk) -> c.DayClosePage:
    """Return a page of a location's closed days; raises NotFound."""
    if not desk.context.sees(request.location_id):
        raise NotFound(f"there is no location {request.location_id}")
    items, following = desk.day_closes.page(request)
    return c.DayClosePage(items=items, next=following)


def _location(books: Books, id_: str, desk: Desk) -> LocationChanged:
    found = books.location(id_)
    if found is None or not desk.context.sees(id_):
        raise NotFound(f"there is no location {id_}")
    return found
