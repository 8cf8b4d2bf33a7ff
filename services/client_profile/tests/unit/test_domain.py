"""Health numbers and search words."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from client_profile.domain import clients as domain
from client_profile.domain import places
from client_profile.phones import normal_phone
from clinic_contracts.context import CallContext
from clinic_contracts.errors import Invalid


def test_a_right_health_number_is_taken_as_digits() -> None:
    assert domain.health_number("9698 658 215") == "9698658215"


@pytest.mark.parametrize("number", ["9698648215", "8698658215", "969865821", "96986582150", "x"])
def test_a_wrong_health_number_is_refused(number: str) -> None:
    with pytest.raises(Invalid) as refused:
        domain.health_number(number)
    assert "PHN_INVALID" in refused.value.extra["errors"]["health_number"][0]


def test_nobody_is_born_on_a_day_that_has_begun_nowhere() -> None:
    tomorrow = date(2026, 11, 25)
    domain.check_past("birth_date", tomorrow, datetime(2026, 11, 24, 10, tzinfo=UTC))
    with pytest.raises(Invalid):
        domain.check_past("birth_date", tomorrow, datetime(2026, 11, 24, 9, 59, tzinfo=UTC))


def client(**fields: Any) -> domain.Client:
    given = {
        "id": "cli_1",
        "version": 1,
        "name": "Ada Sample",
        "birth_date": None,
        "phones": (),
        "emails": (),
        "health_number": None,
        "preferred_channel": "email",
        "language": "en",
        "address": "",
    }
    return domain.Client(**{**given, **fields})


@pytest.mark.parametrize(
    ("whole", "sees", "shown"),
    [
        (True, True, "9698658215"),
        (True, False, "••••••8215"),
        (False, True, "••••••8215"),
        (False, False, "••••••8215"),
    ],
)
def test_a_health_number_is_whole_where_both_answer_and_caller_allow(
    *, whole: bool, sees: bool, shown: str
) -> None:
    context = CallContext(
        actor="staff:1", correlation_id="1", operation_id="1", sees_health_numbers=sees
    )
    kept = client(health_number="9698658215")
    assert kept.shown_to(context, whole=whole).health_number == shown
    assert client().shown_to(context, whole=whole).health_number is None


def test_a_record_that_is_printed_does_not_print_its_number() -> None:
    assert "9698658215" not in repr(client(health_number="9698658215"))


@pytest.mark.parametrize("number", ["••••••8215", "******8215"])
def test_a_masked_number_is_none(number: str) -> None:
    with pytest.raises(Invalid) as refused:
        domain.health_number(number)
    assert "PHN_INVALID" in refused.value.extra["errors"]["health_number"][0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Zoë  Müller", ["zoe", "muller"]),
        ("(604) 555-01", ["60455501"]),
        ("ada@exa", ["ada@exa"]),
        ("O\u2019Brien, Anne\u2011Marie", ["obrien", "annemarie"]),
        ("-", []),
        ("", []),
    ],
)
def test_a_search_is_words(text: str, words: list[str]) -> None:
    assert domain.words(text) == words


def test_a_word_is_found_by_each_of_its_beginnings() -> None:
    assert domain.tokens(client(name="Al-Bo Cy")) == [
        "a",
        "al",
        "alb",
        "albo",
        "b",
        "bo",
        "c",
        "cy",
    ]


def test_what_finds_a_client_is_bounded_and_begins_with_the_name() -> None:
    addresses = tuple(f"{letter}{'long' * 60}@example.org" for letter in "abcdefghij")
    phones = tuple(f"+1604555{number:04d}" for number in range(10))
    found = domain.tokens(client(name="x" * 120, emails=addresses, phones=phones))
    assert len(found) <= 1_000
    assert found[31] == "x" * 32
    assert all(len(token) <= 32 for token in found)
    assert domain.words("x" * 100)[0] in found


def test_what_finds_a_client_at_many_places_is_bounded_too() -> None:
    words = [f"{number:03d}" for number in range(1_000)]
    found = places.placed(words, [f"loc_{number}" for number in range(200)])
    assert len(found) <= places.KEYS_KEPT + 200
    assert {"000", "loc_199 ", "loc_199 000"} <= {*found}
    assert places.placed(["ada"], ()) == ["ada", " ", " ada"]


@pytest.mark.parametrize(
    ("text", "normal"),
    [("604-555-0142", "+16045550142"), ("+44 20 7946 0018", "+442079460018"), ("12", None)],
)
def test_a_phone_is_kept_as_e164(text: str, normal: str | None) -> None:
    assert normal_phone(text) == normal
