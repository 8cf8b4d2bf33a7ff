"""Rules of tax and of payers as dated data, checked when they are loaded."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TypeVar

import yaml

from billing.domain.invoice import Rules
from billing.domain.payer_rules import check_rules
from billing.domain.tax import TaxRule
from clinic_contracts.billing.payer_rules import PayerRule
from clinic_contracts.errors import Invalid
from clinic_contracts.schemas import load

T = TypeVar("T")
HERE = Path(__file__).parent


@cache
def current() -> Rules:
    """Return every rule; raises ValueError, naming file, rule and field, for unsound data."""
    return Rules(taxes=tax_rules(), payers=payer_rules())


@cache
def tax_rules() -> tuple[TaxRule, ...]:
    """Return every tax rule; raises ValueError as ``current`` does."""
    return tuple(_rows(TaxRule, HERE / "taxes.yaml"))


@cache
def payer_rules(folder: Path = HERE / "payers") -> tuple[PayerRule, ...]:
    """Return the rules of every pack of a folder; raises ValueError as ``current`` does."""
    paths = sorted(folder.glob("*.yaml"))
    rules = tuple(rule for path in paths for rule in _rows(PayerRule, path))
    try:
        check_rules(rules)
    except Invalid as error:
        raise ValueError(f"{folder.name}: {error.detail}") from error
    return rules


def _rows(kind: type[T], path: Path) -> Iterator[T]:
    rows = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(rows, list):
        raise ValueError(f"{path.name}: must be a list of rules")  # noqa: TRY004 (one kind of error)
    for at, row in enumerate(rows):
        # YAML has dates of its own; the schema reads them as JSON writes them.
        plain = json.loads(json.dumps(row, default=str))
        name = plain.get("rule", at) if isinstance(plain, dict) else at
        try:
            yield load(kind, plain)
        except Invalid as error:
            wrong = error.extra.get("errors", error.detail)
            raise ValueError(f"{path.name}: rule {name}: {wrong}") from error
