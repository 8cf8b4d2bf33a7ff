import pytest

from clinic_contracts.errors import Invalid
from gateway.http.cursors import Cursors

HERE = "/v1/clients"


def test_a_cursor_comes_back_as_it_was() -> None:
    mine = Cursors("a key")
    for text in ("WyJBZGEiXQ", "a.b", ""):
        given = mine.signed(HERE, text)
        assert given is not None
        assert Cursors("a key").read(HERE, given) == text


def test_the_last_page_has_none() -> None:
    assert Cursors("a key").signed(HERE, None) is None


@pytest.mark.parametrize("given", ["", ".", "WyJBZGEiXQ", "WyJBZGEiXQ.", "é.ü", "x" * 2_000])
def test_one_that_was_made_up_is_refused(given: str) -> None:
    with pytest.raises(Invalid) as refused:
        Cursors("a key").read(HERE, given, "after")
    assert list(refused.value.extra["errors"]) == ["after"]


def test_another_list_s_another_key_s_or_a_changed_one_is_refused() -> None:
    given = Cursors("a key").signed(HERE, "WyJBZGEiXQ")
    assert given is not None
    for key, place, text in (
        ("a key", "/v1/invoices", given),
        ("another", HERE, given),
        ("a key", HERE, f"X{given}"),
        ("a key", HERE, f"{given[:-1]}{'A' if given[-1] != 'A' else 'B'}"),
    ):
        with pytest.raises(Invalid):
            Cursors(key).read(place, text)
