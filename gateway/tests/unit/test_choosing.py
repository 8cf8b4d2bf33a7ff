import pytest

from clinic_contracts.errors import Invalid
from gateway.identity import choosing

EMAIL = "robin.sample@example.org"


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", "at least 12"),
        ("a" * 201, "at most 200"),
        ("PasswordPassword", "commonest"),
        ("password1234!", "commonest"),
        ("abababababab", "too few"),
        ("Robin.Sample@example.org", "e-mail"),
        ("robin.sample", "e-mail"),
    ],
)
def test_what_is_guessed_first_is_refused(password: str, why: str) -> None:
    with pytest.raises(Invalid) as refused:
        choosing.check(password, EMAIL)
    assert why in refused.value.extra["errors"]["password"][0]


@pytest.mark.parametrize(
    "password", ["four words of yours", "王王" + "x9 k2 m4 p6", "é" * 4 + "abcdefgh"]
)
def test_any_composition_will_do(password: str) -> None:
    choosing.check(password, EMAIL)


def test_the_list_holds_what_length_alone_does_not_refuse() -> None:
    assert all(len(each) >= choosing.SHORTEST for each in choosing.COMMON)
