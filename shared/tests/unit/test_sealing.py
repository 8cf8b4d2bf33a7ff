"""Keys: the newest seals, each opens what it sealed, the oldest finds."""

import base64

import pytest

from clinic_runtime.sealing import CannotOpenError, KeyUnusableError, Sealer

OLD, NEW, OTHER = (base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2, 3))
ABOUT = "cli_1/health_number"


def test_after_a_rotation_the_new_key_seals_and_the_old_one_still_opens() -> None:
    before, after = Sealer(OLD), Sealer(f"{NEW}, {OLD}")
    assert after.open(before.seal("9698658215", ABOUT), ABOUT) == "9698658215"
    sealed = after.seal("9698658215", ABOUT)
    assert Sealer(NEW).open(sealed, ABOUT) == "9698658215"
    with pytest.raises(CannotOpenError):
        before.open(sealed, ABOUT)


def test_a_replica_can_learn_the_new_key_before_any_seals_with_it() -> None:
    learning, rotated = Sealer(f"{OLD},{NEW},{OLD}"), Sealer(f"{NEW},{OLD}")
    assert learning.open(rotated.seal("x", ABOUT), ABOUT) == "x"
    assert Sealer(OLD).open(learning.seal("x", ABOUT), ABOUT) == "x"
    assert Sealer(OLD).blind("x") == learning.blind("x") == rotated.blind("x")


def test_a_key_that_is_not_held_is_named_by_its_id() -> None:
    sealed = Sealer(OTHER).seal("9698658215", ABOUT)
    with pytest.raises(CannotOpenError) as refused:
        Sealer(f"{NEW},{OLD}").open(sealed, ABOUT)
    assert sealed[:4].hex() in str(refused.value)


def test_what_was_sealed_about_one_client_does_not_open_about_another() -> None:
    with pytest.raises(CannotOpenError):
        Sealer(OLD).open(Sealer(OLD).seal("x", ABOUT), "cli_2/health_number")


@pytest.mark.parametrize("bad", ["", "c2hvcnQ=", "not base64", "é", OLD[:-5]])
def test_a_key_that_is_none_is_named_by_its_place_and_not_shown(bad: str) -> None:
    with pytest.raises(KeyUnusableError) as refused:
        Sealer(f"{NEW},{bad}")
    assert str(refused.value) == "key 2 of CLINIC_FIELD_KEY is not 32 bytes in base64"
