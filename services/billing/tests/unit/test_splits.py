"""The payers' rules by example: each case of ``splits/`` is divided as its table says."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from billing.domain.coverage import Usage
from billing.domain.payer_rules import Bill, check_rules
from billing.domain.split import Split, payers_of, split
from billing.rules import payer_rules
from clinic_contracts.billing.payer_rules import PayerRule
from clinic_contracts.client_profile.events import CoverageChanged
from clinic_contracts.money import Money
from clinic_contracts.trusted import read

HERE = Path(__file__).parent / "splits"
PLAIN: dict[str, Any] = {
    "client_id": "cli_1",
    "group_number": "",
    "member_id": "1",
    "percent": 100,
    "order": 1,
    "benefit_year_start": "01-01",
}


def cases() -> list[Any]:
    return [
        pytest.param(case, id=f"{path.stem}: {case['name']}")
        for path in sorted(HERE.glob("*.yaml"))
        for case in yaml.safe_load(path.read_text(encoding="utf-8"))
    ]


def coverage(number: int, row: dict[str, Any]) -> CoverageChanged:
    plain: dict[str, Any] = {n: str(v) if isinstance(v, date) else v for n, v in row.items()}
    maximum = plain.pop("annual_maximum", None)
    if maximum is not None:
        plain["annual_maximum"] = {"currency": "CAD", **maximum}
    return read(CoverageChanged, {**PLAIN, "coverage_id": f"pol_{number}", **plain})


def divided(case: dict[str, Any], rules: Sequence[PayerRule] = payer_rules()) -> Split:
    bill = Bill(
        fee=Money(amount_minor=case["fee"]),
        tax=Money(amount_minor=case.get("tax", 0)),
        day=case["day"],
        discipline=case.get("discipline", "massage_therapy"),
        region=case.get("region", "CA-BC"),
        opted_out=case.get("opted_out", False),
    )
    coverages = [coverage(number, row) for number, row in enumerate(case["coverages"])]
    payers = payers_of(bill, coverages, rules)
    usage = Usage(
        minor=case.get("minor", 0), visits=case.get("visits", 0), days=tuple(case.get("days", ()))
    )
    used = {payer.period.key: usage for payer in payers if payer.period is not None}
    return split(bill, payers, used)


@pytest.mark.parametrize("case", cases())
def test_a_fee_is_divided_as_the_table_says(case: dict[str, Any]) -> None:
    parts = divided(case).parts
    assert [[each.payer, each.amount.amount_minor, each.code] for each in parts] == case["parts"]
    if "steps" in case:
        steps = [step for each in parts for step in each.explanation]
        assert [f"{step.rule} {step.version}: {step.text}" for step in steps] == case["steps"]


def test_a_part_names_its_rule_and_the_fee_item_claims_need() -> None:
    msp = {"kind": "msp_supplementary", "carrier": "MSP", "beneficiary_since": date(2020, 1, 1)}
    case = {"coverages": [msp], "fee": 11500, "day": date(2026, 11, 24)}
    (part,) = divided(case).payers
    assert (part.rule, part.version, part.fee_item) == ("msp-supplementary", "2004-01", "09948")


def test_on_the_first_of_april_another_fee_is_paid_and_the_visits_go_on_counting() -> None:
    (now,) = (rule for rule in payer_rules() if rule.kind == "icbc")
    rules = (
        replace(now, valid_to=date(2027, 3, 31)),
        replace(now, version="2027-04", valid_from=date(2027, 4, 1), fee=Money(amount_minor=11000)),
    )
    check_rules(rules)
    crash = {"kind": "icbc", "carrier": "ICBC", "claim_number": "1", "accident_date": "2027-03-01"}
    said = []
    for day in (date(2027, 3, 31), date(2027, 4, 1)):
        case = {"coverages": [crash], "fee": 12000, "visits": 11, "day": day}
        (part,) = divided(case, rules).payers
        said.append((part.version, part.amount.amount_minor, part.explanation[-1].text))
    assert said == [
        ("2025-04", 10500, "at most $105.00 for visit 12 of 12"),
        ("2027-04", 11000, "at most $110.00 for visit 12 of 12"),
    ]


def test_a_kind_or_relationship_of_a_newer_version_is_no_payer_and_pays_last() -> None:
    newer = {"kind": "veterans_affairs", "carrier": "VAC"}
    plan = {"kind": "extended_health", "carrier": "Own", "percent": 80}
    case = {
        "coverages": [newer, {**plan, "relationship": "ward", "carrier": "Ward's"}, plan],
        "fee": 10000,
        "day": date(2026, 11, 24),
    }
    parts = [(part.payer, part.amount.amount_minor, part.code) for part in divided(case).parts]
    assert parts == [
        ("Own", 8000, None),
        ("Ward's", 2000, None),
        ("VAC", 0, "NO_RULE"),
        ("client", 0, None),
    ]
