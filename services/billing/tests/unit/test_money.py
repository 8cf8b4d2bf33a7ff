"""Rounding, tax, the split of a fee, and what the ledger posts."""

from dataclasses import replace
from datetime import date

import pytest

from billing.domain.ledger import Posting, contra, entry
from billing.domain.split import benefit_year, split
from billing.domain.tax import half_up, taxes
from billing.rules import tax_rules
from clinic_contracts.client_profile.events import CoverageChanged
from clinic_contracts.money import Money

DAY = date(2026, 11, 24)
COVERAGE = CoverageChanged(
    coverage_id="pol_1",
    client_id="cli_1",
    kind="extended_health",
    carrier="Pacific Example Life",
    group_number="",
    member_id="1",
    percent=80,
    order=1,
    benefit_year_start="01-01",
)


def cad(minor: int) -> Money:
    return Money(amount_minor=minor)


@pytest.mark.parametrize(
    ("minor", "expected"), [(9450, 473), (3333 * 3, 500), (11500, 575), (-9450, -473), (0, 0)]
)
def test_five_percent_is_rounded_half_up(minor: int, expected: int) -> None:
    assert half_up(minor * 500, 10_000) == expected


def test_massage_is_taxed_when_the_therapist_is_registered() -> None:
    due = taxes(tax_rules(), "CA-BC", "massage_therapy", DAY, cad(11500), registered=True)
    assert [(tax.name, tax.amount) for tax in due] == [("GST", cad(575))]


@pytest.mark.parametrize(
    ("discipline", "registered"), [("massage_therapy", False), ("physio", True)]
)
def test_what_is_exempt_is_not_taxed(discipline: str, registered: bool) -> None:  # noqa: FBT001
    assert taxes(tax_rules(), "CA-BC", discipline, DAY, cad(1), registered=registered) == ()


def test_eighty_percent_of_115_is_92_and_23() -> None:
    divided = split(cad(11500), cad(575), [COVERAGE], {})
    assert [part.amount for part in divided.parts] == [cad(9200), cad(2300 + 575)]
    assert all(part.explanation for part in divided.parts)


def test_a_cap_a_maximum_and_earlier_payers_limit_a_part() -> None:
    capped = replace(COVERAGE, per_visit_cap=cad(10000))
    assert split(cad(11500), cad(0), [capped], {}).payers[0].amount == cad(8000)
    yearly = replace(COVERAGE, annual_maximum=cad(60000))
    assert split(cad(11500), cad(0), [yearly], {"pol_1": 55000}).payers[0].amount == cad(5000)
    assert split(cad(11500), cad(0), [yearly], {"pol_1": 70000}).payers[0].amount == cad(0)
    second = replace(COVERAGE, coverage_id="pol_2", order=2)
    both = split(cad(11500), cad(0), [second, COVERAGE], {})
    assert [part.amount for part in both.parts] == [cad(9200), cad(2300), cad(0)]


def test_a_benefit_year_starts_on_its_day() -> None:
    july = replace(COVERAGE, benefit_year_start="07-01")
    assert benefit_year(july, date(2026, 6, 30)) == date(2025, 7, 1)
    assert benefit_year(july, date(2026, 7, 1)) == date(2026, 7, 1)
    leap = replace(COVERAGE, benefit_year_start="02-29")
    assert benefit_year(leap, date(2026, 3, 1)) == date(2026, 2, 28)


def test_a_contra_entry_undoes_every_posting_on_its_own_day() -> None:
    postings = (Posting("cash", 2875, location_id="loc_1"), Posting("ar_client", -2875, "inv_1"))
    paid = entry("payment:pay_1", "CAD", [*postings, Posting("write_off", 0)], DAY)
    undone = contra(paid, "void:pay_1", date(2026, 11, 25))
    assert paid.postings == postings
    assert undone.postings == (
        Posting("cash", -2875, location_id="loc_1"),
        Posting("ar_client", 2875, "inv_1"),
    )
    assert (undone.key, undone.day) == ("void:pay_1", date(2026, 11, 25))
