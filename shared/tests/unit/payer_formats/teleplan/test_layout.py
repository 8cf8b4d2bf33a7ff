"""Fixed-width records: lengths, columns, what fits a field and what does not."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payer_formats.numbers import is_msp_number, is_phn
from payer_formats.teleplan.layout import (
    Field,
    Layout,
    Record,
    Value,
    day_of,
    plain,
    problems,
    signed_minor,
    signed_text,
    written,
)
from payer_formats.teleplan.records import ANSWERED, SENT

SAMPLE = Layout(
    "Z01",
    "sample",
    "written here",
    (
        Field("name", 6),
        Field("number", 4, "number"),
        Field("amount", 7, "signed"),
        Field("day", 8, "date", "P09"),
        Field("code", 5, "code"),
    ),
)


@pytest.mark.parametrize(
    ("code", "length"),
    [
        ("VS1", 200),
        ("C02", 424),
        ("N01", 426),
        ("B04", 80),
        ("C12", 70),
        ("S00", 267),
        ("S01", 165),
        ("S02", 267),
        ("S03", 267),
        ("S04", 165),
        ("S21", 165),
        ("S22", 165),
        ("S23", 165),
        ("S24", 165),
        ("S25", 165),
    ],
)
def test_a_record_has_its_published_length(code: str, length: int) -> None:
    layout = {**SENT, **ANSWERED}[code]
    assert layout.length == length
    assert len(written(layout, {}).line) == length


@pytest.mark.parametrize(
    ("code", "field", "columns"),
    [
        ("C02", "phn", (26, 35)),
        ("C02", "fee_item", (52, 56)),
        ("C02", "amount", (57, 63)),
        ("C02", "folio", (140, 146)),
        ("C02", "insurer", (265, 266)),
        ("C12", "folio", (40, 46)),
        ("S01", "paid_amount", (111, 117)),
        ("S02", "paid_amount", (118, 124)),
        ("S02", "explanation1", (132, 133)),
        ("S04", "folio", (49, 55)),
        ("S21", "cheque_amount", (88, 96)),
        ("S22", "paid_amount", (75, 83)),
        ("S23", "adjustment_made", (117, 125)),
    ],
)
def test_a_field_stands_in_its_columns(code: str, field: str, columns: tuple[int, int]) -> None:
    span = {**SENT, **ANSWERED}[code].spans[field]
    assert (span.start + 1, span.end) == columns


def test_a_record_is_filled_as_its_fields_say() -> None:
    day = date(2026, 1, 9)
    values: dict[str, Value] = {"name": "Zoé B", "number": 7, "amount": -1203, "day": day}
    values["code"] = "A1"
    assert written(SAMPLE, values).line == "Z01Zoe B 000700" + "0120L" + "20260109000A1"
    assert written(SAMPLE, {}).line == "Z01      0000000000000000000" + "00000"


@pytest.mark.parametrize(
    ("values", "where"),
    [
        ({"number": 12345}, "Z01-3"),
        ({"number": -1}, "Z01-3"),
        ({"amount": 10_000_000}, "Z01-4"),
        ({"code": "A12345"}, "Z01-6"),
        ({"code": "A-1"}, "Z01-6"),
    ],
)
def test_what_does_not_fit_is_a_finding_and_is_not_cut(
    values: dict[str, Value], where: str
) -> None:
    found = written(SAMPLE, values)
    assert [finding.where for finding in found.findings] == [where]
    assert found.line == written(SAMPLE, {}).line


def test_a_name_the_record_does_not_have_is_a_mistake_of_the_writer() -> None:
    with pytest.raises(KeyError):
        written(SAMPLE, {"nmae": "x"})


@pytest.mark.parametrize(
    ("line", "code", "where"),
    [
        ("Z01", "TELEPLAN_LENGTH", "Z01"),
        ("Z01Zoe B 00070000123202601090000", "TELEPLAN_LENGTH", "Z01"),
        ("Z01Zoe B 00O70000123202601090" + "00A1", "TELEPLAN_FIELD", "Z01-3"),
        ("Z01Zoe B 0007-000123202601090" + "00A1", "TELEPLAN_FIELD", "Z01-4"),
        ("Z01Zoe B 000700001S3202601090" + "00A1", "TELEPLAN_FIELD", "Z01-4"),
        ("Z01Zoe B 00070000123202602300" + "00A1", "TELEPLAN_DATE", "Z01-P09"),
        ("Z01Zoe B 00070000123202601090" + "0-A1", "TELEPLAN_FIELD", "Z01-6"),
        ("Z01Zo\x00 B 00070000123202601090" + "00A1", "TELEPLAN_FIELD", "Z01-2"),
        ("Z01Zoe B \u0661\u06620700001232026010900" + "0A1", "TELEPLAN_FIELD", "Z01-3"),
    ],
)
def test_what_cannot_be_read_names_the_field_and_the_record(
    line: str, code: str, where: str
) -> None:
    (finding,) = problems(SAMPLE, line, 12)
    assert (finding.code, finding.where, finding.position) == (code, where, 12)


def test_blank_numbers_and_dates_are_read_as_nothing() -> None:
    line = "Z01" + " " * 30
    assert not problems(SAMPLE, line, 1)
    record = Record(SAMPLE, line, 1)
    assert (record.number("number"), record.minor("amount"), record.day("day")) == (0, 0, None)


@given(st.integers(min_value=-9_999_999, max_value=9_999_999))
def test_an_amount_is_read_as_it_was_written(minor: int) -> None:
    line = written(SAMPLE, {"amount": minor}).line
    assert len(line) == SAMPLE.length
    assert not problems(SAMPLE, line, 1)
    assert Record(SAMPLE, line, 1).minor("amount") == minor
    assert signed_minor(signed_text(minor)) == minor


@given(
    st.text(max_size=6),
    st.integers(min_value=0, max_value=9999),
    st.dates(),
    st.from_regex(r"[A-Z0-9]{0,5}", fullmatch=True),
)
def test_a_record_is_read_as_it_was_written(name: str, number: int, day: date, code: str) -> None:
    values: dict[str, Value] = {"name": name, "number": number, "day": day, "code": code}
    found = written(SAMPLE, values)
    assert not found.findings
    assert not problems(SAMPLE, found.line, 1)
    record = Record(SAMPLE, found.line, 1)
    assert record.text("name") == plain(name)[:6].strip()
    assert record.number("number") == number
    assert record.day("day") == day
    assert record.text("code") == code.rjust(5, "0")


@pytest.mark.parametrize("text", ["", "2026010", "202601011", "20261301", "2026 101", "00000000"])
def test_what_is_no_day_is_none(text: str) -> None:
    assert day_of(text) is None


@pytest.mark.parametrize(
    ("number", "valid"),
    [
        ("9698658215", True),
        ("9698648215", False),
        ("9698658216", False),
        ("969865821", False),
        ("8698658215", False),
        ("9698 658215", False),
        ("969865821\u0665", False),
        ("", False),
    ],
)
def test_a_health_number_carries_its_check_digit(number: str, valid: bool) -> None:  # noqa: FBT001 (a column of the table)
    assert is_phn(number) is valid


def test_one_wrong_digit_of_a_health_number_is_always_seen() -> None:
    good = "9698658215"
    for place in range(1, 10):
        for digit in "0123456789":
            changed = good[:place] + digit + good[place + 1 :]
            assert is_phn(changed) is (changed == good), changed


@pytest.mark.parametrize(
    ("number", "valid"), [("00567", True), ("A1234", True), ("567", False), ("a1234", False)]
)
def test_a_practitioner_number_has_five_places(number: str, valid: bool) -> None:  # noqa: FBT001 (a column of the table)
    assert is_msp_number(number) is valid


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Zoé Müller-Ångström", "Zoe Muller-Angstrom"),
        ("Søren Æbelø Łuk Weiß", "Soren AEbelo Luk Weiss"),
        ("O\N{RIGHT SINGLE QUOTATION MARK}Brien", "O'Brien"),
        ("two\r\nlines\tand 李", "two  lines and ?"),
    ],
)
def test_names_are_written_in_the_letters_a_record_may_hold(text: str, told: str) -> None:
    assert plain(text) == told
