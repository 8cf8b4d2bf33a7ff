"""Opaque cursors: the sort key of the last item of a page."""

import base64
import binascii
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from clinic_contracts.errors import Invalid


def encode(values: Sequence[Any]) -> str:
    """Return the cursor that resumes after these sort values: texts and instants."""
    plain = [v.isoformat() if isinstance(v, datetime) else v for v in values]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def decode(cursor: str | None, *kinds: type) -> list[Any] | None:
    """Return the sort values of a cursor, one of each of ``kinds`` (``str`` or ``datetime``).

    None begins the list. Raises Invalid when the cursor is not one that such a list gave.
    """
    if cursor is None:
        return None
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return [_value(kind, text) for kind, text in zip(kinds, values, strict=True)]
    except (binascii.Error, ValueError, TypeError, OverflowError, RecursionError) as error:
        detail = "the cursor is not one that this list gave"
        raise Invalid(detail, errors={"cursor": [detail]}) from error


def _value(kind: type, text: Any) -> Any:  # noqa: ANN401 (JSON)
    if not isinstance(text, str):
        raise TypeError(text)
    text.encode()  # half a surrogate pair is no text that a list could have given
    if kind is not datetime:
        return text
    at = datetime.fromisoformat(text)
    at.utctimetuple()  # MongoDB cannot compare an instant that no calendar holds
    if at.tzinfo is None:
        raise ValueError(text)
    return at
