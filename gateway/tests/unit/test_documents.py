from typing import Any

import pytest

from clinic_contracts.errors import BadRequest, ClinicError, Invalid, TooLarge
from gateway.http.documents import DEPTH_LIMIT, json_object


def nested(depth: int) -> bytes:
    """Return a document ``depth`` deep, the object around it counted."""
    return b'{"a": ' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


@pytest.mark.parametrize(
    ("data", "document"),
    [
        (b"", {}),
        (b"  \n", {}),
        (b'{"a": 1.5}', {"a": 1.5}),
        (b'\xef\xbb\xbf{"a": null}', {"a": None}),
        ('{"a": "🙌"}'.encode(), {"a": "🙌"}),
        (rb'{"a": "\ud83d\ude4c"}', {"a": "🙌"}),
        (b'{"a": 9007199254740991}', {"a": 2**53 - 1}),
        (b'{"a": {"b": true}, "c": [{"b": 1}, {"b": 2}]}', None),
        (nested(DEPTH_LIMIT), None),
    ],
)
def test_what_is_json_is_read(data: bytes, document: dict[str, Any] | None) -> None:
    found = json_object(data)
    assert document is None or found == document


@pytest.mark.parametrize(
    ("data", "error", "field"),
    [
        (b"{", BadRequest, None),
        (b"nul", BadRequest, None),
        (b'{"a": NaN}', BadRequest, None),
        (b'{"a": Infinity}', BadRequest, None),
        (b'{"a": "\xff"}', BadRequest, None),
        ('{"a": 1}'.encode("utf-16"), BadRequest, None),
        ('{"a": 1}'.encode("utf-32-be"), BadRequest, None),
        (b"[1]", Invalid, "_body"),
        (b'"text"', Invalid, "_body"),
        (rb'{"a": "\ud800"}', Invalid, "a"),
        (rb'{"a": [{"b": "x\udfff"}]}', Invalid, "a"),
        (rb'{"a": {"\ud800": 1}}', Invalid, "a"),
        (rb'{"a\u0000": 1}', Invalid, "a\0"),
        (b'{"a": 1e400}', Invalid, "a"),
        (b'{"a": {"b": -9007199254740992}}', Invalid, "a"),
        (b'{"a": 1, "a": 1}', Invalid, "a"),
        (b'{"a": {"b": 1, "b": 2}}', Invalid, "b"),
        (nested(DEPTH_LIMIT + 1), TooLarge, None),
        (b"[" * 200_000, TooLarge, None),
    ],
)
def test_what_cannot_be_stored_or_shown_is_refused(
    data: bytes, error: type[ClinicError], field: str | None
) -> None:
    with pytest.raises(error) as caught:
        json_object(data)
    if field is not None:
        assert list(caught.value.extra["errors"]) == [field]
