"""Gift cards, packages and deposits: sold, paid at once, used bit by bit, given back or expired.

A gift card has no expiry (Prepaid Purchase Cards Regulation, B.C. Reg. 292/2008, s. 3); a package
is for one service, which that section lets expire. Tax is charged on the visits, not on the sale:
what is sold is a right to pay with (Excise Tax Act, s. 181.2 for gift certificates).
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from clinic_contracts.billing.events import PrepaidChanged
from clinic_contracts.billing.prepaid import PrepaidUse, PrepaidView
from clinic_contracts.billing.requests import InvoiceView, PaymentView
from clinic_contracts.errors import IllegalTransition, Invalid, PaymentRefused
from clinic_contracts.money import Money

MOST_USES = 200


@dataclass(frozen=True, slots=True)
class Redemption:
    """What a payment by it pays of an invoice, and the value and visits that takes of it."""

    amount: Money
    value: Money
    units: int


def check_price(price: Money) -> None:
    """Raise Invalid for what cannot be sold."""
    if price.amount_minor <= 0:
        detail = "must be more than nothing"
        raise Invalid(detail, errors={"amount": [detail]})


def changed(prepaid: PrepaidView) -> PrepaidChanged:
    """Return the event that tells of its state."""
    return PrepaidChanged(
        prepaid_id=prepaid.id,
        kind=prepaid.kind,
        status=prepaid.status,
        client_id=prepaid.client_id,
        balance=prepaid.balance,
        units_left=prepaid.units_left,
    )


def activate(prepaid: PrepaidView, payment: PaymentView) -> PrepaidView:
    """Return it paid for."""
    _expect(prepaid, "unpaid", "active")
    return replace(prepaid, status="active", payment_id=payment.id)


def void(prepaid: PrepaidView) -> PrepaidView:
    """Return it called off before it was paid for."""
    _expect(prepaid, "unpaid", "void")
    return replace(prepaid, status="void", balance=_nothing(prepaid), units_left=0)


def check_whole(invoice: InvoiceView, amount: Money) -> None:
    """Refuse to take part of a sale's price: what is sold is paid at once."""
    if invoice.kind == "sale" and amount != invoice.total:
        raise PaymentRefused("a sale is paid at once", reason="part_of_sale")


def redemption(
    prepaid: PrepaidView, invoice: InvoiceView, free: Money, asked: Money | None, day: date
) -> Redemption:
    """Return what it pays of an invoice on a day, of which ``free`` is payable.

    Raises IllegalTransition, Invalid and PaymentRefused for what it may not pay.
    """
    _expect(prepaid, "active", "redeemed")
    if prepaid.balance.currency != free.currency:
        detail = f"it is in {prepaid.balance.currency}"
        raise Invalid(detail, errors={"prepaid_id": [detail]})
    if invoice.kind == "sale":
        raise PaymentRefused("what is used later is paid with money", reason="sale")
    if prepaid.expires_on is not None and prepaid.expires_on < day:
        raise PaymentRefused(f"it expired on {prepaid.expires_on.isoformat()}", reason="expired")
    if len(prepaid.uses) >= MOST_USES:
        raise PaymentRefused("it was used too many times: refund the rest", reason="too_many_uses")
    if prepaid.kind != "gift_card" and invoice.client_id not in owners(prepaid):
        raise PaymentRefused("it is another client's", reason="other_client")
    if prepaid.kind == "package":
        return _unit(prepaid, invoice, free, asked)
    minor = min(prepaid.balance.amount_minor, (asked or free).amount_minor)
    if asked is not None and minor < asked.amount_minor:
        left = prepaid.balance.amount_minor
        raise PaymentRefused("more than is left on it", reason="over_prepaid", left=left)
    amount = Money(amount_minor=minor, currency=free.currency)
    return Redemption(amount, amount, 0)


def owners(prepaid: PrepaidView) -> tuple[str, ...]:
    """Return whose it is: the client's, and of those it is shared with."""
    return (prepaid.client_id, *prepaid.shared_with)


def _unit(
    prepaid: PrepaidView, invoice: InvoiceView, free: Money, asked: Money | None
) -> Redemption:
    """Return a visit of a package, which pays all the client owes of one, whatever it costs now."""
    if invoice.kind != "visit" or invoice.lines[0].treatment_id != prepaid.treatment_id:
        raise PaymentRefused("the package is of another treatment", reason="other_treatment")
    if free != invoice.client_portion or asked not in (None, free):
        raise PaymentRefused("a package pays a visit whole", reason="part_of_visit")
    value = prepaid.balance
    if prepaid.units_left > 1:  # the last takes what rounding left
        minor = prepaid.price.amount_minor // prepaid.units
        value = Money(amount_minor=minor, currency=value.currency)
    if value.amount_minor > free.amount_minor:
        raise PaymentRefused("a visit of the package is worth more", reason="worth_more")
    return Redemption(free, value, 1)


def redeem(prepaid: PrepaidView, taken: Redemption, payment_id: str, now: datetime) -> PrepaidView:
    """Return it with a redemption taken of it."""
    balance = prepaid.balance - taken.value
    use = PrepaidUse(at=now, what="redeemed", units=taken.units, value=taken.value, by=payment_id)
    return replace(
        prepaid,
        status="active" if balance.amount_minor else "used_up",
        balance=balance,
        units_left=prepaid.units_left - taken.units,
        uses=(*prepaid.uses, use),
    )


def put_back(
    prepaid: PrepaidView, payment: PaymentView, amount: Money, refund_id: str, now: datetime
) -> PrepaidView:
    """Return it with a payment by it, or part of one, taken back; a package's only whole."""
    if prepaid.status not in {"active", "used_up"}:
        raise IllegalTransition(prepaid.kind, prepaid.status, "active")
    if len(prepaid.uses) >= 2 * MOST_USES:
        raise PaymentRefused("it was used too many times", reason="too_many_uses")
    units, value = 0, amount
    if prepaid.kind == "package":
        if amount != payment.amount:
            raise PaymentRefused("a package's visit is given back whole", reason="part_of_visit")
        units, value = 1, payment.value or amount
    use = PrepaidUse(at=now, what="returned", units=units, value=value, by=refund_id)
    return replace(
        prepaid,
        status="active",
        balance=prepaid.balance + value,
        units_left=prepaid.units_left + units,
        uses=(*prepaid.uses, use),
    )


def begin_refund(prepaid: PrepaidView) -> PrepaidView:
    """Return it while what is left of it is being given back, so that nothing is used of it."""
    _expect(prepaid, "active", "refunded")
    return replace(prepaid, status="refunding")


def fail_refund(prepaid: PrepaidView) -> PrepaidView:
    """Return it as it was before a refund that the card's processor refused."""
    return replace(prepaid, status="active")


def end(
    prepaid: PrepaidView, what: Literal["refunded", "expired"], by: str, now: datetime
) -> PrepaidView:
    """Return it with nothing left: given back, or expired."""
    use = PrepaidUse(at=now, what=what, units=prepaid.units_left, value=prepaid.balance, by=by)
    return replace(
        prepaid,
        status=what,
        balance=_nothing(prepaid),
        units_left=0,
        uses=(*prepaid.uses, use),
    )


def _expect(prepaid: PrepaidView, status: str, target: str) -> None:
    if prepaid.status != status:
        raise IllegalTransition(prepaid.kind, prepaid.status, target)


def _nothing(prepaid: PrepaidView) -> Money:
    return Money(amount_minor=0, currency=prepaid.price.currency)
