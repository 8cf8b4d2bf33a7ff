"""Who pays what of a fee, explained step by step, by the payers' dated rules.

Each payer pays the least of: its scheduled fee, the policy's cap, per cent of that, what is left of
the annual maximum, and what earlier payers left: so a second plan pays what it would alone, at most
the expense less what the first paid (CLHIA Guideline G4). Nothing when its rule refuses the visit.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from billing.domain.coverage import UNUSED, Usage, visits_so_far
from billing.domain.payer_rules import (
    Bill,
    Period,
    payment_order,
    period_of,
    rule_for,
    visits_allowed,
)
from billing.domain.refusal import BENEFIT_LIMIT, refusal
from billing.domain.tax import half_up
from clinic_contracts.billing.payer_rules import PayerRule
from clinic_contracts.billing.requests import SplitPart, SplitStep
from clinic_contracts.client_profile.events import CoverageChanged
from clinic_contracts.money import Money

VERSION = "2026-01"
CLIENT = "client"
PERCENT = 100
EXTENDED_HEALTH = "extended_health"


@dataclass(frozen=True, slots=True)
class Payer:
    """A coverage of a visit, the rule that goes for it, and the period its limits count over."""

    coverage: CoverageChanged
    rule: PayerRule | None
    period: Period | None


@dataclass(frozen=True, slots=True)
class Split:
    """Parts that add up to the total; the client's is last."""

    parts: tuple[SplitPart, ...]

    @property
    def client(self) -> SplitPart:
        """The client's part."""
        return self.parts[-1]

    @property
    def payers(self) -> tuple[SplitPart, ...]:
        """The payers' parts."""
        return self.parts[:-1]


def applies(coverage: CoverageChanged, discipline: str, day: date) -> bool:
    """Say whether a policy covers a discipline on a day."""
    dated = (coverage.valid_from is None or coverage.valid_from <= day) and (
        coverage.valid_to is None or day <= coverage.valid_to
    )
    return dated and (not coverage.disciplines or discipline in coverage.disciplines)


def payers_of(
    bill: Bill, coverages: Sequence[CoverageChanged], rules: Sequence[PayerRule]
) -> tuple[Payer, ...]:
    """Return the payers of a visit, of the coverages that cover it, in their order of payment."""
    payers = []
    for coverage in coverages:
        if applies(coverage, bill.discipline, bill.day):
            rule = rule_for(rules, coverage, bill)
            period = None if rule is None else period_of(rule, coverage, bill.day)
            payers.append(Payer(coverage, rule, period))
    return tuple(sorted(payers, key=lambda payer: payment_order(payer.coverage, payer.rule)))


def split(bill: Bill, payers: Sequence[Payer], used: Mapping[str, Usage]) -> Split:
    """Divide fee and tax among ``payers`` and the client; ``used`` is by key of period."""
    currency = bill.fee.currency
    unpaid, taxed, untaxed = bill.fee.amount_minor, 0, bill.tax.amount_minor
    parts = []
    for payer in payers:
        usage = UNUSED if payer.period is None else used.get(payer.period.key, UNUSED)
        share = _share(bill, payer, usage, unpaid)
        tax = 0
        if share.amount and payer.rule is not None and payer.rule.pays_tax:
            # Of the sum of what is paid with tax, so that rounding parts loses no cent.
            taxed += share.amount
            whole = half_up(bill.tax.amount_minor * taxed, bill.fee.amount_minor)
            tax = whole - (bill.tax.amount_minor - untaxed)
            if tax:
                share.step(f"and the tax on it, {shown(tax, currency)}", share.amount + tax)
        unpaid -= share.amount
        untaxed -= tax
        parts.append(share.part(tax))
    return Split((*parts, _client(unpaid, untaxed, currency)))


def counted(
    bill: Bill, payers: Sequence[Payer], divided: Split, used: Mapping[str, Usage]
) -> Iterator[tuple[Payer, PayerRule, Period, Usage]]:
    """Yield each payer that pays, its rule and period, and what is used with this visit."""
    for payer, part in zip(payers, divided.payers, strict=True):
        if part.amount.amount_minor and payer.rule is not None and payer.period is not None:
            before = used.get(payer.period.key, UNUSED)
            fee = part.amount - part.tax
            after = before.with_visit(fee.amount_minor, payer.rule, bill.day)
            yield payer, payer.rule, payer.period, after


def shown(minor: int, currency: str) -> str:
    """Return an amount as a person reads it: ``$1,234.50``; not in CAD, ``EUR 1,234.50``."""
    sign = "$" if currency == "CAD" else f"{currency} "
    return f"{sign}{minor // 100:,}.{minor % 100:02}"


@dataclass(slots=True)
class _Share:
    """A payer's share of the fee while it is worked out, in minor units."""

    payer: Payer
    currency: str
    amount: int
    code: str | None = None
    steps: list[SplitStep] = field(default_factory=list)

    def step(self, text: str, amount: int) -> None:
        rule = self.payer.rule
        name, version = ("no-rule", VERSION) if rule is None else (rule.rule, rule.version)
        money = Money(amount_minor=amount, currency=self.currency)
        self.steps.append(SplitStep(rule=name, version=version, text=text, amount=money))

    def now(self, amount: int, text: str) -> None:
        self.amount = amount
        self.step(text, amount)

    def at_most(self, limit: int, text: str) -> None:
        if limit < self.amount:
            self.now(limit, text)

    def part(self, tax: int) -> SplitPart:
        coverage, rule = self.payer.coverage, self.payer.rule
        return SplitPart(
            payer=coverage.carrier,
            coverage_id=coverage.coverage_id,
            amount=Money(amount_minor=self.amount + tax, currency=self.currency),
            explanation=tuple(self.steps),
            tax=Money(amount_minor=tax, currency=self.currency),
            code=self.code,
            rule="" if rule is None else rule.rule,
            version="" if rule is None else rule.version,
            fee_item="" if rule is None else rule.fee_item,
        )


def _share(bill: Bill, payer: Payer, usage: Usage, unpaid: int) -> _Share:
    fee, currency = bill.fee.amount_minor, bill.fee.currency
    coverage, rule, period = payer.coverage, payer.rule, payer.period
    share = _Share(payer, currency, fee)
    refused = refusal(coverage, bill, rule, period, usage)
    if refused is not None or rule is None or period is None:
        share.code = None if refused is None else refused.code
        share.now(0, "" if refused is None else f"{refused.code}: {refused.text}")
        return share
    share.step(f"the fee, {shown(fee, currency)}", fee)
    if rule.client_pays_nothing:
        share.at_most(unpaid, "limited by what earlier payers left")
        share.step("the client is never billed for it", share.amount)
        return share
    visits = visits_so_far(coverage, period, usage)
    _by_schedule(share, rule, visits, visits_allowed(rule, coverage))
    _by_policy(share, coverage, usage)
    share.at_most(unpaid, f"limited by what earlier payers left, {shown(unpaid, currency)}")
    return share


def _by_schedule(share: _Share, rule: PayerRule, visits: int, allowed: int | None) -> None:
    """Limit a share by the payer's own fee for the period's next visit."""
    limit, which = rule.fee, f"visit {visits + 1}"
    if not visits and rule.initial_fee is not None:
        limit, which = rule.initial_fee, "the initial visit"
    if limit is None:
        return
    if allowed is not None:
        which = f"{which} of {allowed}"
    pays = shown(limit.amount_minor, share.currency)
    share.now(min(share.amount, limit.amount_minor), f"at most {pays} for {which}")


def _by_policy(share: _Share, coverage: CoverageChanged, usage: Usage) -> None:
    """Limit a share by what the policy says: cap, per cent, annual maximum."""
    cap, maximum = coverage.per_visit_cap, coverage.annual_maximum
    if cap is not None:
        pays = shown(cap.amount_minor, share.currency)
        share.at_most(cap.amount_minor, f"limited by the cap per visit, {pays}")
    if coverage.percent != PERCENT or coverage.kind == EXTENDED_HEALTH:
        amount = half_up(share.amount * coverage.percent, PERCENT)
        share.now(amount, f"{coverage.percent} % of it, rounded half up")
    if maximum is not None:
        left = max(maximum.amount_minor - usage.minor, 0)
        share.code = None if left else BENEFIT_LIMIT
        of = f"{shown(left, share.currency)} of {shown(maximum.amount_minor, share.currency)}"
        share.now(min(share.amount, left), f"limited by what is left of the annual maximum, {of}")


def _client(unpaid: int, untaxed: int, currency: str) -> SplitPart:
    rest, tax = (Money(amount_minor=minor, currency=currency) for minor in (unpaid, untaxed))
    steps = [SplitStep(rule="remainder", version=VERSION, text="what no payer covers", amount=rest)]
    if untaxed:
        text = "tax is the client's, but on what a payer pays with its tax"
        steps.append(SplitStep(rule="tax", version=VERSION, text=text, amount=tax))
    return SplitPart(
        payer=CLIENT, coverage_id=None, amount=rest + tax, explanation=tuple(steps), tax=tax
    )
