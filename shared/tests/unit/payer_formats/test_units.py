"""Units of timed services, by the rule of each payer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payer_formats.units import TIMED, Rule, units_of

MINUTES = st.dictionaries(st.sampled_from(sorted(TIMED)), st.integers(0, 240))


@pytest.mark.parametrize(
    ("minutes", "rule", "units"),
    [
        ({"97110": 33, "97140": 7}, "cms", [2, 1]),
        ({"97110": 33, "97140": 7}, "ama", [2, 0]),
        ({"97112": 24, "97110": 23}, "cms", [2, 1]),
        ({"97112": 24, "97110": 23}, "ama", [2, 2]),
        ({"97110": 7, "97112": 7, "97140": 7}, "cms", [1, 0, 0]),
        ({"97110": 7, "97112": 7, "97140": 7}, "ama", [0, 0, 0]),
        ({"97110": 18, "97112": 13, "97140": 10, "97530": 8}, "cms", [1, 1, 1, 0]),
        ({"97124": 7}, "cms", [0]),
        ({"97124": 8}, "cms", [1]),
        ({"97124": 22}, "cms", [1]),
        ({"97124": 23}, "cms", [2]),
        ({"97124": 22}, "ama", [1]),
        ({"97124": 23}, "ama", [2]),
        ({}, "cms", []),
    ],
)
def test_units_follow_the_payers_rule(
    minutes: dict[str, int], rule: Rule, units: list[int]
) -> None:
    assert list(units_of(minutes, rule).values()) == units


@given(MINUTES)
def test_cms_allows_what_the_total_allows(minutes: dict[str, int]) -> None:
    total = sum(minutes.values())
    units = units_of(minutes, "cms")
    assert sum(units.values()) == (0 if total < 8 else (total + 7) // 15)
    assert all(units[code] - spent // 15 in {0, 1} for code, spent in minutes.items())


@given(MINUTES)
def test_the_midpoint_rule_is_each_services_own(minutes: dict[str, int]) -> None:
    units = units_of(minutes, "ama")
    assert units == {code: m // 15 + (m % 15 >= 8) for code, m in minutes.items()}


def test_minutes_are_not_negative() -> None:
    with pytest.raises(ValueError, match="not negative"):
        units_of({"97124": -1}, "cms")
