"""The ledger is added to and read; nothing in the service can change or remove an entry."""

import ast
from collections.abc import Iterator
from pathlib import Path

import billing

SOURCE = Path(billing.__file__).parent
ADDS_OR_READS = {"insert_many", "aggregate", "create_index", "options"}
"""What makes an index, or reads the validator, touches no entry."""


def uses_of_the_ledger() -> Iterator[tuple[str, str]]:
    """Yield each file and method called on ``database["ledger"]``; other uses are named so."""
    for path in sorted(SOURCE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        called = {
            node.value: node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Subscript) and _is_ledger(node.slice):
                yield path.name, called.get(node, "kept for another use")


def _is_ledger(index: ast.expr) -> bool:
    return isinstance(index, ast.Constant) and index.value == "ledger"


def test_no_code_changes_or_removes_an_entry() -> None:
    uses = list(uses_of_the_ledger())
    assert uses
    assert {method for _, method in uses} <= ADDS_OR_READS
