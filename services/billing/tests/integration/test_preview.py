"""What other rules would change is shown before they are in force, and nothing is changed by it."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from billing.rules import payer_rules
from billing.use_cases.payer_rules import list_payer_rules, preview_payer_rules
from clinic_contracts.billing.payer_rules import (
    ListPayerRules,
    PayerRule,
    PayerRulesPreview,
    PreviewPayerRules,
)
from clinic_contracts.client_profile.events import CoverageChanged
from clinic_contracts.errors import Invalid
from clinic_contracts.money import Money
from clinic_runtime.telling import fingerprints

CRASH = date(2026, 9, 1)
BOOKS = ("invoices", "claims", "ledger", "benefit_years", "counters")


@pytest.fixture
def injured(office: Any) -> Any:
    """An office whose client had six visits after a crash; the carrier of their plan pays 80 %."""
    office.know("pol_2", CoverageChanged(
        coverage_id="pol_2", client_id="cli_1", kind="icbc", carrier="ICBC", group_number="",
        member_id="", percent=100, order=1, benefit_year_start="01-01", claim_number="C1",
        accident_date=CRASH))  # fmt: skip
    for number in range(6):
        day = CRASH + timedelta(days=number)
        start = datetime(day.year, day.month, day.day, 10)
        office.fulfil(replace(office.visit(number), local_start=start))
    return office


def icbc(**changes: Any) -> tuple[PayerRule, ...]:
    """Return the rules in force, those of ICBC changed."""
    return tuple(
        replace(rule, **changes) if rule.kind == "icbc" else rule for rule in payer_rules()
    )


def preview(
    office: Any, rules: tuple[PayerRule, ...], last: int = 200, **context: Any
) -> PayerRulesPreview:
    return preview_payer_rules(PreviewPayerRules(rules=rules, last=last), office.desk(**context))


def test_the_rules_in_force_change_nothing(injured: Any) -> None:
    found = preview(injured, payer_rules())
    assert (found.examined, found.differences) == (6, ())
    renamed = preview(injured, icbc(version="2027-04"))
    assert renamed.differences == ()


@pytest.mark.parametrize("last", [200, 3])
def test_fewer_visits_would_leave_the_last_ones_to_the_next_payer(injured: Any, last: int) -> None:
    before = fingerprints(injured.database, BOOKS)
    found = preview(injured, icbc(visits=4), last)
    assert [each.number for each in found.differences] == ["INV-000005", "INV-000006"]
    for each in found.differences:
        assert each.before == injured.reread(each.invoice_id).split
    one = found.differences[0]
    shares = [
        [(part.payer, part.amount.amount_minor, part.code) for part in parts]
        for parts in (one.before, one.after)
    ]
    # Of $115.00 ICBC pays $105.00 and GST, the plan the $10.00 left; then the plan 80 %.
    assert shares == [
        [("ICBC", 11025, None), ("Carrier", 1000, None), ("client", 50, None)],
        [("ICBC", 0, "AUTH_LIMIT"), ("Carrier", 9200, None), ("client", 2875, None)],
    ]
    assert (found.client_minor, found.payer_minor) == (2 * 2825, -2 * 2825)
    assert found.examined == min(last, 6)
    assert fingerprints(injured.database, BOOKS) == before


def test_another_fee_changes_every_visit_it_is_paid_for(injured: Any) -> None:
    found = preview(injured, icbc(fee=Money(amount_minor=11500), initial_fee=None))
    assert [each.number for each in found.differences] == [f"INV-{n:06d}" for n in range(2, 7)]
    assert found.client_minor == 5 * -50


def test_a_caller_is_shown_the_invoices_of_their_locations(injured: Any) -> None:
    found = preview(injured, icbc(visits=4), location_scope=("loc_2",))
    assert (found.examined, found.differences, found.client_minor) == (6, (), 0)


def test_rules_that_contradict_each_other_are_refused(injured: Any) -> None:
    with pytest.raises(Invalid) as refused:
        preview(injured, (*payer_rules(), *payer_rules()))
    assert "valid_from is in force when" in refused.value.detail


def test_the_rules_in_force_are_listed_in_order_of_payment(office: Any) -> None:
    listed = list_payer_rules(ListPayerRules(on=date(2026, 1, 1)), office.desk()).items
    assert [rule.kind for rule in listed] == [
        "icbc",
        "worksafebc",
        "msp_supplementary",
        "extended_health",
    ]
    old = list_payer_rules(ListPayerRules(on=date(2025, 3, 31)), office.desk()).items
    assert "icbc" not in {rule.kind for rule in old}
    assert len(list_payer_rules(ListPayerRules(), office.desk()).items) == len(payer_rules())
