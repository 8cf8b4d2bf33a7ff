"""How payers deal with claims: how long they take, what they deny and why."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from clinic_contracts.billing.reports import ClaimTurnaroundRow, DenialRow

PAID = frozenset({"paid", "partially_paid"})
DECIDED = frozenset({"adjudicated", "denied", *PAID})


@dataclass(frozen=True, slots=True)
class Reason:
    """An adjustment's group and reason code, and what it took off in minor units."""

    code: str
    minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Dealt:
    """A claim and what its payer did: ``steps`` are states with their days, the oldest first.

    ``denials`` has the reasons of each decision that paid nothing and stands.
    """

    payer: str
    charge: int
    paid: int
    steps: tuple[tuple[str, date], ...]
    denials: tuple[tuple[Reason, ...], ...]

    def first(self, states: Iterable[str]) -> date | None:
        """Return the day on which it was first in one of those states, or None."""
        wanted = frozenset(states)
        return next((day for state, day in self.steps if state in wanted), None)

    def days_to(self, states: Iterable[str]) -> int | None:
        """Return the days from its submission to the first of those states, or None."""
        sent, then = self.first({"submitted"}), self.first(states)
        return None if sent is None or then is None else max((then - sent).days, 0)


def turnaround(claims: Iterable[Dealt]) -> tuple[ClaimTurnaroundRow, ...]:
    """Return a row a payer, by name."""
    by_payer: defaultdict[str, list[Dealt]] = defaultdict(list)
    for claim in claims:
        by_payer[claim.payer].append(claim)
    return tuple(_row(payer, of) for payer, of in sorted(by_payer.items()))


def _row(payer: str, claims: Sequence[Dealt]) -> ClaimTurnaroundRow:
    decision = sorted(days for each in claims if (days := each.days_to(DECIDED)) is not None)
    payment = sorted(days for each in claims if (days := each.days_to(PAID)) is not None)
    return ClaimTurnaroundRow(
        id=payer,
        claims=len(claims),
        submitted=sum(each.first({"submitted"}) is not None for each in claims),
        decided=sum(each.first(DECIDED) is not None for each in claims),
        paid=sum(each.paid > 0 for each in claims),
        denied=sum(each.paid <= 0 and each.first({"denied"}) is not None for each in claims),
        median_days_to_decision=percentile(decision, 50),
        p90_days_to_decision=percentile(decision, 90),
        median_days_to_payment=percentile(payment, 50),
        p90_days_to_payment=percentile(payment, 90),
    )


def percentile(ordered: Sequence[int], per_cent: int) -> int | None:
    """Return a percentile by nearest rank: the least that ``per_cent`` % do not exceed."""
    return ordered[-(-len(ordered) * per_cent // 100) - 1] if ordered else None


def denial_reasons(claims: Iterable[Dealt], currency: str) -> tuple[DenialRow, ...]:
    """Return a row a payer and reason, the most frequent first."""
    counts: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for claim in claims:
        for reasons in claim.denials:
            for code, minor in _sums(reasons or (Reason("", claim.charge),)).items():
                told = counts[claim.payer, code]
                told[0] += 1
                told[1] += minor
    rows = [
        DenialRow(payer=payer, id=code, denials=denials, amount_minor=minor, currency=currency)
        for (payer, code), (denials, minor) in counts.items()
    ]
    return tuple(sorted(rows, key=lambda row: (-row.denials, row.payer, row.id)))


def _sums(reasons: Iterable[Reason]) -> dict[str, int]:
    sums: defaultdict[str, int] = defaultdict(int)
    for reason in reasons:
        sums[reason.code] += reason.minor
    return dict(sums)
