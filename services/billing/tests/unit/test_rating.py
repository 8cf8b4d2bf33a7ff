from billing.rating import share, split
from clinic_contracts.client_profile.events import CoverageChanged
from clinic_contracts.money import Money

COVERAGE = CoverageChanged(
    coverage_id="pol_1", client_id="cli_1", kind="extended_health", carrier="Life",
    group_number="G", member_id="M", percent=80, order=1, benefit_year_start="01-01",
    annual_maximum=Money(amount_minor=60000),
)  # fmt: skip


def test_half_up_and_by_invoice():
    assert share(9450, 500, 10_000) == 473
    assert share(3 * 3333, 500, 10_000) == 500


def test_split_and_annual_maximum():
    fee, none = Money(amount_minor=11500), Money(amount_minor=0)
    assert [p.amount.amount_minor for p in split(fee, none, (COVERAGE,), {})] == [9200, 2300]
    late = split(fee, none, (COVERAGE,), {"pol_1": 59000})
    assert [p.amount.amount_minor for p in late] == [1000, 10500]
