"""How contract dataclasses are read and written."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated

import pytest

from clinic_contracts.constraints import (
    UNSET,
    Id,
    Instant,
    Items,
    Limit,
    Name,
    Note,
    Range,
    TimeOfDay,
    Unset,
    WallTime,
    Weekday,
)
from clinic_contracts.errors import Invalid
from clinic_contracts.money import Money
from clinic_contracts.schemas import load
from clinic_contracts.trusted import dump, read


@dataclass(frozen=True, kw_only=True)
class Sample:
    name: Name
    when: WallTime
    at: Instant | None = None
    price: Money | Unset = UNSET
    from_: date | None = None
    hours: dict[Weekday, tuple[tuple[TimeOfDay, TimeOfDay], ...]] | None = None
    ids: Annotated[tuple[Id, ...], Items(3)] = ()
    limit: Limit = 50
    flag: bool = False
    note: Note | None = None


MINIMAL = {"name": "x", "when": "2026-12-01T10:00"}


def test_a_full_document_survives_a_round_trip() -> None:
    document = {
        **MINIMAL,
        "at": "2026-12-01T10:00:00-07:00",
        "price": {"amount_minor": 11500, "currency": "CAD"},
        "from": "2026-01-01",
        "hours": {"mon": [["09:00", "18:00"]]},
        "ids": ["loc_1"],
        "limit": 5,
        "flag": True,
    }
    sample = load(Sample, document)
    assert sample.at == datetime(2026, 12, 1, 17, tzinfo=UTC)
    assert sample.price == Money(amount_minor=11500)
    assert load(Sample, dump(sample)) == sample


def test_what_was_left_out_of_a_change_is_not_written() -> None:
    sample = load(Sample, MINIMAL)
    assert sample.price is UNSET
    assert "price" not in dump(sample)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", 5),
        ("name", "x" * 121),
        ("name", "a\x00b"),
        ("name", "   "),
        ("name", "\u00a0\u3000"),
        ("name", "a\nBcc: b"),
        ("name", "a\u2028b"),
        ("when", "tomorrow"),
        ("when", "2026-12-01"),
        ("when", "2026-12-01 10:00"),
        ("when", "20261201T1000"),
        ("when", "2026-12-01T10:00Z"),
        ("when", "2026-02-30T10:00"),
        ("when", 5),
        ("from", "20261201"),
        ("from", "2026-W49-2"),
        ("from", "2026-02-30"),
        ("note", " \n "),
        ("at", "2026-12-01T10:00:00"),
        ("price", {"amount_minor": "5", "currency": "CAD"}),
        ("price", {"amount_minor": 5.5, "currency": "CAD"}),
        ("price", {"amount_minor": 5, "currency": "dollars"}),
        ("hours", {"someday": []}),
        ("ids", ["a_1", "a_2", "a_3", "a_4"]),
        ("limit", "5"),
        ("limit", 0),
        ("limit", 201),
        ("flag", 1),
        ("flag", "true"),
        ("surprise", 1),
    ],
)
def test_what_is_wrong_is_named_by_its_field(field: str, value: object) -> None:
    with pytest.raises(Invalid) as refused:
        load(Sample, {**MINIMAL, field: value})
    assert list(refused.value.extra["errors"]) == [field]


def test_a_body_that_is_no_object_is_refused() -> None:
    with pytest.raises(Invalid):
        load(Sample, [MINIMAL])


def test_a_query_may_spell_numbers_and_lists_as_text() -> None:
    sample = load(
        Sample, {**MINIMAL, "limit": "5", "flag": "true", "ids": "loc_1,loc_2"}, lenient=True
    )
    assert (sample.limit, sample.flag, sample.ids) == (5, True, ("loc_1", "loc_2"))


@pytest.mark.parametrize("limit", ["", " 5", "+5", "5_0", "\u0665", "5.0", "1e1"])
def test_a_query_spells_a_number_in_digits(limit: str) -> None:
    with pytest.raises(Invalid) as refused:
        load(Sample, {**MINIMAL, "limit": limit}, lenient=True)
    assert list(refused.value.extra["errors"]) == ["limit"]


def test_a_name_may_be_in_any_script_and_a_note_on_several_lines() -> None:
    for name in ("עברית", "王小明", "🙌", "Zoë O'Neill-Şahin", "{$gt: ''}"):
        assert load(Sample, {**MINIMAL, "name": name, "note": "one\ntwo"}).name == name


def test_an_event_may_carry_fields_that_this_version_does_not_know() -> None:
    sample = read(Sample, {**MINIMAL, "added_later": {"x": 1}})
    assert sample.name == "x"


@dataclass(frozen=True, kw_only=True)
class Counted:
    number: Annotated[int, Range(0, 100)]


@pytest.mark.parametrize("given", [60, 60.0])
def test_an_integer_may_be_written_with_a_fraction_of_nothing(given: float) -> None:
    number = load(Counted, {"number": given}).number
    assert (number, type(number)) == (60, int)


@pytest.mark.parametrize("given", [60.5, True, "60", 1e300, -0.5, 101.0])
def test_what_is_no_integer_within_its_range_is_refused(given: object) -> None:
    with pytest.raises(Invalid):
        load(Counted, {"number": given})


@pytest.mark.parametrize("when", ["2026-13-01T10:00", "2026-12-32T10:00", "2026-12-01T24:00"])
def test_a_wall_time_that_no_calendar_has_is_told_its_form(when: str) -> None:
    with pytest.raises(Invalid) as refused:
        load(Sample, {"name": "Ada", "when": when})
    assert "must be a wall time" in str(refused.value.extra["errors"]["when"])
