"""Rules of tax as dated data, checked when they are loaded."""

from datetime import date
from functools import cache
from pathlib import Path

import yaml

from billing.domain.tax import TaxRule


@cache
def tax_rules() -> tuple[TaxRule, ...]:
    """Return every tax rule; raises TypeError or ValueError when the data is not sound."""
    path = Path(__file__).with_name("taxes.yaml")
    rules = []
    for row in yaml.safe_load(path.read_text(encoding="utf-8")):
        rule = TaxRule(
            **{
                **row,
                "regions": frozenset(row["regions"]),
                "disciplines": frozenset(row["disciplines"]),
            }
        )
        if not isinstance(rule.valid_from, date) or not isinstance(rule.rate_bp, int):
            raise TypeError(f"{path.name}: {rule.rule} has a wrong date or rate")
        rules.append(rule)
    return tuple(rules)
