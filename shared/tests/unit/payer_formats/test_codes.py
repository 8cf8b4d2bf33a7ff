"""Diagnosis codes by the day of service, and the check digits of numbers."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payer_formats.codes import icd10cm
from payer_formats.numbers import is_npi, is_phn

NOW = date(2026, 11, 28)


@pytest.mark.parametrize(
    ("code", "day", "billable"),
    [
        ("M5450", NOW, True),
        ("M542", NOW, True),
        ("A000", NOW, True),
        ("S134XXA", NOW, True),
        ("Z9989", NOW, True),
        ("M545", NOW, False),
        ("M545", date(2021, 9, 30), True),
        ("M545", date(2021, 10, 1), False),
        ("M5450", date(2021, 9, 30), False),
        ("M5450", date(2021, 10, 1), True),
        ("M54", NOW, False),
        ("S134", NOW, False),
        ("Q999Z", NOW, False),
        ("ZZZZZ", NOW, False),
        ("", NOW, False),
        ("é", NOW, False),
    ],
)
def test_a_code_is_billable_while_it_is_in_force(code: str, day: date, *, billable: bool) -> None:
    assert icd10cm.is_billable(code, day) is billable


def test_every_retired_code_was_divided_into_codes_in_force() -> None:
    for code, day in icd10cm.RETIRED.items():
        parts = icd10cm.under(code)
        assert len(parts) > 1, code
        assert all(icd10cm.is_billable(part, day) for part in parts)
        assert not any(icd10cm.is_billable(part, day - timedelta(days=1)) for part in parts)


def test_low_back_pain_names_what_took_its_place() -> None:
    assert icd10cm.retired_on("M545") == date(2021, 10, 1)
    parts = [icd10cm.dotted(code) for code in icd10cm.under("M545")]
    assert parts == ["M54.50", "M54.51", "M54.59"]


def test_the_list_is_sorted_whole_and_without_headings() -> None:
    codes = icd10cm.under("", 100_000)
    assert len(codes) == 74_719
    assert codes == sorted(set(codes))
    assert all(map(icd10cm.well_formed, codes))
    assert not [one for one, next_ in pairwise(codes) if next_.startswith(one)]


@pytest.mark.parametrize("code", ["M54.50", "m5450", "M5", "5450", "M54500000", "M54 50", ""])
def test_what_has_not_the_form_of_a_code(code: str) -> None:
    assert not icd10cm.well_formed(code)


@pytest.mark.parametrize(
    ("number", "valid"),
    [
        ("1215954003", True),
        ("1234567893", True),
        ("1999999984", True),
        ("1234567890", False),
        ("7876666666", False),
        ("123456789", False),
        ("12345678930", False),
        ("123456789\u0663", False),
        ("9876543213", True),
        ("", False),
    ],
)
def test_an_npi_passes_luhn(number: str, *, valid: bool) -> None:
    assert is_npi(number) is valid


@given(st.from_regex(r"[0-9]{9}", fullmatch=True))
def test_one_last_digit_in_ten_makes_an_npi(stem: str) -> None:
    assert sum(is_npi(f"{stem}{last}") for last in range(10)) == 1


@pytest.mark.parametrize(
    ("number", "valid"),
    [
        ("9698658215", True),
        ("9698648215", False),
        ("8698658215", False),
        ("969865821", False),
        ("", False),
    ],
)
def test_a_bc_health_number_passes_modulus_11(number: str, *, valid: bool) -> None:
    assert is_phn(number) is valid
