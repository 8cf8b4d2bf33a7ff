"""Rounding, tax, the split of a fee, and what the ledger posts."""

from dataclasses import replace
from datetime import date

import pytest

from billing.domain.coverage import Usage
from billing.domain.ledger import Posting, contra, entry
from billing.domain.payer_rules import Bill, benefit_year
from billing.domain.split import Split, payers_of, split
from billing.domain.tax import Place, Supply, half_up, taxes
from billing.rules import payer_rules, tax_rules
from clinic_contracts.billing.requests import InvoiceTax
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


BC = Place("CA-BC", "loc_1")


def due_on(*supplies: tuple[str, int], registered: bool = True) -> tuple[InvoiceTax, ...]:
    lines = [Supply(kind, cad(minor)) for kind, minor in supplies]
    return taxes(tax_rules(), BC, DAY, lines, registered=registered)


def divided(
    fee: Money, tax: Money, coverages: list[CoverageChanged], used: dict[str, int] | None = None
) -> Split:
    """Divide a fee, of each policy's benefit year so many minor units being used."""
    bill = Bill(fee=fee, tax=tax, day=DAY, discipline="massage_therapy", region="CA-BC")
    usage = {f"{id_}|2026-01-01": Usage(minor=minor) for id_, minor in (used or {}).items()}
    return split(bill, payers_of(bill, coverages, payer_rules()), usage)


@pytest.mark.parametrize(
    ("minor", "expected"), [(9450, 473), (3333 * 3, 500), (11500, 575), (-9450, -473), (0, 0)]
)
def test_five_percent_is_rounded_half_up(minor: int, expected: int) -> None:
    assert half_up(minor * 500, 10_000) == expected


def test_massage_is_taxed_when_the_therapist_is_registered() -> None:
    due = due_on(("massage_therapy", 11500))
    assert [(tax.name, tax.amount) for tax in due] == [("GST", cad(575))]


@pytest.mark.parametrize(
    ("discipline", "registered"), [("massage_therapy", False), ("physiotherapy", True)]
)
def test_what_is_exempt_is_not_taxed(discipline: str, registered: bool) -> None:  # noqa: FBT001
    assert due_on((discipline, 100), registered=registered) == ()


def test_each_line_of_an_invoice_has_the_taxes_of_its_kind() -> None:
    due = due_on(("massage_therapy", 11500), ("physiotherapy", 9000), ("retail_goods", 2499))
    assert [(tax.name, tax.rate_bp, tax.base, tax.amount) for tax in due] == [
        ("GST", 500, cad(11500), cad(575)),
        ("GST", 500, cad(2499), cad(125)),
        ("PST", 700, cad(2499), cad(175)),
    ]


def test_who_is_not_registered_still_sells_goods_with_tax() -> None:
    due = due_on(("massage_therapy", 11500), ("retail_goods", 1000), registered=False)
    assert [(tax.name, tax.amount) for tax in due] == [("GST", cad(50)), ("PST", cad(70))]


def test_three_lines_are_rounded_once_not_line_by_line() -> None:
    (gst,) = due_on(*[("massage_therapy", 3333)] * 3)
    by_line = sum(due_on(("massage_therapy", 3333))[0].amount.amount_minor for _ in range(3))
    assert (gst.amount, by_line) == (cad(500), 501)


def test_a_rule_may_be_narrowed_to_a_location() -> None:
    here = replace(tax_rules()[0], locations=("loc_2",))
    line = [Supply("massage_therapy", cad(11500))]
    assert taxes([here], BC, DAY, line, registered=True) == ()
    assert len(taxes([here], Place("CA-BC", "loc_2"), DAY, line, registered=True)) == 1


def test_a_tax_begins_on_its_day() -> None:
    line = [Supply("retail_goods", cad(1000))]
    for day, names in ((date(2013, 3, 31), ["GST"]), (date(2013, 4, 1), ["GST", "PST"])):
        assert [t.name for t in taxes(tax_rules(), BC, day, line, registered=False)] == names


def test_eighty_percent_of_115_is_92_and_23() -> None:
    shares = divided(cad(11500), cad(575), [COVERAGE])
    assert [part.amount for part in shares.parts] == [cad(9200), cad(2300 + 575)]
    assert all(part.explanation for part in shares.parts)


def test_a_cap_a_maximum_and_earlier_payers_limit_a_part() -> None:
    capped = replace(COVERAGE, per_visit_cap=cad(10000))
    assert divided(cad(11500), cad(0), [capped]).payers[0].amount == cad(8000)
    yearly = replace(COVERAGE, annual_maximum=cad(60000))
    for used, pays, code in ((55000, 5000, None), (70000, 0, "BENEFIT_LIMIT")):
        (part,) = divided(cad(11500), cad(0), [yearly], {"pol_1": used}).payers
        assert (part.amount, part.code) == (cad(pays), code)
    second = replace(COVERAGE, coverage_id="pol_2", order=2)
    both = divided(cad(11500), cad(0), [second, COVERAGE])
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
