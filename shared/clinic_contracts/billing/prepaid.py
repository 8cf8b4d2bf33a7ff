"""What clients pay in advance: gift cards, packages of visits, deposits."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from clinic_contracts.constraints import Cursor, Id, Instant, Items, Limit, Note, PathId, Range
from clinic_contracts.money import Money

PrepaidKind = Literal["gift_card", "package", "deposit"]
PrepaidStatus = Literal["unpaid", "active", "used_up", "refunding", "refunded", "expired", "void"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SellGiftCard:
    """Sell a gift card; it does not expire, and whoever brings it may use it.

    That is where it was sold, or at any location of the client it was sold to.
    """

    location_id: Id
    client_id: Id
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class SellPackage:
    """Sell so many visits of a treatment for one price.

    They are the client's and of those it is ``shared_with``; none is left after ``expires_on``.
    """

    location_id: Id
    client_id: Id
    treatment_id: Id
    units: Annotated[int, Range(1, 100)]
    price: Money
    expires_on: date | None = None
    shared_with: Annotated[tuple[Id, ...], Items(10)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeDeposit:
    """Ask for a deposit, for a visit or for whatever the client will owe."""

    location_id: Id
    client_id: Id
    amount: Money
    appointment_id: Id | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GetPrepaid:
    """One gift card, package or deposit."""

    prepaid_id: PathId


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPrepaid:
    """A client's gift cards, packages and deposits, newest first."""

    client_id: Id
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundPrepaid:
    """Give back what is left, the way it was paid."""

    prepaid_id: PathId
    reason: Note


@dataclass(frozen=True, slots=True, kw_only=True)
class PrepaidUse:
    """What was taken of it (or, ``returned``, put back): visits, and their value.

    ``by`` is the payment or refund, empty for what expired.
    """

    at: Instant
    what: Literal["redeemed", "returned", "refunded", "expired"]
    units: int
    value: Money
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrepaidView:
    """A gift card, package or deposit: ``balance`` is the value left, ``units_left`` the visits.

    Its ``invoice_id`` is paid as any other, at once; from then on it is ``active``.
    """

    id: str
    version: int
    kind: PrepaidKind
    status: PrepaidStatus
    location_id: str
    client_id: str
    invoice_id: str
    price: Money
    balance: Money
    sold_at: Instant
    units: int = 0
    units_left: int = 0
    treatment_id: str | None = None
    appointment_id: str | None = None
    expires_on: date | None = None
    shared_with: tuple[str, ...] = ()
    payment_id: str | None = None
    uses: tuple[PrepaidUse, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PrepaidPage:
    """A page of what a client paid in advance."""

    items: tuple[PrepaidView, ...]
    next: str | None = None
