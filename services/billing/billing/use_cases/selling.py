"""Gift cards, packages and deposits: sold by an invoice, given back, expired."""

from dataclasses import replace

from billing.domain import ledger, sale
from billing.domain import prepaid as rules
from billing.domain.receipt import local_day
from billing.ports import Books, Desk, Issued
from billing.use_cases.clients import seen_client, sees_any
from clinic_contracts.billing import prepaid as c
from clinic_contracts.billing.events import InvoiceIssued
from clinic_contracts.errors import Invalid, NotFound
from clinic_contracts.money import Money

PREFIXES = {"gift_card": "gft", "package": "pkg", "deposit": "dep"}
NAMES = {"gift_card": "Gift card", "package": "Package", "deposit": "Deposit"}


def sell_gift_card(request: c.SellGiftCard, desk: Desk) -> c.PrepaidView:
    """Sell a gift card; raises NotFound, Invalid. Repeated, it answers as the first time."""
    asked = _asked("gift_card", request.location_id, request.client_id, request.amount, desk)
    return _sell(asked, desk)


def sell_package(request: c.SellPackage, desk: Desk) -> c.PrepaidView:
    """Sell a package as ``sell_gift_card`` sells a gift card."""
    if request.price.amount_minor < request.units:
        detail = "must be at least one minor unit a visit"
        raise Invalid(detail, errors={"price": [detail]})
    if request.expires_on is not None and request.expires_on <= desk.now.date():
        detail = "must be a day to come"
        raise Invalid(detail, errors={"expires_on": [detail]})
    asked = _asked("package", request.location_id, request.client_id, request.price, desk)
    package = replace(
        asked,
        units=request.units,
        units_left=request.units,
        treatment_id=request.treatment_id,
        expires_on=request.expires_on,
        shared_with=request.shared_with,
    )
    return _sell(package, desk)


def take_deposit(request: c.TakeDeposit, desk: Desk) -> c.PrepaidView:
    """Ask for a deposit as ``sell_gift_card`` sells a gift card."""
    asked = _asked("deposit", request.location_id, request.client_id, request.amount, desk)
    return _sell(replace(asked, appointment_id=request.appointment_id), desk)


def get_prepaid(id_: str, desk: Desk) -> c.PrepaidView:
    """Return one that the caller may use; raises NotFound."""
    found = desk.prepaid.one(id_)
    if found is None or not is_usable(found, desk):
        raise NotFound(f"there is no {id_}")
    return found


def is_usable(prepaid: c.PrepaidView, desk: Desk) -> bool:
    """Say whether it was sold where the caller sees it, or is for a client whom they see.

    So it can be used wherever its client goes, and nobody finds what is another clinic's.
    """
    if desk.context.sees(prepaid.location_id):
        return True
    return sees_any(rules.owners(prepaid), desk)


def list_prepaid(request: c.ListPrepaid, desk: Desk) -> c.PrepaidPage:
    """Return a page of what a client paid in advance, newest first."""
    sees_all = sees_any((request.client_id,), desk)
    location_ids = None if sees_all else desk.context.location_scope
    items, following = desk.prepaid.page(request, location_ids)
    return c.PrepaidPage(items=items, next=following)


def expire(prepaid_id: str, desk: Desk) -> None:
    """Take what is left of a package whose last day is over everywhere, as revenue; once."""

    def work(books: Books) -> None:
        found = books.prepaid(prepaid_id)
        if found is None or found.status != "active" or found.expires_on is None:
            return
        ended = rules.end(found, "expired", "", desk.now)
        books.post([ledger.of_expiry(found)])
        books.save_prepaid(ended, rules.changed(ended))

    desk.transact(work)


def _asked(
    kind: c.PrepaidKind, location_id: str, client_id: str, price: Money, desk: Desk
) -> c.PrepaidView:
    rules.check_price(price)
    if not desk.context.sees(location_id):
        raise NotFound(f"there is no location {location_id}")
    id_ = desk.derived_id(PREFIXES[kind], desk.context.operation_id)
    return c.PrepaidView(
        id=id_,
        version=1,
        kind=kind,
        status="unpaid",
        location_id=location_id,
        client_id=client_id,
        invoice_id=desk.derived_id("inv", id_),
        price=price,
        balance=price,
        sold_at=desk.now,
    )


def _sell(asked: c.PrepaidView, desk: Desk) -> c.PrepaidView:
    def work(books: Books) -> c.PrepaidView:
        sold = books.prepaid(asked.id)
        if sold is not None:
            return sold
        location = books.location(asked.location_id)
        if location is None:
            raise NotFound(f"there is no location {asked.location_id}")
        client = seen_client(books.client(asked.client_id), asked.client_id, desk)
        invoice = sale.issue(
            asked,
            _description(asked, books),
            number=books.next_number("invoice", asked.location_id),
            location=location,
            client=client,
            now=desk.now,
        )
        event = InvoiceIssued(
            invoice_id=invoice.id,
            appointment_id=invoice.appointment_id,
            client_id=invoice.client_id,
            total=invoice.total,
            client_portion=invoice.client_portion,
            payer_portion=invoice.payer_portion,
        )
        books.add_invoices([Issued(invoice, event, (), desk.context)])
        books.add_prepaid(asked, rules.changed(asked))
        books.post([ledger.of_sale(invoice, asked, local_day(invoice, desk.now))])
        return asked

    sold: c.PrepaidView = desk.transact(work)
    return sold


def _description(asked: c.PrepaidView, books: Books) -> str:
    if asked.treatment_id is None:
        return NAMES[asked.kind]
    treatment = books.treatment(asked.treatment_id)
    if treatment is None:
        raise NotFound(f"there is no treatment {asked.treatment_id}")
    return f"{NAMES[asked.kind]} of {asked.units}: {treatment.name}"
