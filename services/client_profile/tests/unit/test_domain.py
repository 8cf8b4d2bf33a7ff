"""Health numbers and search words."""

from datetime import date

import pytest

from client_profile import domain
from client_profile.service import normal_phone
from clinic_contracts.errors import Invalid


def test_a_right_health_number_is_taken_as_digits() -> None:
    assert domain.health_number("9698 658 215") == "9698658215"


@pytest.mark.parametrize("number", ["9698648215", "8698658215", "969865821", "96986582150", "x"])
def test_a_wrong_health_number_is_refused(number: str) -> None:
    with pytest.raises(Invalid) as refused:
        domain.health_number(number)
    assert "PHN_INVALID" in refused.value.extra["errors"]["health_number"][0]


def test_nobody_is_born_tomorrow() -> None:
    with pytest.raises(Invalid):
        domain.check_birth_date(date(2026, 11, 25), date(2026, 11, 24))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Zoë  Müller", ["zoe", "muller"]),
        ("(604) 555-01", ["60455501"]),
        ("ada@exa", ["ada@exa"]),
        ("", []),
    ],
)
def test_a_search_is_words(text: str, words: list[str]) -> None:
    assert domain.words(text) == words


@pytest.mark.parametrize(
    ("text", "normal"),
    [("604-555-0142", "+16045550142"), ("+44 20 7946 0018", "+442079460018"), ("12", None)],
)
def test_a_phone_is_kept_as_e164(text: str, normal: str | None) -> None:
    assert normal_phone(text) == normal
