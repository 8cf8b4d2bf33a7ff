"""JSON as messages carry it: what is no JSON by itself is refused, not guessed at."""

from collections.abc import Callable
from typing import Any

import orjson

# A date or a record in a message is a mistake; orjson would write either without being asked.
_STRICT = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS
# What is wrong with a list is told by the places in it, which are numbers.
_OPTIONS = _STRICT | orjson.OPT_NON_STR_KEYS


def encode(document: Any, default: Callable[[Any], Any] | None = None) -> bytes:  # noqa: ANN401 (JSON)
    """Return JSON in UTF-8; ``default`` makes JSON of what is none.

    Raises TypeError for what is none, and for text that is not Unicode.
    """
    return orjson.dumps(document, default, _OPTIONS)


def decode(text: bytes | str) -> Any:  # noqa: ANN401 (JSON)
    """Read JSON; raises ValueError."""
    return orjson.loads(text)
