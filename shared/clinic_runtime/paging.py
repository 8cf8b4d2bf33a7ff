"""Opaque cursors: the sort key of the last item of a page."""

import base64
import binascii
import json
from typing import Any

from clinic_contracts.errors import Invalid


def encode(values: list[Any]) -> str:
    """Return the cursor that resumes after these JSON-able sort values."""
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def decode(cursor: str) -> list[Any]:
    """Return the sort values of a cursor; raises Invalid when it is not one of ours."""
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError) as error:
        values = error
    if not isinstance(values, list):
        detail = "the cursor is not one that this list gave"
        raise Invalid(detail, errors={"cursor": [detail]})
    return values
