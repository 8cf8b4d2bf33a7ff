"""Referrals: who sent a client, and how far it reaches."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from clinic_contracts.client_profile.requests import Discipline
from clinic_contracts.constraints import Items, Name, PathId, Range
from clinic_contracts.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class AddReferral:
    """Add a referral, good from ``issued`` to ``expires``, both included.

    ``disciplines`` empty means all; ``no_shows_count`` says whether missed visits use it up. A
    client has at most 100 referrals.
    """

    client_id: PathId
    referrer: Name
    issued: date
    expires: date
    maximum_visits: Annotated[int, Range(1, 500)] | None = None
    maximum_amount: Money | None = None
    disciplines: Annotated[tuple[Discipline, ...], Items(20)] = ()
    no_shows_count: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralView:
    """A referral of a client."""

    id: str
    version: int
    client_id: str
    referrer: str
    issued: date
    expires: date
    maximum_visits: int | None
    maximum_amount: Money | None
    disciplines: tuple[str, ...]
    no_shows_count: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralList:
    """A client's referrals, the latest issued first."""

    items: tuple[ReferralView, ...]
    next: str | None = None
