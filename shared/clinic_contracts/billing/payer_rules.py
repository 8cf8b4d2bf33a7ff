"""Payers' rules as dated data: what is in a pack, what is in force, what another would change."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from clinic_contracts.billing.requests import SplitPart
from clinic_contracts.client_profile.requests import CoverageKind, Discipline
from clinic_contracts.constraints import Items, Range, Text
from clinic_contracts.money import Money

RuleName = Annotated[
    str, Text(max=60, pattern=r"[a-z0-9]+(-[a-z0-9]+)*", hint="a name in kebab-case")
]
Period = Literal["benefit_year", "calendar_year", "injury"]
Need = Literal["claim_number", "accepted_on", "referred_on", "beneficiary_since"]
"""A fact of a coverage without which its payer pays nothing."""
LimitCode = Literal["AUTH_LIMIT", "BENEFIT_LIMIT"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerRule:
    """What a kind of payer pays of a visit to some disciplines, from ``valid_from`` on.

    ``rank`` 1 pays first. Visits are counted per coverage and ``period``, at all locations and over
    all disciplines of the rule; ``visits`` of them are paid for, another is refused for
    ``limit_code``. An injury's period is ``window_days`` long, the day of the accident being 0.
    ``fee`` is the most paid for a visit, ``initial_fee`` for the period's first. ``disciplines``
    and ``regions`` (tax regions of locations) empty mean all. ``source`` says where it is written.
    """

    rule: RuleName
    version: Annotated[str, Text(max=20)]
    kind: CoverageKind
    source: Annotated[str, Text(max=500)]
    valid_from: date
    valid_to: date | None = None
    rank: Annotated[int, Range(1, 9)]
    disciplines: Annotated[tuple[Discipline, ...], Items(20)] = ()
    regions: Annotated[tuple[Annotated[str, Text(max=10)], ...], Items(20)] = ()
    period: Period
    visits: Annotated[int, Range(1, 100)] | None = None
    limit_code: LimitCode = "BENEFIT_LIMIT"
    window_days: Annotated[int, Range(1, 3_660)] | None = None
    one_a_day: bool = False
    needs: Annotated[tuple[Need, ...], Items(4)] = ()
    fee: Money | None = None
    initial_fee: Money | None = None
    fee_item: Annotated[str, Text(min=0, max=10)] = ""
    opted_in_only: bool = False
    """Visits to a practitioner who has opted out are the client's to pay and to be paid back."""
    pays_tax: bool = False
    """The payer pays the tax on its part; otherwise the client does."""
    client_pays_nothing: bool = False
    """What the payer's own schedule does not pay is not the client's either."""


PayerRules = Annotated[tuple[PayerRule, ...], Items(200, min=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPayerRules:
    """The rules in force on a day; without one, all of them."""

    on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerRuleList:
    """Rules, in order of payment."""

    items: tuple[PayerRule, ...]
    next: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewPayerRules:
    """Divide the ``last`` invoices again, by these rules instead of all those in force."""

    rules: PayerRules
    last: Annotated[int, Range(1, 500)] = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitDifference:
    """An invoice that would be divided otherwise: ``before`` by the rules in force."""

    invoice_id: str
    number: str
    location_id: str
    client_id: str
    service_date: date
    before: tuple[SplitPart, ...]
    after: tuple[SplitPart, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerRulesPreview:
    """What would change of the invoices ``examined``, oldest first; nothing was changed.

    ``client_minor`` and ``payer_minor`` are by how much the clients' and the payers' parts would
    grow altogether, in minor units.
    """

    examined: int
    client_minor: int
    payer_minor: int
    differences: tuple[SplitDifference, ...]
