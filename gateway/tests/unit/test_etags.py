import pytest

from clinic_contracts.errors import BadRequest
from gateway.http import etags


@pytest.mark.parametrize(
    ("header", "versions"),
    [
        ('"3"', (3,)),
        ('"1", "2"', (1, 2)),
        ('"1","2"', (1, 2)),
        (' "1" ,\t"2" , ', (1, 2)),
        ("*", None),
        (" * ", None),
        ('W/"3"', ()),
        ('W/"3", "4"', (4,)),
        ('"a,b", "4"', (4,)),
        ('"03"', ()),
        ('"12345678901"', ()),
    ],
)
def test_if_match_lists_versions(header: str, versions: tuple[int, ...] | None) -> None:
    assert etags.versions(header) == versions


@pytest.mark.parametrize("header", ["", "3", '"3', '"3" "4"', 'w/"3"', '*, "3"', '"3"x'])
def test_what_is_no_if_match_is_refused(header: str) -> None:
    with pytest.raises(BadRequest):
        etags.versions(header)


@pytest.mark.parametrize(
    ("header", "etag", "same"),
    [
        ('"3"', '"3"', True),
        ('W/"3"', '"3"', True),
        ('"1","3"', '"3"', True),
        ('"1"  ,  W/"3"', '"3"', True),
        ("*", '"3"', True),
        ("*", None, False),
        ('"1"', '"3"', False),
        ("", '"3"', False),
        ('"3', '"3"', False),
    ],
)
def test_if_none_match_compares_weakly(header: str, etag: str | None, same: bool) -> None:  # noqa: FBT001 (the expected value)
    assert etags.unchanged(header, etag) is same
