"""How long payers take and why they deny, of claims by hand."""

from datetime import date, timedelta

import pytest

from billing.domain.claim_report import Dealt, Reason, denial_reasons, percentile, turnaround

SENT = date(2026, 12, 1)


def dealt(payer: str, *steps: tuple[str, int], paid: int = 0, **more: object) -> Dealt:
    """Return a claim that passed states, each so many days after it was sent."""
    days = tuple((state, SENT + timedelta(after)) for state, after in steps)
    given: dict[str, object] = {"charge": 11500, "denials": (), **more}
    return Dealt(payer=payer, paid=paid, steps=days, **given)  # type: ignore[arg-type]  # as above


@pytest.mark.parametrize(
    ("ordered", "median", "p90"),
    [
        ([], None, None),
        ([4], 4, 4),
        ([1, 9], 1, 9),
        ([*range(1, 11)], 5, 9),
        ([*range(1, 12)], 6, 10),
    ],
)
def test_a_percentile_is_by_nearest_rank(
    ordered: list[int], median: int | None, p90: int | None
) -> None:
    assert (percentile(ordered, 50), percentile(ordered, 90)) == (median, p90)


def test_turnaround_counts_from_the_first_submission() -> None:
    paid = dealt("A", ("draft", -1), ("submitted", 0), ("adjudicated", 5), ("paid", 5), paid=9200)
    again = dealt(
        "A", ("submitted", 0), ("rejected", 1), ("submitted", 3), ("adjudicated", 9), ("denied", 9)
    )
    waiting, drafted = dealt("A", ("submitted", 0)), dealt("A", ("draft", 0))
    back = dealt("B", ("submitted", 0), ("adjudicated", 2), ("paid", 2), ("adjudicated", 8))
    row, other = turnaround([back, paid, again, waiting, drafted])
    assert (row.id, row.claims, row.submitted, row.decided) == ("A", 4, 3, 2)
    assert (row.paid, row.denied) == (1, 1)
    assert (row.median_days_to_decision, row.p90_days_to_decision) == (5, 9)
    assert (row.median_days_to_payment, row.p90_days_to_payment) == (5, 5)
    assert (other.id, other.paid, other.denied) == ("B", 0, 0)
    assert turnaround([drafted])[0].median_days_to_decision is None
    assert turnaround([]) == ()


def test_reasons_for_denials_are_counted_once_a_decision() -> None:
    lines = (Reason("CO-50", 5000), Reason("CO-50", 4000), Reason("PR-2", 2500))
    claims = [
        dealt("A", denials=(lines, (Reason("CO-50", 11500),))),
        dealt("B", denials=((),)),
        dealt("B", paid=9200),
    ]
    rows = [(r.payer, r.id, r.denials, r.amount_minor) for r in denial_reasons(claims, "CAD")]
    assert rows == [("A", "CO-50", 2, 20500), ("A", "PR-2", 1, 2500), ("B", "", 1, 11500)]
