"""Rows of an answer as CSV (RFC 4180), for spreadsheets."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

MEDIA_TYPE = "text/csv"
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes the text of a cell for a formula by (OWASP, CSV injection)."""


def wants(media_type: str, format_: str, asked: Mapping[str, Any], accept: str) -> bool:
    """Say whether rows are asked for so, by ``format`` or else by Accept naming it and not JSON."""
    if "format" in asked:
        return bool(asked["format"] == format_)
    return media_type in accept and "application/json" not in accept


def csv_text(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> str:
    """Return a header and a line a row; None is an empty cell, and no text is a formula."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([_cell(row[column]) for column in columns] for row in rows)
    return text.getvalue()


def _cell(value: Any) -> Any:  # noqa: ANN401 (JSON)
    harmful = isinstance(value, str) and value.startswith(FORMULA)
    return f"'{value}" if harmful else value
