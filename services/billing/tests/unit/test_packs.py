"""A pack of rules is checked when it is loaded: what is wrong is named by file, rule and field."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from billing.rules import payer_rules, tax_rules

GOOD: dict[str, Any] = {
    "rule": "some-payer",
    "version": "2026-01",
    "kind": "icbc",
    "source": "the fee schedule, page 3",
    "valid_from": "2026-01-01",
    "rank": 1,
    "period": "injury",
}


def load(folder: Path, *rows: Any) -> Any:
    (folder / "pack.yaml").write_text(yaml.safe_dump(list(rows)), encoding="utf-8")
    return payer_rules(folder)


def test_every_rule_that_is_shipped_names_its_source_and_its_days() -> None:
    assert {rule.kind for rule in payer_rules()} == {
        "extended_health",
        "icbc",
        "msp_supplementary",
        "worksafebc",
    }
    assert all(rule.source and rule.valid_from for rule in payer_rules())
    assert all(rule.source and rule.valid_from for rule in tax_rules())


def test_days_may_be_written_as_yaml_writes_them(tmp_path: Path) -> None:
    (rule,) = load(tmp_path, yaml.safe_load(yaml.safe_dump(GOOD).replace("'", "")))
    assert rule.valid_from.isoformat() == "2026-01-01"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"visits": "twelve"}, ["pack.yaml", "some-payer", "visits", "integer"]),
        ({"visits": 12.5}, ["pack.yaml", "some-payer", "visits"]),
        ({"fee": {"amount_minor": 105.5}}, ["pack.yaml", "some-payer", "fee", "amount_minor"]),
        ({"valid_from": "1 April"}, ["pack.yaml", "some-payer", "valid_from", "date"]),
        ({"source": None}, ["pack.yaml", "some-payer", "source"]),
        ({"vists": 12}, ["pack.yaml", "some-payer", "vists"]),
        ({"kind": "tarot"}, ["pack.yaml", "some-payer", "kind"]),
        ({"valid_to": "2025-12-31"}, ["some-payer", "valid_to", "before valid_from"]),
        ({"period": "benefit_year", "window_days": 84}, ["some-payer", "window_days", "injury"]),
        ({"one_a_day": True}, ["some-payer", "one_a_day", "number of visits"]),
        ({"initial_fee": {"amount_minor": 1}}, ["some-payer", "initial_fee", "needs a fee"]),
        ({"fee": {"amount_minor": -1}}, ["some-payer", "fee", "negative"]),
    ],
)
def test_what_is_wrong_with_a_rule_is_named(
    tmp_path: Path, changes: dict[str, Any], said: list[str]
) -> None:
    with pytest.raises(ValueError, match=said[0]) as wrong:
        load(tmp_path, {**GOOD, **changes})
    for word in said:
        assert word in str(wrong.value)


@pytest.mark.parametrize("row", ["text", 7, None, []])
def test_a_rule_that_is_none_is_refused(tmp_path: Path, row: Any) -> None:
    with pytest.raises(ValueError, match=r"pack\.yaml: rule 0"):
        load(tmp_path, row)


def test_a_pack_that_is_no_list_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pack.yaml").write_text("rule: x", encoding="utf-8")
    with pytest.raises(ValueError, match=r"pack\.yaml: must be a list"):
        payer_rules(tmp_path)


def test_two_rules_for_the_same_visits_on_the_same_days_are_refused(tmp_path: Path) -> None:
    ended, after = {**GOOD, "valid_to": "2026-03-31"}, {**GOOD, "valid_from": "2026-04-01"}
    assert len(load(tmp_path, ended, after)) == 2
    payer_rules.cache_clear()
    with pytest.raises(ValueError, match="some-payer 2026-01: valid_from is in force when"):
        load(tmp_path, GOOD, after)
    other = {**after, "disciplines": ["physiotherapy"]}
    payer_rules.cache_clear()
    assert len(load(tmp_path, {**GOOD, "disciplines": ["massage_therapy"]}, other)) == 2
