"""Rows as CSV, and who gets them so."""

from typing import Any

import pytest

from gateway.http.tables import MEDIA_TYPE, csv_text, wants

ROWS: list[dict[str, Any]] = [
    {"name": 'Ames, "Robin"', "percent": 25},
    {"name": "=1+1", "percent": None},
]


def test_a_table_has_a_header_and_a_line_a_row_and_no_formula() -> None:
    assert csv_text(["name", "percent"], ROWS).split("\r\n") == [
        "name,percent",
        '"Ames, ""Robin""",25',
        "'=1+1,",
        "",
    ]
    assert csv_text(["name"], []) == "name\r\n"


@pytest.mark.parametrize(
    ("asked", "accept", "csv"),
    [
        ({}, "", False),
        ({}, "*/*", False),
        ({}, "text/csv", True),
        ({}, "application/json, text/csv;q=0.5", False),
        ({"format": "csv"}, "application/json", True),
        ({"format": "json"}, "text/csv", False),
    ],
)
def test_it_is_asked_for_by_format_or_accept(
    asked: dict[str, str], accept: str, *, csv: bool
) -> None:
    assert wants(MEDIA_TYPE, "csv", asked, accept) is csv
