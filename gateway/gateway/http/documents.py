"""JSON text as a document: what a schema cannot refuse is refused here, in clear words."""

import json
import re
from typing import Any

from clinic_contracts.errors import BadRequest, ClinicError, Invalid, TooLarge
from clinic_contracts.schemas import LARGEST_INTEGER

DEPTH_LIMIT = 20
_SURROGATE = re.compile("[\ud800-\udfff]")


def json_object(data: bytes) -> dict[str, Any]:
    """Return the JSON object of a body, an empty body being an empty one.

    Raises BadRequest for what is not JSON in UTF-8 (a byte order mark is overlooked), TooLarge when
    nested too deep, and Invalid, naming the field, for a non-object, a key given twice, a number
    out of range and text that is not Unicode.
    """
    if not data.strip():
        return {}
    try:
        document = json.loads(
            data.decode("utf-8-sig"), parse_constant=_no_constant, object_pairs_hook=_once
        )
    except UnicodeDecodeError as error:
        raise BadRequest("the body is not UTF-8") from error
    except RecursionError as error:
        raise _too_deep() from error
    except ValueError as error:
        raise BadRequest("the body is not JSON") from error
    if not isinstance(document, dict):
        raise _invalid("_body", "the body must be a JSON object")
    for name, value in document.items():
        _check(_shown(name), name, 1)
        _check(_shown(name), value, 1)
    return document


def check_text(name: str, text: str) -> None:
    """Refuse text with a lone surrogate or U+0000: neither can be stored or shown."""
    if _SURROGATE.search(text) is not None:
        raise _invalid(name, "must be Unicode text; it holds half of a surrogate pair")
    if "\0" in text:
        raise _invalid(name, "must not contain the character U+0000")


def _check(name: str, value: Any, level: int) -> None:  # noqa: ANN401 (JSON)
    if isinstance(value, str):
        check_text(name, value)
    elif isinstance(value, (int, float)):
        if not -LARGEST_INTEGER <= value <= LARGEST_INTEGER:
            raise _invalid(name, f"a number must lie within ±{LARGEST_INTEGER}")
    elif value is not None:
        if level >= DEPTH_LIMIT:
            raise _too_deep()
        inner = [*value, *value.values()] if isinstance(value, dict) else value
        for each in inner:
            _check(name, each, level + 1)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        names = [name for name, _value in pairs]
        twice = _shown(next(name for name in names if names.count(name) > 1))
        raise _invalid(twice, "is given twice")
    return document


def _shown(name: str) -> str:
    """Return a caller's name for a field as it may stand in an answer."""
    return name[:64].encode("ascii", "backslashreplace").decode()


def _invalid(name: str, detail: str) -> ClinicError:
    return Invalid(f"not accepted: {name}", errors={name: [detail]})


def _too_deep() -> ClinicError:
    return TooLarge(f"the body is nested deeper than {DEPTH_LIMIT}", limit=DEPTH_LIMIT)


def _no_constant(name: str) -> None:
    raise ValueError(name)
